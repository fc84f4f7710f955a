/* The one error vocabulary, from SQLite up to the HTTP reply.
 *
 * A function that can fail returns 0 or -1 and takes a struct status last. On
 * failure the status says what upstream's Status object would say: a reason,
 * a code, a message, and causes with field paths. Rules: reasons, codes and
 * message forms are those of k8s.io/apimachinery pkg/api/errors.
 *
 * Memory: text is kept in the status' own arena; status_release() frees it.
 * Thread: one at a time. */
#ifndef CORE_STATUS_H
#define CORE_STATUS_H

#include <stdbool.h>
#include <stdint.h>

#include "core/arena.h"
#include "core/buffer.h"
#include "core/check.h"

/* X(name, HTTP code, reason text) */
#define STATUS_REASONS(X)                                     \
    X(OK, 200, "")                                            \
    X(BAD_REQUEST, 400, "BadRequest")                         \
    X(UNAUTHORIZED, 401, "Unauthorized")                      \
    X(FORBIDDEN, 403, "Forbidden")                            \
    X(NOT_FOUND, 404, "NotFound")                             \
    X(METHOD_NOT_ALLOWED, 405, "MethodNotAllowed")            \
    X(NOT_ACCEPTABLE, 406, "NotAcceptable")                   \
    X(ALREADY_EXISTS, 409, "AlreadyExists")                   \
    X(CONFLICT, 409, "Conflict")                              \
    X(GONE, 410, "Gone")                                      \
    X(EXPIRED, 410, "Expired")                                \
    X(REQUEST_ENTITY_TOO_LARGE, 413, "RequestEntityTooLarge") \
    X(UNSUPPORTED_MEDIA_TYPE, 415, "UnsupportedMediaType")    \
    X(INVALID, 422, "Invalid")                                \
    X(TOO_MANY_REQUESTS, 429, "TooManyRequests")              \
    X(INTERNAL_ERROR, 500, "InternalError")                   \
    X(SERVER_TIMEOUT, 500, "ServerTimeout")                   \
    X(SERVICE_UNAVAILABLE, 503, "ServiceUnavailable")         \
    X(TIMEOUT, 504, "Timeout")                                \
    X(INSUFFICIENT_STORAGE, 507, "InsufficientStorage")       \
    X(OUTCOME_UNKNOWN, 504, "Timeout")

enum status_reason {
#define X(name, code, text) STATUS_##name,
    STATUS_REASONS(X)
#undef X
};

struct status_cause {
    const char *reason;  /* "FieldValueRequired", ... */
    const char *message; /* Without the field. */
    const char *field;   /* "spec.containers[0].name"; NULL when there is none. */
    struct status_cause *next;
};

struct status {
    enum status_reason reason;
    int code;                    /* HTTP code, 200 while all is well. */
    const char *message;         /* NULL while all is well. */
    const char *name;            /* details.name, or NULL. */
    const char *group;           /* details.group, or NULL. */
    const char *kind;            /* details.kind: plural resource, or the kind for Invalid. */
    const char *uid;             /* details.uid, or NULL. */
    struct status_cause *causes; /* In order. */
    int64_t retry_after_seconds; /* 0 when there is none. */
    const char *next_page;       /* metadata.continue of an expired list, or NULL. */
    bool reason_hidden;          /* Upstream sends an empty reason (its untyped 500s). */
    struct arena arena;
};

void status_init(struct status *status);
void status_release(struct status *status); /* Safe on zeroed memory. */
void status_clear(struct status *status);   /* Back to OK, for another try. */
bool status_ok(const struct status *status);
const char *status_reason_text(enum status_reason reason);

/* Sets reason, code and message and returns -1, so that making an error and
 * returning it is one line. The details stay empty. */
int status_fail(struct status *status, enum status_reason reason, const char *format, ...)
    PRINTF_LIKE(3, 4);
/* Adds "text: " before the message: context on the way up. Returns -1. */
int status_wrap(struct status *status, const char *format, ...) PRINTF_LIKE(2, 3);
/* Sets details; each argument is copied and may be NULL. */
void status_details(struct status *status, const char *group, const char *kind, const char *name,
                    const char *uid);
void status_add_cause(struct status *status, const char *reason, const char *field,
                      const char *format, ...) PRINTF_LIKE(4, 5);
/* Copies everything into the memory of to. */
void status_copy(struct status *to, const struct status *from);

/* Upstream's ready-made errors (group "" is the core group). */
int status_not_found(struct status *status, const char *group, const char *resource,
                     const char *name);
int status_already_exists(struct status *status, const char *group, const char *resource,
                          const char *name);
int status_conflict(struct status *status, const char *group, const char *resource,
                    const char *name, const char *why);
int status_forbidden(struct status *status, const char *group, const char *resource,
                     const char *name, const char *why);
/* "the object has been modified; please apply your changes to the latest version and try again" */
extern const char status_modified_text[];

/* Field errors of one object, gathered, then turned into one 422 Invalid. */
enum field_error_type {
    FIELD_REQUIRED,
    FIELD_INVALID,
    FIELD_NOT_SUPPORTED,
    FIELD_FORBIDDEN,
    FIELD_DUPLICATE,
    FIELD_TOO_LONG,
    FIELD_TOO_MANY,
    FIELD_NOT_FOUND,
    FIELD_TYPE_INVALID,
    FIELD_INTERNAL,
};

struct field_error {
    enum field_error_type type;
    const char *path;   /* "spec.containers[0].name" */
    const char *value;  /* As it is shown: quoted, bare or JSON; NULL when there is none. */
    const char *detail; /* NULL when there is none. */
    struct field_error *next;
};

struct field_errors {
    struct arena *arena; /* Borrowed. */
    struct field_error *first;
    struct field_error **last;
    size_t count;
};

void field_errors_init(struct field_errors *errors, struct arena *arena);
/* value is the text to show (see field_value_text()), may be NULL. */
void field_error_add(struct field_errors *errors, enum field_error_type type, const char *path,
                     const char *value, const char *detail_format, ...) PRINTF_LIKE(5, 6);
/* The text of one error without its path, upstream's field.Error.ErrorBody(). */
const char *field_error_body(struct arena *arena, const struct field_error *error);
const char *field_value_text(struct arena *arena, struct slice text); /* Go's %q. */
/* Turns errors into Invalid: `Pod "x" is invalid: a` or `...: [a, b]`. Returns -1
 * if there is at least one error, else 0. group and kind name the kind. */
int field_errors_status(const struct field_errors *errors, const char *group, const char *kind,
                        const char *name, struct status *status);

#endif
