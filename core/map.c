/* Open addressing with linear probing; a removal shifts later entries back,
 * so there are no grave stones. The hash is SipHash-1-3: a keyed function that
 * outside bytes cannot steer, fast on short keys. */
#include "core/map.h"

#include "core/random.h"

#define CAPACITY_MIN 8

static uint64_t hash_key[2];

void map_seed(uint64_t seed)
{
    hash_key[0] = seed;
    hash_key[1] = seed * UINT64_C(0x9e3779b97f4a7c15) ^ UINT64_C(0xd1b54a32d192ed03);
}

/* Before main, so that no map is filled under another seed. */
__attribute__((constructor)) static void seed_from_system(void)
{
    map_seed(random_u64(random_system()));
}

static uint64_t rotate(uint64_t word, int bits)
{
    return word << bits | word >> (64 - bits);
}

static void sip_round(uint64_t v[4])
{
    v[0] += v[1];
    v[2] += v[3];
    v[1] = rotate(v[1], 13) ^ v[0];
    v[3] = rotate(v[3], 16) ^ v[2];
    v[0] = rotate(v[0], 32);
    v[2] += v[1];
    v[0] += v[3];
    v[1] = rotate(v[1], 17) ^ v[2];
    v[3] = rotate(v[3], 21) ^ v[0];
    v[2] = rotate(v[2], 32);
}

static void sip_absorb(uint64_t v[4], uint64_t word)
{
    v[3] ^= word;
    sip_round(v);
    v[0] ^= word;
}

uint64_t map_hash(struct slice key)
{
    uint64_t v[4] = {
        hash_key[0] ^ UINT64_C(0x736f6d6570736575),
        hash_key[1] ^ UINT64_C(0x646f72616e646f6d),
        hash_key[0] ^ UINT64_C(0x6c7967656e657261),
        hash_key[1] ^ UINT64_C(0x7465646279746573),
    };
    size_t i = 0;
    for (; key.size - i >= 8; i += 8) {
        uint64_t word;
        memcpy(&word, key.data + i, 8);
        sip_absorb(v, word);
    }
    uint64_t last = (uint64_t)key.size << 56;
    for (int shift = 0; i < key.size; i++, shift += 8)
        last |= (uint64_t)(uint8_t)key.data[i] << shift;
    sip_absorb(v, last);
    v[2] ^= 0xff;
    for (int i_round = 0; i_round < 3; i_round++)
        sip_round(v);
    return v[0] ^ v[1] ^ v[2] ^ v[3];
}

void map_init(struct map *map)
{
    *map = (struct map){0};
}

void map_init_borrowing(struct map *map)
{
    *map = (struct map){.borrows_keys = true};
}

static void free_key(const struct map *map, struct map_entry *entry)
{
    if (map->borrows_keys)
        return;
    char *copy = (char *)(uintptr_t)entry->key.data; /* Ours: map_set() made it. */
    mem_free(copy);
}

void map_release(struct map *map)
{
    if (map == NULL)
        return;
    for (size_t i = 0; i < map->capacity; i++)
        if (map->entries[i].key.data)
            free_key(map, &map->entries[i]);
    mem_free(map->entries);
    *map = (struct map){.borrows_keys = map->borrows_keys};
}

/* The entry with key, or the free place where it belongs. */
static struct map_entry *find(const struct map *map, struct slice key, uint64_t hash)
{
    size_t mask = map->capacity - 1;
    for (size_t i = (size_t)hash & mask;; i = (i + 1) & mask) {
        struct map_entry *entry = &map->entries[i];
        if (entry->key.data == NULL || (entry->hash == hash && slice_equal(entry->key, key)))
            return entry;
    }
}

void *map_get(const struct map *map, struct slice key)
{
    return map->count > 0 ? find(map, key, map_hash(key))->value : NULL;
}

static void grow(struct map *map)
{
    struct map old = *map;
    map->capacity = old.capacity > 0 ? old.capacity * 2 : CAPACITY_MIN;
    map->entries = mem_alloc(map->capacity * sizeof(*map->entries));
    for (size_t i = 0; i < old.capacity; i++) {
        struct map_entry *entry = &old.entries[i];
        if (entry->key.data)
            *find(map, entry->key, entry->hash) = *entry;
    }
    mem_free(old.entries);
}

static struct slice own_key(const struct map *map, struct slice key)
{
    if (!map->borrows_keys)
        return (struct slice){mem_copy_slice(key), key.size};
    return key.data ? key : SLICE(""); /* NULL would mark a free place. */
}

void *map_set(struct map *map, struct slice key, void *value)
{
    PRE(value != NULL);
    if (map->count >= map->capacity - map->capacity / 4)
        grow(map);
    uint64_t hash = map_hash(key);
    struct map_entry *entry = find(map, key, hash);
    void *before = entry->value;
    if (entry->key.data == NULL) {
        entry->key = own_key(map, key);
        entry->hash = hash;
        map->count++;
    } else if (map->borrows_keys) {
        entry->key = own_key(map, key); /* The old key may go with the old value. */
    }
    entry->value = value;
    return before;
}

/* Moves what probed past a place that has become free back towards its home. */
static void close_gap(struct map *map, size_t gap)
{
    size_t mask = map->capacity - 1;
    for (size_t i = (gap + 1) & mask; map->entries[i].key.data; i = (i + 1) & mask) {
        size_t home = (size_t)map->entries[i].hash & mask;
        if (((i - home) & mask) >= ((i - gap) & mask)) {
            map->entries[gap] = map->entries[i];
            gap = i;
        }
    }
    map->entries[gap] = (struct map_entry){0};
}

void *map_remove(struct map *map, struct slice key)
{
    if (map->count == 0)
        return NULL;
    struct map_entry *entry = find(map, key, map_hash(key));
    void *value = entry->value;
    if (value == NULL)
        return NULL;
    free_key(map, entry);
    map->count--;
    close_gap(map, (size_t)(entry - map->entries));
    return value;
}

bool map_next(const struct map *map, size_t *cursor, struct map_entry *entry)
{
    while (*cursor < map->capacity) {
        *entry = map->entries[(*cursor)++];
        if (entry->key.data)
            return true;
    }
    return false;
}
