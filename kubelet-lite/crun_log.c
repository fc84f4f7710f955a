/* Logs: opened anew, and turned over when they are large.
 *
 * A log is renamed to NAME.20260102-030405 and its conmon told to go on in a new file, as the kubelet's
 * container log manager does; of older ones so many stay. Sizes are looked at when the agent
 * asks (with its heartbeat): nothing wakes for it. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "core/trace.h"
#include "kubelet-lite/crun.h"

void crun_reopen_log(struct runtime *runtime, const char *id, struct runtime_call *call)
{
    struct crun *crun = CONTAINER_OF(runtime, struct crun, runtime);
    const struct crun_container *container = crun_find_container(crun, id);
    if (!container)
        status_fail(&call->status, STATUS_NOT_FOUND, "container %s not found", id);
    else if (container->state != RUN_EXITED &&
             crun_write_control(container, "2 0 0\n", &call->status))
        status_wrap(&call->status, "container %s", container->name);
    crun_answer(crun, call);
}

int crun_write_control(const struct crun_container *container, const char *line,
                       struct status *status)
{
    char path[512];
    snprintf(path, sizeof path, "%s/ctl", container->folder);
    int fd = open(path, O_WRONLY | O_NONBLOCK | O_CLOEXEC); /* Fails when conmon has gone. */
    bool is_good = fd >= 0 && write(fd, line, strlen(line)) == (ssize_t)strlen(line);
    int error = errno;
    if (fd >= 0)
        close(fd);
    return is_good ? 0 : status_fail(status, STATUS_INTERNAL_ERROR, "conmon: %s", strerror(error));
}

/* --- Turning over --- */

struct turning {
    struct crun *crun;
    struct runtime_call *call;
    struct task task;
    const char **ids, **paths; /* Of containers that run; paths of those not turned become NULL. */
    size_t count;
    int64_t size_max;
    int files_max;
    int64_t now_us;
};

static int later_first(const void *a, const void *b)
{
    return strcmp(*(const char *const *)b, *(const char *const *)a);
}

/* Older ones of a log, but the newest; the live one counts too. */
static void remove_old(const char *path, int files_max, struct arena *arena)
{
    const char *slash = strrchr(path, '/');
    const char *folder = arena_format(arena, "%.*s", (int)(slash - path), path);
    const char *prefix = arena_format(arena, "%s.", slash + 1);
    const char **names = ARENA_ARRAY(arena, const char *, 1024);
    size_t count = 0;
    DIR *listing = opendir(folder);
    for (struct dirent *entry; listing && count < 1024 && (entry = readdir(listing));)
        if (strncmp(entry->d_name, prefix, strlen(prefix)) == 0)
            names[count++] = arena_copy_text(arena, entry->d_name);
    if (listing)
        closedir(listing);
    qsort(names, count, sizeof(*names), later_first);
    for (size_t i = files_max > 1 ? (size_t)files_max - 1 : 0; i < count; i++)
        if (unlink(arena_format(arena, "%s/%s", folder, names[i])) < 0)
            errno = 0; /* The next turn tries again. */
}

static bool turn_one(const struct turning *self, const char *path)
{
    struct stat seen;
    struct tm parts;
    char stamp[32];
    time_t seconds = (time_t)(self->now_us / 1000000);
    if (stat(path, &seen) < 0 || seen.st_size <= self->size_max)
        return false;
    gmtime_r(&seconds, &parts);
    strftime(stamp, sizeof stamp, "%Y%m%d-%H%M%S", &parts);
    const char *aside = arena_format(&self->call->arena, "%s.%s", path, stamp);
    if (access(aside, F_OK) == 0 || rename(path, aside) < 0)
        return false;
    remove_old(path, self->files_max, &self->call->arena);
    return true;
}

static void turn_all(struct task *task)
{
    struct turning *self = CONTAINER_OF(task, struct turning, task);
    for (size_t i = 0; i < self->count; i++)
        if (!turn_one(self, self->paths[i]))
            self->paths[i] = NULL;
}

static void all_turned(struct task *task)
{
    struct turning *self = CONTAINER_OF(task, struct turning, task);
    struct runtime_call *call = self->call;
    for (size_t i = 0; i < self->count; i++) {
        const struct crun_container *container =
            self->paths[i] ? crun_find_container(self->crun, self->ids[i]) : NULL;
        struct status ignored;
        status_init(&ignored);
        if (container && container->state != RUN_EXITED &&
            crun_write_control(container, "2 0 0\n", &ignored))
            log_line(LOG_WARN, "a log is not opened anew", "container=%s why=\"%s\"", container->id,
                     ignored.message);
        status_release(&ignored);
    }
    mem_free(self);
    call->done(call);
}

void crun_turn_logs(struct runtime *runtime, int64_t size_max, int files_max,
                    struct runtime_call *call)
{
    struct crun *crun = CONTAINER_OF(runtime, struct crun, runtime);
    struct turning *self = mem_alloc(sizeof(*self));
    size_t count = 0;
    LIST_EACH(link, &crun->containers)
        count++;
    *self = (struct turning){.crun = crun,
                             .call = call,
                             .ids = ARENA_ARRAY(&call->arena, const char *, count + 1),
                             .paths = ARENA_ARRAY(&call->arena, const char *, count + 1),
                             .size_max = size_max,
                             .files_max = files_max,
                             .now_us = clock_wall_us(loop_clock(runtime->loop))};
    LIST_EACH(link, &crun->containers) {
        const struct crun_container *container = CONTAINER_OF(link, struct crun_container, link);
        if (container->state == RUN_EXITED)
            continue;
        self->ids[self->count] = arena_copy_text(&call->arena, container->id);
        self->paths[self->count++] = arena_copy_text(&call->arena, container->log_path);
    }
    self->task = (struct task){.work = turn_all, .done = all_turned};
    loop_submit(runtime->loop, LANE_HOST, &self->task);
}
