#include "core/crypto.h"
#include "core/net/jwt.h"
#include "tests/harness/test.h"

#define NOW_S INT64_C(1900000000)

struct fixture {
    struct arena arena;
    struct random_seeded random;
    struct ec_key key;
    char key_id[JWT_KEY_ID_SIZE];
    struct buffer token;
    struct jwt jwt;
};

static void start(struct fixture *f)
{
    *f = (struct fixture){0};
    arena_init(&f->arena);
    random_seeded_init(&f->random, 7);
    ec_key_generate(&f->random.random, &f->key);
    jwt_key_id(&f->key, f->key_id);
}

static void end(struct fixture *f)
{
    buffer_release(&f->token);
    arena_release(&f->arena);
}

static const char good_claims[] =
    "{\"aud\":[\"a\",\"b\"],\"exp\":1900003600,\"iat\":1900000000,\"iss\":\"https://i\",\"jti\":"
    "\"x\",\"nbf\":1900000000,\"sub\":\"me\"}";

static void sign(struct fixture *f, const char *claims)
{
    struct status status;
    status_init(&status);
    struct json *tree = json_parse(&f->arena, slice_of(claims), NULL, &status);
    EXPECT(tree != NULL);
    buffer_clear(&f->token);
    jwt_sign(&f->key, f->key_id, tree, &f->token);
    status_release(&status);
}

/* A token with any header and claims, truly signed. */
static void forge(struct fixture *f, const char *header, const char *claims)
{
    uint8_t signature[EC_SIGNATURE_SIZE];
    buffer_clear(&f->token);
    base64url_encode(slice_of(header), &f->token);
    buffer_append_byte(&f->token, '.');
    base64url_encode(slice_of(claims), &f->token);
    ec_key_sign(&f->key, buffer_slice(&f->token), signature);
    buffer_append_byte(&f->token, '.');
    base64url_encode((struct slice){(const char *)signature, sizeof(signature)}, &f->token);
}

static bool reads(struct fixture *f)
{
    return jwt_read(&f->arena, buffer_slice(&f->token), &f->jwt);
}

static bool reads_claims(struct fixture *f, const char *claims)
{
    forge(f, "{\"alg\":\"ES256\"}", claims);
    return reads(f);
}

TEST("what was signed is read, and proved by its key alone")
{
    struct fixture f;
    start(&f);
    sign(&f, good_claims);
    EXPECT(reads(&f));
    EXPECT(jwt_is_signed_by(&f.jwt, &f.key));
    EXPECT_SLICE(f.jwt.key_id, f.key_id);
    EXPECT_SLICE(f.jwt.issuer, "https://i");
    EXPECT_SLICE(f.jwt.subject, "me");
    EXPECT_SLICE(f.jwt.id, "x");
    EXPECT_EQ(f.jwt.audience_count, 2);
    EXPECT_SLICE(f.jwt.audiences[1], "b");
    EXPECT_EQ(f.jwt.expires_s, NOW_S + 3600);
    EXPECT_EQ(f.jwt.not_before_s, NOW_S);
    struct ec_key other;
    ec_key_generate(&f.random.random, &other);
    EXPECT(!jwt_is_signed_by(&f.jwt, &other));
    end(&f);
}

TEST("no byte of a token can be changed without a loss")
{
    struct fixture f;
    start(&f);
    sign(&f, good_claims);
    size_t size = f.token.size;
    for (size_t i = 0; i < size; i += size / 40 + 1) {
        char kept = f.token.data[i];
        f.token.data[i] = kept == 'A' ? 'B' : 'A';
        EXPECT(!reads(&f) || !jwt_is_signed_by(&f.jwt, &f.key));
        f.token.data[i] = kept;
    }
    EXPECT(reads(&f) && jwt_is_signed_by(&f.jwt, &f.key));
    end(&f);
}

