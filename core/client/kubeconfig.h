/* Where a cluster is and who we are there: the file that kubectl reads.
 *
 * Read are clusters, users, contexts and current-context; programs that make credentials
 * (exec, auth-provider) are refused by name. Files named inside are taken relative to the
 * kubeconfig's own folder. Several files, KUBECONFIG=a:b, are one: of what stands in two, the
 * first wins. Rules: k8s.io/client-go tools/clientcmd. */
#ifndef CORE_CLIENT_KUBECONFIG_H
#define CORE_CLIENT_KUBECONFIG_H

#include "core/arena.h"
#include "core/net/tls.h"
#include "core/status.h"

struct kubeconfig { /* One context of it; texts live in the arena. */
    const char *server;          /* "https://127.0.0.1:6443" */
    const char *address;         /* "127.0.0.1:6443" */
    const char *host;            /* Whom the certificate must name; NULL: the address's. */
    bool is_plain;               /* http:// */
    bool is_insecure;            /* Takes any certificate. */
    struct slice ca_pem;
    struct slice certificate_pem, key_pem;
    const char *token;           /* NULL: none. */
    const char *namespace;       /* "default" when it does not say. */
    const char *context;         /* Its name. */
    const char *user;            /* The name of the user's entry. */
};

/* path NULL: KUBECONFIG, or ~/.kube/config. context NULL: the current one. Fails with NOT_FOUND
 * where there is nothing to read, and BAD_REQUEST. */
MUST_USE int kubeconfig_read(struct arena *arena, const char *path, const char *context,
                             struct kubeconfig *config, struct status *status);
/* "https://HOST[:PORT]" into address and is_plain; 443 and 80 unless it says. */
MUST_USE int kubeconfig_read_server(struct arena *arena, const char *server,
                                    struct kubeconfig *config, struct status *status);
/* NULL where it is plain; else one with a reference. */
MUST_USE int kubeconfig_tls(const struct kubeconfig *config, struct tls_config **tls,
                            struct status *status);

#endif
