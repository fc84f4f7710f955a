#include "api/list_options.h"

#include "core/crypto.h"

/* All problems of ListOptions are one Invalid of kind ListOptions. */
static int invalid(struct request *request, struct field_errors *errors)
{
    return field_errors_status(errors, "meta.k8s.io", "ListOptions", "", &request->status);
}

static void check_list(const struct list_options *options, struct slice match,
                       struct field_errors *errors)
{
    if (options->has_initial_events)
        field_error_add(errors, FIELD_FORBIDDEN, "sendInitialEvents", NULL,
                        "sendInitialEvents is forbidden for list");
    if (match.size == 0)
        return;
    if (options->next_page.size > 0)
        field_error_add(errors, FIELD_FORBIDDEN, "resourceVersionMatch", NULL,
                        "resourceVersionMatch is forbidden when continue is provided");
    if (!options->has_revision)
        field_error_add(errors, FIELD_FORBIDDEN, "resourceVersionMatch", NULL,
                        "resourceVersionMatch is forbidden unless resourceVersion is provided");
    if (options->match == MATCH_UNSET)
        field_error_add(errors, FIELD_NOT_SUPPORTED, "resourceVersionMatch",
                        field_value_text(errors->arena, match),
                        "supported values: \"Exact\", \"NotOlderThan\", \"\"");
    if (options->match == MATCH_EXACT && options->has_revision && options->revision == 0)
        field_error_add(errors, FIELD_FORBIDDEN, "resourceVersionMatch", NULL,
                        "resourceVersionMatch \"exact\" is forbidden for resourceVersion \"0\"");
}

static void check_watch(const struct list_options *options, struct slice match,
                        struct field_errors *errors)
{
    if (options->has_initial_events && options->match != MATCH_NOT_OLDER_THAN)
        field_error_add(errors, FIELD_FORBIDDEN, "resourceVersionMatch", NULL,
                        "sendInitialEvents requires setting resourceVersionMatch to NotOlderThan");
    if (match.size == 0 || options->has_initial_events)
        return;
    field_error_add(errors, FIELD_FORBIDDEN, "resourceVersionMatch", NULL,
                    "resourceVersionMatch is forbidden for watch unless sendInitialEvents is "
                    "provided");
}

/* Upstream tells of it where it is read: in the storage of lists, in that of watches. */
static int fail_revision(struct request *request, bool is_watch, struct slice text)
{
    const char *quoted = field_value_text(&request->arena, text);
    const char *why =
        arena_format(&request->arena, "strconv.ParseUint: parsing %s: invalid syntax", quoted);
    struct field_errors errors;
    if (!is_watch)
        return status_fail(&request->status, STATUS_BAD_REQUEST,
                           "invalid resource version: resourceVersion: Invalid value: %s: %s",
                           quoted, why);
    field_errors_init(&errors, &request->arena);
    field_error_add(&errors, FIELD_INVALID, "resourceVersion", quoted, "%s", why);
    return field_errors_status(&errors, request->kind->group, request->kind->resource, "",
                               &request->status);
}
static int parse_revision(struct request *request, bool is_watch, struct list_options *options)
{
    struct slice text = query_get(request->query, "resourceVersion");
    if (text.size == 0)
        return 0;
    options->has_revision = true;
    if (slice_to_int64(text, &options->revision) && options->revision >= 0)
        return 0;
    return fail_revision(request, is_watch, text);
}

static int parse_number(struct request *request, const char *key, int64_t *value)
{
    struct slice text = query_get(request->query, key);
    if (text.size == 0 || slice_to_int64(text, value))
        return 0;
    return status_fail(&request->status, STATUS_BAD_REQUEST,
                       "strconv.ParseInt: parsing %s: invalid syntax",
                       field_value_text(&request->arena, text));
}

