/* See facts_service.h. */
#include "core/kinds/facts_service.h"

#define FACTS_SERVICE_MARK 0x3163767273 /* "srvc1": the form of these bytes. */

static void append_port(const struct json *port, struct buffer *list)
{
    int64_t number = 0;
    if (json_to_int64(port, &number) && number != 0)
        facts_append_int(list, number);
}

void service_facts(const struct json *service, struct buffer *facts)
{
    const struct json *spec = json_get(service, "spec");
    struct buffer list = {0};
    facts_append_int(facts, FACTS_SERVICE_MARK);
    JSON_EACH(address, json_get(spec, "clusterIPs"))
        if (!slice_is(json_string(address), "None"))
            facts_append_text(&list, json_string(address));
    facts_append_text(facts, buffer_slice(&list));
    buffer_clear(&list);
    JSON_EACH(port, json_get(spec, "ports"))
        append_port(json_get(port, "nodePort"), &list);
    append_port(json_get(spec, "healthCheckNodePort"), &list);
    facts_append_text(facts, buffer_slice(&list));
    buffer_release(&list);
}

bool facts_service_read(struct slice facts, struct facts_service *service)
{
    if (facts_take_int(&facts) != FACTS_SERVICE_MARK)
        return false;
    service->addresses = facts_take_text(&facts);
    service->ports = facts_take_text(&facts);
    return true;
}
