/* A CA that signs what others ask for (PKCS #10).
 *
 * Immutable once it is open; any thread may sign with it. How long a certificate
 * is good follows k8s.io/kubernetes pkg/controller/certificates/authority: from
 * five minutes ago, so that clocks may differ; those five minutes are taken off
 * its end where it is good for 8 hours or more; never longer than the CA. */
#ifndef CORE_NET_CERTIFICATE_AUTHORITY_H
#define CORE_NET_CERTIFICATE_AUTHORITY_H

#include "core/net/x509.h"

struct certificate_authority {
    struct buffer pem; /* The CA's certificate, for whom it is told. */
    struct buffer der;
    struct ec_key key;
    int64_t not_after_us;
};

/* Fails with BAD_REQUEST. */
MUST_USE int certificate_authority_open(struct certificate_authority *authority, struct slice pem,
                                        struct slice key_pem, struct status *status);
void certificate_authority_release(struct certificate_authority *authority);

struct certificate_wish {
    const struct x509_request *request;
    unsigned key_usage; /* x509_key_usage bits; 0: none is said. */
    unsigned usage;     /* x509_usage bits. */
    int64_t seconds;    /* How long it shall be good. */
    int64_t now_us;
};
/* Gives PEM. Fails with FORBIDDEN when the CA itself has ended. */
MUST_USE int certificate_authority_sign(const struct certificate_authority *authority,
                                        struct random *random, const struct certificate_wish *wish,
                                        struct buffer *pem, struct status *status);

#endif
