/* Outside bytes as bearer tokens; and as the claims of a token that is truly signed. */
#include "core/crypto.h"
#include "core/net/jwt.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Only what this key signed is proved by it. */
static void check(struct arena *arena, struct slice token, bool is_signed)
{
    static const struct ec_key key = {.secret = {[31] = 1}};
    struct ec_key whole = key;
    static const uint8_t generator[EC_PUBLIC_SIZE] = {
        0x04, 0x6b, 0x17, 0xd1, 0xf2, 0xe1, 0x2c, 0x42, 0x47, 0xf8, 0xbc, 0xe6, 0xe5,
        0x63, 0xa4, 0x40, 0xf2, 0x77, 0x03, 0x7d, 0x81, 0x2d, 0xeb, 0x33, 0xa0, 0xf4,
        0xa1, 0x39, 0x45, 0xd8, 0x98, 0xc2, 0x96, 0x4f, 0xe3, 0x42, 0xe2, 0xfe, 0x1a,
        0x7f, 0x9b, 0x8e, 0xe7, 0xeb, 0x4a, 0x7c, 0x0f, 0x9e, 0x16, 0x2b, 0xce, 0x33,
        0x57, 0x6b, 0x31, 0x5e, 0xce, 0xcb, 0xb6, 0x40, 0x68, 0x37, 0xbf, 0x51, 0xf5};
    struct jwt jwt;
    memcpy(whole.public, generator, sizeof(generator));
    if (jwt_read(arena, token, &jwt))
        PRE(jwt_is_signed_by(&jwt, &whole) == is_signed);
}

static void forge(struct slice claims, struct buffer *token)
{
    static const struct ec_key key = {.secret = {[31] = 1}};
    uint8_t signature[EC_SIGNATURE_SIZE];
    base64url_encode(SLICE("{\"alg\":\"ES256\"}"), token);
    buffer_append_byte(token, '.');
    base64url_encode(claims, token);
    ec_key_sign(&key, buffer_slice(token), signature);
    buffer_append_byte(token, '.');
    base64url_encode((struct slice){(const char *)signature, sizeof(signature)}, token);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct slice input = {(const char *)data, size};
    struct buffer token = {0};
    struct arena arena;
    arena_init(&arena);
    check(&arena, input, false);
    forge(input, &token);
    check(&arena, buffer_slice(&token), true);
    buffer_release(&token);
    arena_release(&arena);
    return 0;
}
