#include "api/request_metrics.h"

#include "api/flow.h"
#include "api/request.h"
#include "core/kinds/registry.h"

/* What tells rows apart: addresses of constant things, compared as bytes. */
struct row_key {
    const struct kind *kind; /* NULL: no resource, or none that is served. */
    const struct kind_subresource *subresource;
    const char *verb;        /* One of the literals below. */
    const char *scope;
    bool is_dry_run;
};

struct code_count {
    int code;
    struct metric metric;
    char *labels;
    struct code_count *next;
};

struct request_row {
    struct row_key key;
    char *labels; /* Without dry_run, */
    char *dry_labels; /* and with it. */
    struct metric seconds;
    struct metric bytes;
    struct metric running;
    bool has_running;
    struct code_count *codes;
};

struct watch_row {
    const struct kind *kind;
    char *labels;
    struct metric events;
};

static const double second_bounds[] = {0.005, 0.025, 0.05, 0.1, 0.2, 0.4, 0.6, 0.8,
                                       1.0,   1.25,  1.5,  2,   3,   4,   5,   6,
                                       8,     10,    15,   20,  30,  45,  60};
static const double byte_bounds[] = {1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9};

void request_metrics_init(struct request_metrics *all, struct metrics *metrics)
{
    all->metrics = metrics;
    map_init_borrowing(&all->rows);
    map_init_borrowing(&all->watched);
}

static void free_row(struct request_metrics *all, struct request_row *row)
{
    while (row->codes) {
        struct code_count *count = row->codes;
        row->codes = count->next;
        metrics_remove(all->metrics, &count->metric);
        mem_free(count->labels);
        mem_free(count);
    }
    if (row->has_running)
        metrics_remove(all->metrics, &row->running);
    metrics_remove(all->metrics, &row->seconds);
    metrics_remove(all->metrics, &row->bytes);
    mem_free(row->labels);
    mem_free(row->dry_labels);
    mem_free(row);
}

void request_metrics_release(struct request_metrics *all)
{
    struct map_entry entry;
    for (size_t cursor = 0; map_next(&all->rows, &cursor, &entry);)
        free_row(all, entry.value);
    for (size_t cursor = 0; map_next(&all->watched, &cursor, &entry);) {
        struct watch_row *row = entry.value;
        metrics_remove(all->metrics, &row->events);
        mem_free(row->labels);
        mem_free(row);
    }
    map_release(&all->rows);
    map_release(&all->watched);
}

/* --- Rows --- */

static const char *verb_of(const struct request *request)
{
    static const char *const verbs[][2] = {
        {"get", "GET"},       {"head", "GET"},   {"list", "LIST"},
        {"watch", "WATCH"},   {"create", "POST"}, {"update", "PUT"},
        {"patch", "PATCH"},   {"delete", "DELETE"}, {"deletecollection", "DELETECOLLECTION"},
        {"post", "POST"},     {"put", "PUT"},
    };
    const char *verb = request->info.verb ? request->info.verb : "";
    bool streams = flow_is_long_running(request) && strcmp(verb, "watch") != 0;
    if (streams && strcmp(request->info.subresource, "log") != 0)
        return "CONNECT";
    if (slice_starts_with(request->content_type, SLICE("application/apply-patch+")) &&
        strcmp(verb, "patch") == 0)
        return "APPLY";
    for (size_t i = 0; i < ARRAY_SIZE(verbs); i++)
        if (strcmp(verbs[i][0], verb) == 0)
            return verbs[i][1];
    return "other"; /* As upstream names what is no method of ours. */
}

static const char *scope_of(const struct request_info *info)
{
    if (!info->is_resource)
        return "";
    if (info->name.size > 0 || strcmp(info->verb, "create") == 0)
        return "resource";
    return info->namespace.size > 0 ? "namespace" : "cluster";
}

static struct row_key key_of(const struct request *request)
{
    struct row_key key;
    memset(&key, 0, sizeof(key)); /* The gaps too: it is compared as bytes. */
    key.kind = request->kind;
    key.subresource = request->kind ? request->subresource : NULL;
    key.verb = verb_of(request);
    key.scope = request->info.path ? scope_of(&request->info) : "";
    key.is_dry_run = request->is_dry_run;
    return key;
}

static char *labels_of(const struct row_key *key, bool with_dry_run)
{
    const struct kind *kind = key->kind;
    struct buffer text = {0};
    buffer_append_text(&text, "component=\"apiserver\",");
    if (with_dry_run)
        buffer_format(&text, "dry_run=\"%s\",", key->is_dry_run ? "All" : "");
    buffer_format(&text,
                  "group=\"%s\",resource=\"%s\",scope=\"%s\",subresource=\"%s\",verb=\"%s\","
                  "version=\"%s\"",
                  kind ? kind->group : "", kind ? kind->resource : "", key->scope,
                  key->subresource ? key->subresource->name : "", key->verb,
                  kind ? kind->version : "");
    return buffer_take(&text);
}

