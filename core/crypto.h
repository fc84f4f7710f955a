/* Hashes, encodings and signatures, over BearSSL (which only this file and
 * core/net's TLS include). Thread: any. */
#ifndef CORE_CRYPTO_H
#define CORE_CRYPTO_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/arena.h"
#include "core/buffer.h"
#include "core/random.h"
#include "core/status.h"

#define SHA256_SIZE 32
void sha256(struct slice data, uint8_t digest[SHA256_SIZE]);
void sha256_hex(struct slice data, char text[SHA256_SIZE * 2 + 1]);
/* The same of bytes that come in pieces. */
struct sha256_stream {
    _Alignas(8) unsigned char state[128];
};
void sha256_begin(struct sha256_stream *stream);
void sha256_add(struct sha256_stream *stream, struct slice data);
/* May go on afterwards: it is the digest of what has come so far. */
void sha256_end_hex(const struct sha256_stream *stream, char text[SHA256_SIZE * 2 + 1]);
void hmac_sha256(struct slice key, struct slice data, uint8_t digest[SHA256_SIZE]);
bool secret_equal(struct slice a, struct slice b); /* In time that tells only the sizes. */
/* Checksum of a row: fast, catches damage, is no protection against malice (CRC-32C).
 * seed is 0, or the checksum of what stands before: crc32c(crc32c(0, a), b) is that of ab. */
uint32_t crc32c(uint32_t seed, const void *data, size_t size);
uint32_t crc32c_portable(uint32_t seed, const void *data, size_t size); /* The same, by tables. */

/* All append. base64_decode takes what Go's StdEncoding takes: padding is due,
 * line ends are skipped. base64url has neither padding nor line ends (RFC 7515).
 * Decoding gives -1, and appends nothing, when the text is bad. */
void base64_encode(struct slice data, struct buffer *text);
void base64url_encode(struct slice data, struct buffer *text);
MUST_USE int base64_decode(struct slice text, struct buffer *data);
MUST_USE int base64url_decode(struct slice text, struct buffer *data);

#endif
