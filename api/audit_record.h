/* What a request carries for the audit log: see audit.h. Inside the request. */
#ifndef API_AUDIT_RECORD_H
#define API_AUDIT_RECORD_H

#include <stdint.h>

#include "api/user.h"
#include "core/random.h"

struct audit_record {
    const char *id;              /* Audit-ID, the client's or a new one; NULL: none yet. */
    char new_id[UUID_TEXT_SIZE];
    int level;                   /* enum audit_level. */
    unsigned omitted;            /* enum audit_stage bits. */
    bool omits_managed_fields;
    bool is_open;                /* ResponseComplete is still to come. */
    int64_t received_us;         /* Wall. */
    const struct user *user;     /* Who really asked. */
    const char *object;          /* requestObject as JSON, or NULL. In the arena. */
};

#endif
