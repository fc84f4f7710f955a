#include "kubelet-lite/desired_state.h"

#include <dirent.h>
#include <unistd.h>

#include "core/file.h"
#include "core/json.h"
#include "core/kinds/meta.h"
#include "core/trace.h"

struct pod_save {
    struct task task;
    struct desired_state *state;
    char *uid;
    char *path;
    struct buffer text;    /* What is being written; empty: removed. */
    struct buffer next;    /* What is to be written then. */
    bool has_next;
    struct status status;
};

int desired_state_open(struct desired_state *state, struct loop *loop, const char *folder,
                       struct status *status)
{
    *state = (struct desired_state){.loop = loop, .folder = mem_copy_text(folder)};
    map_init(&state->saves);
    return folder_make(folder, 0700, status);
}

void desired_state_release(struct desired_state *state)
{
    PRE(state->saves.count == 0);
    map_release(&state->saves);
    mem_free(state->folder);
}

/* --- Writing --- */

static void write_pod(struct task *task)
{
    struct pod_save *save = CONTAINER_OF(task, struct pod_save, task);
    if (save->text.size > 0) {
        if (file_write(save->path, 0600, buffer_slice(&save->text), &save->status))
            return; /* The status says why. */
    } else if (folder_remove(save->path, &save->status)) {
        return;
    }
}

static void written(struct task *task);

static void begin(struct pod_save *save)
{
    save->task.work = write_pod;
    save->task.done = written;
    loop_submit(save->state->loop, LANE_HOST, &save->task);
}

static void free_save(struct pod_save *save)
{
    map_remove(&save->state->saves, slice_of(save->uid));
    buffer_release(&save->text);
    buffer_release(&save->next);
    status_release(&save->status);
    mem_free(save->uid);
    mem_free(save->path);
    mem_free(save);
}

static void written(struct task *task)
{
    struct pod_save *save = CONTAINER_OF(task, struct pod_save, task);
    struct desired_state *state = save->state;
    if (!status_ok(&save->status))
        log_line(LOG_ERROR, "a pod was not kept on disk", "uid=%s why=\"%s\"", save->uid,
                 save->status.message);
    if (save->has_next) {
        struct buffer empty = save->text;
        save->text = save->next;
        save->next = empty;
        save->has_next = false;
        status_clear(&save->status);
        begin(save);
        return;
    }
    free_save(save);
    if (state->saves.count == 0 && state->idle) {
        void (*idle)(void *) = state->idle;
        state->idle = NULL;
        idle(state->context);
    }
}

void desired_state_save(struct desired_state *state, const char *uid, struct slice pod)
{
    struct pod_save *save = map_get(&state->saves, slice_of(uid));
    if (save) {
        buffer_clear(&save->next);
        buffer_append_slice(&save->next, pod);
        save->has_next = true;
        return;
    }
    struct buffer path = {0};
    buffer_format(&path, "%s/%s.json", state->folder, uid);
    save = mem_alloc(sizeof(*save));
    save->state = state;
    save->uid = mem_copy_text(uid);
    save->path = buffer_take(&path);
    buffer_append_slice(&save->text, pod);
    status_init(&save->status);
    map_set(&state->saves, slice_of(uid), save);
    begin(save);
}

void desired_state_remove(struct desired_state *state, const char *uid)
{
    desired_state_save(state, uid, SLICE(""));
}

struct idle_note {
    struct message message;
    struct desired_state *state;
};

static void tell_idle(struct message *message)
{
    struct idle_note *note = CONTAINER_OF(message, struct idle_note, message);
    struct desired_state *state = note->state;
    void (*idle)(void *) = state->saves.count == 0 ? state->idle : NULL;
    mem_free(note);
    if (!idle)
        return; /* written() tells. */
    state->idle = NULL;
    idle(state->context);
}

void desired_state_when_idle(struct desired_state *state, void (*idle)(void *context),
                             void *context)
{
    struct idle_note *note = mem_alloc(sizeof(*note));
    state->idle = idle;
    state->context = context;
    note->state = state;
    note->message.deliver = tell_idle;
    loop_post(state->loop, &note->message);
}

/* --- Reading --- */

static bool is_pod(struct slice text, const char *name)
{
    struct arena arena;
    struct status status;
    arena_init(&arena);
    status_init(&status);
    const struct json *pod = json_parse(&arena, text, NULL, &status);
    struct slice uid = meta_uid(pod);
    /* The name is the UID: a file that was copied by hand is not a second pod. */
    bool is = uid.size > 0 && meta_name(pod).size > 0 && slice_starts_with(slice_of(name), uid) &&
              strcmp(name + uid.size, ".json") == 0;
    status_release(&status);
    arena_release(&arena);
    return is;
}

static void read_one(struct desired_state *state, const char *name,
                     void (*each)(void *context, struct slice pod), void *context)
{
    struct buffer path = {0}, text = {0};
    struct status status;
    status_init(&status);
    buffer_format(&path, "%s/%s", state->folder, name);
    if (!slice_ends_with(slice_of(name), SLICE(".json"))) {
        (void)unlink(path.data); /* A file that was being written. */
    } else if (file_read(path.data, &text, &status) == 0 && is_pod(buffer_slice(&text), name)) {
        each(context, buffer_slice(&text));
    } else {
        log_line(LOG_ERROR, "a file of a pod cannot be read and is left as it is", "path=%s",
                 path.data);
    }
    status_release(&status);
    buffer_release(&text);
    buffer_release(&path);
}

void desired_state_read(struct desired_state *state, void (*each)(void *context, struct slice pod),
                        void *context)
{
    DIR *folder = opendir(state->folder);
    const struct dirent *entry;
    while (folder && (entry = readdir(folder)) != NULL)
        if (entry->d_name[0] != '.')
            read_one(state, entry->d_name, each, context);
    if (folder)
        closedir(folder);
}
