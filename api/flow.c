#include "api/flow.h"

#include "api/request.h"

struct flow_user {
    int64_t count;
    size_t name_size;
    char name[];
};

static struct metric place_gauge(const char *labels)
{
    return (struct metric){
        .type = METRIC_GAUGE,
        .name = "apiserver_current_inflight_requests",
        .labels = labels,
        .help = "Requests that hold one of the places of their kind.",
    };
}

void flow_init(struct flow *flow, struct metrics *metrics)
{
    *flow = (struct flow){
        .reads_max = FLOW_READS_MAX,
        .writes_max = FLOW_WRITES_MAX,
        .watches_max = FLOW_WATCHES_MAX,
        .reads = place_gauge("request_kind=\"readOnly\""),
        .writes = place_gauge("request_kind=\"mutating\""),
        .metrics = metrics,
    };
    map_init_borrowing(&flow->long_running);
    if (!metrics)
        return;
    metrics_add(metrics, &flow->writes);
    metrics_add(metrics, &flow->reads);
}

void flow_release(struct flow *flow)
{
    PRE(flow->long_running.count == 0);
    map_release(&flow->long_running);
    if (!flow->metrics)
        return;
    metrics_remove(flow->metrics, &flow->writes);
    metrics_remove(flow->metrics, &flow->reads);
}

bool flow_is_long_running(const struct request *request)
{
    static const char *const streams[] = {"attach", "exec", "proxy", "log", "portforward"};
    const struct request_info *info = &request->info;
    if (!info->is_resource)
        return false;
    if (strcmp(info->verb, "watch") == 0)
        return true;
    for (size_t i = 0; info->subresource && i < ARRAY_SIZE(streams); i++)
        if (strcmp(info->subresource, streams[i]) == 0)
            return true;
    return false;
}

static bool is_read(const struct request_info *info)
{
    static const char *const verbs[] = {"get", "list", "watch", "head"};
    for (size_t i = 0; i < ARRAY_SIZE(verbs); i++)
        if (strcmp(info->verb, verbs[i]) == 0)
            return true;
    return false;
}

static bool is_health(const struct request_info *info)
{
    struct slice path = slice_of(info->path);
    return !info->is_resource &&
           (slice_starts_with(path, SLICE("/healthz")) ||
            slice_starts_with(path, SLICE("/livez")) || slice_starts_with(path, SLICE("/readyz")));
}

static int refuse(struct request *request)
{
    status_fail(&request->status, STATUS_TOO_MANY_REQUESTS,
                "Too many requests, please try again later.");
    request->status.retry_after_seconds = 1;
    return -1;
}

static int enter_long(struct flow *flow, struct request *request)
{
    struct slice name = slice_of(request->user->name);
    struct flow_user *user = map_get(&flow->long_running, name);
    if (user && user->count >= flow->watches_max)
        return refuse(request);
    if (!user) {
        user = mem_alloc(sizeof(*user) + name.size + 1);
        user->name_size = name.size;
        memcpy(user->name, request->user->name, name.size);
        map_set(&flow->long_running, (struct slice){user->name, name.size}, user);
    }
    user->count++;
    request->flow = FLOW_LONG;
    request->flow_user = user;
    return 0;
}

static int take_place(struct metric *places, int64_t max, enum flow_kind kind,
                      struct request *request)
{
    if (places->value >= max)
        return user_in_group(request->user, "system:masters") ? 0 : refuse(request);
    metric_add(places, 1);
    request->flow = kind;
    return 0;
}

int flow_enter(struct flow *flow, struct request *request)
{
    if (request->is_local || is_health(&request->info))
        return 0;
    if (flow_is_long_running(request))
        return enter_long(flow, request);
    if (is_read(&request->info))
        return take_place(&flow->reads, flow->reads_max, FLOW_READ, request);
    return take_place(&flow->writes, flow->writes_max, FLOW_WRITE, request);
}

static void leave_long(struct flow *flow, struct flow_user *user)
{
    if (--user->count > 0)
        return;
    map_remove(&flow->long_running, (struct slice){user->name, user->name_size});
    mem_free(user);
}

void flow_leave(struct flow *flow, struct request *request)
{
    switch (request->flow) {
    case FLOW_NONE: break;
    case FLOW_READ: metric_add(&flow->reads, -1); break;
    case FLOW_WRITE: metric_add(&flow->writes, -1); break;
    case FLOW_LONG: leave_long(flow, request->flow_user); break;
    }
    request->flow = FLOW_NONE;
}
