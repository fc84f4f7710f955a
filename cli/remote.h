/* The API for commands: one question, one answer, one after the other.
 *
 * Which server: --kubeconfig or --context say it; else --data-dir, whose local socket needs no
 * certificate; else KUBECONFIG; else the default data folder, if a server is there; else
 * ~/.kube/config. */
#ifndef CLI_REMOTE_H
#define CLI_REMOTE_H

#include "cli/command.h"
#include "core/client/client.h"
#include "core/json.h"

/* Flags for the tables of commands that ask a server. */
#define REMOTE_FLAGS                                                                       \
    {"data-dir", 0, "DIR", "Ask the server whose state is there, by its local socket"},    \
    {"kubeconfig", 0, "FILE", "Ask the server that this file names"},                      \
    {"context", 0, "NAME", "Which of the file's contexts (default its current one)"}

struct remote;

MUST_USE int remote_open(const struct command_line *line, struct remote **remote,
                         struct status *status);
void remote_close(struct remote *remote); /* Takes NULL. */

struct remote_question {
    const char *verb; /* get list create update patch delete */
    struct resource_path path;
    enum patch_type patch_type;
    const char *query;       /* NULL: none. */
    const struct json *body; /* NULL: none. */
};
/* Asks and waits; *reply lives in arena. -1: the server's refusal, or there is no server. */
MUST_USE int remote_ask(struct remote *remote, const struct remote_question *question,
                        struct arena *arena, struct json **reply, struct status *status);
/* The CA's certificate, PEM; fails where it is not known. Borrowed. */
MUST_USE int remote_read_ca(struct remote *remote, struct slice *pem, struct status *status);
/* Of the kubeconfig's context, or "default". */
const char *remote_namespace(const struct remote *remote);

#endif
