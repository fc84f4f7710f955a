/* See bootstrap_token.h. */
#include "core/kinds/bootstrap_token.h"

#include <stdlib.h>

#include "core/clock.h"
#include "core/crypto.h"

#define HASH_PREFIX "sha256:"

enum { GROUPS_MAX = 64, GROUP_REST_MAX = 256 };

/* --- The text --- */

static bool is_letter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
}

static bool take_letters(struct slice text, size_t size, char *to)
{
    if (text.size != size)
        return false;
    for (size_t i = 0; i < size; i++) {
        if (!is_letter(text.data[i]))
            return false;
        to[i] = text.data[i];
    }
    to[size] = '\0';
    return true;
}

static bool take_hash(struct slice text, char *to)
{
    struct slice prefix = SLICE(HASH_PREFIX);
    if (!slice_starts_with(text, prefix) || text.size != prefix.size + BOOTSTRAP_TOKEN_CA_HASH_SIZE)
        return false;
    for (size_t i = 0; i < BOOTSTRAP_TOKEN_CA_HASH_SIZE; i++) {
        char c = text.data[prefix.size + i];
        to[i] = c >= 'A' && c <= 'F' ? (char)(c - 'A' + 'a') : c;
        if (!((to[i] >= '0' && to[i] <= '9') || (to[i] >= 'a' && to[i] <= 'f')))
            return false;
    }
    to[BOOTSTRAP_TOKEN_CA_HASH_SIZE] = '\0';
    return true;
}

bool bootstrap_token_parse(struct slice text, struct bootstrap_token *token)
{
    struct slice rest = text, shown, id;
    *token = (struct bootstrap_token){0};
    if (!slice_split(&rest, '@', &shown) || (rest.data && !take_hash(rest, token->ca_hash)))
        return false;
    return slice_split(&shown, '.', &id) && take_letters(id, BOOTSTRAP_TOKEN_ID_SIZE, token->id) &&
           shown.data && take_letters(shown, BOOTSTRAP_TOKEN_SECRET_SIZE, token->secret);
}

bool bootstrap_token_id_is_good(struct slice id)
{
    char copy[BOOTSTRAP_TOKEN_ID_SIZE + 1];
    return take_letters(id, BOOTSTRAP_TOKEN_ID_SIZE, copy);
}

void bootstrap_token_print(const struct bootstrap_token *token, struct buffer *text)
{
    buffer_format(text, "%s.%s", token->id, token->secret);
    if (*token->ca_hash)
        buffer_format(text, "@" HASH_PREFIX "%s", token->ca_hash);
}

static void draw(struct random *random, char *text, size_t size)
{
    static const char letters[] = "abcdefghijklmnopqrstuvwxyz0123456789";
    for (size_t i = 0; i < size; i++)
        text[i] = letters[random_below(random, sizeof(letters) - 1)];
    text[size] = '\0';
}

void bootstrap_token_generate(struct random *random, struct bootstrap_token *token)
{
    draw(random, token->id, BOOTSTRAP_TOKEN_ID_SIZE);
    draw(random, token->secret, BOOTSTRAP_TOKEN_SECRET_SIZE);
}

/* --- The Secret --- */

const char *bootstrap_token_data(struct arena *arena, const struct json *secret, const char *key)
{
    struct buffer bytes = {0};
    const char *text = "";
    if (base64_decode(json_string(json_get(json_get(secret, "data"), key)), &bytes) == 0)
        text = arena_copy_slice(arena, buffer_slice(&bytes));
    buffer_release(&bytes);
    return text;
}

bool bootstrap_token_is_expired(struct arena *arena, const struct json *secret, int64_t now_us,
                                int64_t *left_us)
{
    const char *text = bootstrap_token_data(arena, secret, "expiration");
    int64_t end_us = 0;
    if (left_us)
        *left_us = -1;
    if (!*text)
        return false;
    if (!time_parse(slice_of(text), &end_us) || end_us <= now_us)
        return true;
    if (left_us)
        *left_us = end_us - now_us;
    return false;
}

/* \Asystem:bootstrappers:[a-z0-9:-]{0,255}[a-z0-9]\z */
static bool is_group(struct slice group)
{
    struct slice prefix = SLICE(BOOTSTRAP_TOKEN_GROUP ":");
    if (!slice_starts_with(group, prefix))
        return false;
    struct slice rest = slice_sub(group, prefix.size, group.size);
    if (rest.size == 0 || rest.size > GROUP_REST_MAX || !is_letter(rest.data[rest.size - 1]))
        return false;
    for (size_t i = 0; i < rest.size; i++)
        if (!is_letter(rest.data[i]) && rest.data[i] != ':' && rest.data[i] != '-')
            return false;
    return true;
}

static int compare(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static bool is_among(struct slice group, const char *const *groups)
{
    for (; *groups; groups++)
        if (slice_is(group, *groups))
            return true;
    return false;
}

const char *const *bootstrap_token_groups(struct arena *arena, const struct json *secret)
{
    const char **groups = ARENA_ARRAY(arena, const char *, GROUPS_MAX);
    const char *extra = bootstrap_token_data(arena, secret, "auth-extra-groups");
    struct slice rest = *extra ? slice_of(extra) : (struct slice){0};
    struct slice group;
    size_t count = 0;
    groups[count++] = BOOTSTRAP_TOKEN_GROUP;
    while (slice_split(&rest, ',', &group)) {
        if (!is_group(group) || count + 1 >= GROUPS_MAX)
            return NULL;
        if (!is_among(group, groups))
            groups[count++] = arena_copy_slice(arena, group);
    }
    qsort(groups, count, sizeof(*groups), compare);
    return groups;
}
