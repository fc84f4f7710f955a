/* Certificate  ::= SEQUENCE { tbs, signatureAlgorithm, signature BIT STRING }
 * tbs          ::= SEQUENCE { [0] version, serial, algorithm, issuer Name,
 *                  SEQUENCE { notBefore, notAfter }, subject Name,
 *                  subjectPublicKeyInfo, [1] ids, [2] ids, [3] extensions }
 * Name         ::= SEQUENCE OF SET OF SEQUENCE { OID, string }
 * Extension    ::= SEQUENCE { OID, critical BOOLEAN, OCTET STRING }
 */
#include "core/net/x509.h"

#include <strings.h>

#include "core/net/address.h"
#include "core/net/der.h"
#include "core/net/oid.h"
#include "core/net/pem.h"
#include "core/net/signature.h"
#include "core/net/x509_private.h"
#include "core/utf8.h"

#define NAMES_MAX 256 /* Of one kind in one certificate. */

/* A list that grows to NAMES_MAX and ends in the arena. */
struct gathered {
    struct slice items[NAMES_MAX];
    size_t count;
};

static bool gather(struct gathered *gathered, struct slice item)
{
    if (gathered->count == NAMES_MAX)
        return false;
    gathered->items[gathered->count++] = item;
    return true;
}

static const struct slice *keep(struct arena *arena, const struct gathered *gathered)
{
    return arena_copy(arena, gathered->items, gathered->count * sizeof(gathered->items[0]));
}

/* Texts that mean the same to everybody: UTF-8, or ASCII under its other
 * names; no NUL, with which "admin\0.evil" would become "admin". */
static bool is_text(const struct der_item *item)
{
    struct slice text = item->content;
    if (text.size > 0 && memchr(text.data, 0, text.size))
        return false;
    if (item->tag == DER_UTF8_STRING)
        return utf8_is_valid(text);
    if (item->tag != DER_PRINTABLE_STRING && item->tag != DER_IA5_STRING)
        return false;
    for (size_t i = 0; i < text.size; i++) {
        if (text.data[i] & 0x80)
            return false;
    }
    return true;
}

static bool read_attribute(struct slice attribute, struct x509_names *names,
                           struct gathered *organizations)
{
    struct slice oid;
    struct der_item value;
    if (!der_take(&attribute, DER_OID, &oid) || !der_next(&attribute, &value))
        return false;
    bool is_common_name = slice_equal(oid, oid_common_name);
    bool is_organization = slice_equal(oid, oid_organization);
    if (!is_common_name && !is_organization)
        return true;
    if (!is_text(&value))
        return false;
    if (is_organization)
        return gather(organizations, value.content);
    names->common_name = value.content;
    return true;
}

bool x509_read_name(struct arena *arena, struct slice name, struct x509_names *names)
{
    struct gathered organizations = {.count = 0};
    struct slice sets, set, attribute;
    if (!der_take(&name, DER_SEQUENCE, &sets))
        return false;
    while (sets.size > 0) {
        if (!der_take(&sets, DER_SET, &set))
            return false;
        while (set.size > 0) {
            if (!der_take(&set, DER_SEQUENCE, &attribute) ||
                !read_attribute(attribute, names, &organizations))
                return false;
        }
    }
    names->organizations = keep(arena, &organizations);
    names->organization_count = organizations.count;
    return true;
}

static bool read_general_name(struct der_item *item, struct gathered *dns_names,
                              struct gathered *addresses, struct x509_names *names)
{
    uint8_t tag = item->tag;
    if (tag == DER_CONTEXT(7))
        return (item->content.size == 4 || item->content.size == 16) &&
               gather(addresses, item->content);
    if (tag != DER_CONTEXT(1) && tag != DER_CONTEXT(2) && tag != DER_CONTEXT(6)) {
        names->has_other_names = true;
        return true;
    }
    item->tag = DER_IA5_STRING;
    names->has_emails = names->has_emails || tag == DER_CONTEXT(1);
    names->has_uris = names->has_uris || tag == DER_CONTEXT(6);
    return is_text(item) && (tag != DER_CONTEXT(2) || gather(dns_names, item->content));
}