static struct request_row *make_row(struct request_metrics *all, const struct row_key *key)
{
    struct request_row *row = mem_alloc(sizeof(*row));
    row->key = *key;
    row->labels = labels_of(key, false);
    row->dry_labels = labels_of(key, true);
    row->seconds = (struct metric){
        .type = METRIC_HISTOGRAM,
        .name = "apiserver_request_duration_seconds",
        .labels = row->dry_labels,
        .help = "Seconds from a request's arrival to the end of its reply.",
        .bounds = second_bounds,
        .bound_count = ARRAY_SIZE(second_bounds),
    };
    row->bytes = (struct metric){
        .type = METRIC_HISTOGRAM,
        .name = "apiserver_response_sizes",
        .labels = row->labels,
        .help = "Bytes of replies.",
        .bounds = byte_bounds,
        .bound_count = ARRAY_SIZE(byte_bounds),
    };
    metrics_add(all->metrics, &row->seconds);
    metrics_add(all->metrics, &row->bytes);
    map_set(&all->rows, (struct slice){(const char *)&row->key, sizeof(row->key)}, row);
    return row;
}

static struct request_row *row_of(struct request_metrics *all, const struct request *request)
{
    struct row_key key = key_of(request);
    struct request_row *row = map_get(&all->rows, (struct slice){(const char *)&key, sizeof(key)});
    return row ? row : make_row(all, &key);
}

static struct code_count *code_of(struct request_metrics *all, struct request_row *row, int code)
{
    for (struct code_count *count = row->codes; count; count = count->next)
        if (count->code == code)
            return count;
    struct code_count *count = mem_alloc(sizeof(*count));
    struct buffer labels = {0};
    buffer_format(&labels, "code=\"%d\",%s", code, row->dry_labels);
    count->code = code;
    count->labels = buffer_take(&labels);
    count->metric = (struct metric){.type = METRIC_COUNTER,
                                    .name = "apiserver_request_total",
                                    .labels = count->labels,
                                    .help = "Requests that have ended, by what was answered."};
    count->next = row->codes;
    row->codes = count;
    metrics_add(all->metrics, &count->metric);
    return count;
}

/* --- Counting --- */

void request_metrics_long(struct request_metrics *all, const struct request *request, int by)
{
    if (!all->metrics)
        return;
    struct request_row *row = row_of(all, request);
    if (!row->has_running) {
        row->has_running = true;
        row->running = (struct metric){.type = METRIC_GAUGE,
                                       .name = "apiserver_longrunning_requests",
                                       .labels = row->labels,
                                       .help = "Watches and streams that are open."};
        metrics_add(all->metrics, &row->running);
    }
    metric_add(&row->running, by);
}

void request_metrics_count(struct request_metrics *all, const struct request *request,
                           int64_t took_us)
{
    if (!all->metrics)
        return;
    struct request_row *row = row_of(all, request);
    metric_add(&code_of(all, row, request->reply.code)->metric, 1);
    metric_observe(&row->seconds, (double)took_us / 1e6);
    metric_observe(&row->bytes, (double)request->sent_bytes);
}

struct metric *request_metrics_events(struct request_metrics *all, const struct kind *kind)
{
    if (!all->metrics)
        return NULL;
    struct watch_row *row =
        map_get(&all->watched, (struct slice){(const char *)&kind, sizeof(kind)});
    if (row)
        return &row->events;
    struct buffer labels = {0};
    row = mem_alloc(sizeof(*row));
    row->kind = kind;
    buffer_format(&labels, "group=\"%s\",resource=\"%s\",version=\"%s\"", kind->group,
                  kind->resource, kind->version);
    row->labels = buffer_take(&labels);
    row->events = (struct metric){.type = METRIC_COUNTER,
                                  .name = "apiserver_watch_events_total",
                                  .labels = row->labels,
                                  .help = "Events sent to watches."};
    metrics_add(all->metrics, &row->events);
    map_set(&all->watched, (struct slice){(const char *)&row->kind, sizeof(row->kind)}, row);
    return &row->events;
}

/* --- At a scrape --- */

void request_metrics_print_objects(const struct registry *registry, struct store *store,
                                   struct buffer *text)
{
    struct pin *pin = store_pin(store, COMMITTED);
    struct buffer prefix = {0};
    buffer_append_text(text, "# HELP apiserver_storage_objects Objects stored, by resource.\n"
                             "# TYPE apiserver_storage_objects gauge\n");
    for (size_t i = 0; i < registry_count(registry); i++) {
        const struct kind *kind = registry_at(registry, i);
        if (kind->stored_as || kind->is_virtual)
            continue;
        buffer_clear(&prefix);
        key_append_prefix(&prefix, kind->group, kind->resource, (struct slice){0});
        buffer_format(text, "apiserver_storage_objects{resource=\"%s%s%s\"} %lld\n", kind->resource,
                      *kind->group ? "." : "", kind->group,
                      (long long)pin_count(pin, buffer_slice(&prefix)));
    }
    buffer_release(&prefix);
    pin_unref(pin);
}
