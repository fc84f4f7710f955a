/* See facts_service.h. */
#include "core/kinds/facts_service.h"

#include "core/kinds/view.h"

#define FACTS_SERVICE_MARK 0x3263767273 /* "srvc2": the form of these bytes. */

static void append_port(const struct json *port, struct buffer *list)
{
    int64_t number = 0;
    if (json_to_int64(port, &number) && number != 0)
        facts_append_int(list, number);
}

/* Who has a name elsewhere has no pods here. */
static void append_selector(const struct json *spec, struct buffer *list)
{
    if (slice_is(json_string(json_get(spec, "type")), "ExternalName"))
        return;
    JSON_EACH(label, json_get(spec, "selector")) {
        facts_append_text(list, json_key(label));
        facts_append_text(list, json_string(label));
    }
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
    buffer_clear(&list);
    append_selector(spec, &list);
    facts_append_text(facts, buffer_slice(&list));
    buffer_release(&list);
}

bool facts_service_read(struct slice facts, struct facts_service *service)
{
    if (facts_take_int(&facts) != FACTS_SERVICE_MARK)
        return false;
    service->addresses = facts_take_text(&facts);
    service->ports = facts_take_text(&facts);
    service->selector = facts_take_text(&facts);
    return true;
}

bool facts_service_selects(const struct facts_service *service, struct slice pod_view)
{
    struct slice rest = service->selector, value;
    bool selects = rest.size > 0;
    while (selects && rest.size > 0) {
        struct slice key = facts_take_text(&rest), wanted = facts_take_text(&rest);
        selects = view_label(pod_view, key, &value) && slice_equal(value, wanted);
    }
    return selects;
}
