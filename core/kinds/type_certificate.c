/* Requests for certificates: io.k8s.api.certificates.v1. */
#include "core/kinds/schema_table.h"

#define CERTIFICATES_V1 "io.k8s.api.certificates.v1"

FIELDS(certificate_signing_request_spec) = {
    FIELD(1, "request", BYTES, EXPECTED, "Certificate request, PKCS #10 in PEM."),
    FIELD(7, "signerName", STRING, EXPECTED | ALWAYS, "Who shall sign it."),
    FIELD(8, "expirationSeconds", INT32, POINTER,
          "Seconds that the certificate should be good for; at least 600."),
    LIST(5, "usages", STRING, 0, "What the key is for.", GO_TYPE("v1.KeyUsage")),
    FIELD(2, "username", STRING, 0, "Who asks; set by the server."),
    FIELD(3, "uid", STRING, 0, "Their id; set by the server."),
    LIST(4, "groups", STRING, 0, "Their groups; set by the server."),
    MAP(6, "extra", OBJECT(extra_value), 0, "What else is known of them; set by the server."),
};
TYPE(certificate_signing_request_spec, "CertificateSigningRequestSpec", CERTIFICATES_V1,
     "What is asked for.");

FIELDS(certificate_signing_request_condition) = {
    FIELD(1, "type", STRING, EXPECTED | ALWAYS, "Approved, Denied or Failed.",
          GO_TYPE("v1.RequestConditionType")),
    FIELD(6, "status", STRING, EXPECTED | ALWAYS,
          "True, False or Unknown; True for the three above.", GO_TYPE("v1.ConditionStatus")),
    FIELD(2, "reason", STRING, 0, "Why, as one word for programs."),
    FIELD(3, "message", STRING, 0, "Why, as a text for people."),
    FIELD(4, "lastUpdateTime", TIME, 0, "When it was last written."),
    FIELD(5, "lastTransitionTime", TIME, 0, "When status last changed."),
};
TYPE(certificate_signing_request_condition, "CertificateSigningRequestCondition", CERTIFICATES_V1,
     "One aspect of a request's present state.");

FIELDS(certificate_signing_request_status) = {
    LIST(1, "conditions", OBJECT(certificate_signing_request_condition), 0,
         "Aspects of its present state.", MAP_KEYS("type")),
    FIELD(2, "certificate", BYTES, 0, "The certificate and its chain, in PEM."),
};
TYPE(certificate_signing_request_status, "CertificateSigningRequestStatus", CERTIFICATES_V1,
     "What became of a request.");

FIELDS(certificate_signing_request) = {
    OBJECT_FIELDS,
    FIELD(2, "spec", OBJECT(certificate_signing_request_spec), EXPECTED | ALWAYS,
          "What is asked for; never changes."),
    FIELD(3, "status", OBJECT(certificate_signing_request_status), ALWAYS, "What became of it."),
};
TYPE(certificate_signing_request, "CertificateSigningRequest", CERTIFICATES_V1,
     "Asks for a certificate.");
