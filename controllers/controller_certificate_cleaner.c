/* Requests for certificates go when nobody needs them any more.
 *
 * One hour after it was answered (issued, denied, failed), 24 hours after it was made if nobody
 * has said anything, and when its certificate has ended. Upstream looks once an hour; here each
 * request is looked at when its time has come. Rules: k8s.io/kubernetes
 * pkg/controller/certificates/cleaner. */
#include "controllers/certificate_request.h"
#include "controllers/controller.h"
#include "core/clock.h"
#include "core/crypto.h"
#include "core/kinds/meta.h"

#define HOUR_US (INT64_C(3600) * 1000000)
#define ANSWERED_US HOUR_US
#define PENDING_US (24 * HOUR_US)

static void request_key(const struct object *object, struct buffer *key)
{
    buffer_append_slice(key, object_key(object));
}

static void sooner(int64_t *due_us, int64_t at_us)
{
    if (at_us < *due_us)
        *due_us = at_us;
}

static void after_condition(const struct json *csr, const char *type, int64_t *due_us)
{
    int64_t told_us;
    const struct json *condition = certificate_condition(csr, type);
    if (condition && time_parse(json_string(json_get(condition, "lastUpdateTime")), &told_us))
        sooner(due_us, told_us + ANSWERED_US);
}

static void at_end(struct arena *arena, const struct json *csr, int64_t *due_us)
{
    struct buffer pem = {0};
    struct x509_certificate certificate;
    struct status status;
    status_init(&status);
    if (base64_decode(json_string(json_at(csr, "status.certificate")), &pem) == 0 &&
        x509_parse_pem(arena, buffer_slice(&pem), &certificate, &status) == 0)
        sooner(due_us, certificate.not_after_us);
    status_release(&status);
    buffer_release(&pem);
}

static int64_t due_of(struct arena *arena, const struct json *csr)
{
    int64_t due_us = INT64_MAX, created_us;
    if (json_count(json_at(csr, "status.conditions")) == 0 && meta_created(csr, &created_us))
        sooner(&due_us, created_us + PENDING_US);
    after_condition(csr, "Denied", &due_us);
    after_condition(csr, "Failed", &due_us);
    if (json_string(json_at(csr, "status.certificate")).size > 0) {
        after_condition(csr, "Approved", &due_us);
        at_end(arena, csr, &due_us);
    }
    return due_us;
}

static void reconcile(struct reconcile *reconcile)
{
    struct json *csr = reconcile_read(reconcile, reconcile->key);
    if (!csr)
        return;
    int64_t due_us = due_of(reconcile->arena, csr);
    if (due_us == INT64_MAX)
        return;
    if (due_us >= reconcile->now_us) {
        reconcile->again_us = due_us - reconcile->now_us + 1;
        return;
    }
    struct resource_path path = {.group = CERTIFICATES_GROUP,
                                 .version = "v1",
                                 .resource = "certificatesigningrequests",
                                 .name = meta_name(csr)};
    reconcile_write(reconcile, "delete", path, NULL);
}

static const struct controller_watch watches[] = {
    {CERTIFICATES_GROUP, "v1", "certificatesigningrequests", request_key},
    {NULL, NULL, NULL, NULL},
};

const struct controller controller_certificate_cleaner = {
    .name = "csrcleaner",
    .user = "system:serviceaccount:kube-system:certificate-controller",
    .watches = watches,
    .reconcile = reconcile,
};
