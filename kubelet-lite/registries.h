/* How to reach registries, as a small file says it (docs/images.md), and with which credentials.
 *
 *   {"registries": {"docker.io": {"mirrors": ["https://mirror.example"], "endpoint": "https://...",
 *                                 "plainHTTP": false, "caFile": "/etc/x.pem", "insecure": false,
 *                                 "auth": {"username": "...", "password": "..."}}}}
 *
 * A registry that is not named is asked at https://NAME, docker.io at registry-1.docker.io;
 * localhost and 127.0.0.1 are asked plainly, as containerd does. Pure, but for reading files. */
#ifndef KUBELET_REGISTRIES_H
#define KUBELET_REGISTRIES_H

#include "core/json.h"

struct registries {
    struct arena arena;
    const struct json *entries;
};

struct registry_endpoint {
    const char *host;     /* "registry-1.docker.io", "localhost:5000": for Host and TLS. */
    const char *address;  /* "registry-1.docker.io:443" */
    const char *prefix;   /* Before /v2/: "" */
    bool is_plain;
    bool is_insecure;     /* Takes any certificate. */
    const char *ca_file;  /* NULL: the machine's. */
};

/* path NULL: no file, defaults only. Fails with BAD_REQUEST and what is wrong in it. */
MUST_USE int registries_init(struct registries *registries, const char *path,
                             struct status *status);
void registries_release(struct registries *registries); /* Safe on zeroed memory. */
/* Where a domain's images are asked for, in order: mirrors, then itself. Gives the count. */
enum { ENDPOINTS_MAX = 8 };
size_t registries_endpoints(const struct registries *registries, struct arena *arena,
                            const char *domain, struct registry_endpoint endpoints[ENDPOINTS_MAX]);
/* "user:password" for a domain, of the secrets (Docker configuration files, both forms) or of the
 * file; NULL: none. */
const char *registries_credentials(const struct registries *registries, struct arena *arena,
                                   const char *domain, const char *path,
                                   const char *const *secrets);

#endif
