/* Authentication: who asks. A client certificate, the local socket or a bearer token says so.
 *
 * Rules: k8s.io/apiserver pkg/authentication; a client certificate's CN is the
 * user and its O values are the groups. Nobody known is system:anonymous in
 * system:unauthenticated; a proof that was shown and is bad is 401. */
#ifndef API_AUTHN_H
#define API_AUTHN_H

#include "api/request.h"

/* Finds out whose bearer token a request brings, if it brings one and nothing before it says who
 * asks. True: then() is called later, once that is known; false: there is nothing to wait for. */
bool authn_prove_token(struct request *request, void (*then)(struct request *request));

/* Sets request->user; -1 and UNAUTHORIZED when a proof is bad. */
MUST_USE int authenticate(struct request *request);

/* Takes what the connection has proved: its client certificate. */
struct stream_peer;
void authn_from_peer(struct request *request, const struct stream_peer *peer);

extern const struct user user_anonymous;
/* Who may do all: the admin certificate's and the local socket's user. */
extern const struct user user_admin;

#endif
