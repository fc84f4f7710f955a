/* /portForward: connections into a pod's 127.0.0.1, many over one WebSocket.
 *
 * Two framings. A tunnel, SPDY/3.1+portforward.k8s.io (kubectl): each connection is a pair of
 * SPDY streams, one for data and one for what went wrong, named alike by their request id. Or
 * channels, v4.channel.k8s.io and v5 (the Python client): the nth port of the query has channel
 * 2n for data and 2n+1 for errors, and each begins with the port's number.
 *
 * Neither framing has flow control, so a slow pod holds back the whole WebSocket. Rules:
 * pkg/kubelet/server/portforward, k8s.io/client-go tools/portforward. */
#include "core/net/spdy.h"
#include "kubelet-lite/channels.h"
#include "kubelet-lite/node_server.h"

enum { PORTS_MAX = 4096 };

struct port_session {
    struct channels channels;
    struct runtime *runtime;
    char *sandbox_id, *pod_name, *pod_uid;
    struct list links;
    size_t link_count;
    bool is_tunnel;
    struct spdy_reader reader;
    struct spdy_writer writer;
    bool is_over;            /* The peer has gone: links end as they can. */
    bool is_closed;          /* The channels too. */
};

struct port_link { /* One connection. */
    struct list link;
    struct port_session *session;
    char *request_id;        /* Of a tunnel. */
    uint32_t data_id, error_id; /* Streams, or channels; 0: not opened yet (of a tunnel). */
    uint16_t port;
    struct runtime_call call;
    bool is_calling;
    struct stream *stream;   /* To the pod. */
    struct buffer early;     /* From the peer, before there is a stream. */
    bool peer_ended, pod_ended;
    bool has_failed;
};

static const char *const protocols[] = {"SPDY/3.1+portforward.k8s.io", "v5.channel.k8s.io",
                                        "v4.channel.k8s.io", NULL};

/* --- Life --- */

static void free_session_if_over(struct port_session *session)
{
    if (!session->is_closed || !list_is_empty(&session->links))
        return;
    spdy_reader_release(&session->reader);
    spdy_writer_release(&session->writer);
    mem_free(session->sandbox_id);
    mem_free(session->pod_name);
    mem_free(session->pod_uid);
    mem_free(session);
}

/* Waits for a call that is under way. */
static void drop_link(struct port_link *link)
{
    struct port_session *session = link->session;
    if (link->stream) {
        stream_set_handler(link->stream, NULL, NULL);
        stream_close(link->stream);
        link->stream = NULL;
    }
    link->has_failed = true;
    if (link->is_calling)
        return;
    list_remove(&link->link);
    session->link_count--;
    buffer_release(&link->early);
    mem_free(link->request_id);
    mem_free(link);
    free_session_if_over(session);
}

/* --- To the peer --- */

static void send_data(struct port_link *link, uint32_t id, struct slice data, bool is_last)
{
    struct port_session *session = link->session;
    struct buffer frame = {0};
    if (session->is_over)
        return;
    if (!session->is_tunnel) {
        if (data.size > 0)
            channels_write(&session->channels, (uint8_t)id, data);
        return;
    }
    spdy_write_data(&frame, id, data, is_last);
    channels_write_raw(&session->channels, buffer_slice(&frame));
    buffer_release(&frame);
}

static void fail(struct port_link *link, const char *why)
{
    const struct port_session *session = link->session;
    struct buffer text = {0};
    buffer_format(&text, "error forwarding port %u to pod %s, uid %s: %s", link->port,
                  session->pod_name, session->pod_uid, why);
    if (link->error_id != 0)
        send_data(link, link->error_id, buffer_slice(&text), true);
    send_data(link, link->data_id, SLICE(""), true);
    buffer_release(&text);
    drop_link(link);
}

/* Both directions have ended. */
static void finish_if_done(struct port_link *link)
{
    if (!link->peer_ended || !link->pod_ended || stream_pending(link->stream) > 0)
        return;
    if (link->error_id != 0)
        send_data(link, link->error_id, SLICE(""), true);
    drop_link(link);
}

/* --- The pod's side --- */

static void pod_read(void *context, struct slice data)
{
    struct port_link *link = context;
    struct port_session *session = link->session;
    send_data(link, link->data_id, data, false);
    if (!session->is_over && channels_pending(&session->channels) > CHANNELS_PENDING_MAX)
        stream_read_stop(link->stream);
}

static void pod_ended(void *context)
{
    struct port_link *link = context;
    link->pod_ended = true;
    send_data(link, link->data_id, SLICE(""), true);
    if (!link->session->is_tunnel) /* Channels cannot say that one half is over. */
        link->peer_ended = true;
    finish_if_done(link);
}

static void pod_drained(void *context)
{
    struct port_link *link = context;
    if (!link->session->is_over)
        channels_resume(&link->session->channels);
    finish_if_done(link);
}

static void pod_broke(void *context, const char *why)
{
    fail(context, why);
}

static const struct stream_handler pod_handler = {
    .on_read = pod_read, .on_end = pod_ended, .on_drain = pod_drained, .on_error = pod_broke};

