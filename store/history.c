/* The ring of events, and states of the past. */
#include "store/history.h"

/* An estimate of the tree nodes that one change leaves behind it in marks. */
#define NODE_BYTES_PER_EVENT 256

void history_init(struct history *history, int64_t floor)
{
    *history = (struct history){.floor = floor};
}

void history_event_release(struct history_event *event)
{
    object_unref(event->old);
    object_unref(event->new);
}

static void drop_mark(struct history *history)
{
    state_release(&history->marks[0].state);
    history->mark_count--;
    memmove(history->marks, history->marks + 1, history->mark_count * sizeof(*history->marks));
}

void history_release(struct history *history)
{
    while (history->first < history->next)
        history_forget_oldest(history, NULL, NULL);
    while (history->mark_count > 0)
        drop_mark(history);
    mem_free(history->marks);
    mem_free(history->ring);
    *history = (struct history){0};
}

/* What is alive because of this event only. A managed text counts where it changed with the
 * version. */
static size_t bytes_of(const struct history_event *event)
{
    size_t bytes = sizeof(*event) + NODE_BYTES_PER_EVENT;
    if (event->old) {
        bytes += object_memory(event->old);
        if (event->old->managed != event->new->managed)
            bytes += object_managed(event->old).size;
    }
    if (event->is_delete)
        bytes += object_memory(event->new);
    return bytes;
}

static void grow(struct history *history)
{
    size_t capacity = history->capacity > 0 ? history->capacity * 2 : 64;
    struct history_event *ring = mem_alloc(capacity * sizeof(*ring));
    for (uint64_t n = history->first; n < history->next; n++)
        ring[n & (capacity - 1)] = *history_at(history, n);
    mem_free(history->ring);
    history->ring = ring;
    history->capacity = capacity;
}

void history_add(struct history *history, struct history_event event)
{
    if (history->next - history->first == history->capacity)
        grow(history);
    if (history->next == history->first || history_at(history, history->next - 1)->ends_txn)
        history->newest_txn = history->next;
    history->ring[history->next & (history->capacity - 1)] = event;
    history->next++;
    history->bytes += bytes_of(&event);
}

void history_mark(struct history *history, int64_t revision, const struct state *state)
{
    uint64_t last =
        history->mark_count > 0 ? history->marks[history->mark_count - 1].number : history->first;
    if (history->next - last < HISTORY_MARK_EVENTS)
        return;
    if (history->mark_count == history->mark_capacity) {
        history->mark_capacity = history->mark_capacity > 0 ? history->mark_capacity * 2 : 8;
        history->marks =
            mem_resize(history->marks, history->mark_capacity * sizeof(*history->marks));
    }
    history->marks[history->mark_count++] =
        (struct history_mark){history->next, revision, state_copy(state)};
}

uint64_t history_find(const struct history *history, int64_t revision)
{
    uint64_t low = history->first;
    uint64_t high = history->next;
    while (low < high) {
        uint64_t middle = low + (high - low) / 2;
        if (history_at(history, middle)->revision <= revision)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

bool history_is_over(const struct history *history, int64_t before_us, size_t bytes_max)
{
    if (history->first == history->next)
        return false;
    return (history->bytes > bytes_max && history->first < history->newest_txn) ||
           history_at(history, history->first)->time_us < before_us;
}

void history_forget_oldest(struct history *history, history_leaving_fn *leaving, void *context)
{
    struct history_event event;
    do {
        event = *history_at(history, history->first);
        history->first++;
        history->bytes -= bytes_of(&event);
        if (leaving)
            leaving(context, &event);
        history_event_release(&event);
    } while (!event.ends_txn && history->first < history->next);
    history->floor = event.revision;
    while (history->mark_count > 0 && history->marks[0].number < history->first)
        drop_mark(history);
}

static void undo(struct state *state, const struct history_event *event)
{
    object_unref(event->old ? state_put(state, object_ref(event->old))
                            : state_remove(state, object_key(event->new)));
}

/* Behind the last event of the transaction that revision is in. */
static uint64_t end_of_txn(const struct history *history, int64_t revision)
{
    uint64_t number = history_find(history, revision);
    while (number > history->first && number < history->next &&
           !history_at(history, number - 1)->ends_txn)
        number++;
    return number;
}

struct state history_state_at(const struct history *history, int64_t revision,
                              const struct state *now, int64_t now_revision, int64_t *at)
{
    PRE(revision >= history->floor);
    uint64_t target = end_of_txn(history, revision);
    const struct state *from = now;
    uint64_t number = history->next;
    for (size_t i = history->mark_count; i > 0 && history->marks[i - 1].number >= target; i--) {
        from = &history->marks[i - 1].state;
        number = history->marks[i - 1].number;
    }
    if (target == history->next)
        *at = now_revision;
    else
        *at = target > history->first ? history_at(history, target - 1)->revision : history->floor;
    if (*at < revision)
        *at = revision; /* A revision that nothing took (after a crash) is no change. */
    struct state state = state_copy(from);
    while (number > target)
        undo(&state, history_at(history, --number));
    return state;
}
