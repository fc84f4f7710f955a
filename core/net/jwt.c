#include "core/net/jwt.h"

#include "core/crypto.h"

enum { PARTS = 3, DEPTH_MAX = 16, AUDIENCES_MAX = 64 };
#define LEEWAY_US (INT64_C(60) * 1000000)

/* --- Making --- */

void jwt_key_id(const struct ec_key *key, char id[JWT_KEY_ID_SIZE])
{
    struct buffer der = {0}, text = {0};
    uint8_t digest[SHA256_SIZE];
    ec_key_write_public_der(key, &der);
    sha256(buffer_slice(&der), digest);
    base64url_encode((struct slice){(const char *)digest, sizeof(digest)}, &text);
    POST(text.size == JWT_KEY_ID_SIZE - 1);
    memcpy(id, text.data, JWT_KEY_ID_SIZE);
    buffer_release(&der);
    buffer_release(&text);
}

void jwt_print_header(const char *key_id, struct buffer *text)
{
    struct buffer header = {0};
    buffer_format(&header, "{\"alg\":\"ES256\",\"kid\":\"%s\"}", key_id);
    base64url_encode(buffer_slice(&header), text);
    buffer_append_byte(text, '.');
    buffer_release(&header);
}

void jwt_sign(const struct ec_key *key, const char *key_id, const struct json *claims,
              struct buffer *token)
{
    struct buffer part = {0};
    uint8_t signature[EC_SIGNATURE_SIZE];
    size_t start = token->size;
    jwt_print_header(key_id, token);
    json_print(claims, &part);
    base64url_encode(buffer_slice(&part), token);
    ec_key_sign(key, slice_sub(buffer_slice(token), start, token->size), signature);
    buffer_append_byte(token, '.');
    base64url_encode((struct slice){(const char *)signature, sizeof(signature)}, token);
    buffer_release(&part);
}

static void print_coordinate(const char *name, const uint8_t *bytes, struct buffer *text)
{
    buffer_format(text, ",\"%s\":\"", name);
    base64url_encode((struct slice){(const char *)bytes, EC_SECRET_SIZE}, text);
    buffer_append_byte(text, '"');
}

void jwt_print_key_set(const struct ec_key *key, const char *key_id, struct buffer *text)
{
    buffer_format(text,
                  "{\"keys\":[{\"use\":\"sig\",\"kty\":\"EC\",\"kid\":\"%s\",\"crv\":\"P-256\","
                  "\"alg\":\"ES256\"",
                  key_id);
    print_coordinate("x", key->public + 1, text);
    print_coordinate("y", key->public + 1 + EC_SECRET_SIZE, text);
    buffer_append_text(text, "}]}");
}

/* --- Reading --- */

/* Bytes of a part; written again they must be the same text, so that a token has one
 * spelling only. */
static bool decode_part(struct slice part, struct buffer *bytes)
{
    struct buffer again = {0};
    bool good = part.size > 0 && base64url_decode(part, bytes) == 0;
    if (good) {
        base64url_encode(buffer_slice(bytes), &again);
        good = slice_equal(buffer_slice(&again), part);
    }
    buffer_release(&again);
    return good;
}

/* An object without a member twice; NULL when the part is none. */
static struct json *decode_object(struct arena *arena, struct slice part)
{
    struct buffer bytes = {0};
    struct json_duplicate *duplicates = NULL;
    struct json_options options = {.depth_max = DEPTH_MAX, .duplicates = &duplicates};
    struct json *tree = NULL;
    struct status status;
    status_init(&status);
    if (decode_part(part, &bytes))
        tree = json_parse(arena, buffer_slice(&bytes), &options, &status);
    status_release(&status);
    buffer_release(&bytes);
    return json_is(tree, JSON_OBJECT) && !duplicates ? tree : NULL;
}

static bool read_header(struct arena *arena, struct slice part, struct jwt *jwt)
{
    const struct json *header = decode_object(arena, part);
    const struct json *key_id = json_get(header, "kid");
    jwt->key_id = json_string(key_id);
    return header && slice_is(json_string(json_get(header, "alg")), "ES256") &&
           !json_get(header, "crit") && (!key_id || json_is(key_id, JSON_STRING));
}