/* GeneralNames: [1] e-mail address, [2] DNS name, [6] URI, [7] IP address; others are noted. */
static bool read_alternative_names(struct arena *arena, struct slice value,
                                   struct x509_names *names)
{
    struct gathered dns_names = {.count = 0}, addresses = {.count = 0};
    struct slice sequence;
    struct der_item item;
    struct buffer known = {0};
    if (!der_take(&value, DER_SEQUENCE, &sequence))
        return false;
    bool good = true;
    while (good && sequence.size > 0) {
        bool had_others = names->has_other_names;
        names->has_other_names = false;
        good =
            der_next(&sequence, &item) && read_general_name(&item, &dns_names, &addresses, names);
        if (good && !names->has_other_names)
            buffer_append_slice(&known, item.whole);
        names->has_other_names = names->has_other_names || had_others;
    }
    names->dns_names = keep(arena, &dns_names);
    names->dns_name_count = dns_names.count;
    names->addresses = keep(arena, &addresses);
    names->address_count = addresses.count;
    names->alternative_names =
        (struct slice){arena_copy_slice(arena, buffer_slice(&known)), known.size};
    buffer_release(&known);
    return good;
}

static bool read_usages(struct slice value, unsigned *usage)
{
    struct slice sequence, oid;
    if (!der_take(&value, DER_SEQUENCE, &sequence) || sequence.size == 0)
        return false;
    while (sequence.size > 0) {
        if (!der_take(&sequence, DER_OID, &oid))
            return false;
        *usage |= slice_equal(oid, oid_server_auth)   ? X509_SERVER_AUTH
                  : slice_equal(oid, oid_client_auth) ? X509_CLIENT_AUTH
                  : slice_equal(oid, oid_any_usage)   ? X509_ANY_USAGE
                                                      : X509_OTHER_USAGE;
    }
    return true;
}

static bool read_key_usage(struct slice value, unsigned *key_usage)
{
    struct slice bits;
    if (!der_take(&value, DER_BIT_STRING, &bits) || bits.size < 2)
        return false;
    for (unsigned bit = 0; bit < 8; bit++) {
        if ((uint8_t)bits.data[1] & (0x80 >> bit))
            *key_usage |= 1U << bit;
    }
    return true;
}

static bool read_basic_constraints(struct slice value, bool *is_ca)
{
    struct slice sequence, boolean;
    if (!der_take(&value, DER_SEQUENCE, &sequence))
        return false;
    der_take_optional(&sequence, DER_BOOLEAN, &boolean);
    *is_ca = boolean.size == 1 && boolean.data[0] != 0;
    return true;
}

static bool read_extension(struct arena *arena, struct slice extension,
                           struct x509_certificate *certificate)
{
    struct slice oid, critical, value;
    if (!der_take(&extension, DER_OID, &oid))
        return false;
    der_take_optional(&extension, DER_BOOLEAN, &critical);
    if (!der_take(&extension, DER_OCTET_STRING, &value))
        return false;
    if (slice_equal(oid, oid_subject_alt_name))
        return read_alternative_names(arena, value, &certificate->names);
    if (slice_equal(oid, oid_extended_key_usage))
        return read_usages(value, &certificate->usage);
    if (slice_equal(oid, oid_key_usage))
        return read_key_usage(value, &certificate->key_usage);
    if (slice_equal(oid, oid_basic_constraints))
        return read_basic_constraints(value, &certificate->is_ca);
    if (slice_equal(oid, oid_subject_key_id))
        return der_take(&value, DER_OCTET_STRING, &certificate->subject_key_id);
    return true; /* Whether an unknown one is critical is for the chain's check. */
}

bool x509_read_extensions(struct arena *arena, struct slice extensions,
                          struct x509_certificate *certificate)
{
    struct slice sequence, extension, seen[32], oid;
    size_t count = 0;
    if (!der_take(&extensions, DER_SEQUENCE, &sequence))
        return false;
    while (sequence.size > 0) {
        if (!der_take(&sequence, DER_SEQUENCE, &extension) || count == ARRAY_SIZE(seen))
            return false;
        struct slice copy = extension;
        if (!der_take(&copy, DER_OID, &oid))
            return false;
        for (size_t i = 0; i < count; i++) { /* RFC 5280 4.2: each at most once. */
            if (slice_equal(seen[i], oid))
                return false;
        }
        seen[count++] = oid;
        if (!read_extension(arena, extension, certificate))
            return false;
    }
    return true;
}

static bool take_whole(struct slice *rest, uint8_t tag, struct slice *whole)
{
    struct der_item item;
    if (!der_next(rest, &item) || item.tag != tag)
        return false;
    *whole = item.whole;
    return true;
}

