#include "core/net/certificate_authority.h"

#include "core/clock.h"
#include "core/net/pem.h"

#define BACKDATE_US (INT64_C(5) * 60 * 1000000)
#define SHORT_SECONDS (INT64_C(8) * 3600)

int certificate_authority_open(struct certificate_authority *authority, struct slice pem,
                               struct slice key_pem, struct status *status)
{
    struct arena arena;
    struct x509_certificate certificate;
    *authority = (struct certificate_authority){0};
    arena_init(&arena);
    int failed = x509_parse_pem(&arena, pem, &certificate, status) ||
                 ec_key_read_pem(key_pem, &authority->key, status);
    if (!failed) {
        buffer_append_slice(&authority->pem, pem);
        buffer_append_slice(&authority->der, certificate.der);
        authority->not_after_us = certificate.not_after_us;
    }
    arena_release(&arena);
    return failed ? -1 : 0;
}

void certificate_authority_release(struct certificate_authority *authority)
{
    ec_key_wipe(&authority->key);
    buffer_release(&authority->pem);
    buffer_release(&authority->der);
}

static int check_end(const struct certificate_authority *authority, int64_t now_us,
                     struct status *status)
{
    char end[TIME_TEXT_SIZE];
    if (now_us < authority->not_after_us)
        return 0;
    time_format(authority->not_after_us, end);
    return status_fail(status, STATUS_FORBIDDEN,
                       "refusing to sign a certificate that expired in the past: NotAfter=%s", end);
}

int certificate_authority_sign(const struct certificate_authority *authority, struct random *random,
                               const struct certificate_wish *wish, struct buffer *pem,
                               struct status *status)
{
    int64_t end_us = wish->now_us + wish->seconds * 1000000;
    if (wish->seconds >= SHORT_SECONDS)
        end_us -= BACKDATE_US;
    struct x509_template template = {
        .subject = wish->request->subject,
        .alternative_names = wish->request->names.alternative_names,
        .not_before_us = wish->now_us - BACKDATE_US,
        .not_after_us = end_us < authority->not_after_us ? end_us : authority->not_after_us,
        .key_usage = wish->key_usage ? wish->key_usage : X509_KEY_USAGE_UNSAID,
        .usage = wish->usage,
    };
    struct buffer der = {0};
    int failed = check_end(authority, wish->now_us, status) ||
                 x509_sign(random, &template, wish->request->public_key,
                           buffer_slice(&authority->der), &authority->key, &der, status);
    if (!failed)
        pem_write("CERTIFICATE", buffer_slice(&der), pem);
    buffer_release(&der);
    return failed ? -1 : 0;
}
