/* Outside bytes as join tokens, and as what a Secret says of one. */
#include "core/crypto.h"
#include "core/kinds/bootstrap_token.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct json *secret_of(struct arena *arena, struct slice value)
{
    static const char *const keys[] = {"expiration", "auth-extra-groups"};
    struct json *secret = json_new_object(arena);
    struct json *fields = json_ensure_object(arena, secret, "data");
    struct buffer encoded = {0};
    base64_encode(value, &encoded);
    for (size_t i = 0; i < ARRAY_SIZE(keys); i++)
        json_set(arena, fields, keys[i], json_new_string(arena, buffer_slice(&encoded)));
    buffer_release(&encoded);
    return secret;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct slice input = {(const char *)data, size};
    struct bootstrap_token token, again;
    struct buffer text = {0};
    struct arena arena;
    arena_init(&arena);
    if (bootstrap_token_parse(input, &token)) {
        bootstrap_token_print(&token, &text);
        PRE(text.size == size && bootstrap_token_parse(buffer_slice(&text), &again));
        PRE(memcmp(&token, &again, sizeof(token)) == 0);
    }
    const struct json *secret = secret_of(&arena, input);
    (void)bootstrap_token_is_expired(&arena, secret, 0, NULL);
    const char *const *groups = bootstrap_token_groups(&arena, secret);
    for (; groups && *groups; groups++)
        PRE(strncmp(*groups, BOOTSTRAP_TOKEN_GROUP, strlen(BOOTSTRAP_TOKEN_GROUP)) == 0);
    buffer_release(&text);
    arena_release(&arena);
    return 0;
}
