#include "core/crypto.h"
#include "core/net/address.h"
#include "core/net/der.h"
#include "core/net/oid.h"
#include "core/net/x509_private.h"

#define SERIAL_SIZE 16
#define KEY_ID_SIZE 20

static void write_attribute(struct slice oid, const char *text, struct buffer *der)
{
    size_t set = der_open(der, DER_SET);
    size_t attribute = der_open(der, DER_SEQUENCE);
    der_add(der, DER_OID, oid);
    der_add(der, DER_UTF8_STRING, slice_of(text));
    der_close(der, attribute);
    der_close(der, set);
}

void x509_write_name(const struct x509_template *template, struct buffer *der)
{
    if (template->subject.size > 0) {
        buffer_append_slice(der, template->subject);
        return;
    }
    size_t name = der_open(der, DER_SEQUENCE);
    for (const char *const *text = template->organizations; text && *text; text++)
        write_attribute(oid_organization, *text, der);
    if (template->common_name)
        write_attribute(oid_common_name, template->common_name, der);
    der_close(der, name);
}

/* Begins an extension up to its value, which the caller writes and closes. */
struct extension {
    size_t whole;
    size_t value;
};

static struct extension open_extension(struct slice oid, bool critical, struct buffer *der)
{
    struct extension extension = {.whole = der_open(der, DER_SEQUENCE)};
    der_add(der, DER_OID, oid);
    if (critical)
        der_add(der, DER_BOOLEAN, SLICE("\xff"));
    extension.value = der_open(der, DER_OCTET_STRING);
    return extension;
}

static void close_extension(struct extension extension, struct buffer *der)
{
    der_close(der, extension.value);
    der_close(der, extension.whole);
}

static void write_general_names(const struct x509_template *template, struct buffer *der)
{
    uint8_t bytes[16];
    buffer_append_slice(der, template->alternative_names);
    for (const char *const *text = template->dns_names; text && *text; text++)
        der_add(der, DER_CONTEXT(2), slice_of(*text));
    for (const char *const *text = template->addresses; text && *text; text++) {
        size_t size = address_parse_ip(slice_of(*text), bytes);
        PRE(size > 0);
        der_add(der, DER_CONTEXT(7), (struct slice){(const char *)bytes, size});
    }
}

void x509_write_alternative_names(const struct x509_template *template, struct buffer *der)
{
    struct buffer names = {0};
    write_general_names(template, &names);
    if (names.size > 0) {
        struct extension extension = open_extension(oid_subject_alt_name, false, der);
        der_add(der, DER_SEQUENCE, buffer_slice(&names));
        close_extension(extension, der);
    }
    buffer_release(&names);
}

static void write_usages(unsigned usage, struct buffer *der)
{
    if (usage == 0)
        return;
    struct extension extension = open_extension(oid_extended_key_usage, false, der);
    size_t sequence = der_open(der, DER_SEQUENCE);
    if (usage & X509_SERVER_AUTH)
        der_add(der, DER_OID, oid_server_auth);
    if (usage & X509_CLIENT_AUTH)
        der_add(der, DER_OID, oid_client_auth);
    der_close(der, sequence);
    close_extension(extension, der);
}

/* BIT STRING of the first eight bits, without the zeros at its end (X.690 11.2.2). */
static void write_key_usage(unsigned key_usage, struct buffer *der)
{
    uint8_t bits[2] = {7, 0};
    for (unsigned bit = 0; bit < 8; bit++)
        if (key_usage & (1u << bit)) {
            bits[1] = (uint8_t)(bits[1] | (0x80 >> bit));
            bits[0] = (uint8_t)(7 - bit);
        }
    struct extension extension = open_extension(oid_key_usage, true, der);
    der_add(der, DER_BIT_STRING, (struct slice){(const char *)bits, sizeof(bits)});
    close_extension(extension, der);
}

/* A CA signs certificates (and its own key may sign as such); others sign handshakes. RFC 5280
 * 4.2.1.3 and 4.2.1.9; critical both. */
static void write_rights(const struct x509_template *template, struct buffer *der)
{
    unsigned usual = X509_DIGITAL_SIGNATURE | X509_KEY_ENCIPHERMENT;
    if (template->is_ca)
        usual |= X509_KEY_CERT_SIGN;
    if (template->key_usage != X509_KEY_USAGE_UNSAID)
        write_key_usage(template->key_usage ? template->key_usage : usual, der);
    struct extension extension = open_extension(oid_basic_constraints, true, der);
    size_t sequence = der_open(der, DER_SEQUENCE);
    if (template->is_ca)
        der_add(der, DER_BOOLEAN, SLICE("\xff"));
    der_close(der, sequence);
    close_extension(extension, der);
}

