/* Object identifiers, as DER has their content. */
#ifndef CORE_NET_OID_H
#define CORE_NET_OID_H

#include "core/buffer.h"

#define OIDS(X)                                                                          \
    X(oid_ec_public_key, "\x2a\x86\x48\xce\x3d\x02\x01")             /* RFC 5480 */      \
    X(oid_p256, "\x2a\x86\x48\xce\x3d\x03\x01\x07")                                      \
    X(oid_p384, "\x2b\x81\x04\x00\x22")                                                  \
    X(oid_p521, "\x2b\x81\x04\x00\x23")                                                  \
    X(oid_ecdsa_sha256, "\x2a\x86\x48\xce\x3d\x04\x03\x02")          /* RFC 5758 */      \
    X(oid_ecdsa_sha384, "\x2a\x86\x48\xce\x3d\x04\x03\x03")                              \
    X(oid_ecdsa_sha512, "\x2a\x86\x48\xce\x3d\x04\x03\x04")                              \
    X(oid_rsa, "\x2a\x86\x48\x86\xf7\x0d\x01\x01\x01")               /* RFC 8017 */      \
    X(oid_rsa_sha256, "\x2a\x86\x48\x86\xf7\x0d\x01\x01\x0b")                            \
    X(oid_rsa_sha384, "\x2a\x86\x48\x86\xf7\x0d\x01\x01\x0c")                            \
    X(oid_rsa_sha512, "\x2a\x86\x48\x86\xf7\x0d\x01\x01\x0d")                            \
    X(oid_common_name, "\x55\x04\x03")                               /* X.520 */         \
    X(oid_organization, "\x55\x04\x0a")                                                  \
    X(oid_subject_key_id, "\x55\x1d\x0e")                            /* RFC 5280 */      \
    X(oid_key_usage, "\x55\x1d\x0f")                                                     \
    X(oid_subject_alt_name, "\x55\x1d\x11")                                              \
    X(oid_basic_constraints, "\x55\x1d\x13")                                             \
    X(oid_authority_key_id, "\x55\x1d\x23")                                              \
    X(oid_extended_key_usage, "\x55\x1d\x25")                                            \
    X(oid_any_usage, "\x55\x1d\x25\x00")                                                 \
    X(oid_server_auth, "\x2b\x06\x01\x05\x05\x07\x03\x01")                               \
    X(oid_client_auth, "\x2b\x06\x01\x05\x05\x07\x03\x02")                               \
    X(oid_extension_request, "\x2a\x86\x48\x86\xf7\x0d\x01\x09\x0e") /* RFC 2985 */

#define X(name, bytes) extern const struct slice name;
OIDS(X)
#undef X

#endif