static void connected(struct runtime_call *call)
{
    struct port_link *link = CONTAINER_OF(call, struct port_link, call);
    link->is_calling = false;
    link->stream = call->stream;
    if (link->has_failed || !status_ok(&call->status)) {
        struct buffer why = {0};
        buffer_append_text(&why, call->status.message ? call->status.message : "");
        runtime_call_release(call);
        if (link->has_failed)
            drop_link(link);
        else
            fail(link, why.size ? why.data : "");
        buffer_release(&why);
        return;
    }
    runtime_call_release(call);
    stream_set_handler(link->stream, &pod_handler, link);
    stream_write(link->stream, buffer_slice(&link->early));
    buffer_release(&link->early);
    channels_resume(&link->session->channels);
    if (link->peer_ended)
        stream_end(link->stream);
    stream_read_start(link->stream);
}

static void connect_link(struct port_link *link)
{
    struct port_session *session = link->session;
    link->is_calling = true;
    runtime_call_init(&link->call, connected);
    session->runtime->operations->connect(session->runtime, session->sandbox_id, link->port,
                                          &link->call);
}

/* --- From the peer --- */

static void take_peer_data(struct port_link *link, struct slice data)
{
    if (link->stream)
        stream_write(link->stream, data);
    else
        buffer_append_slice(&link->early, data);
    size_t waits = link->stream ? stream_pending(link->stream) : link->early.size;
    if (waits > CHANNELS_PENDING_MAX)
        channels_pause(&link->session->channels);
}

static void take_peer_end(struct port_link *link)
{
    link->peer_ended = true;
    if (!link->stream)
        return;
    stream_end(link->stream);
    finish_if_done(link);
}

static struct port_link *new_link(struct port_session *session, uint16_t port)
{
    struct port_link *link = mem_alloc(sizeof(*link));
    link->session = session;
    link->port = port;
    list_push_back(&session->links, &link->link);
    session->link_count++;
    return link;
}

/* --- The tunnel --- */

static struct slice header_of(const struct spdy_reader *reader, const char *name)
{
    for (size_t i = 0; i < reader->header_count; i++)
        if (http_name_is(reader->headers[i].name, name))
            return reader->headers[i].value;
    return SLICE("");
}

static struct port_link *find_stream(struct port_session *session, uint32_t id)
{
    LIST_EACH(at, &session->links) {
        struct port_link *link = CONTAINER_OF(at, struct port_link, link);
        if (link->data_id == id)
            return link;
    }
    return NULL;
}

static struct port_link *find_request(struct port_session *session, struct slice request_id)
{
    LIST_EACH(at, &session->links) {
        struct port_link *link = CONTAINER_OF(at, struct port_link, link);
        if (slice_is(request_id, link->request_id) && link->data_id == 0)
            return link;
    }
    return NULL;
}

static void send_raw(struct port_session *session, struct buffer *frame)
{
    channels_write_raw(&session->channels, buffer_slice(frame));
    buffer_release(frame);
}

static void refuse_stream(struct port_session *session)
{
    struct buffer frame = {0};
    spdy_write_reset(&frame, session->reader.stream);
    send_raw(session, &frame);
}

/* The error stream comes first, the data stream of the same request after it. */
static void take_open(struct port_session *session)
{
    const struct spdy_reader *reader = &session->reader;
    struct slice type = header_of(reader, "streamtype");
    struct slice request_id = header_of(reader, "requestid");
    int64_t port = 0;
    struct buffer reply = {0};
    bool is_error = slice_is(type, "error");
    struct port_link *link = find_request(session, request_id);
    if (!slice_to_int64(header_of(reader, "port"), &port) || port < 1 || port > UINT16_MAX ||
        (!is_error && !slice_is(type, "data")) || session->link_count >= PORTS_MAX ||
        (is_error && link)) {
        refuse_stream(session);
        return;
    }
    if (!link) {
        link = new_link(session, (uint16_t)port);
        link->request_id = mem_copy_slice(request_id);
    }
    spdy_write_reply(&session->writer, &reply, reader->stream);
    send_raw(session, &reply);
    if (is_error) {
        link->error_id = reader->stream;
        return;
    }
    link->data_id = reader->stream;
    link->peer_ended = reader->is_last;
    connect_link(link);
}

static void take_reset(struct port_session *session)
{
    struct port_link *link = find_stream(session, session->reader.stream);
    if (link)
        drop_link(link);
}

static void take_data(struct port_session *session)
{
    struct port_link *link = find_stream(session, session->reader.stream);
    if (!link || link->has_failed)
        return; /* Of an error stream, or of one that is over. */
    bool is_last = session->reader.is_last;
    if (session->reader.data.size > 0)
        take_peer_data(link, session->reader.data);
    if (is_last)
        take_peer_end(link);
}

static void end_session(struct port_session *session)
{
    session->is_over = true;
    LIST_EACH(at, &session->links)
        drop_link(CONTAINER_OF(at, struct port_link, link));
    channels_close(&session->channels);
}

