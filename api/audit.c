#include "api/audit.h"

#include "api/api.h"
#include "api/audit_event.h"

struct audit {
    struct audit_policy *policy;
    struct audit_log *log;
};

struct audit *audit_create(struct audit_policy *policy, struct audit_log *log)
{
    struct audit *audit = mem_alloc(sizeof(*audit));
    audit->policy = policy;
    audit->log = log;
    return audit;
}

void audit_destroy(struct audit *audit)
{
    if (!audit)
        return;
    audit_log_close(audit->log);
    audit_policy_destroy(audit->policy);
    mem_free(audit);
}

void audit_stop(struct audit *audit, void (*stopped)(void *context), void *context)
{
    if (audit)
        audit_log_stop(audit->log, stopped, context);
    else
        stopped(context);
}

static void tell(struct request *request, enum audit_stage stage)
{
    struct buffer line = {0};
    if (request->audit.level == AUDIT_NONE || (request->audit.omitted & stage))
        return;
    audit_event_print(request, stage, &line);
    audit_log_write(request->api->audit->log, buffer_slice(&line));
    buffer_release(&line);
}

/* --- A request's way --- */

void audit_name(struct request *request)
{
    struct slice given = http_header_get(request->headers, "Audit-ID");
    if (given.size > 0) {
        request->audit.id = arena_copy_slice(&request->arena, given);
        return;
    }
    random_uuid(loop_random(request->api->loop), request->audit.new_id);
    request->audit.id = request->audit.new_id;
}

static void begin(struct request *request, struct audit_decision decision)
{
    struct audit_record *record = &request->audit;
    record->level = (int)decision.level;
    record->omitted = decision.omitted;
    record->omits_managed_fields = decision.omits_managed_fields;
    record->received_us = clock_wall_us(loop_clock(request->api->loop));
    record->user = request->user;
    record->is_open = decision.level != AUDIT_NONE;
    if (record->is_open && !record->id)
        audit_name(request);
}

static bool is_skipped(const struct request *request)
{
    const struct audit *audit = request->api->audit;
    return !audit || (request->is_local && audit_policy_skips_components(audit->policy));
}

void audit_receive(struct request *request)
{
    if (is_skipped(request))
        return;
    struct authz_attributes attributes = authz_attributes_of(request);
    begin(request, audit_policy_decide(request->api->audit->policy, &attributes));
    tell(request, AUDIT_RECEIVED);
}

void audit_refuse(struct request *request)
{
    static const struct user nobody = {.name = "", .uid = ""};
    if (is_skipped(request))
        return;
    struct authz_attributes attributes = authz_attributes_of(request);
    attributes.user = &nobody;
    begin(request, audit_policy_decide(request->api->audit->policy, &attributes));
}

void audit_decide(struct request *request, bool is_allowed, const char *reason)
{
    request_annotate(request, "authorization.k8s.io/reason", reason);
    request_annotate(request, "authorization.k8s.io/decision", is_allowed ? "allow" : "forbid");
}

void audit_object(struct request *request, const struct json *object)
{
    struct audit_record *record = &request->audit;
    struct buffer text = {0};
    if (record->level < AUDIT_REQUEST || record->object)
        return;
    audit_event_object(request, object, &text);
    record->object = arena_copy_slice(&request->arena, buffer_slice(&text));
    buffer_release(&text);
}

void audit_respond(struct request *request)
{
    if (!request->reply.stream)
        audit_end(request);
    else if (request->audit.is_open && strcmp(request->info.verb, "watch") == 0)
        tell(request, AUDIT_STARTED);
}

void audit_end(struct request *request)
{
    if (!request->audit.is_open)
        return;
    request->audit.is_open = false;
    tell(request, AUDIT_COMPLETE);
}
