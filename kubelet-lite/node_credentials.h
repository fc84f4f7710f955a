/* Who a node is to its server: a certificate that it has asked for itself, and asks for anew.
 *
 *   FOLDER/ca.crt     the server's CA, proved by the hash in the join token when it was first seen
 *   FOLDER/node.pem   our certificate and its key in one file, so that they always fit; mode 0600
 *
 *   happy path: reading -> (joining: the CA, a request, its certificate) -> good -> renewing at
 *               about 80 % of its time -> good
 *   a failure:  waiting, 1 s doubling to a minute, then again
 *   what is on disk is given out at once, also where the clock says that it is not good yet or no
 *   longer: pods come back without a server, and connections are tried until the clock is right
 *   it has ended while the machine was off: joining, if there is a token; else that is said
 *
 * Rules: KEP-43 (kubelet TLS bootstrap), k8s.io/client-go util/certificate. Thread: the loop's. */
#ifndef KUBELET_NODE_CREDENTIALS_H
#define KUBELET_NODE_CREDENTIALS_H

#include "core/client/client.h"
#include "core/crypto.h"
#include "core/net/tls.h"

struct node_credentials;

struct node_credentials_options {
    const char *folder;
    const char *node_name;
    const char *address;          /* The server's. */
    const char *host;             /* Whom its certificate must name; NULL: address's. */
    const char *token;            /* "id.secret"; NULL: none. */
    const uint8_t
        *ca_key_sha256; /* Of the server's CA, SHA256_SIZE; NULL: FOLDER/ca.crt must be. */
    /* Connections can prove who we are: at first, and with each new certificate. tls is borrowed. */
    void (*good)(void *context, struct tls_config *tls);
    void *context;
};

/* Texts are borrowed for good. */
MUST_USE struct node_credentials *node_credentials_open(
    struct loop *loop, const struct node_credentials_options *options, struct status *status);
void node_credentials_close(struct node_credentials *credentials); /* Takes NULL. */

#endif