/* RFC 7093 method 1: 160 bits of the SHA-256 of the key's bits. */
static void make_key_id(struct slice public_key, char id[KEY_ID_SIZE])
{
    struct slice sequence, algorithm, bits, key = {"", 0};
    uint8_t digest[SHA256_SIZE];
    PRE(der_take(&public_key, DER_SEQUENCE, &sequence) &&
        der_take(&sequence, DER_SEQUENCE, &algorithm) &&
        der_take(&sequence, DER_BIT_STRING, &bits) && der_bits(bits, &key));
    sha256(key, digest);
    memcpy(id, digest, KEY_ID_SIZE);
}

static void write_key_ids(struct slice public_key, struct slice issuer_key_id, struct buffer *der)
{
    char id[KEY_ID_SIZE];
    make_key_id(public_key, id);
    struct extension extension = open_extension(oid_subject_key_id, false, der);
    der_add(der, DER_OCTET_STRING, (struct slice){id, sizeof(id)});
    close_extension(extension, der);
    if (issuer_key_id.size == 0)
        return;
    extension = open_extension(oid_authority_key_id, false, der);
    size_t sequence = der_open(der, DER_SEQUENCE);
    der_add(der, DER_CONTEXT(0), issuer_key_id);
    der_close(der, sequence);
    close_extension(extension, der);
}

static void write_algorithm(struct buffer *der)
{
    size_t algorithm = der_open(der, DER_SEQUENCE);
    der_add(der, DER_OID, oid_ecdsa_sha256);
    der_close(der, algorithm);
}

void x509_write_signed(struct slice to_sign, const struct ec_key *key, struct buffer *der)
{
    struct buffer signature = {0};
    size_t whole = der_open(der, DER_SEQUENCE);
    buffer_append_slice(der, to_sign);
    write_algorithm(der);
    ec_key_sign_der(key, to_sign, &signature);
    der_add_bits(der, buffer_slice(&signature));
    der_close(der, whole);
    buffer_release(&signature);
}

static void write_serial(struct random *random, struct buffer *der)
{
    uint8_t serial[SERIAL_SIZE];
    random->fill(random, serial, sizeof(serial));
    serial[0] = (uint8_t)((serial[0] & 0x7f) | 0x40); /* Positive, and of one length. */
    der_add_uint(der, (struct slice){(const char *)serial, sizeof(serial)});
}

/* issuer is a whole Name; empty: the subject itself. */
static void make(struct random *random, const struct x509_template *template,
                 struct slice public_key, struct slice issuer, struct slice issuer_key_id,
                 const struct ec_key *issuer_key, struct buffer *der)
{
    struct buffer tbs = {0};
    size_t outer = der_open(&tbs, DER_SEQUENCE);
    size_t version = der_open(&tbs, DER_CONTEXT_SET(0));
    der_add_uint(&tbs, SLICE("\2")); /* v3 */
    der_close(&tbs, version);
    write_serial(random, &tbs);
    write_algorithm(&tbs);
    if (issuer.size > 0)
        buffer_append_slice(&tbs, issuer);
    else
        x509_write_name(template, &tbs);
    size_t validity = der_open(&tbs, DER_SEQUENCE);
    der_add_time(&tbs, template->not_before_us);
    der_add_time(&tbs, template->not_after_us);
    der_close(&tbs, validity);
    x509_write_name(template, &tbs);
    buffer_append_slice(&tbs, public_key);
    size_t context = der_open(&tbs, DER_CONTEXT_SET(3));
    size_t extensions = der_open(&tbs, DER_SEQUENCE);
    write_rights(template, &tbs);
    write_usages(template->usage, &tbs);
    write_key_ids(public_key, issuer_key_id, &tbs);
    x509_write_alternative_names(template, &tbs);
    der_close(&tbs, extensions);
    der_close(&tbs, context);
    der_close(&tbs, outer);
    x509_write_signed(buffer_slice(&tbs), issuer_key, der);
    buffer_release(&tbs);
}

void x509_make_ca(struct random *random, const struct x509_template *template,
                  const struct ec_key *key, struct buffer *der)
{
    struct x509_template ca = *template;
    struct buffer public_key = {0};
    ca.is_ca = true;
    ec_key_write_public_der(key, &public_key);
    make(random, &ca, buffer_slice(&public_key), SLICE(""), SLICE(""), key, der);
    buffer_release(&public_key);
}

int x509_sign(struct random *random, const struct x509_template *template, struct slice public_key,
              struct slice ca, const struct ec_key *ca_key, struct buffer *der,
              struct status *status)
{
    struct arena arena;
    struct x509_certificate issuer;
    arena_init(&arena);
    int failed = x509_parse(&arena, ca, &issuer, status);
    if (!failed)
        make(random, template, public_key, issuer.subject, issuer.subject_key_id, ca_key, der);
    arena_release(&arena);
    return failed ? -1 : 0;
}
