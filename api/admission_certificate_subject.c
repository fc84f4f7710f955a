/* What is asked for must be a request (PKCS #10), signed by its own key, and what is given must
 * be certificates; nobody gets system:masters by kube-apiserver-client.
 *
 * The first two are upstream's validation (pkg/apis/certificates/validation), which stands here
 * because kinds know no cryptography; the third is its plugin CertificateSubjectRestriction.
 * Reading a request costs one check of a signature, 0.6 ms for P-256. */
#include "api/certificate_signer.h"
#include "core/crypto.h"
#include "core/kinds/field_path.h"
#include "core/kinds/meta.h"
#include "core/net/pem.h"
#include "core/net/x509.h"

#define CLIENT_SIGNER "kubernetes.io/kube-apiserver-client"

static int invalid(const struct admission *admission, const struct field_path *path,
                   struct slice value, const char *why, struct status *status)
{
    struct field_errors errors;
    struct arena *arena = &admission->request->arena;
    field_errors_init(&errors, arena);
    path_invalid_text(&errors, path, value, "%s", why);
    return field_errors_status(&errors, admission->kind->group, admission->kind->kind,
                               arena_copy_slice(arena, meta_name(admission->object)), status);
}

/* --- The request --- */

static int check_subject(const struct admission *admission, const struct x509_request *request,
                         struct status *status)
{
    struct slice signer = json_string(json_at(admission->object, "spec.signerName"));
    for (size_t i = 0; i < request->names.organization_count; i++)
        if (slice_is(signer, CLIENT_SIGNER) &&
            slice_is(request->names.organizations[i], "system:masters"))
            return admission_forbid(admission, status,
                                    "use of " CLIENT_SIGNER
                                    " signer with system:masters group is not allowed");
    return 0;
}

static int check_request(const struct admission *admission, struct status *status)
{
    struct arena *arena = &admission->request->arena;
    struct slice encoded = json_string(json_at(admission->object, "spec.request"));
    struct x509_request request;
    struct buffer pem = {0};
    struct status wrong;
    status_init(&wrong);
    int failed = base64_decode(encoded, &pem) ||
                 x509_request_parse(arena, buffer_slice(&pem), &request, &wrong);
    if (failed)
        failed = invalid(admission, AT(AT(NULL, "spec"), "request"), encoded,
                         status_ok(&wrong) ? "PEM block type must be CERTIFICATE REQUEST"
                                           : wrong.message,
                         status);
    else
        failed = check_subject(admission, &request, status);
    status_release(&wrong);
    buffer_release(&pem);
    return failed;
}

/* --- The certificate --- */

static const char *check_block(struct arena *arena, struct slice label, struct slice der,
                               struct status *wrong)
{
    struct x509_certificate certificate;
    if (!slice_is(label, "CERTIFICATE"))
        return arena_format(arena, "only CERTIFICATE PEM blocks are allowed, found %s",
                            field_value_text(arena, label));
    return x509_parse(arena, der, &certificate, wrong) ? wrong->message : NULL;
}

/* Why the text is no chain of certificates, or NULL. */
static const char *check_blocks(struct arena *arena, struct slice text, struct status *wrong)
{
    struct buffer der = {0};
    struct slice label;
    const char *why = NULL;
    int found = 0, count = 0;
    while (!why && (found = pem_next(&text, &label, &der, wrong)) == 1) {
        struct slice copy = {arena_copy(arena, der.data, der.size), der.size};
        why = check_block(arena, label, copy, wrong);
        count++;
        buffer_clear(&der);
    }
    buffer_release(&der);
    if (!why && found < 0)
        return wrong->message;
    return why || count > 0 ? why : "must contain at least one CERTIFICATE PEM block";
}

static int check_certificate(const struct admission *admission, struct status *status)
{
    struct slice encoded = json_string(json_at(admission->object, "status.certificate"));
    struct buffer pem = {0};
    struct status wrong;
    if (encoded.size == 0 ||
        slice_equal(encoded, json_string(json_at(admission->old, "status.certificate"))))
        return 0;
    status_init(&wrong);
    const char *why = base64_decode(encoded, &pem)
                          ? "must contain at least one CERTIFICATE PEM block"
                          : check_blocks(&admission->request->arena, buffer_slice(&pem), &wrong);
    int failed = 0;
    if (why)
        failed = invalid(admission, AT(AT(NULL, "status"), "certificate"),
                         SLICE("<certificate data>"), why, status);
    status_release(&wrong);
    buffer_release(&pem);
    return failed;
}

static int validate(struct admission *admission, struct status *status)
{
    if (admission->operation == ADMIT_CREATE && certificate_is_asked(admission, NULL))
        return check_request(admission, status);
    if (admission->operation == ADMIT_UPDATE && certificate_is_asked(admission, "status"))
        return check_certificate(admission, status);
    return 0;
}

const struct admission_plugin admission_certificate_subject = {
    .name = "CertificateSubjectRestriction", .validate = validate};
