/* Who approves or denies a request must have the verb approve on its signer. Rules:
 * k8s.io/kubernetes plugin/pkg/admission/certificates/approval. */
#include "api/certificate_signer.h"

static int validate(struct admission *admission, struct status *status)
{
    if (admission->operation != ADMIT_UPDATE || !certificate_is_asked(admission, "approval") ||
        certificate_signer_allows(admission, "approve"))
        return 0;
    return certificate_signer_forbid(admission, "approve", status);
}

const struct admission_plugin admission_certificate_approval = {.name = "CertificateApproval",
                                                                .validate = validate};
