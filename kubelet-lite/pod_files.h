/* The files of /etc that every container of a pod gets: hosts, resolv.conf. Pure.
 *
 * Upstream: pkg/kubelet/kubelet_pods.go (managedHostsFileContent), pkg/kubelet/network/dns. */
#ifndef KUBELET_POD_FILES_H
#define KUBELET_POD_FILES_H

#include "core/json.h"

/* The pod's host name; and "name.subdomain.namespace.svc.DOMAIN" when it has a subdomain, else "".
 * Gives the first; both in arena. */
const char *pod_files_hostname(struct arena *arena, const struct json *pod,
                               const char *cluster_domain, const char **full_name);
/* own: of a pod on the host's network, the text of the host's own file; NULL else. */
void pod_files_hosts(const struct json *pod, const char *address, const char *cluster_domain,
                     const char *own, struct buffer *text);
/* node: the text of the node's file. cluster_dns NULL: there is none. */
void pod_files_resolv_conf(const struct json *pod, const char *node, const char *cluster_dns,
                           const char *cluster_domain, struct buffer *text);

#endif
