/* What `up` and `server` share: flags, the ready line, signals. */
#ifndef CLI_SERVE_H
#define CLI_SERVE_H

#include "cli/command.h"
#include "cli/server_process.h"

/* Flags that both have, for their tables. */
#define SERVE_FLAGS                                                                              \
    {"data-dir", 0, "DIR", "All state (default /var/lib/coracle as root, else "                  \
                           "$XDG_STATE_HOME/coracle)"},                                          \
    {"listen", 0, "ADDR:PORT", "Where the API is served (default 127.0.0.1:6443; port 0: any)"}, \
    {"history-bytes", 0, "N", "Memory for old revisions that watches resume from "               \
                              "(default 64 MiB)"},                                               \
    {"event-ttl", 0, "DURATION", "How long Events are kept (default 1h)"},                       \
    {"event-bytes", 0, "N", "How many bytes of them (default 32 MiB)"},                          \
    {"terminated-pod-gc-threshold", 0, "N", "Pods that have ended and are kept (default 12500)"}, \
    {"service-cluster-ip-range", 0, "CIDR", "Addresses of services (default 10.96.0.0/12)"},     \
    {"service-node-port-range", 0, "A-B", "Ports of nodes for services (default 30000-32767)"},  \
    {"audit-policy-file", 0, "FILE", "What is written to the audit log: a Policy of "             \
                                     "audit.k8s.io/v1 (default: every write, as metadata)"},     \
    {"audit-log-path", 0, "FILE", "The audit log (default DIR/audit.log)"},                      \
    {"audit-log-maxsize", 0, "MB", "Size at which it is renamed (default 100)"},                 \
    {"audit-log-maxbackup", 0, "N", "Renamed files that are kept (default 5)"},                  \
    {"accept-data-loss", 0, NULL, "Open a damaged store and keep what can be read"}

/* Fills options from those flags; an exit code. Text that it gives is in options->data_dir. */
int serve_read_flags(const struct command_line *line, struct server_process_options *options);
struct own_agent_options;
/* agent: of the machine's own, whose server and authority do not matter; NULL: none.
 * ready and context of options do not matter. Runs a server in the foreground until SIGINT or SIGTERM; an exit code. */
int serve(const struct command_line *line, const struct server_process_options *options,
          const struct own_agent_options *agent);

#endif
