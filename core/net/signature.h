/* Signatures of others, as certificates and requests for them carry them. */
#ifndef CORE_NET_SIGNATURE_H
#define CORE_NET_SIGNATURE_H

#include "core/buffer.h"

/* Checks a signature over data: RSA with PKCS #1 v1.5 (2048 to 4096 bits), or
 * ECDSA on P-256, P-384 or P-521; SHA-256, SHA-384 or SHA-512. public_key is a
 * SubjectPublicKeyInfo, algorithm an AlgorithmIdentifier's content. Thread: any. */
bool signature_is_good(struct slice public_key, struct slice algorithm, struct slice data,
                       struct slice signature);
/* Whether a SubjectPublicKeyInfo holds a key that we can check signatures by. */
bool public_key_is_supported(struct slice public_key);

#endif