static void take_tunnel(struct port_session *session, struct slice input)
{
    struct buffer pong = {0};
    enum spdy_event event;
    while ((event = spdy_read(&session->reader, &input)) != SPDY_MORE) {
        switch (event) {
        case SPDY_OPENED: take_open(session); break;
        case SPDY_DATA: take_data(session); break;
        case SPDY_RESET: take_reset(session); break;
        case SPDY_PING:
            spdy_write_ping(&pong, session->reader.ping_id);
            send_raw(session, &pong);
            break;
        case SPDY_BAD: end_session(session); return;
        case SPDY_GOAWAY:
        case SPDY_MORE: break;
        }
    }
}

/* --- Channels --- */

static void data_came(void *context, uint8_t channel, struct slice data, bool last)
{
    struct port_session *session = context;
    (void)last;
    if (session->is_over)
        return;
    if (session->is_tunnel) {
        take_tunnel(session, data);
        return;
    }
    LIST_EACH(at, &session->links) {
        struct port_link *link = CONTAINER_OF(at, struct port_link, link);
        if (link->data_id == channel && !link->has_failed && data.size > 0)
            take_peer_data(link, data);
    }
}

static void drained(void *context)
{
    struct port_session *session = context;
    LIST_EACH(at, &session->links) {
        struct port_link *link = CONTAINER_OF(at, struct port_link, link);
        if (link->stream && !link->pod_ended)
            stream_read_start(link->stream);
    }
}

static void ended(void *context)
{
    struct port_session *session = context;
    if (!session->is_over)
        end_session(session);
}

static void closed(void *context)
{
    struct port_session *session = context;
    session->is_closed = true;
    free_session_if_over(session);
}

static const struct channels_handler handler = {data_came, drained, ended, closed};

/* The first message of each channel is its port, low byte first. */
static void open_channels(struct port_session *session, const uint16_t *ports, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        char number[2] = {(char)(ports[i] & 0xff), (char)(ports[i] >> 8)};
        struct port_link *link = new_link(session, ports[i]);
        link->data_id = (uint32_t)i * 2;
        link->error_id = (uint32_t)i * 2 + 1;
        channels_write(&session->channels, (uint8_t)link->data_id, (struct slice){number, 2});
        channels_write(&session->channels, (uint8_t)link->error_id, (struct slice){number, 2});
        connect_link(link);
    }
}

/* --- Asking --- */

/* "8080" or "8080,9090", any number of them; -1 when one is no port. */
static int read_ports(struct node_request *request, uint16_t ports[128], size_t *count)
{
    const char *const *values = node_request_values(request, "port");
    *count = 0;
    for (size_t i = 0; values[i]; i++) {
        struct slice rest = slice_of(values[i]), part;
        while (slice_split(&rest, ',', &part)) {
            int64_t port;
            if (!slice_to_int64(part, &port) || port < 1 || port > UINT16_MAX || *count == 126)
                return -1;
            ports[(*count)++] = (uint16_t)port;
        }
    }
    return 0;
}

static void begin(struct node_request *request, const struct pod_worker *worker,
                  const char *protocol)
{
    struct http_exchange *exchange = request->exchange;
    uint16_t ports[128];
    size_t count;
    bool is_tunnel = strcmp(protocol, protocols[0]) == 0;
    if (!is_tunnel && (read_ports(request, ports, &count) || count == 0)) {
        node_request_fail(request, 400, "query parameter \"port\" is required");
        return;
    }
    struct port_session *session = mem_alloc(sizeof(*session));
    session->runtime = node_request_options(request)->runtime;
    session->sandbox_id = mem_copy_text(worker->sandbox_id);
    session->pod_name = mem_copy_text(worker->name);
    session->pod_uid = mem_copy_text(worker->uid);
    session->is_tunnel = is_tunnel;
    list_init(&session->links);
    spdy_reader_init(&session->reader);
    spdy_writer_init(&session->writer);
    exchange->on_gone = NULL;
    exchange->on_drain = NULL;
    int failed = channels_open(&session->channels, exchange, protocol, &handler, session);
    node_request_free(request);
    if (failed) {
        session->is_closed = true;
        free_session_if_over(session);
    } else if (!is_tunnel) {
        open_channels(session, ports, count);
    }
}

void node_ports_serve(struct node_request *request)
{
    const struct pod_worker *worker = kubelet_find_pod(node_request_options(request)->kubelet,
                                                       request->parts[1], request->parts[2]);
    if (!worker || !slice_is(request->parts[3], worker->uid)) {
        node_request_fail(request, 404, "pod does not exist");
        return;
    }
    if (!worker->has_sandbox) {
        node_request_fail(request, 500, "unable to upgrade connection: pod \"%s\" is not running",
                          worker->name);
        return;
    }
    const char *protocol = channels_choose(&request->exchange->request, protocols);
    if (!protocol)
        node_request_fail(request, 400,
                          "unable to upgrade: WebSocket with %s or v4.channel.k8s.io is spoken "
                          "here",
                          protocols[0]);
    else if (!node_request_options(request)->runtime->operations->connect)
        node_request_fail(request, 501, "this node's runtime has no ports");
    else
        begin(request, worker, protocol);
}
