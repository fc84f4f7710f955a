/* The audit log: who asked for what, and what they got, as audit.k8s.io/v1 Events.
 *
 * One JSON object a line. A request is looked at when it is known who asks
 * (RequestReceived), when a reply that goes on begins (ResponseStarted), and when
 * it is answered (ResponseComplete); a policy says which, and how much
 * (audit_policy.h). Every reply over HTTP bears its Audit-ID. Rules: k8s.io/apiserver
 * pkg/audit, pkg/endpoints/filters/audit.go and audit_init.go.
 *
 * Without an audit (api->audit NULL) all this does nothing but naming. Thread: the loop's. */
#ifndef API_AUDIT_H
#define API_AUDIT_H

#include "api/audit_log.h"
#include "api/audit_policy.h"

struct audit;
/* Takes policy and log. */
struct audit *audit_create(struct audit_policy *policy, struct audit_log *log);
void audit_destroy(struct audit *audit); /* Writes what still waits. Takes NULL. */
/* Before the loop is stopped: see audit_log_stop(). */
void audit_stop(struct audit *audit, void (*stopped)(void *context), void *context);

/* In the order of a request: it has come in; */
void audit_name(struct request *request);
/* it is known who asks, before anybody is impersonated; */
void audit_receive(struct request *request);
/* nobody has proved who they are; */
void audit_refuse(struct request *request);
/* whether the rules let them, and why; */
void audit_decide(struct request *request, bool is_allowed, const char *reason);
/* its object was read; */
void audit_object(struct request *request, const struct json *object);
/* the reply is there (or begins, when it is a stream); */
void audit_respond(struct request *request);
/* it ends, however it went. */
void audit_end(struct request *request);

#endif
