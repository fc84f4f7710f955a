#include "api/plan.h"

void plan_init(struct plan *plan, struct store *store)
{
    *plan = (struct plan){.store = store, .is_relaxed = true};
    plan->base_revision = store_next_revision(store);
}

void plan_release(struct plan *plan)
{
    for (size_t i = 0; i < plan->count; i++)
        object_unref(plan->writes[i].object);
    mem_free(plan->writes);
    *plan = (struct plan){0};
}

int64_t plan_next_revision(const struct plan *plan)
{
    return plan->base_revision + (int64_t)plan->count;
}

static const struct txn_write *find(const struct plan *plan, struct slice key)
{
    for (size_t i = plan->count; i > 0; i--)
        if (slice_equal(object_key(plan->writes[i - 1].object), key))
            return &plan->writes[i - 1];
    return NULL;
}

const struct object *plan_get(const struct plan *plan, struct slice key)
{
    const struct txn_write *write = find(plan, key);
    if (write)
        return write->is_delete ? NULL : write->object;
    return store_get(plan->store, HEAD, key);
}

static void add(struct plan *plan, struct object *object, int64_t expected, bool is_delete,
                bool is_relaxed)
{
    PRE(object->revision == plan_next_revision(plan));
    if (find(plan, object_key(object)))
        expected = EXPECT_ANY;
    if (plan->count == plan->capacity) {
        plan->capacity = plan->capacity * 2 + 4;
        plan->writes = mem_resize(plan->writes, plan->capacity * sizeof(*plan->writes));
    }
    plan->writes[plan->count++] =
        (struct txn_write){.object = object, .expected = expected, .is_delete = is_delete};
    plan->is_relaxed = plan->is_relaxed && is_relaxed;
}

void plan_put(struct plan *plan, struct object *object, int64_t expected, bool is_relaxed)
{
    add(plan, object, expected, false, is_relaxed);
}

void plan_delete(struct plan *plan, struct object *last, int64_t expected, bool is_relaxed)
{
    add(plan, last, expected, true, is_relaxed);
}

size_t plan_take(struct plan *plan, struct txn_write **writes)
{
    size_t count = plan->count;
    *writes = plan->writes;
    plan->count = 0;
    return count;
}
