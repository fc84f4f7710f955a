/* CertificationRequest ::= SEQUENCE { info, algorithm, signature BIT STRING }
 * info ::= SEQUENCE { version INTEGER 0, subject Name, subjectPublicKeyInfo,
 *          [0] SET OF SEQUENCE { OID, SET OF value } }
 * Of the attributes only extensionRequest (RFC 2985 5.4.2) is read. */
#include "core/net/der.h"
#include "core/net/oid.h"
#include "core/net/pem.h"
#include "core/net/signature.h"
#include "core/net/x509_private.h"

static bool read_attributes(struct arena *arena, struct slice attributes,
                            struct x509_certificate *wanted)
{
    struct slice attribute, oid, values;
    while (attributes.size > 0) {
        if (!der_take(&attributes, DER_SEQUENCE, &attribute) ||
            !der_take(&attribute, DER_OID, &oid) || !der_take(&attribute, DER_SET, &values))
            return false;
        if (slice_equal(oid, oid_extension_request) && !x509_read_extensions(arena, values, wanted))
            return false;
    }
    return true;
}

static bool read_info(struct arena *arena, struct slice info, struct x509_request *request)
{
    struct x509_certificate wanted = {0};
    struct slice version, attributes;
    struct der_item subject, public_key;
    if (!der_take(&info, DER_INTEGER, &version) || !der_next(&info, &subject) ||
        !der_next(&info, &public_key) || public_key.tag != DER_SEQUENCE)
        return false;
    der_take_optional(&info, DER_CONTEXT_SET(0), &attributes);
    if (!read_attributes(arena, attributes, &wanted) ||
        !x509_read_name(arena, subject.whole, &wanted.names))
        return false;
    request->subject = subject.whole;
    request->public_key = public_key.whole;
    request->names = wanted.names;
    return true;
}

static int parse(struct arena *arena, struct slice der, struct x509_request *request,
                 struct status *status)
{
    struct slice outer, algorithm, bits, signature;
    struct der_item info;
    if (!der_take(&der, DER_SEQUENCE, &outer) || der.size > 0 || !der_next(&outer, &info) ||
        info.tag != DER_SEQUENCE || !der_take(&outer, DER_SEQUENCE, &algorithm) ||
        !der_take(&outer, DER_BIT_STRING, &bits) || !der_bits(bits, &signature) ||
        !read_info(arena, info.content, request))
        return status_fail(status, STATUS_BAD_REQUEST, "malformed certificate request");
    if (!public_key_is_supported(request->public_key))
        return status_fail(status, STATUS_BAD_REQUEST,
                           "the certificate request's key is of a kind that is not supported");
    if (!signature_is_good(request->public_key, algorithm, info.whole, signature))
        return status_fail(status, STATUS_BAD_REQUEST,
                           "the certificate request is not signed by its own key");
    return 0;
}

int x509_request_parse(struct arena *arena, struct slice text, struct x509_request *request,
                       struct status *status)
{
    struct buffer der = {0};
    *request = (struct x509_request){0};
    if (text.size > 0 && text.data[0] == DER_SEQUENCE)
        return parse(arena, text, request, status);
    int failed = pem_find(text, "CERTIFICATE REQUEST", &der, status);
    if (!failed) {
        struct slice copy = {arena_copy(arena, der.data, der.size), der.size};
        failed = parse(arena, copy, request, status);
    }
    buffer_release(&der);
    return failed ? -1 : 0;
}

static void write_extension_request(const struct x509_template *template, struct buffer *der)
{
    struct buffer names = {0};
    x509_write_alternative_names(template, &names);
    size_t attributes = der_open(der, DER_CONTEXT_SET(0));
    if (names.size > 0) {
        size_t attribute = der_open(der, DER_SEQUENCE);
        der_add(der, DER_OID, oid_extension_request);
        size_t values = der_open(der, DER_SET);
        der_add(der, DER_SEQUENCE, buffer_slice(&names));
        der_close(der, values);
        der_close(der, attribute);
    }
    der_close(der, attributes);
    buffer_release(&names);
}

void x509_request_make(const struct x509_template *template, const struct ec_key *key,
                       struct buffer *pem)
{
    struct buffer info = {0}, der = {0};
    size_t outer = der_open(&info, DER_SEQUENCE);
    der_add_uint(&info, SLICE("\0"));
    x509_write_name(template, &info);
    ec_key_write_public_der(key, &info);
    write_extension_request(template, &info);
    der_close(&info, outer);
    x509_write_signed(buffer_slice(&info), key, &der);
    pem_write("CERTIFICATE REQUEST", buffer_slice(&der), pem);
    buffer_release(&info);
    buffer_release(&der);
}