static int parse_selectors(struct request *request, struct list_options *options)
{
    struct slice labels = query_get(request->query, "labelSelector");
    struct slice fields = query_get(request->query, "fieldSelector");
    if (labels.size > 0 &&
        label_selector_parse(&request->arena, labels, &options->labels, &request->status))
        return -1;
    if (fields.size > 0 && field_selector_parse(&request->arena, request->kind, fields,
                                                &options->fields, &request->status))
        return -1;
    options->has_selector =
        !label_selector_is_empty(&options->labels) || !field_selector_is_empty(&options->fields);
    return 0;
}

static void parse_match(struct list_options *options, struct slice match)
{
    if (slice_is(match, "NotOlderThan"))
        options->match = MATCH_NOT_OLDER_THAN;
    else if (slice_is(match, "Exact"))
        options->match = MATCH_EXACT;
}

int list_options_parse(struct request *request, bool is_watch, struct list_options *options)
{
    *options = (struct list_options){0};
    const struct query_parameter *query = request->query;
    struct slice match = query_get(query, "resourceVersionMatch");
    options->next_page = query_get(query, "continue");
    options->bookmarks = query_bool(query, "allowWatchBookmarks");
    options->has_initial_events = query_get(query, "sendInitialEvents").data != NULL;
    options->initial_events = query_bool(query, "sendInitialEvents");
    parse_match(options, match);
    if (parse_revision(request, is_watch, options) ||
        parse_number(request, "limit", &options->limit) ||
        parse_number(request, "timeoutSeconds", &options->timeout_seconds))
        return -1;
    struct field_errors errors;
    field_errors_init(&errors, &request->arena);
    if (is_watch)
        check_watch(options, match, &errors);
    else
        check_list(options, match, &errors);
    if (invalid(request, &errors))
        return -1;
    if (options->next_page.size > 0 && options->has_revision && options->revision != 0)
        return status_fail(&request->status, STATUS_BAD_REQUEST,
                           "specifying resource version is not allowed when using continue");
    return parse_selectors(request, options);
}

bool list_options_match(const struct list_options *options, const struct object *object)
{
    return !options->has_selector ||
           (label_selector_matches_view(&options->labels, object_view(object)) &&
            field_selector_matches(&options->fields, object));
}

const char *page_token(struct arena *arena, int64_t revision, struct slice last_key)
{
    struct json *token = json_new_object(arena);
    json_set_text(arena, token, "v", "meta.k8s.io/v1");
    json_set_int(arena, token, "rv", revision);
    json_set(arena, token, "start", json_new_string(arena, last_key));
    struct buffer plain = {0};
    struct buffer coded = {0};
    json_print(token, &plain);
    base64url_encode(buffer_slice(&plain), &coded);
    const char *text = arena_copy_slice(arena, buffer_slice(&coded));
    buffer_release(&plain);
    buffer_release(&coded);
    return text;
}

static int bad_token(struct status *status, const char *why)
{
    return status_fail(status, STATUS_BAD_REQUEST, "continue key is not valid: %s", why);
}

int page_parse(struct arena *arena, struct slice token, int64_t *revision, struct slice *start,
               struct status *status)
{
    struct buffer plain = {0};
    struct status ignored;
    status_init(&ignored);
    struct json *tree = NULL;
    if (base64url_decode(token, &plain) == 0)
        tree = json_parse(arena, buffer_slice(&plain), NULL, &ignored);
    buffer_release(&plain);
    status_release(&ignored);
    if (!tree)
        return bad_token(status, "it cannot be decoded");
    if (strcmp(json_text(json_get(tree, "v")), "meta.k8s.io/v1") != 0)
        return bad_token(status, "server does not recognize this encoded version");
    *start = json_string(json_get(tree, "start"));
    if (!json_to_int64(json_get(tree, "rv"), revision) || start->size == 0)
        return bad_token(status,
                         "incorrect encoded start resourceVersion (version meta.k8s.io/v1)");
    return 0;
}
