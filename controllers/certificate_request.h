/* What the controllers of CertificateSigningRequests share: what one asks for and how far it is.
 *
 * Rules: k8s.io/kubernetes pkg/apis/certificates/helpers.go, pkg/controller/certificates. Pure. */
#ifndef CONTROLLERS_CERTIFICATE_REQUEST_H
#define CONTROLLERS_CERTIFICATE_REQUEST_H

#include "core/json.h"
#include "core/net/x509.h"

#define CERTIFICATES_GROUP "certificates.k8s.io"
#define SIGNER_CLIENT "kubernetes.io/kube-apiserver-client"
#define SIGNER_KUBELET_CLIENT "kubernetes.io/kube-apiserver-client-kubelet"
#define SIGNER_KUBELET_SERVING "kubernetes.io/kubelet-serving"

/* The condition of this type, or NULL. */
const struct json *certificate_condition(const struct json *csr, const char *type);
/* Parses spec.request and checks its signature. */
MUST_USE int certificate_parse(struct arena *arena, const struct json *csr,
                               struct x509_request *request, struct status *status);
/* Why this signer must not sign it, in upstream's words, or NULL. */
const char *certificate_refusal(struct arena *arena, const struct json *csr,
                                const struct x509_request *request);
/* spec.usages as x509_key_usage and x509_usage bits. */
void certificate_usages(const struct json *csr, unsigned *key_usage, unsigned *usage);

#endif
