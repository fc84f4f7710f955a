/* Statuses, with the messages of k8s.io/apimachinery pkg/api/errors and
 * pkg/util/validation/field. */
#include "core/status.h"

#include "core/map.h"
#include "core/unicode.h"
#include "core/utf8.h"

static const struct {
    int code;
    const char *text;
} reasons[] = {
#define X(name, code, text) {code, text},
    STATUS_REASONS(X)
#undef X
};

const char status_modified_text[] = "the object has been modified; please apply your changes to "
                                    "the latest version and try again";

void status_init(struct status *status)
{
    *status = (struct status){.reason = STATUS_OK, .code = 200};
}

void status_release(struct status *status)
{
    if (status)
        arena_release(&status->arena);
}

static void forget(struct status *status)
{
    struct arena arena = status->arena;
    status_init(status);
    status->arena = arena;
}

void status_clear(struct status *status)
{
    arena_reset(&status->arena);
    forget(status);
}

bool status_ok(const struct status *status)
{
    return status->reason == STATUS_OK;
}

const char *status_reason_text(enum status_reason reason)
{
    PRE((size_t)reason < ARRAY_SIZE(reasons));
    return reasons[reason].text;
}

/* Arguments may be text of this very status, so its memory stays until it is
 * cleared; only its fields start anew. */
int status_fail(struct status *status, enum status_reason reason, const char *format, ...)
{
    PRE((size_t)reason < ARRAY_SIZE(reasons) && reason != STATUS_OK);
    va_list arguments;
    va_start(arguments, format);
    const char *message = arena_format_list(&status->arena, format, arguments);
    va_end(arguments);
    forget(status);
    status->reason = reason;
    status->code = reasons[reason].code;
    status->message = message;
    return -1;
}

int status_wrap(struct status *status, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    const char *text = arena_format_list(&status->arena, format, arguments);
    va_end(arguments);
    const char *message = status->message ? status->message : "";
    status->message = arena_format(&status->arena, "%s: %s", text, message);
    return -1;
}

static const char *copy_or_null(struct status *status, const char *text)
{
    return text ? arena_copy_text(&status->arena, text) : NULL;
}

void status_details(struct status *status, const char *group, const char *kind, const char *name,
                    const char *uid)
{
    status->group = copy_or_null(status, group);
    status->kind = copy_or_null(status, kind);
    status->name = copy_or_null(status, name);
    status->uid = copy_or_null(status, uid);
}

static struct status_cause **last_cause(struct status *status)
{
    struct status_cause **last = &status->causes;
    while (*last)
        last = &(*last)->next;
    return last;
}

void status_add_cause(struct status *status, const char *reason, const char *field,
                      const char *format, ...)
{
    struct status_cause *cause = ARENA_NEW(&status->arena, struct status_cause);
    cause->reason = copy_or_null(status, reason);
    cause->field = copy_or_null(status, field);
    va_list arguments;
    va_start(arguments, format);
    cause->message = arena_format_list(&status->arena, format, arguments);
    va_end(arguments);
    *last_cause(status) = cause;
}

static void copy_causes(struct status *to, const struct status_cause *from)
{
    struct status_cause **last = last_cause(to);
    for (; from; from = from->next) {
        struct status_cause *cause = ARENA_NEW(&to->arena, struct status_cause);
        cause->reason = copy_or_null(to, from->reason);
        cause->message = copy_or_null(to, from->message);
        cause->field = copy_or_null(to, from->field);
        *last = cause;
        last = &cause->next;
    }
}

void status_copy(struct status *to, const struct status *from)
{
    if (to == from)
        return;
    status_clear(to);
    to->reason = from->reason;
    to->code = from->code;
    to->message = copy_or_null(to, from->message);
    status_details(to, from->group, from->kind, from->name, from->uid);
    copy_causes(to, from->causes);
    to->retry_after_seconds = from->retry_after_seconds;
    to->next_page = copy_or_null(to, from->next_page);
    to->reason_hidden = from->reason_hidden;
}

/* "pods", or "deployments.apps": GroupResource.String(), and GroupKind's. */
static const char *qualified(struct arena *arena, const char *group, const char *resource)
{
    if (group == NULL || group[0] == '\0')
        return resource ? resource : "";
    return arena_format(arena, "%s.%s", resource ? resource : "", group);
}

static const char *quoted(struct arena *arena, const char *text)
{
    return field_value_text(arena, slice_of(text));
}

int status_not_found(struct status *status, const char *group, const char *resource,
                     const char *name)
{
    struct arena *arena = &status->arena;
    status_fail(status, STATUS_NOT_FOUND, "%s %s not found", qualified(arena, group, resource),
                quoted(arena, name));
    status_details(status, group, resource, name, NULL);
    return -1;
}

int status_already_exists(struct status *status, const char *group, const char *resource,
                          const char *name)
{
    struct arena *arena = &status->arena;
    status_fail(status, STATUS_ALREADY_EXISTS, "%s %s already exists",
                qualified(arena, group, resource), quoted(arena, name));
    status_details(status, group, resource, name, NULL);
    return -1;
}

int status_conflict(struct status *status, const char *group, const char *resource,
                    const char *name, const char *why)
{
    struct arena *arena = &status->arena;
    status_fail(status, STATUS_CONFLICT, "Operation cannot be fulfilled on %s %s: %s",
                qualified(arena, group, resource), quoted(arena, name), why);
    status_details(status, group, resource, name, NULL);
    return -1;
}

