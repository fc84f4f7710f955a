/* SubjectPublicKeyInfo as BearSSL wants it, for files that speak to BearSSL. */
#ifndef CORE_NET_PUBLIC_KEY_H
#define CORE_NET_PUBLIC_KEY_H

#include <bearssl.h>

#include "core/buffer.h"

/* Reads an RSA or EC key; its numbers point into der. False when it is of
 * another kind, or too weak. */
bool public_key_read(struct slice der, br_x509_pkey *key);

#endif
