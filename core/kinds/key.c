/* Keys: where an object stands in the store (core/kinds/object.h). */
#include "core/kinds/object.h"

void key_append_prefix(struct buffer *key, const char *group, const char *resource,
                       struct slice namespace)
{
    PRE(resource[0] != '\0');
    buffer_append_text(key, group);
    buffer_append_byte(key, '/');
    buffer_append_text(key, resource);
    buffer_append_byte(key, '/');
    if (namespace.size == 0)
        return;
    buffer_append_slice(key, namespace);
    buffer_append_byte(key, '/');
}

void key_append(struct buffer *key, const char *group, const char *resource, struct slice namespace,
                struct slice name)
{
    key_append_prefix(key, group, resource, namespace);
    buffer_append_slice(key, name);
}

/* Index of the n-th slash, counted from 1; the size when there are fewer. */
static size_t slash_at(struct slice key, int n)
{
    size_t i = 0;
    for (; i < key.size; i++) {
        if (key.data[i] == '/' && --n == 0)
            break;
    }
    return i;
}

struct slice key_resource(struct slice key)
{
    return slice_sub(key, 0, slash_at(key, 2));
}

struct slice key_namespace(struct slice key)
{
    size_t from = slash_at(key, 2) + 1;
    size_t to = slash_at(key, 3);
    return to < key.size ? slice_sub(key, from, to) : (struct slice){NULL, 0};
}

struct slice key_name(struct slice key)
{
    size_t from = key.size;
    while (from > 0 && key.data[from - 1] != '/')
        from--;
    return slice_sub(key, from, key.size);
}
