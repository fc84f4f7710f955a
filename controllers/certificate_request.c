#include "controllers/certificate_request.h"

#include "core/crypto.h"

const struct json *certificate_condition(const struct json *csr, const char *type)
{
    JSON_EACH(condition, json_at(csr, "status.conditions"))
        if (slice_is(json_string(json_get(condition, "type")), type))
            return condition;
    return NULL;
}

int certificate_parse(struct arena *arena, const struct json *csr, struct x509_request *request,
                      struct status *status)
{
    struct buffer pem = {0};
    int failed = base64_decode(json_string(json_at(csr, "spec.request")), &pem)
                     ? status_fail(status, STATUS_BAD_REQUEST, "spec.request is not base64")
                     : x509_request_parse(arena, buffer_slice(&pem), request, status);
    buffer_release(&pem);
    return failed;
}

static bool has_usage(const struct json *csr, const char *usage)
{
    JSON_EACH(item, json_at(csr, "spec.usages"))
        if (slice_is(json_string(item), usage))
            return true;
    return false;
}

void certificate_usages(const struct json *csr, unsigned *key_usage, unsigned *usage)
{
    *key_usage = (has_usage(csr, "digital signature") ? (unsigned)X509_DIGITAL_SIGNATURE : 0) |
                 (has_usage(csr, "key encipherment") ? (unsigned)X509_KEY_ENCIPHERMENT : 0);
    *usage = (has_usage(csr, "server auth") ? (unsigned)X509_SERVER_AUTH : 0) |
             (has_usage(csr, "client auth") ? (unsigned)X509_CLIENT_AUTH : 0);
}

/* --- Rules of the signers --- */

/* "digital signature", what it is for, and perhaps "key encipherment"; nothing else. */
static const char *check_kubelet_usages(struct arena *arena, const struct json *csr,
                                        const char *purpose)
{
    size_t count = json_count(json_at(csr, "spec.usages"));
    size_t wanted = has_usage(csr, "key encipherment") ? 3 : 2;
    if (has_usage(csr, "digital signature") && has_usage(csr, purpose) && count == wanted)
        return NULL;
    bool is_client = strcmp(purpose, "client auth") == 0;
    return arena_format(arena, "usages did not match [%sdigital signature key encipherment%s]",
                        is_client ? "client auth " : "", is_client ? "" : " server auth");
}

static bool is_of_nodes(const struct x509_request *request)
{
    return request->names.organization_count == 1 &&
           slice_is(request->names.organizations[0], "system:nodes");
}

static bool is_node_name(const struct x509_request *request)
{
    return slice_starts_with(request->names.common_name, SLICE("system:node:"));
}

static const char *check_kubelet_client(struct arena *arena, const struct json *csr,
                                        const struct x509_request *request)
{
    if (!is_of_nodes(request))
        return "subject organization is not system:nodes";
    if (request->names.dns_name_count > 0)
        return "DNS subjectAltNames are not allowed";
    if (request->names.has_emails)
        return "Email subjectAltNames are not allowed";
    if (request->names.address_count > 0)
        return "IP subjectAltNames are not allowed";
    if (request->names.has_uris)
        return "URI subjectAltNames are not allowed";
    if (!is_node_name(request))
        return "subject common name does not begin with system:node:";
    return check_kubelet_usages(arena, csr, "client auth");
}

static const char *check_kubelet_serving(struct arena *arena, const struct json *csr,
                                         const struct x509_request *request)
{
    if (!is_of_nodes(request))
        return "subject organization is not system:nodes";
    if (request->names.dns_name_count == 0 && request->names.address_count == 0)
        return "DNS or IP subjectAltName is required";
    if (request->names.has_emails)
        return "Email subjectAltNames are not allowed";
    if (request->names.has_uris)
        return "URI subjectAltNames are not allowed";
    const char *usages = check_kubelet_usages(arena, csr, "server auth");
    if (usages)
        return usages;
    return is_node_name(request) ? NULL : "subject common name does not begin with system:node:";
}

static const char *check_client(struct arena *arena, const struct json *csr)
{
    JSON_EACH(usage, json_at(csr, "spec.usages")) {
        struct slice text = json_string(usage);
        if (!slice_is(text, "digital signature") && !slice_is(text, "key encipherment") &&
            !slice_is(text, "client auth"))
            return arena_format(arena, "invalid usage for client certificate: " SLICE_FORMAT,
                                SLICE_ARGS(text));
    }
    return has_usage(csr, "client auth")
               ? NULL
               : "missing required usage for client certificate: client auth";
}

const char *certificate_refusal(struct arena *arena, const struct json *csr,
                                const struct x509_request *request)
{
    struct slice signer = json_string(json_at(csr, "spec.signerName"));
    if (slice_is(signer, SIGNER_KUBELET_CLIENT))
        return check_kubelet_client(arena, csr, request);
    if (slice_is(signer, SIGNER_KUBELET_SERVING))
        return check_kubelet_serving(arena, csr, request);
    if (slice_is(signer, SIGNER_CLIENT))
        return check_client(arena, csr);
    return "another signer's";
}
