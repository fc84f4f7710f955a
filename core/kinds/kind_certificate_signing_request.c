/* CertificateSigningRequest: asks for a certificate. Who asks is written by the server.
 *
 * Upstream: pkg/registry/certificates, pkg/apis/certificates/validation. That
 * the request is one (PKCS #10), signed by its key, and that a certificate is
 * one, is looked at in api/admission_certificate_subject.c; here only its PEM. */
#include "core/clock.h"
#include "core/crypto.h"
#include "core/kinds/cell.h"
#include "core/kinds/field_path.h"
#include "core/kinds/kind.h"
#include "core/kinds/meta.h"
#include "core/kinds/text_map.h"
#include "core/kinds/types.h"

#define SECONDS_MIN 600
#define SIGNER_NAME_MAX (NAME_SUBDOMAIN_MAX + 1 + NAME_SUBDOMAIN_MAX + 1 + NAME_LABEL_MAX)
#define PEM_BEGIN "-----BEGIN CERTIFICATE REQUEST-----"

static struct slice text_at(const struct json *object, const char *path)
{
    return json_string(json_at(object, path));
}

/* --- Create and update --- */

/* Values of one key stand in one list. */
static void set_extra(struct arena *arena, struct json *spec, const char *const *extra)
{
    for (; extra && extra[0]; extra += 2) {
        struct json *all = json_ensure_object(arena, spec, "extra");
        struct json *values = json_get(all, extra[0]);
        if (!values)
            values = json_set(arena, all, extra[0], json_new_array(arena));
        json_append(values, json_new_text(arena, extra[1]));
    }
}
/* What the client wrote of itself is never believed. */
static void prepare_for_create(const struct kind_context *context, struct json *request)
{
    static const char *const of_the_server[] = {"username", "uid", "groups", "extra"};
    struct arena *arena = context->arena;
    struct json *spec = json_ensure_object(arena, request, "spec");
    struct json *groups = json_new_array(arena);
    for (size_t i = 0; i < ARRAY_SIZE(of_the_server); i++)
        json_remove(spec, of_the_server[i]);
    for (const char *const *group = context->groups; group && *group; group++)
        json_append(groups, json_new_text(arena, *group));
    if (context->user)
        json_set_text(arena, spec, "username", context->user);
    if (context->uid && context->uid[0])
        json_set_text(arena, spec, "uid", context->uid);
    if (json_first(groups))
        json_set(arena, spec, "groups", groups);
    set_extra(arena, spec, context->extra);
}
static void prepare_for_update(const struct kind_context *context, struct json *request,
                               const struct json *old)
{
    json_set(context->arena, request, "spec", json_copy(context->arena, json_get(old, "spec")));
}

static bool is_decision(const struct json *condition)
{
    struct slice type = text_at(condition, "type");
    return slice_is(type, "Approved") || slice_is(type, "Denied");
}
/* /approval decides, /status tells the rest: each keeps what is the other's. */
static struct json *merge_conditions(struct arena *arena, const struct json *decisions,
                                     const struct json *others)
{
    struct json *merged = json_new_array(arena);
    JSON_EACH(condition, decisions)
        if (is_decision(condition))
            json_append(merged, json_copy(arena, condition));
    JSON_EACH(condition, others)
        if (!is_decision(condition))
            json_append(merged, json_copy(arena, condition));
    return merged;
}
/* Times that the writer left out. lastTransitionTime is kept while the status is the same. */
static void set_times(const struct kind_context *context, struct json *conditions,
                      const struct json *before)
{
    char now[TIME_TEXT_SIZE];
    time_format(context->now_us, now);
    JSON_EACH(condition, conditions) {
        const struct json *since = NULL;
        JSON_EACH(old, before)
            if (slice_equal(text_at(old, "type"), text_at(condition, "type")) &&
                slice_equal(text_at(old, "status"), text_at(condition, "status")))
                since = json_get(old, "lastTransitionTime");
        if (!json_get(condition, "lastUpdateTime"))
            json_set_text(context->arena, condition, "lastUpdateTime", now);
        if (!json_get(condition, "lastTransitionTime"))
            json_set_text(context->arena, condition, "lastTransitionTime",
                          since ? json_text(since) : now);
    }
}
static void set_conditions(const struct kind_context *context, struct json *status,
                           const struct json *before, const struct json *decisions,
                           const struct json *others)
{
    struct json *conditions = merge_conditions(context->arena, decisions, others);
    set_times(context, conditions, before);
    if (json_first(conditions))
        json_set(context->arena, status, "conditions", conditions);
    else
        json_remove(status, "conditions");
}
static void reset_approval(const struct kind_context *context, struct json *request,
                           const struct json *update)
{
    struct json *status = json_ensure_object(context->arena, request, "status");
    const struct json *before = json_get(status, "conditions");
    set_conditions(context, status, before, json_at(update, "status.conditions"), before);
}
static void reset_status(const struct kind_context *context, struct json *request,
                         const struct json *update)
{
    struct arena *arena = context->arena;
    const struct json *before = json_at(request, "status.conditions");
    const struct json *wanted = json_get(update, "status");
    struct json *status = wanted ? json_copy(arena, wanted) : json_new_object(arena);
    set_conditions(context, status, before, before, json_get(status, "conditions"));
    json_set(arena, request, "status", status);
}

