/* Rows in one sorted array, and three tables that find them by name. */
#include "core/kinds/registry.h"

#include "core/kinds/object.h"
#include "core/kinds/object_build.h"
#include "core/map.h"

#define NAME_MAX_SIZE 512 /* Of "group/version/resource"; longer ones name nothing. */

struct registry {
    const struct kind **kinds; /* In order of group, version, resource. */
    size_t count;
    size_t capacity;
    struct map by_resource; /* "group/version/resource" */
    struct map by_kind;     /* "group/version/Kind" */
    struct map by_key;      /* "group/resource", rows whose shape is stored. */
};

/* --- Versions --- */

struct version { /* "v1beta2": major 1, stage beta, minor 2. */
    int64_t major;
    int64_t minor;
    int stage; /* 2: stable, 1: beta, 0: alpha, -1: not of this form. */
};

static bool take_number(struct slice *text, int64_t *number)
{
    size_t size = 0;
    while (size < text->size && text->data[size] >= '0' && text->data[size] <= '9')
        size++;
    bool is_good = size > 0 && slice_to_int64(slice_sub(*text, 0, size), number);
    *text = slice_sub(*text, size, text->size);
    return is_good;
}

static struct version read_version(struct slice text)
{
    static const struct version none = {0, 0, -1};
    struct version version = {0, 0, 2};
    if (!slice_starts_with(text, SLICE("v")))
        return none;
    text = slice_sub(text, 1, text.size);
    if (!take_number(&text, &version.major))
        return none;
    if (text.size == 0)
        return version;
    version.stage = slice_starts_with(text, SLICE("beta")) ? 1 : 0;
    struct slice stage = version.stage == 1 ? SLICE("beta") : SLICE("alpha");
    if (!slice_starts_with(text, stage))
        return none;
    text = slice_sub(text, stage.size, text.size);
    return take_number(&text, &version.minor) && text.size == 0 ? version : none;
}

static int compare_int(int64_t a, int64_t b)
{
    return (a > b) - (a < b);
}
/* As k8s.io/apimachinery pkg/version: stable before beta before alpha, then the higher number
 * first; what has another form comes last, in order of its text. */
int version_compare(struct slice a, struct slice b)
{
    struct version left = read_version(a), right = read_version(b);
    if (left.stage != right.stage)
        return compare_int(right.stage, left.stage);
    if (left.stage < 0)
        return slice_compare(a, b);
    if (left.major != right.major)
        return compare_int(right.major, left.major);
    return compare_int(right.minor, left.minor);
}

/* --- The registry --- */

struct registry *registry_create(void)
{
    struct registry *registry = mem_alloc(sizeof *registry);
    map_init(&registry->by_resource);
    map_init(&registry->by_kind);
    map_init(&registry->by_key);
    return registry;
}

#define KIND(name) extern const struct kind kind_##name;
#include "generated/kinds.h"
#undef KIND

struct registry *registry_create_built_in(void)
{
    static const struct kind *const built_in[] = {
#define KIND(name) &kind_##name,
#include "generated/kinds.h"
#undef KIND
    };
    struct registry *registry = registry_create();
    for (size_t i = 0; i < ARRAY_SIZE(built_in); i++)
        registry_add(registry, built_in[i]);
    return registry;
}

void registry_destroy(struct registry *registry)
{
    if (!registry)
        return;
    map_release(&registry->by_resource);
    map_release(&registry->by_kind);
    map_release(&registry->by_key);
    mem_free(registry->kinds);
    mem_free(registry);
}

static int compare_kinds(const struct kind *a, const struct kind *b)
{
    int order = strcmp(a->group, b->group);
    if (order == 0)
        order = version_compare(slice_of(a->version), slice_of(b->version));
    if (order == 0)
        order = slice_compare(slice_of(a->resource), slice_of(b->resource));
    return order ? order : strcmp(a->kind, b->kind);
}

/* Joins three names by slashes; false when they are too long to name anything. */
static bool join(struct slice a, struct slice b, struct slice c, char name[NAME_MAX_SIZE],
                 struct slice *joined)
{
    if (a.size + b.size + c.size + 2 > NAME_MAX_SIZE)
        return false;
    char *at = name;
    const struct slice parts[] = {a, SLICE("/"), b, SLICE("/"), c};
    for (size_t i = 0; i < ARRAY_SIZE(parts); i++) {
        if (parts[i].size > 0)
            memcpy(at, parts[i].data, parts[i].size);
        at += parts[i].size;
    }
    *joined = (struct slice){name, (size_t)(at - name)};
    return true;
}

static void set(struct map *map, const char *a, const char *b, const char *c,
                const struct kind *kind)
{
    char name[NAME_MAX_SIZE];
    struct slice joined;
    bool is_short = join(slice_of(a), slice_of(b), slice_of(c), name, &joined);
    PRE(is_short);
    const void *before = map_set(map, joined, (void *)(uintptr_t)kind);
    PRE(!before);
}

static void insert_sorted(struct registry *registry, const struct kind *kind)
{
    if (registry->count == registry->capacity) {
        registry->capacity = registry->capacity ? registry->capacity * 2 : 64;
        registry->kinds = mem_resize(registry->kinds, registry->capacity * sizeof *registry->kinds);
    }
    size_t at = registry->count++;
    for (; at > 0 && compare_kinds(kind, registry->kinds[at - 1]) < 0; at--)
        registry->kinds[at] = registry->kinds[at - 1];
    registry->kinds[at] = kind;
}

void registry_add(struct registry *registry, const struct kind *kind)
{
    char name[NAME_MAX_SIZE];
    struct slice joined;
    insert_sorted(registry, kind);
    set(&registry->by_kind, kind->group, kind->version, kind->kind, kind);
    if (!kind->is_unserved)
        set(&registry->by_resource, kind->group, kind->version, kind->resource, kind);
    if (kind->stored_as || kind->is_virtual || !kind->resource)
        return;
    bool is_short = join(slice_of(kind->group), slice_of(kind->resource), SLICE(""), name, &joined);
    PRE(is_short);
    joined.size--; /* Without the slash before nothing. */
    const void *before = map_set(&registry->by_key, joined, (void *)(uintptr_t)kind);
    PRE(!before);
}

static const struct kind *find(const struct map *map, struct slice a, struct slice b,
                               struct slice c)
{
    char name[NAME_MAX_SIZE];
    struct slice joined;
    return join(a, b, c, name, &joined) ? map_get(map, joined) : NULL;
}
const struct kind *registry_by_resource(const struct registry *registry, struct slice group,
                                        struct slice version, struct slice resource)
{
    return find(&registry->by_resource, group, version, resource);
}
const struct kind *registry_by_kind(const struct registry *registry, struct slice group,
                                    struct slice version, struct slice kind)
{
    return find(&registry->by_kind, group, version, kind);
}
const struct kind *registry_by_key(const struct registry *registry, struct slice key)
{
    return map_get(&registry->by_key, key_resource(key));
}

size_t registry_count(const struct registry *registry)
{
    return registry->count;
}
const struct kind *registry_at(const struct registry *registry, size_t index)
{
    PRE(index < registry->count);
    return registry->kinds[index];
}

int registry_remake_view(void *registry, struct slice key, struct slice body, struct buffer *view)
{
    const struct kind *kind = registry_by_key(registry, key);
    struct arena arena;
    struct status status;
    arena_init(&arena);
    status_init(&status);
    const struct json *tree = kind ? json_parse(&arena, body, NULL, &status) : NULL;
    if (tree)
        object_build_view(kind, tree, view);
    status_release(&status);
    arena_release(&arena);
    return tree ? 0 : -1;
}
