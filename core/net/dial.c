/* How a dial goes:
 *   1. WAITING: one message later, so that no answer comes from inside.
 *   2. RESOLVING: the resolver's thread looks the name up (not for paths).
 *   3. CONNECTING: the first address, and after a refusal the next.
 *   4. DONE: the stream is given, and the dial freed.
 * What goes wrong:
 *   - No address answers: the last error is told.
 *   - The time is over, or the owner gives up: CANCELLING waits for what is
 *     under way, because the message, the resolver or the socket still hold it. */
#include "core/net/dial.h"

#include <sys/un.h>
#include <unistd.h>

#include "core/net/address.h"
#include "core/net/network.h"
#include "core/net/stream_uv.h"
#include "core/phase.h"

enum { WAITING, RESOLVING, CONNECTING, CANCELLING, DONE };

static const struct phase phases[] = {
    [WAITING] = {"waiting", TO(RESOLVING) | TO(CONNECTING) | TO(CANCELLING) | TO(DONE)},
    [RESOLVING] = {"resolving", TO(CONNECTING) | TO(CANCELLING) | TO(DONE)},
    [CONNECTING] = {"connecting", TO(CONNECTING) | TO(CANCELLING) | TO(DONE)},
    [CANCELLING] = {"cancelling", TO(DONE)},
    [DONE] = {"done", 0},
};

struct dial {
    struct loop *loop;
    char *address;
    int phase;
    dial_done_fn *done;         /* NULL once it was told or is not wanted. */
    void *context;
    struct timer timer;
    struct message start;
    uv_getaddrinfo_t resolving;
    struct addrinfo *addresses; /* What the resolver gave. */
    struct addrinfo *next;      /* To be tried. */
    uv_connect_t connecting;
    struct stream_uv *stream;   /* CONNECTING: not yet connected. */
    int socket;                 /* To be used for the first try; -1: none. */
    int error;                  /* Of the last try. */
};

static void free_dial(struct dial *dial)
{
    phase_move(phases, &dial->phase, DONE);
    timer_stop(&dial->timer);
    uv_freeaddrinfo(dial->addresses);
    if (dial->socket >= 0)
        close(dial->socket);
    mem_free(dial->address);
    mem_free(dial);
}

/* Tells the owner, once; takes stream. */
static void tell(struct dial *dial, struct stream *stream, const struct status *status)
{
    dial_done_fn *done = dial->done;
    dial->done = NULL;
    timer_stop(&dial->timer);
    if (done)
        done(dial->context, stream, status);
    else if (stream)
        stream_close(stream);
}

static void tell_failure(struct dial *dial, enum status_reason reason, const char *why)
{
    struct status status;
    status_init(&status);
    status_fail(&status, reason, "dial %s: %s", dial->address, why);
    tell(dial, NULL, &status);
    status_release(&status);
}

static void succeed(struct dial *dial, struct stream *stream)
{
    struct status status;
    status_init(&status);
    tell(dial, stream, &status);
    status_release(&status);
    free_dial(dial);
}

static void give_up(struct dial *dial, int error)
{
    tell_failure(dial, STATUS_SERVICE_UNAVAILABLE, uv_strerror(error));
    free_dial(dial);
}

static void connect_next(struct dial *dial);

static void connected(uv_connect_t *connecting, int error)
{
    struct dial *dial = connecting->data;
    struct stream_uv *stream = dial->stream;
    dial->stream = NULL;
    if (error == 0) {
        succeed(dial, stream_uv_connected(stream));
        return;
    }
    if (dial->phase != CANCELLING)
        stream_uv_discard(stream);
    dial->error = error;
    if (dial->phase == CANCELLING)
        free_dial(dial);
    else
        connect_next(dial);
}

static void connect_next(struct dial *dial)
{
    struct addrinfo *address = dial->next;
    if (!address) {
        give_up(dial, dial->error ? dial->error : UV_EAI_NONAME);
        return;
    }
    dial->next = address->ai_next;
    phase_move(phases, &dial->phase, CONNECTING);
    dial->stream = stream_uv_create(dial->loop, true, NULL, NULL);
    if (dial->socket >= 0 &&
        uv_tcp_open((uv_tcp_t *)stream_uv_handle(dial->stream), dial->socket) == 0)
        dial->socket = -1;
    int error = uv_tcp_connect(&dial->connecting, (uv_tcp_t *)stream_uv_handle(dial->stream),
                               address->ai_addr, connected);
    if (error)
        connected(&dial->connecting, error);
}

