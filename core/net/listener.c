#include "core/net/listener.h"

#include <errno.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "core/net/address.h"
#include "core/net/network.h"
#include "core/net/stream_uv.h"
#include "core/trace.h"

#define BACKLOG 1024

/* One address. It lives until libuv has closed its handle. */
struct place {
    struct listener *listener;
    listener_accept_fn *accept;
    void *context;
    char *bound;        /* The address or path. */
    bool tcp;
    bool waiting;       /* A peer waits for a connection less. */
    bool has_handle;    /* Not in a simulated loop. */
    union {
        uv_handle_t handle;
        uv_stream_t any;
        uv_tcp_t tcp;
        uv_pipe_t pipe;
    } socket;
    struct list link;
};

/* Freed when it was closed, all places are gone and so are all its streams. */
struct listener {
    struct loop *loop;
    struct list places;
    size_t place_count; /* With those that are closing. */
    size_t connections;
    size_t connections_max;
    bool closed;
};

struct listener *listener_open(struct loop *loop, size_t connections_max)
{
    struct listener *listener = mem_alloc(sizeof(*listener));
    listener->loop = loop;
    listener->connections_max = connections_max;
    list_init(&listener->places);
    return listener;
}

static void free_if_done(struct listener *listener)
{
    if (listener->closed && listener->place_count == 0 && listener->connections == 0)
        mem_free(listener);
}

static void accept_peer(struct place *place);

/* A stream has gone: whoever waits may come. */
static void connection_gone(void *context)
{
    struct listener *listener = context;
    listener->connections--;
    LIST_EACH(link, &listener->places) {
        struct place *place = CONTAINER_OF(link, struct place, link);
        if (!place->waiting)
            continue;
        accept_peer(place);
        return;
    }
    free_if_done(listener);
}

static void accept_peer(struct place *place)
{
    struct listener *listener = place->listener;
    place->waiting = false;
    listener->connections++;
    struct stream_uv *stream =
        stream_uv_create(listener->loop, place->tcp, connection_gone, listener);
    int error = uv_accept(&place->socket.any, stream_uv_handle(stream));
    if (error) /* The peer has left again. */
        stream_uv_discard(stream);
    else
        place->accept(place->context, stream_uv_connected(stream));
}

/* libuv asks no further until the peer is accepted. */
static void peer_came(uv_stream_t *socket, int error)
{
    struct place *place = socket->data;
    if (error) {
        log_line(LOG_WARN, "cannot accept a connection", "address=%s error=%s", place->bound,
                 uv_strerror(error));
        return;
    }
    if (place->listener->connections >= place->listener->connections_max)
        place->waiting = true;
    else
        accept_peer(place);
}

static struct place *add_place(struct listener *listener, bool tcp, listener_accept_fn *accept,
                               void *context)
{
    struct place *place = mem_alloc(sizeof(*place));
    PRE(!listener->closed);
    place->listener = listener;
    place->tcp = tcp;
    place->accept = accept;
    place->context = context;
    list_push_back(&listener->places, &place->link);
    listener->place_count++;
    return place;
}

static void place_gone(struct place *place)
{
    struct listener *listener = place->listener;
    mem_free(place->bound);
    mem_free(place);
    listener->place_count--;
    free_if_done(listener);
}

static void handle_closed(uv_handle_t *handle)
{
    place_gone(handle->data);
}

static void remove_place(struct place *place)
{
    list_remove(&place->link);
    if (place->has_handle) {
        uv_close(&place->socket.handle, handle_closed);
        return;
    }
    if (place->bound)
        network_unlisten(network_of(place->listener->loop), place->bound);
    place_gone(place);
}

static int add_simulated(struct listener *listener, const char *address, listener_accept_fn *accept,
                         void *context, struct status *status)
{
    char bound[STREAM_ADDRESS_SIZE];
    if (network_listen(network_of(listener->loop), address, accept, context, bound, status))
        return -1;
    add_place(listener, true, accept, context)->bound = mem_copy_text(bound);
    return 0;
}

