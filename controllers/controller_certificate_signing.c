/* Approved requests to the three signers of Kubernetes are signed by the cluster's CA.
 *
 * A worker reads the request, checks it by its signer's rules and signs (P-256); what does not
 * fit the signer gets the condition Failed. A certificate is good for a year, or for
 * spec.expirationSeconds if that is less. Rules: k8s.io/kubernetes
 * pkg/controller/certificates/signer. */
#include "controllers/certificate_request.h"
#include "controllers/controller.h"
#include "core/clock.h"
#include "core/crypto.h"
#include "core/kinds/meta.h"
#include "core/net/certificate_authority.h"
#include "core/trace.h"

#define SECONDS_MAX (INT64_C(365) * 86400)
#define SECONDS_MIN INT64_C(600)

/* While a worker signs it alone touches this. */
struct signing {
    struct task task;
    struct reconcile *reconcile;
    const struct certificate_authority *authority;
    struct random *random;
    struct json *csr;
    struct arena arena;   /* The worker's. */
    struct buffer pem;    /* The certificate; */
    const char *refusal;  /* or why there is none; */
    struct status status; /* or what went wrong. */
};

static void request_key(const struct object *object, struct buffer *key)
{
    buffer_append_slice(key, object_key(object));
}

static int64_t seconds_of(const struct json *csr)
{
    int64_t seconds;
    if (!json_to_int64(json_at(csr, "spec.expirationSeconds"), &seconds) || seconds > SECONDS_MAX)
        return SECONDS_MAX;
    return seconds < SECONDS_MIN ? SECONDS_MIN : seconds;
}

static void sign(struct task *task)
{
    struct signing *signing = CONTAINER_OF(task, struct signing, task);
    struct x509_request request;
    struct certificate_wish wish = {.request = &request,
                                    .seconds = seconds_of(signing->csr),
                                    .now_us = signing->reconcile->now_us};
    if (certificate_parse(&signing->arena, signing->csr, &request, &signing->status))
        return;
    signing->refusal = certificate_refusal(&signing->arena, signing->csr, &request);
    if (signing->refusal)
        return;
    certificate_usages(signing->csr, &wish.key_usage, &wish.usage);
    if (certificate_authority_sign(signing->authority, signing->random, &wish, &signing->pem,
                                   &signing->status))
        buffer_clear(&signing->pem);
}

/* --- On the loop again --- */

static void set_failed(struct signing *signing, struct json *status)
{
    struct arena *arena = signing->reconcile->arena;
    char now[TIME_TEXT_SIZE];
    time_format(signing->reconcile->now_us, now);
    struct json *condition = json_new_object(arena);
    json_set_text(arena, condition, "type", "Failed");
    json_set_text(arena, condition, "status", "True");
    json_set_text(arena, condition, "reason", "SignerValidationFailure");
    json_set_text(arena, condition, "message", signing->refusal);
    json_set_text(arena, condition, "lastUpdateTime", now);
    json_append(json_get(status, "conditions"), condition);
}

static void set_certificate(struct signing *signing, struct json *status)
{
    struct arena *arena = signing->reconcile->arena;
    struct buffer text = {0};
    base64_encode(buffer_slice(&signing->pem), &text);
    json_set(arena, status, "certificate", json_new_string(arena, buffer_slice(&text)));
    buffer_release(&text);
}

static void write_outcome(struct signing *signing)
{
    struct reconcile *reconcile = signing->reconcile;
    struct json *status = json_ensure_object(reconcile->arena, signing->csr, "status");
    if (signing->refusal)
        set_failed(signing, status);
    else
        set_certificate(signing, status);
    struct resource_path path = {.group = CERTIFICATES_GROUP,
                                 .version = "v1",
                                 .resource = "certificatesigningrequests",
                                 .name = meta_name(signing->csr),
                                 .subresource = "status"};
    reconcile_write(reconcile, "update", path, signing->csr);
}

static void is_signed(struct task *task)
{
    struct signing *signing = CONTAINER_OF(task, struct signing, task);
    struct reconcile *reconcile = signing->reconcile;
    bool failed = !status_ok(&signing->status);
    if (failed)
        log_line(LOG_WARN, "a certificate could not be signed",
                 "request=" SLICE_FORMAT " why=\"%s\"", SLICE_ARGS(meta_name(signing->csr)),
                 signing->status.message);
    else
        write_outcome(signing);
    buffer_release(&signing->pem);
    status_release(&signing->status);
    arena_release(&signing->arena);
    reconcile_end(reconcile, failed);
}

static bool is_to_sign(const struct json *csr)
{
    static const char *const signers[] = {SIGNER_CLIENT, SIGNER_KUBELET_CLIENT,
                                          SIGNER_KUBELET_SERVING};
    struct slice signer = json_string(json_at(csr, "spec.signerName"));
    bool is_ours = false;
    for (size_t i = 0; i < ARRAY_SIZE(signers); i++)
        is_ours = is_ours || slice_is(signer, signers[i]);
    return is_ours && json_string(json_at(csr, "status.certificate")).size == 0 &&
           certificate_condition(csr, "Approved") && !certificate_condition(csr, "Denied") &&
           !certificate_condition(csr, "Failed");
}

static void reconcile(struct reconcile *reconcile)
{
    struct json *csr = reconcile_read(reconcile, reconcile->key);
    if (!reconcile->options->authority || !is_to_sign(csr))
        return;
    struct signing *signing = ARENA_NEW(reconcile->arena, struct signing);
    signing->reconcile = reconcile;
    signing->authority = reconcile->options->authority;
    signing->random = loop_random(reconcile->client->loop);
    signing->csr = csr;
    arena_init(&signing->arena);
    status_init(&signing->status);
    signing->task.work = sign;
    signing->task.done = is_signed;
    reconcile->is_waiting = true;
    loop_submit(reconcile->client->loop, LANE_WORKERS, &signing->task);
}

static const struct controller_watch watches[] = {
    {CERTIFICATES_GROUP, "v1", "certificatesigningrequests", request_key},
    {NULL, NULL, NULL, NULL},
};

const struct controller controller_certificate_signing = {
    .name = "csrsigning",
    .user = "system:serviceaccount:kube-system:certificate-controller",
    .watches = watches,
    .reconcile = reconcile,
};