int status_forbidden(struct status *status, const char *group, const char *resource,
                     const char *name, const char *why)
{
    struct arena *arena = &status->arena;
    const char *what = qualified(arena, group, resource);
    if (resource == NULL || resource[0] == '\0')
        status_fail(status, STATUS_FORBIDDEN, "forbidden: %s", why);
    else if (name == NULL || name[0] == '\0')
        status_fail(status, STATUS_FORBIDDEN, "%s is forbidden: %s", what, why);
    else
        status_fail(status, STATUS_FORBIDDEN, "%s %s is forbidden: %s", what, quoted(arena, name),
                    why);
    status_details(status, group, resource, name, NULL);
    return -1;
}

static const struct {
    const char *text;   /* field.ErrorType.String() */
    const char *reason; /* The cause's type in a Status. */
    bool hides_value;
} field_types[] = {
    [FIELD_REQUIRED] = {"Required value", "FieldValueRequired", true},
    [FIELD_INVALID] = {"Invalid value", "FieldValueInvalid", false},
    [FIELD_NOT_SUPPORTED] = {"Unsupported value", "FieldValueNotSupported", false},
    [FIELD_FORBIDDEN] = {"Forbidden", "FieldValueForbidden", true},
    [FIELD_DUPLICATE] = {"Duplicate value", "FieldValueDuplicate", false},
    [FIELD_TOO_LONG] = {"Too long", "FieldValueTooLong", true},
    [FIELD_TOO_MANY] = {"Too many", "FieldValueTooMany", false},
    [FIELD_NOT_FOUND] = {"Not found", "FieldValueNotFound", false},
    [FIELD_TYPE_INVALID] = {"Invalid value", "FieldValueTypeInvalid", false},
    [FIELD_INTERNAL] = {"Internal error", "InternalError", true},
};

void field_errors_init(struct field_errors *errors, struct arena *arena)
{
    *errors = (struct field_errors){.arena = arena, .last = &errors->first};
}

void field_error_add(struct field_errors *errors, enum field_error_type type, const char *path,
                     const char *value, const char *detail_format, ...)
{
    PRE((size_t)type < ARRAY_SIZE(field_types));
    struct field_error *error = ARENA_NEW(errors->arena, struct field_error);
    error->type = type;
    error->path = arena_copy_text(errors->arena, path);
    error->value = value ? arena_copy_text(errors->arena, value) : NULL;
    if (detail_format) {
        va_list arguments;
        va_start(arguments, detail_format);
        error->detail = arena_format_list(errors->arena, detail_format, arguments);
        va_end(arguments);
    }
    *errors->last = error;
    errors->last = &error->next;
    errors->count++;
}

const char *field_error_body(struct arena *arena, const struct field_error *error)
{
    bool shows_value = error->value && !field_types[error->type].hides_value;
    bool has_detail = error->detail && error->detail[0];
    return arena_format(arena, "%s%s%s%s%s", field_types[error->type].text, shows_value ? ": " : "",
                        shows_value ? error->value : "", has_detail ? ": " : "",
                        has_detail ? error->detail : "");
}

static void append_escaped(struct buffer *text, int32_t rune)
{
    static const char letters[] = "abtnvfr"; /* 7 to 13. */
    if (rune >= 7 && rune <= 13)
        buffer_format(text, "\\%c", letters[rune - 7]);
    else if (rune < ' ' || rune == 0x7f)
        buffer_format(text, "\\x%02x", (unsigned)rune);
    else if (rune < 0x10000)
        buffer_format(text, "\\u%04x", (unsigned)rune);
    else
        buffer_format(text, "\\U%08x", (unsigned)rune);
}

const char *field_value_text(struct arena *arena, struct slice value)
{
    struct buffer text = {0};
    buffer_append_byte(&text, '"');
    for (size_t i = 0, size; i < value.size; i += size) {
        const char *s = value.data + i;
        int32_t rune = utf8_decode(s, value.size - i, &size);
        if (rune < 0)
            buffer_format(&text, "\\x%02x", (unsigned char)s[0]);
        else if (rune == '"' || rune == '\\')
            buffer_format(&text, "\\%c", (char)rune);
        else if (unicode_is_printable(rune))
            buffer_append(&text, s, size);
        else
            append_escaped(&text, rune);
    }
    buffer_append_byte(&text, '"');
    const char *copy = arena_copy_slice(arena, buffer_slice(&text));
    buffer_release(&text);
    return copy;
}

/* "a", or "[a, b]": upstream's aggregate, which says the same only once. */
static const char *aggregate(const struct field_errors *errors, struct arena *arena)
{
    struct buffer text = {0};
    struct map said;
    map_init_borrowing(&said);
    for (struct field_error *e = errors->first; e; e = e->next) {
        const char *body = field_error_body(arena, e);
        struct slice line = slice_of(arena_format(arena, "%s: %s", e->path, body));
        if (map_set(&said, line, e))
            continue;
        if (text.size > 0)
            buffer_append_text(&text, ", ");
        buffer_append_slice(&text, line);
    }
    const char *copy = arena_format(arena, said.count > 1 ? "[%s]" : "%s", text.data);
    map_release(&said);
    buffer_release(&text);
    return copy;
}

int field_errors_status(const struct field_errors *errors, const char *group, const char *kind,
                        const char *name, struct status *status)
{
    if (errors->count == 0)
        return 0;
    struct arena *arena = &status->arena;
    status_fail(status, STATUS_INVALID, "%s %s is invalid: %s", qualified(arena, group, kind),
                quoted(arena, name), aggregate(errors, arena));
    status_details(status, group, kind, name, NULL);
    struct status_cause **last = &status->causes;
    for (const struct field_error *e = errors->first; e; e = e->next) {
        struct status_cause *cause = ARENA_NEW(arena, struct status_cause);
        cause->reason = field_types[e->type].reason;
        cause->message = field_error_body(arena, e);
        cause->field = arena_copy_text(arena, e->path);
        *last = cause;
        last = &cause->next;
    }
    return -1;
}