/* --- Rules --- */

static void check_request(struct slice encoded, const struct field_path *path,
                          struct field_errors *errors)
{
    struct buffer pem = {0};
    int failed = base64_decode(encoded, &pem);
    struct slice text = slice_trim(buffer_slice(&pem));
    if (failed || !slice_starts_with(text, SLICE(PEM_BEGIN)))
        path_invalid_text(errors, path, encoded, "PEM block type must be CERTIFICATE REQUEST");
    buffer_release(&pem);
}
/* What check finds wrong with the first bad one of the labels of part; gives their number. */
static size_t check_labels(struct slice part, const struct field_path *path,
                           void (*check)(struct slice text, struct name_errors *errors),
                           struct field_errors *errors)
{
    struct slice rest = part, label;
    size_t count = 0;
    bool is_good = true;
    while (slice_split(&rest, '.', &label)) {
        struct name_errors wrong = {0};
        count++;
        if (is_good)
            check(label, &wrong);
        for (size_t i = 0; i < wrong.count; i++)
            path_invalid_text(errors, path, part, "validating label %s: %s",
                              field_value_text(errors->arena, label), wrong.texts[i]);
        is_good = is_good && wrong.count == 0;
    }
    return count;
}
/* DOMAIN/PATH, where the domain has a dot: upstream's ValidateSignerName. */
static void check_signer(struct slice name, const struct field_path *path,
                         struct field_errors *errors)
{
    struct slice signer_path = name, domain;
    if (name.size == 0)
        path_required(errors, path, NULL);
    slice_split(&signer_path, '/', &domain);
    if (!signer_path.data || slice_find(signer_path, '/') >= 0) {
        path_invalid_text(errors, path, name,
                          "must be a fully qualified domain and path of the form "
                          "'example.com/signer-name'");
        return;
    }
    if (domain.size > NAME_SUBDOMAIN_MAX)
        path_too_long(errors, path, NAME_SUBDOMAIN_MAX);
    if (check_labels(domain, path, name_check_dns_label, errors) < 2)
        path_invalid_text(errors, path, domain,
                          "should be a domain with at least two segments separated by dots");
    check_labels(signer_path, path, name_check_dns_subdomain, errors);
    if (name.size > SIGNER_NAME_MAX)
        path_too_long(errors, path, SIGNER_NAME_MAX);
}
static void check_usages(const struct json *usages, const struct field_path *path,
                         struct field_errors *errors)
{
    static const char *const known[] = {"any",
                                        "cert sign",
                                        "client auth",
                                        "code signing",
                                        "content commitment",
                                        "crl sign",
                                        "data encipherment",
                                        "decipher only",
                                        "digital signature",
                                        "email protection",
                                        "encipher only",
                                        "ipsec end system",
                                        "ipsec tunnel",
                                        "ipsec user",
                                        "key agreement",
                                        "key encipherment",
                                        "microsoft sgc",
                                        "netscape sgc",
                                        "ocsp signing",
                                        "s/mime",
                                        "server auth",
                                        "signing",
                                        "timestamping",
                                        NULL};
    struct text_map seen = {0};
    size_t index = 0;
    if (!json_first(usages))
        path_required(errors, path, NULL);
    JSON_EACH(usage, usages) {
        const struct field_path *at = AT_ITEM(path, index++);
        path_check_choice(errors, at, json_string(usage), known);
        if (!text_map_add_text(&seen, json_string(usage)))
            path_duplicate(errors, at, json_string(usage));
    }
    text_map_release(&seen);
}
static bool is_lasting(struct slice type)
{
    return slice_is(type, "Approved") || slice_is(type, "Denied") || slice_is(type, "Failed");
}
static void check_condition_status(struct slice type, struct slice status,
                                   const struct field_path *path, struct field_errors *errors)
{
    static const char *const only_true[] = {"True", NULL};
    static const char *const any[] = {"False", "True", "Unknown", NULL};
    if (status.size == 0)
        path_required(errors, path, NULL);
    else
        path_check_choice(errors, path, status, is_lasting(type) ? only_true : any);
}
static void check_conditions(const struct json *conditions, struct field_errors *errors)
{
    const struct field_path *path = AT(AT(NULL, "status"), "conditions");
    struct text_map seen = {0};
    size_t index = 0;
    JSON_EACH(condition, conditions) {
        const struct field_path *at = AT_ITEM(path, index++);
        struct slice type = text_at(condition, "type");
        if (type.size == 0)
            path_required(errors, AT(at, "type"), NULL);
        check_condition_status(type, text_at(condition, "status"), AT(at, "status"), errors);
        bool excludes = (slice_is(type, "Approved") && text_map_has(&seen, SLICE("Denied"))) ||
                        (slice_is(type, "Denied") && text_map_has(&seen, SLICE("Approved")));
        if (excludes)
            path_invalid_text(errors, AT(at, "type"), type,
                              "Approved and Denied conditions are mutually exclusive");
        if (!text_map_add_text(&seen, type))
            path_duplicate(errors, AT(at, "type"), type);
    }
    text_map_release(&seen);
}
static void validate(const struct kind_context *context, const struct json *request,
                     struct field_errors *errors)
{
    const struct json *spec = json_get(request, "spec");
    const struct field_path *path = AT(NULL, "spec");
    int64_t seconds;
    (void)context;
    check_request(text_at(spec, "request"), AT(path, "request"), errors);
    check_usages(json_get(spec, "usages"), AT(path, "usages"), errors);
    if (slice_is(text_at(spec, "signerName"), "kubernetes.io/legacy-unknown"))
        path_invalid_text(errors, AT(path, "signerName"), text_at(spec, "signerName"),
                          "the legacy signerName is not allowed via this API version");
    else
        check_signer(text_at(spec, "signerName"), AT(path, "signerName"), errors);
    if (json_to_int64(json_get(spec, "expirationSeconds"), &seconds) && seconds < SECONDS_MIN)
        path_invalid_int(errors, AT(path, "expirationSeconds"), seconds,
                         "may not specify a duration less than 600 seconds (10 minutes)");
    check_conditions(json_at(request, "status.conditions"), errors);
}