TEST("a token has one spelling: no padding, no stray bits, no other parts, no end of line")
{
    struct fixture f;
    start(&f);
    sign(&f, good_claims);
    /* 64 bytes are 86 letters, of which the last has four bits that stand for nothing. */
    char *last = &f.token.data[f.token.size - 1];
    EXPECT(strchr("AQgw", *last) != NULL);
    ++*last;
    EXPECT(!reads(&f));
    --*last;
    EXPECT(reads(&f));
    static const char *const tails[] = {"=", "==", ".", ".x", "\n", " "};
    for (size_t i = 0; i < ARRAY_SIZE(tails); i++) {
        sign(&f, good_claims);
        buffer_append_text(&f.token, tails[i]);
        EXPECT(!reads(&f));
    }
    static const char *const shorts[] = {"", ".", "..", "e30.e30.", "e30.e30", "a.b.c"};
    for (size_t i = 0; i < ARRAY_SIZE(shorts); i++)
        EXPECT(!jwt_read(&f.arena, slice_of(shorts[i]), &f.jwt));
    end(&f);
}

TEST("the token does not choose its algorithm")
{
    struct fixture f;
    start(&f);
    static const char *const headers[] = {
        "{\"alg\":\"none\"}",
        "{\"alg\":\"None\"}",
        "{\"alg\":\"HS256\"}",
        "{\"alg\":\"RS256\"}",
        "{\"alg\":\"ES384\"}",
        "{\"alg\":\"es256\"}",
        "{}",
        "[]",
        "\"ES256\"",
        "{\"alg\":null}",
        "{\"alg\":\"ES256\",\"crit\":[\"exp\"]}",
        "{\"alg\":\"ES256\",\"kid\":1}",
        "{\"alg\":\"none\",\"alg\":\"ES256\"}",
        "{\"alg\":\"ES256\"} x",
    };
    for (size_t i = 0; i < ARRAY_SIZE(headers); i++) {
        forge(&f, headers[i], good_claims);
        EXPECT(!reads(&f));
    }
    forge(&f, "{\"alg\":\"ES256\",\"typ\":\"JWT\"}", good_claims);
    EXPECT(reads(&f));
    EXPECT_EQ(f.jwt.key_id.size, 0);
    end(&f);
}

TEST("the public key is no secret: a MAC by it proves nothing")
{
    struct fixture f;
    start(&f);
    struct buffer pem = {0};
    uint8_t mac[SHA256_SIZE];
    forge(&f, "{\"alg\":\"HS256\"}", good_claims);
    f.token.size = (size_t)(strrchr(f.token.data, '.') - f.token.data);
    ec_key_write_public_pem(&f.key, &pem);
    hmac_sha256(buffer_slice(&pem), buffer_slice(&f.token), mac);
    buffer_append_byte(&f.token, '.');
    base64url_encode((struct slice){(const char *)mac, sizeof(mac)}, &f.token);
    EXPECT(!reads(&f));
    buffer_release(&pem);
    end(&f);
}

TEST("claims that must be there are there, and are what they should be")
{
    struct fixture f;
    start(&f);
    EXPECT(reads_claims(&f, "{\"aud\":\"a\",\"exp\":1,\"iss\":\"i\",\"sub\":\"s\"}"));
    EXPECT_EQ(f.jwt.audience_count, 1);
    EXPECT_EQ(f.jwt.not_before_s, INT64_MIN);
    static const char *const bad[] = {
        "{\"exp\":1,\"iss\":\"i\",\"sub\":\"s\"}",
        "{\"aud\":[],\"exp\":1,\"iss\":\"i\",\"sub\":\"s\"}",
        "{\"aud\":[1],\"exp\":1,\"iss\":\"i\",\"sub\":\"s\"}",
        "{\"aud\":{\"a\":1},\"exp\":1,\"iss\":\"i\",\"sub\":\"s\"}",
        "{\"aud\":\"a\",\"iss\":\"i\",\"sub\":\"s\"}",
        "{\"aud\":\"a\",\"exp\":\"1\",\"iss\":\"i\",\"sub\":\"s\"}",
        "{\"aud\":\"a\",\"exp\":-1,\"iss\":\"i\",\"sub\":\"s\"}",
        "{\"aud\":\"a\",\"exp\":9223372036854775807,\"iss\":\"i\",\"sub\":\"s\"}",
        "{\"aud\":\"a\",\"exp\":1e300,\"iss\":\"i\",\"sub\":\"s\"}",
        "{\"aud\":\"a\",\"exp\":1,\"nbf\":\"0\",\"iss\":\"i\",\"sub\":\"s\"}",
        "{\"aud\":\"a\",\"exp\":1,\"iat\":true,\"iss\":\"i\",\"sub\":\"s\"}",
        "{\"aud\":\"a\",\"exp\":1,\"sub\":\"s\"}",
        "{\"aud\":\"a\",\"exp\":1,\"iss\":\"i\"}",
        "{\"aud\":\"a\",\"exp\":1,\"iss\":\"i\",\"sub\":\"s\",\"jti\":7}",
        "{\"aud\":\"a\",\"exp\":1,\"exp\":2,\"iss\":\"i\",\"sub\":\"s\"}",
        "[]",
        "null",
    };
    for (size_t i = 0; i < ARRAY_SIZE(bad); i++)
        EXPECT(!reads_claims(&f, bad[i]));
    end(&f);
}

