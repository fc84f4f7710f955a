/* Who gives a request its certificate must have the verb sign on its signer. Rules:
 * k8s.io/kubernetes plugin/pkg/admission/certificates/signing. */
#include "api/certificate_signer.h"

static bool is_same(const struct admission *admission, const char *path)
{
    const struct json *new = json_at(admission->object, path);
    const struct json *old = json_at(admission->old, path);
    return (json_count(new) == 0 && json_count(old) == 0 && json_string(new).size == 0 &&
            json_string(old).size == 0) ||
           (new &&old &&json_equal(new, old));
}

static int validate(struct admission *admission, struct status *status)
{
    if (admission->operation != ADMIT_UPDATE || !certificate_is_asked(admission, "status") ||
        (is_same(admission, "status.certificate") && is_same(admission, "status.conditions")) ||
        certificate_signer_allows(admission, "sign"))
        return 0;
    return certificate_signer_forbid(admission, "sign", status);
}

const struct admission_plugin admission_certificate_signing = {.name = "CertificateSigning",
                                                               .validate = validate};