static int bind_tcp(struct place *place, const struct sockaddr_storage *address)
{
    struct sockaddr_storage bound = {0};
    char text[STREAM_ADDRESS_SIZE];
    int size = sizeof(bound);
    PRE(uv_tcp_init(loop_uv(place->listener->loop), &place->socket.tcp) == 0);
    place->has_handle = true;
    place->socket.any.data = place;
    int error = uv_tcp_bind(&place->socket.tcp, (const struct sockaddr *)address, 0);
    if (!error)
        error = uv_listen(&place->socket.any, BACKLOG, peer_came);
    if (!error)
        error = uv_tcp_getsockname(&place->socket.tcp, (struct sockaddr *)&bound, &size);
    if (error)
        return error;
    stream_uv_format_address(&bound, text);
    place->bound = mem_copy_text(text);
    return 0;
}

int listener_add_tcp(struct listener *listener, const char *address, listener_accept_fn *accept,
                     void *context, struct status *status)
{
    struct sockaddr_storage parsed;
    if (loop_is_simulated(listener->loop))
        return add_simulated(listener, address, accept, context, status);
    if (address_parse(address, &parsed, status))
        return -1;
    struct place *place = add_place(listener, true, accept, context);
    int error = bind_tcp(place, &parsed);
    if (!error)
        return 0;
    remove_place(place);
    return status_fail(status, STATUS_SERVICE_UNAVAILABLE, "listen on %s: %s", address,
                       uv_strerror(error));
}

/* True when somebody answers at the path. */
static bool is_in_use(const struct sockaddr_un *address)
{
    int probe = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    bool used =
        probe >= 0 && (connect(probe, (const struct sockaddr *)address, sizeof(*address)) == 0 ||
                       errno == EAGAIN);
    if (probe >= 0)
        close(probe);
    return used;
}

/* Binds a socket whose file nobody else can open, not even for a moment: the
 * file gets the mode that the socket has (less the umask). Gives -1 and errno. */
static int bind_unix(const struct sockaddr_un *address)
{
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    struct stat info;
    if (fd < 0)
        return -1;
    if (lstat(address->sun_path, &info) == 0 && S_ISSOCK(info.st_mode) && !is_in_use(address))
        unlink(address->sun_path);
    if (fchmod(fd, 0600) == 0 && bind(fd, (const struct sockaddr *)address, sizeof(*address)) == 0)
        return fd;
    int error = errno;
    close(fd);
    errno = error;
    return -1;
}

int listener_add_unix(struct listener *listener, const char *path, listener_accept_fn *accept,
                      void *context, struct status *status)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    if (loop_is_simulated(listener->loop))
        return add_simulated(listener, path, accept, context, status);
    if (strlen(path) >= sizeof(address.sun_path))
        return status_fail(status, STATUS_BAD_REQUEST,
                           "listen on %s: the path is longer than %zu bytes", path,
                           sizeof(address.sun_path) - 1);
    memcpy(address.sun_path, path, strlen(path) + 1);
    int fd = bind_unix(&address);
    if (fd < 0)
        return status_fail(status, STATUS_SERVICE_UNAVAILABLE, "listen on %s: %s", path,
                           strerror(errno));
    struct place *place = add_place(listener, false, accept, context);
    PRE(uv_pipe_init(loop_uv(listener->loop), &place->socket.pipe, 0) == 0);
    place->has_handle = true;
    place->socket.any.data = place;
    place->bound = mem_copy_text(path);
    PRE(uv_pipe_open(&place->socket.pipe, fd) == 0);
    PRE(uv_listen(&place->socket.any, BACKLOG, peer_came) == 0);
    return 0;
}

const char *listener_address(const struct listener *listener, size_t n)
{
    for (const struct list *link = listener->places.next; link != &listener->places;
         link = link->next) {
        if (n-- == 0)
            return CONTAINER_OF(link, const struct place, link)->bound;
    }
    return NULL;
}

size_t listener_connections(const struct listener *listener)
{
    return listener->connections;
}

void listener_close(struct listener *listener)
{
    if (!listener)
        return;
    listener->closed = true;
    listener->place_count++; /* Keeps it while places leave. */
    LIST_EACH(link, &listener->places) {
        struct place *place = CONTAINER_OF(link, struct place, link);
        if (!place->tcp && place->has_handle)
            unlink(place->bound);
        remove_place(place);
    }
    listener->place_count--;
    free_if_done(listener);
}