static size_t count_conditions(const struct json *request, const char *type)
{
    size_t count = 0;
    JSON_EACH(condition, json_at(request, "status.conditions"))
        count += slice_is(text_at(condition, "type"), type);
    return count;
}
/* A decision and a failure stay, and so does a certificate. */
static void validate_update(const struct kind_context *context, const struct json *request,
                            const struct json *old, struct field_errors *errors)
{
    static const char *const lasting[] = {"Approved", "Denied", "Failed"};
    const struct field_path *path = AT(NULL, "status");
    for (size_t i = 0; i < ARRAY_SIZE(lasting); i++)
        if (count_conditions(request, lasting[i]) < count_conditions(old, lasting[i]))
            path_forbidden(errors, AT(path, "conditions"),
                           "updates may not remove a condition of type \"%s\"", lasting[i]);
    struct slice before = text_at(old, "status.certificate");
    if (slice_equal(before, text_at(request, "status.certificate")))
        return;
    bool is_status = context->subresource && strcmp(context->subresource->name, "status") == 0;
    if (!is_status)
        path_forbidden(errors, AT(path, "certificate"), "updates may not set certificate content");
    else if (before.size > 0)
        path_forbidden(errors, AT(path, "certificate"),
                       "updates may not modify existing certificate content");
}

