/* What the admission of CertificateSigningRequests shares: who may speak for a signer. */
#ifndef API_CERTIFICATE_SIGNER_H
#define API_CERTIFICATE_SIGNER_H

#include "api/admission.h"

/* Whether this admission is of a CertificateSigningRequest's part; NULL: of itself. */
bool certificate_is_asked(const struct admission *admission, const char *subresource);
/* Whether the user may verb ("approve", "sign") for the signer of the request: by its whole name,
 * or by DOMAIN and a star. */
bool certificate_signer_allows(const struct admission *admission, const char *verb);
/* `user not permitted to approve requests with signerName "..."` */
int certificate_signer_forbid(const struct admission *admission, const char *verb,
                              struct status *status);

#endif
