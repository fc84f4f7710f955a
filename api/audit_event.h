/* One audit.k8s.io/v1 Event as a line of JSON. */
#ifndef API_AUDIT_EVENT_H
#define API_AUDIT_EVENT_H

#include "api/audit_policy.h"

void audit_event_print(struct request *request, enum audit_stage stage, struct buffer *line);
/* An object as it stands in an Event: without managedFields where the policy says so. */
void audit_event_object(struct request *request, const struct json *object, struct buffer *text);

#endif
