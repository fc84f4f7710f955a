/* What was given out to a service and which pods it selects, without parsing it: service_facts() writes what
 * facts_service_read() gives. */
#ifndef CORE_KINDS_FACTS_SERVICE_H
#define CORE_KINDS_FACTS_SERVICE_H

#include "core/kinds/facts.h"

struct facts_service {
    struct slice addresses; /* facts_take_text(): cluster IPs; of a headless one, none. */
    struct slice ports;     /* facts_take_int(): node ports, the one of health checks too. */
    struct slice selector;  /* Pairs of facts_take_text(); empty: it selects no pods. */
};

void service_facts(const struct json *service, struct buffer *facts);
/* Slices point into facts. false when facts are none of a service. */
bool facts_service_read(struct slice facts, struct facts_service *service);
/* Whether the pod with this view has all labels that the service wants. */
bool facts_service_selects(const struct facts_service *service, struct slice pod_view);

#endif
