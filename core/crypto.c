/* Hashes and encodings. The checksum of rows is in crc32c.c. */
#include "core/crypto.h"

#include <bearssl_hash.h>
#include <bearssl_hmac.h>

void sha256(struct slice data, uint8_t digest[SHA256_SIZE])
{
    br_sha256_context context;
    br_sha256_init(&context);
    br_sha256_update(&context, data.data, data.size);
    br_sha256_out(&context, digest);
}

static void print_hex(const uint8_t digest[SHA256_SIZE], char text[SHA256_SIZE * 2 + 1])
{
    static const char digits[] = "0123456789abcdef";
    for (size_t i = 0; i < SHA256_SIZE; i++) {
        text[2 * i] = digits[digest[i] >> 4];
        text[2 * i + 1] = digits[digest[i] & 15];
    }
    text[SHA256_SIZE * 2] = '\0';
}

void sha256_hex(struct slice data, char text[SHA256_SIZE * 2 + 1])
{
    uint8_t digest[SHA256_SIZE];
    sha256(data, digest);
    print_hex(digest, text);
}

_Static_assert(sizeof(br_sha256_context) <= sizeof(struct sha256_stream), "room for the state");

void sha256_begin(struct sha256_stream *stream)
{
    br_sha256_init((br_sha256_context *)(void *)stream->state);
}

void sha256_add(struct sha256_stream *stream, struct slice data)
{
    br_sha256_update((br_sha256_context *)(void *)stream->state, data.data, data.size);
}

void sha256_end_hex(const struct sha256_stream *stream, char text[SHA256_SIZE * 2 + 1])
{
    uint8_t digest[SHA256_SIZE];
    br_sha256_out((const br_sha256_context *)(const void *)stream->state, digest);
    print_hex(digest, text);
}

void hmac_sha256(struct slice key, struct slice data, uint8_t digest[SHA256_SIZE])
{
    br_hmac_key_context key_context;
    br_hmac_context context;
    br_hmac_key_init(&key_context, &br_sha256_vtable, key.data, key.size);
    br_hmac_init(&context, &key_context, SHA256_SIZE);
    br_hmac_update(&context, data.data, data.size);
    (void)br_hmac_out(&context, digest);
}

bool secret_equal(struct slice a, struct slice b)
{
    if (a.size != b.size)
        return false;
    volatile unsigned char difference = 0; /* Volatile: no compiler may stop early. */
    for (size_t i = 0; i < a.size; i++)
        difference = (unsigned char)(difference | (a.data[i] ^ b.data[i]));
    return difference == 0;
}

static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
static const char url_alphabet[] =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

/* Writes up to three bytes as four letters, '=' for those that say nothing. */
static void encode_group(const char *letters, const unsigned char *bytes, size_t size, char to[4])
{
    uint32_t group = (uint32_t)bytes[0] << 16;
    if (size > 1)
        group |= (uint32_t)bytes[1] << 8;
    if (size > 2)
        group |= bytes[2];
    to[0] = letters[group >> 18];
    to[1] = letters[group >> 12 & 63];
    to[2] = size > 1 ? letters[group >> 6 & 63] : '=';
    to[3] = size > 2 ? letters[group & 63] : '=';
}

static void encode(const char *letters, struct slice data, struct buffer *text)
{
    const unsigned char *bytes = (const unsigned char *)data.data;
    PRE(data.size < SIZE_MAX / 2);
    buffer_reserve(text, data.size / 3 * 4 + 4);
    for (size_t i = 0; i < data.size; i += 3) {
        char group[4];
        encode_group(letters, bytes + i, data.size - i, group);
        buffer_append(text, group, sizeof(group));
    }
}

void base64_encode(struct slice data, struct buffer *text)
{
    encode(alphabet, data, text);
}

void base64url_encode(struct slice data, struct buffer *text)
{
    encode(url_alphabet, data, text);
    static const size_t paddings[] = {0, 2, 1};
    text->size -= paddings[data.size % 3];
    if (text->data)
        text->data[text->size] = '\0';
}

/* The six bits that a letter stands for, or -1. */
static int letter_value(const char *letters, char c)
{
    if (c >= 'A' && c <= 'Z')
        return c - 'A';
    if (c >= 'a' && c <= 'z')
        return c - 'a' + 26;
    if (c >= '0' && c <= '9')
        return c - '0' + 52;
    return c == letters[62] ? 62 : c == letters[63] ? 63 : -1;
}

/* Decodes letters up to the first that is none, or to the end; gives how many
 * bytes of text that took, line ends included if they are allowed. */
static size_t decode_letters(const char *letters, bool skips_line_ends, struct slice text,
                             struct buffer *data, size_t *count)
{
    uint32_t group = 0;
    size_t i = 0;
    *count = 0;
    for (; i < text.size; i++) {
        char c = text.data[i];
        if (skips_line_ends && (c == '\n' || c == '\r'))
            continue;
        int value = letter_value(letters, c);
        if (value < 0)
            break;
        group = group << 6 | (uint32_t)value;
        ++*count;
        if (*count % 4 != 1) /* 6, 12, 18, 24 bits: a byte is whole at each but the first. */
            buffer_append_byte(data, (char)(group >> (6 - (*count - 1) % 4 * 2)));
    }
    return i;
}

/* True when what follows the letters is the padding that their count asks for. */
static bool is_padding(struct slice rest, size_t letter_count)
{
    size_t found = 0;
    for (size_t i = 0; i < rest.size; i++) {
        if (rest.data[i] == '=')
            found++;
        else if (rest.data[i] != '\n' && rest.data[i] != '\r')
            return false;
    }
    return (letter_count + found) % 4 == 0 && found <= 2;
}

int base64_decode(struct slice text, struct buffer *data)
{
    size_t before = data->size;
    size_t count;
    buffer_reserve(data, text.size / 4 * 3 + 3);
    size_t taken = decode_letters(alphabet, true, text, data, &count);
    if (is_padding(slice_sub(text, taken, text.size), count))
        return 0;
    data->size = before;
    data->data[before] = '\0';
    return -1;
}

int base64url_decode(struct slice text, struct buffer *data)
{
    size_t before = data->size;
    size_t count;
    buffer_reserve(data, text.size / 4 * 3 + 3);
    size_t taken = decode_letters(url_alphabet, false, text, data, &count);
    if (taken == text.size && count % 4 != 1)
        return 0;
    data->size = before;
    data->data[before] = '\0';
    return -1;
}