static bool read_validity(struct slice validity, struct x509_certificate *certificate)
{
    struct der_item before, after;
    return der_next(&validity, &before) && der_time(&before, &certificate->not_before_us) &&
           der_next(&validity, &after) && der_time(&after, &certificate->not_after_us);
}

static bool read_tbs(struct arena *arena, struct slice tbs, struct x509_certificate *certificate)
{
    struct slice version, algorithm, validity, skipped, extensions;
    der_take_optional(&tbs, DER_CONTEXT_SET(0), &version);
    if (!der_take(&tbs, DER_INTEGER, &certificate->serial) ||
        !der_take(&tbs, DER_SEQUENCE, &algorithm) ||
        !take_whole(&tbs, DER_SEQUENCE, &certificate->issuer) ||
        !der_take(&tbs, DER_SEQUENCE, &validity) || !read_validity(validity, certificate) ||
        !take_whole(&tbs, DER_SEQUENCE, &certificate->subject) ||
        !take_whole(&tbs, DER_SEQUENCE, &certificate->public_key) ||
        !x509_read_name(arena, certificate->subject, &certificate->names))
        return false;
    der_take_optional(&tbs, DER_CONTEXT(1), &skipped);
    der_take_optional(&tbs, DER_CONTEXT(2), &skipped);
    der_take_optional(&tbs, DER_CONTEXT_SET(3), &extensions);
    return tbs.size == 0 &&
           (!extensions.data || x509_read_extensions(arena, extensions, certificate));
}

int x509_parse(struct arena *arena, struct slice der, struct x509_certificate *certificate,
               struct status *status)
{
    struct slice rest = der, outer, tbs;
    *certificate = (struct x509_certificate){.der = der};
    if (!der_take(&rest, DER_SEQUENCE, &outer) || rest.size > 0 ||
        !der_take(&outer, DER_SEQUENCE, &tbs) || !read_tbs(arena, tbs, certificate))
        return status_fail(status, STATUS_BAD_REQUEST, "malformed certificate");
    return 0;
}

int x509_parse_pem(struct arena *arena, struct slice text, struct x509_certificate *certificate,
                   struct status *status)
{
    struct buffer der = {0};
    int failed = pem_find(text, "CERTIFICATE", &der, status);
    if (!failed) {
        struct slice copy = {arena_copy(arena, der.data, der.size), der.size};
        failed = x509_parse(arena, copy, certificate, status);
    }
    buffer_release(&der);
    return failed ? -1 : 0;
}

bool x509_allows(const struct x509_certificate *certificate, enum x509_usage usage)
{
    return certificate->usage == 0 || (certificate->usage & (usage | X509_ANY_USAGE)) != 0;
}

static bool same_name(struct slice a, struct slice b)
{
    return a.size == b.size && strncasecmp(a.data ? a.data : "", b.data ? b.data : "", a.size) == 0;
}

static bool matches(struct slice pattern, struct slice host)
{
    if (host.size > 0 && host.data[host.size - 1] == '.')
        host.size--;
    if (!slice_starts_with(pattern, SLICE("*.")))
        return host.size > 0 && same_name(pattern, host);
    ptrdiff_t dot = slice_find(host, '.');
    return dot > 0 &&
           same_name(slice_sub(pattern, 1, pattern.size), slice_sub(host, (size_t)dot, host.size));
}

bool x509_is_for_host(const struct x509_certificate *certificate, struct slice host)
{
    const struct x509_names *names = &certificate->names;
    uint8_t bytes[16];
    size_t size = address_parse_ip(host, bytes);
    for (size_t i = 0; size > 0 && i < names->address_count; i++) {
        if (slice_equal(names->addresses[i], (struct slice){(const char *)bytes, size}))
            return true;
    }
    for (size_t i = 0; size == 0 && i < names->dns_name_count; i++) {
        if (matches(names->dns_names[i], host))
            return true;
    }
    return false;
}

bool x509_is_signed_by(const struct x509_certificate *child, const struct x509_certificate *parent)
{
    struct slice rest = child->der, outer, tbs, algorithm, bits, signature;
    return slice_equal(child->issuer, parent->subject) && der_take(&rest, DER_SEQUENCE, &outer) &&
           take_whole(&outer, DER_SEQUENCE, &tbs) && der_take(&outer, DER_SEQUENCE, &algorithm) &&
           der_take(&outer, DER_BIT_STRING, &bits) && der_bits(bits, &signature) &&
           signature_is_good(parent->public_key, algorithm, tbs, signature);
}
