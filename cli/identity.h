/* Who a server is: its keys and certificates (pki.h), and the TLS that shows them.
 *
 * Certificates are looked at every 12 hours, on a thread that may wait for the
 * disk; those that end within 30 days are made anew, new connections see them at
 * once, and the administrator's kubeconfig is written again. Connections that are
 * open keep what they were opened with. The CA's key never changes, so nothing
 * that it has signed does. Thread: the loop's. Inside its owner. */
#ifndef CLI_IDENTITY_H
#define CLI_IDENTITY_H

#include "cli/pki.h"
#include "core/net/certificate_authority.h"
#include "core/net/loop.h"
#include "core/net/tls.h"

struct identity {
    struct loop *loop;
    const char *folder;
    const char *const *addresses;
    const char *url;        /* NULL until identity_keep(). */
    const char *kubeconfig;
    struct pki pki;
    struct certificate_authority authority;
    struct tls_config *tls; /* For new connections. */
    struct timer timer;
    void (*stopped)(void *context);
    void *context;
    /* A thread's while is_looking: */
    bool is_looking;
    struct task task;
    int64_t now_us;
    struct pki found;
    struct status status;
};

/* Makes or reads what is in folder. folder and addresses (see pki_open()) are borrowed. */
MUST_USE int identity_open(struct identity *identity, struct loop *loop, const char *folder,
                           const char *const *addresses, struct status *status);
/* Writes the kubeconfig for url (both borrowed), and keeps all good from here on. */
MUST_USE int identity_keep(struct identity *identity, const char *url, const char *kubeconfig,
                           struct status *status);
/* Calls stopped() once no thread looks any more, perhaps before it returns. */
void identity_stop(struct identity *identity, void (*stopped)(void *context), void *context);
void identity_release(struct identity *identity); /* Safe on zeroed memory. */

#endif