TEST("a token over the limit of size is not looked at")
{
    struct fixture f;
    start(&f);
    struct buffer claims = {0};
    buffer_append_text(&claims, "{\"aud\":\"a\",\"exp\":1,\"iss\":\"i\",\"sub\":\"");
    for (size_t i = 0; i < 11000; i++)
        buffer_append_byte(&claims, 's');
    buffer_append_text(&claims, "\"}");
    forge(&f, "{\"alg\":\"ES256\"}", claims.data);
    EXPECT(f.token.size < JWT_SIZE_MAX);
    EXPECT(reads(&f));
    claims.size -= 2;
    for (size_t i = 0; i < 2000; i++)
        buffer_append_byte(&claims, 's');
    buffer_append_text(&claims, "\"}");
    forge(&f, "{\"alg\":\"ES256\"}", claims.data);
    EXPECT(f.token.size > JWT_SIZE_MAX);
    EXPECT(!reads(&f));
    buffer_release(&claims);
    end(&f);
}

TEST("times hold with a minute of leeway on both sides")
{
    const int64_t second = 1000000;
    EXPECT_EQ(jwt_judge_time(NOW_S, NOW_S, NOW_S, NOW_S * second), JWT_IN_TIME);
    EXPECT_EQ(jwt_judge_time(NOW_S, NOW_S, NOW_S, (NOW_S + 60) * second), JWT_IN_TIME);
    EXPECT_EQ(jwt_judge_time(NOW_S, NOW_S, NOW_S, (NOW_S + 60) * second + 1), JWT_EXPIRED);
    EXPECT_EQ(jwt_judge_time(NOW_S, NOW_S, NOW_S, (NOW_S - 60) * second), JWT_IN_TIME);
    EXPECT_EQ(jwt_judge_time(NOW_S, NOW_S, NOW_S, (NOW_S - 60) * second - 1), JWT_NOT_YET_VALID);
    EXPECT_EQ(jwt_judge_time(NOW_S, INT64_MIN, NOW_S, (NOW_S - 61) * second), JWT_ISSUED_IN_FUTURE);
    EXPECT_EQ(jwt_judge_time(NOW_S, INT64_MIN, INT64_MIN, 0), JWT_IN_TIME);
}

TEST("the key set tells the key that signs, in 32 bytes a coordinate")
{
    struct fixture f;
    start(&f);
    struct buffer text = {0}, x = {0};
    struct status status;
    status_init(&status);
    jwt_print_key_set(&f.key, f.key_id, &text);
    struct json *set = json_parse(&f.arena, buffer_slice(&text), NULL, &status);
    struct json *key = json_first(json_get(set, "keys"));
    EXPECT_TEXT(json_text(json_get(key, "kid")), f.key_id);
    EXPECT_TEXT(json_text(json_get(key, "kty")), "EC");
    EXPECT_EQ(base64url_decode(json_string(json_get(key, "x")), &x), 0);
    EXPECT_SLICE(buffer_slice(&x), ((struct slice){(const char *)f.key.public + 1, 32}));
    buffer_release(&text);
    buffer_release(&x);
    status_release(&status);
    end(&f);
}
