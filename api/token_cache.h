/* Tokens whose signatures were found good, so that none is checked twice.
 *
 * Kept is what a token says, under its text; whether it still holds (its times,
 * its account, what it is bound to) is judged anew at each request, so a token ends at once when
 * what it is bound to does. Of more than a fixed number the one that was longest not asked for
 * goes; one whose text is very long is not kept at all. Thread: the loop's. */
#ifndef API_TOKEN_CACHE_H
#define API_TOKEN_CACHE_H

#include "api/token_claims.h"

#define TOKEN_CACHE_TEXT_MAX 4096 /* Bytes of a token that is kept. */

struct token_cache;

struct token_cache *token_cache_create(size_t max);
void token_cache_destroy(struct token_cache *cache); /* Takes NULL. */
/* NULL: not known. Borrowed until the next put. */
const struct token_claims *token_cache_get(struct token_cache *cache, struct slice token);
void token_cache_put(struct token_cache *cache, struct slice token,
                     const struct token_claims *claims); /* Both are copied. */
size_t token_cache_count(const struct token_cache *cache);

#endif