static void connect_unix(struct dial *dial)
{
    phase_move(phases, &dial->phase, CONNECTING);
    dial->stream = stream_uv_create(dial->loop, false, NULL, NULL);
    uv_pipe_connect(&dial->connecting, (uv_pipe_t *)stream_uv_handle(dial->stream), dial->address,
                    connected);
}

static void resolved(uv_getaddrinfo_t *resolving, int error, struct addrinfo *addresses)
{
    struct dial *dial = resolving->data;
    dial->addresses = addresses;
    dial->next = addresses;
    if (dial->phase == CANCELLING)
        free_dial(dial);
    else if (error)
        give_up(dial, error);
    else
        connect_next(dial);
}

static int resolve(struct dial *dial, struct status *status)
{
    struct addrinfo hints = {.ai_socktype = SOCK_STREAM};
    struct slice host;
    uint16_t port;
    if (address_split(dial->address, &host, &port, status))
        return -1;
    char *name = mem_copy_slice(host.size ? host : SLICE("localhost"));
    struct buffer service = {0};
    buffer_append_int(&service, port);
    phase_move(phases, &dial->phase, RESOLVING);
    int error =
        uv_getaddrinfo(loop_uv(dial->loop), &dial->resolving, resolved, name, service.data, &hints);
    buffer_release(&service);
    mem_free(name);
    return error ? status_fail(status, STATUS_BAD_REQUEST, "%s", uv_strerror(error)) : 0;
}

static void start_simulated(struct dial *dial)
{
    struct stream *stream = network_connect(network_of(dial->loop), dial->address);
    if (stream)
        succeed(dial, stream);
    else
        give_up(dial, UV_ECONNREFUSED);
}

static void start(struct message *message)
{
    struct dial *dial = CONTAINER_OF(message, struct dial, start);
    struct status status;
    if (dial->phase == CANCELLING) {
        free_dial(dial);
        return;
    }
    if (loop_is_simulated(dial->loop)) {
        start_simulated(dial);
        return;
    }
    if (dial->address[0] == '/') {
        connect_unix(dial);
        return;
    }
    status_init(&status);
    if (resolve(dial, &status)) {
        tell_failure(dial, status.reason, status.message);
        free_dial(dial);
    }
    status_release(&status);
}

/* What is under way comes to its end soon, and frees the dial then. */
static void cancel(struct dial *dial)
{
    int before = dial->phase;
    dial->done = NULL;
    phase_move(phases, &dial->phase, CANCELLING);
    timer_stop(&dial->timer);
    if (before == RESOLVING)
        uv_cancel((uv_req_t *)&dial->resolving);
    if (before == CONNECTING)
        stream_uv_discard(dial->stream);
}

static void time_over(struct timer *timer)
{
    struct dial *dial = CONTAINER_OF(timer, struct dial, timer);
    tell_failure(dial, STATUS_TIMEOUT, "i/o timeout");
    cancel(dial);
}

struct dial *dial_open(struct loop *loop, const char *address, int64_t timeout_us,
                       dial_done_fn *done, void *context)
{
    struct dial *dial = mem_alloc(sizeof(*dial));
    dial->loop = loop;
    dial->address = mem_copy_text(address);
    dial->phase = WAITING;
    dial->socket = -1;
    dial->done = done;
    dial->context = context;
    dial->resolving.data = dial->connecting.data = dial;
    dial->start.deliver = start;
    timer_init(&dial->timer, loop, time_over);
    timer_start_us(&dial->timer, timeout_us);
    loop_post(loop, &dial->start);
    return dial;
}

struct dial *dial_open_socket(struct loop *loop, int socket, const char *address,
                              int64_t timeout_us, dial_done_fn *done, void *context)
{
    struct dial *dial = dial_open(loop, address, timeout_us, done, context);
    dial->socket = socket;
    return dial;
}

void dial_close(struct dial *dial)
{
    if (dial)
        cancel(dial);
}
