#include "core/net/pid_watch.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>
#include <uv.h>

#include "core/buffer.h"

struct pid_watch {
    uv_poll_t handle;
    int fd;
    void (*ended)(void *context);
    void *context;
};

static void handle_closed(uv_handle_t *handle)
{
    struct pid_watch *watch = handle->data;
    close(watch->fd);
    mem_free(watch);
}

static void became_readable(uv_poll_t *handle, int status, int events)
{
    struct pid_watch *watch = handle->data;
    (void)status;
    (void)events;
    uv_poll_stop(handle);
    if (watch->ended)
        watch->ended(watch->context);
}

struct pid_watch *pid_watch_open(struct loop *loop, pid_t pid, void (*ended)(void *context),
                                 void *context)
{
    int fd = pid > 0 ? (int)syscall(SYS_pidfd_open, pid, 0) : -1;
    if (fd < 0)
        return NULL;
    struct pid_watch *watch = mem_alloc(sizeof(*watch));
    watch->fd = fd;
    watch->ended = ended;
    watch->context = context;
    watch->handle.data = watch;
    PRE(uv_poll_init(loop_uv(loop), &watch->handle, fd) == 0);
    if (ended)
        PRE(uv_poll_start(&watch->handle, UV_READABLE, became_readable) == 0);
    return watch;
}

void pid_watch_signal(struct pid_watch *watch, int signal)
{
    if (watch)
        syscall(SYS_pidfd_send_signal, watch->fd, signal, NULL, 0);
}

void pid_watch_close(struct pid_watch *watch)
{
    if (watch)
        uv_close((uv_handle_t *)&watch->handle, handle_closed);
}

uint64_t process_start_time(pid_t pid)
{
    char path[40], text[1024];
    snprintf(path, sizeof path, "/proc/%d/stat", (int)pid);
    FILE *file = fopen(path, "re");
    size_t size = file ? fread(text, 1, sizeof text - 1, file) : 0;
    if (file)
        fclose(file);
    text[size] = '\0';
    const char *field = strrchr(text, ')'); /* The name before it may hold anything. */
    for (int number = 2; field && number < 22; number++)
        field = strchr(field + 1, ' ');
    return field ? strtoull(field, NULL, 10) : 0;
}
