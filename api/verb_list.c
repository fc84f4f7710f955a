/* list: a pin, and what of it is wanted. Rendering is list_reply.c's. */
#include "api/api.h"
#include "api/list_reply.h"
#include "api/verbs.h"

/* A page that begins behind start: the key, and a byte that sorts after it. */
static struct slice behind(struct arena *arena, struct slice key)
{
    char *next = arena_alloc(arena, key.size + 1);
    if (key.size > 0)
        memcpy(next, key.data, key.size);
    return (struct slice){next, key.size + (key.size > 0)};
}

static const char expired_text[] =
    "The provided continue parameter is too old to display a consistent list result. You must "
    "start a new list without the continue parameter.";

static int pin_page(struct request *request, struct list_source *source)
{
    int64_t revision;
    struct slice last;
    if (page_parse(&request->arena, source->options->next_page, &revision, &last, &request->status))
        return -1;
    if (!slice_starts_with(last, source->prefix))
        return status_fail(&request->status, STATUS_BAD_REQUEST,
                           "continue key is not valid: it belongs to another list");
    source->start = behind(&request->arena, last);
    if (store_pin_at(request->api->store, revision, &source->pin, &request->status) == 0)
        return 0;
    status_clear(&request->status);
    return status_fail(&request->status, STATUS_EXPIRED, "%s", expired_text);
}

static int pin_list(struct request *request, struct list_source *source)
{
    struct store *store = request->api->store;
    const struct list_options *options = source->options;
    if (options->next_page.size > 0)
        return pin_page(request, source);
    if (request_check_reached(request, options->revision))
        return -1;
    if (options->match == MATCH_EXACT)
        return store_pin_at(store, options->revision, &source->pin, &request->status);
    source->pin = store_pin(store, COMMITTED);
    return 0;
}

void verb_list(struct request *request)
{
    struct list_options *options = ARENA_NEW(&request->arena, struct list_options);
    struct list_source source = {.options = options};
    if (list_options_parse(request, false, options)) {
        request_fail(request);
        return;
    }
    source.prefix = request_prefix(request);
    if (pin_list(request, &source)) {
        request_fail(request);
        return;
    }
    source.revision = pin_revision(source.pin);
    source.total = pin_count(source.pin, source.prefix);
    list_reply_start(request, &source);
}
