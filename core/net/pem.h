/* PEM, the text form of DER (RFC 7468): -----BEGIN LABEL-----, base64, END. */
#ifndef CORE_NET_PEM_H
#define CORE_NET_PEM_H

#include "core/buffer.h"
#include "core/status.h"

/* Takes the next block off text, what stands around blocks is passed over.
 * Gives 1 and label (a slice of text) and the block's bytes, 0 when there is
 * no more, or -1 and BAD_REQUEST for a broken block. */
MUST_USE int pem_next(struct slice *text, struct slice *label, struct buffer *der,
                      struct status *status);
/* Gives the first block with this label. Fails with BAD_REQUEST. */
MUST_USE int pem_find(struct slice text, const char *label, struct buffer *der,
                      struct status *status);
void pem_write(const char *label, struct slice der, struct buffer *text);

#endif