/* --- Columns: printCertificateSigningRequest --- */

static void cell_signer(const struct kind_context *context, const struct json *request,
                        struct buffer *text)
{
    (void)context;
    cell_append_or_none(text_at(request, "spec.signerName"), text);
}
static void cell_duration(const struct kind_context *context, const struct json *request,
                          struct buffer *text)
{
    int64_t seconds;
    char age[TIME_TEXT_SIZE];
    (void)context;
    if (!json_to_int64(json_at(request, "spec.expirationSeconds"), &seconds)) {
        cell_append_or_none(SLICE(""), text);
        return;
    }
    duration_human(seconds * 1000000, age);
    json_print_string(slice_of(age), text);
}
static bool has_condition(const struct json *request, const char *type)
{
    JSON_EACH(condition, json_at(request, "status.conditions"))
        if (slice_is(text_at(condition, "type"), type))
            return true;
    return false;
}
static void cell_condition(const struct kind_context *context, const struct json *request,
                           struct buffer *text)
{
    (void)context;
    buffer_format(text, "\"%s%s%s\"",
                  has_condition(request, "Denied")     ? "Denied"
                  : has_condition(request, "Approved") ? "Approved"
                                                       : "Pending",
                  has_condition(request, "Failed") ? ",Failed" : "",
                  text_at(request, "status.certificate").size > 0 ? ",Issued" : "");
}
static const struct kind_column columns[] = {
    COLUMN_NAME,
    COLUMN_AGE,
    CELL("SignerName", "string", "Who shall sign it.", cell_signer),
    CELL_AT("Requestor", "string", "Who asks.", "spec.username"),
    CELL("RequestedDuration", "string", "How long it should be good for.", cell_duration),
    CELL("Condition", "string", "What became of it.", cell_condition),
    {.name = NULL},
};

static const struct kind_field fields[] = {
    {.path = "spec.signerName"},
    {.path = NULL},
};
#define VERBS_OF_PART (VERB_GET | VERB_UPDATE | VERB_PATCH)
static void drop_from_approval(struct json *config)
{
    json_remove(config, "spec");
    json_remove(json_get(config, "status"), "certificate");
}
static void drop_from_status(struct json *config)
{
    json_remove(config, "spec");
    json_remove(json_get(config, "status"), "conditions");
}
static const struct kind_subresource subresources[] = {
    {.name = "approval",
     .verbs = VERBS_OF_PART,
     .reset = reset_approval,
     .drop_reset = drop_from_approval},
    {.name = "status",
     .verbs = VERBS_OF_PART,
     .reset = reset_status,
     .drop_reset = drop_from_status},
    {.name = NULL},
};

const struct kind kind_certificate_signing_request = {
    .group = "certificates.k8s.io",
    .version = "v1",
    .kind = "CertificateSigningRequest",
    .resource = "certificatesigningrequests",
    .singular = "certificatesigningrequest",
    .short_names = NAMES("csr"),
    .schema = &type_certificate_signing_request,
    .subresources = subresources,
    .columns = columns,
    .fields = fields,
    .field_error = "field label not supported: %s",
    .validate_name = name_path_segment,
    .prepare_for_create = prepare_for_create,
    .prepare_for_update = prepare_for_update,
    .validate = validate,
    .validate_update = validate_update,
};
