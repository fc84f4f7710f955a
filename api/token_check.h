/* Whose is this bearer token, and for whom is it good?
 *
 * A token that was seen before, or one whose kind needs no proof, is answered at once; else its
 * signature is checked on a worker first. What it says is judged on the loop in both cases, by
 * what is committed:
 *
 *   ID.SECRET             a bootstrap token (core/kinds/bootstrap_token.h)
 *   a JSON Web Token      of a service account, by its first bytes from our issuer
 *   anything else         is nobody's
 *
 * Rules: k8s.io/kubernetes pkg/serviceaccount (validator), plugin/pkg/auth/authenticator/token/
 * bootstrap, k8s.io/apiserver pkg/authentication/token/union. Thread: the loop's. */
#ifndef API_TOKEN_CHECK_H
#define API_TOKEN_CHECK_H

#include "api/token_cache.h"
#include "api/user.h"
#include "core/net/loop.h"

struct api;

struct token_check { /* Inside its owner, alive until done. */
    struct api *api;
    struct arena *arena;           /* Of the answer. A worker's alone while it waits. */
    struct slice token;
    const struct slice *audiences; /* One of these must be meant; NULL: the API's. */
    size_t audience_count;
    void (*done)(struct token_check *check); /* Only when it did not answer at once. */
    /* The answer: */
    const struct user *user;       /* NULL: nobody's, */
    const char *error;             /* and why, in upstream's words; NULL while user is told. */
    const struct slice *accepted;  /* Which of the audiences; in the arena. */
    size_t accepted_count;
    /* Its own: */
    struct task task;
    struct token_claims *proved;   /* What a good signature stands under; NULL: none. */
};

/* True: answered. False: done() is called later. */
bool token_check_start(struct token_check *check);

/* --- For its parts --- */
/* Refuses; why NULL: there is no more to say than that. */
void token_refuse(struct token_check *check, const char *why);
/* Sets accepted to those asked for that are also meant; false when none is. */
bool token_accept_audiences(struct token_check *check, const struct slice *meant, size_t count);
/* token_account.c: judges what a service account's token says. */
void token_judge_account(struct token_check *check, const struct token_claims *claims);
/* token_bootstrap.c: false: the text is no bootstrap token, nothing is said. */
bool token_judge_bootstrap(struct token_check *check);

#endif
