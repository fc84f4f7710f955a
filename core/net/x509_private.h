/* What x509.c, x509_make.c and x509_request.c give one another. */
#ifndef CORE_NET_X509_PRIVATE_H
#define CORE_NET_X509_PRIVATE_H

#include "core/net/x509.h"

/* Fills common_name and organizations; false for a malformed Name. */
bool x509_read_name(struct arena *arena, struct slice name, struct x509_names *names);
/* Reads Extensions (a SEQUENCE) into what the certificate says of them. */
bool x509_read_extensions(struct arena *arena, struct slice extensions,
                          struct x509_certificate *certificate);

void x509_write_name(const struct x509_template *template, struct buffer *der);
/* The subjectAltName extension, or nothing when there are no names. */
void x509_write_alternative_names(const struct x509_template *template, struct buffer *der);
/* Wraps what is to be signed, its algorithm and the signature. */
void x509_write_signed(struct slice to_sign, const struct ec_key *key, struct buffer *der);

#endif
