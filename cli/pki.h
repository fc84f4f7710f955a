/* The keys and certificates of a server: made at the first start, renewed before they end.
 *
 *   DIR/pki/ca.crt, ca.key          who signs; 10 years
 *   DIR/pki/server.crt, server.key  the API's; a year, for the addresses it serves
 *   DIR/pki/admin.crt, admin.key    the administrator's; a year
 *   DIR/admin.kubeconfig            the same for kubectl
 *   DIR/pki/service-account.key     signs tokens of service accounts; as long as it stays, so do
 *                                   they
 *
 * Keys and the kubeconfig have mode 0600; a key that others may read is closed to
 * them. A certificate that ends within 30 days, does not name an address that is
 * served, or does not fit its key is made anew when this is opened: at a start, and
 * every 12 hours (identity.h). The CA's is made anew, with the same key, while it
 * still outlives all that it signs. */
#ifndef CLI_PKI_H
#define CLI_PKI_H

#include "core/clock.h"
#include "core/net/ec_key.h"
#include "core/random.h"
#include "core/status.h"

struct pki {
    struct buffer ca_pem;
    struct buffer ca_key_pem;
    struct buffer server_pem;
    struct buffer server_key_pem;
    struct buffer admin_pem;
    struct buffer admin_key_pem;
    struct ec_key token_key;
};

/* addresses: numeric hosts that the certificate must name, ends with NULL. */
MUST_USE int pki_open(const char *folder, const char *const *addresses, struct random *random,
                      int64_t now_us, struct pki *pki, struct status *status);
void pki_release(struct pki *pki);
/* url: "https://127.0.0.1:6443". Writes path. */
MUST_USE int pki_write_kubeconfig(const struct pki *pki, const char *url, const char *path,
                                  struct status *status);

#endif
