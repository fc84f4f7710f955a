/* See token_cache.h. */
#include "api/token_cache.h"

#include "core/list.h"
#include "core/map.h"

enum { TEXTS = 10 };

/* One piece of memory: the entry, its list of audiences, then all texts, the token's last. */
struct entry {
    struct list link; /* The one asked for last is first. */
    struct slice token;
    struct token_claims claims;
    struct slice audiences[];
};

struct token_cache {
    struct map entries; /* Token -> struct entry, which has the key. */
    struct list recent;
    size_t max;
};

struct token_cache *token_cache_create(size_t max)
{
    PRE(max > 0);
    struct token_cache *cache = mem_alloc(sizeof(*cache));
    map_init_borrowing(&cache->entries);
    list_init(&cache->recent);
    cache->max = max;
    return cache;
}

static void drop(struct token_cache *cache, struct entry *entry)
{
    map_remove(&cache->entries, entry->token);
    list_remove(&entry->link);
    mem_free(entry);
}

void token_cache_destroy(struct token_cache *cache)
{
    if (!cache)
        return;
    LIST_EACH(link, &cache->recent)
        drop(cache, CONTAINER_OF(link, struct entry, link));
    map_release(&cache->entries);
    mem_free(cache);
}

size_t token_cache_count(const struct token_cache *cache)
{
    return cache->entries.count;
}

const struct token_claims *token_cache_get(struct token_cache *cache, struct slice token)
{
    struct entry *entry = map_get(&cache->entries, token);
    if (!entry)
        return NULL;
    list_remove(&entry->link);
    list_push_front(&cache->recent, &entry->link);
    return &entry->claims;
}

/* --- Copying --- */

static void texts_of(struct token_claims *claims, struct slice *texts[TEXTS])
{
    struct slice *all[TEXTS] = {
        &claims->namespace,   &claims->account.name, &claims->account.uid, &claims->pod.name,
        &claims->pod.uid,     &claims->secret.name,  &claims->secret.uid,  &claims->node.name,
        &claims->node.uid,    &claims->id,
    };
    memcpy(texts, all, sizeof(all));
}

static size_t text_size(const struct token_claims *claims)
{
    struct token_claims copy = *claims;
    struct slice *texts[TEXTS];
    size_t size = 0;
    texts_of(&copy, texts);
    for (size_t i = 0; i < TEXTS; i++)
        size += texts[i]->size;
    for (size_t i = 0; i < claims->audience_count; i++)
        size += claims->audiences[i].size;
    return size;
}

/* Moves a text to the place, which goes behind it. */
static void keep(struct slice *text, char **place)
{
    if (text->size > 0)
        memcpy(*place, text->data, text->size);
    text->data = *place;
    *place += text->size;
}

static struct entry *copy_of(struct slice token, const struct token_claims *claims)
{
    size_t list_size = claims->audience_count * sizeof(struct slice);
    struct entry *entry = mem_alloc(sizeof(*entry) + list_size + text_size(claims) + token.size);
    char *place = (char *)entry + sizeof(*entry) + list_size;
    struct slice *texts[TEXTS];
    entry->claims = *claims;
    texts_of(&entry->claims, texts);
    for (size_t i = 0; i < TEXTS; i++)
        keep(texts[i], &place);
    for (size_t i = 0; i < claims->audience_count; i++) {
        entry->audiences[i] = claims->audiences[i];
        keep(&entry->audiences[i], &place);
    }
    entry->claims.audiences = entry->audiences;
    entry->token = token;
    keep(&entry->token, &place);
    return entry;
}

void token_cache_put(struct token_cache *cache, struct slice token,
                     const struct token_claims *claims)
{
    if (token.size > TOKEN_CACHE_TEXT_MAX)
        return;
    if (map_get(&cache->entries, token))
        return; /* Two requests brought it at the same time. */
    if (cache->entries.count == cache->max)
        drop(cache, CONTAINER_OF(cache->recent.previous, struct entry, link));
    struct entry *entry = copy_of(token, claims);
    map_set(&cache->entries, entry->token, entry);
    list_push_front(&cache->recent, &entry->link);
}