static bool read_signature(struct slice part, struct jwt *jwt)
{
    struct buffer bytes = {0};
    bool good = decode_part(part, &bytes) && bytes.size == EC_SIGNATURE_SIZE;
    if (good)
        memcpy(jwt->signature, bytes.data, EC_SIGNATURE_SIZE);
    buffer_release(&bytes);
    return good;
}

/* A text, or a list of texts (RFC 7519 4.1.3). */
static bool read_audiences(struct arena *arena, const struct json *audiences, struct jwt *jwt)
{
    size_t count = json_is(audiences, JSON_ARRAY) ? json_count(audiences) : 1;
    if (count == 0 || count > AUDIENCES_MAX)
        return false;
    struct slice *list = ARENA_ARRAY(arena, struct slice, count);
    if (!json_is(audiences, JSON_ARRAY)) {
        list[0] = json_string(audiences);
        jwt->audience_count = 1;
    } else {
        JSON_EACH(one, audiences)
            list[jwt->audience_count++] = json_string(one);
    }
    jwt->audiences = list;
    for (size_t i = 0; i < count; i++)
        if (list[i].size == 0)
            return false;
    return true;
}

/* Seconds; absent: INT64_MIN. False when it is there and no whole number that makes sense. */
static bool read_time(const struct json *claims, const char *name, int64_t *seconds)
{
    const struct json *claim = json_get(claims, name);
    *seconds = INT64_MIN;
    if (!claim)
        return true;
    return json_to_int64(claim, seconds) && *seconds >= 0 && *seconds < INT64_C(1) << 40;
}

static bool read_claims(struct arena *arena, struct slice part, struct jwt *jwt)
{
    const struct json *claims = decode_object(arena, part);
    const struct json *id = json_get(claims, "jti");
    jwt->claims = claims;
    jwt->issuer = json_string(json_get(claims, "iss"));
    jwt->subject = json_string(json_get(claims, "sub"));
    jwt->id = json_string(id);
    return claims && jwt->issuer.size > 0 && jwt->subject.size > 0 &&
           (!id || json_is(id, JSON_STRING)) &&
           read_audiences(arena, json_get(claims, "aud"), jwt) &&
           read_time(claims, "exp", &jwt->expires_s) && jwt->expires_s != INT64_MIN &&
           read_time(claims, "nbf", &jwt->not_before_s) && read_time(claims, "iat", &jwt->issued_s);
}

bool jwt_read(struct arena *arena, struct slice token, struct jwt *jwt)
{
    struct slice parts[PARTS], rest = token;
    *jwt = (struct jwt){0};
    if (token.size > JWT_SIZE_MAX)
        return false;
    for (size_t i = 0; i < PARTS; i++)
        if (!slice_split(&rest, '.', &parts[i]))
            return false;
    if (rest.data)
        return false;
    jwt->signed_part = slice_sub(token, 0, parts[0].size + 1 + parts[1].size);
    return read_header(arena, parts[0], jwt) && read_claims(arena, parts[1], jwt) &&
           read_signature(parts[2], jwt);
}

bool jwt_is_signed_by(const struct jwt *jwt, const struct ec_key *key)
{
    struct slice signature = {(const char *)jwt->signature, sizeof(jwt->signature)};
    return ec_key_verify(key, jwt->signed_part, signature);
}

enum jwt_time jwt_judge_time(int64_t expires_s, int64_t not_before_s, int64_t issued_s,
                             int64_t now_us)
{
    if (not_before_s != INT64_MIN && now_us + LEEWAY_US < not_before_s * 1000000)
        return JWT_NOT_YET_VALID;
    if (now_us - LEEWAY_US > expires_s * 1000000)
        return JWT_EXPIRED;
    if (issued_s != INT64_MIN && now_us + LEEWAY_US < issued_s * 1000000)
        return JWT_ISSUED_IN_FUTURE;
    return JWT_IN_TIME;
}
