/* Do the rules that somebody has cover the rules that they want to give?
 *
 * Wanted rules are broken into atoms (one verb on one resource of one group, of
 * one name at most); each must be covered by one rule that is held. Rules:
 * k8s.io/component-helpers auth/rbac/validation, and pkg/registry/rbac/validation
 * for how what is missing is told. Pure. */
#ifndef API_RBAC_COVER_H
#define API_RBAC_COVER_H

#include "core/json.h"

struct rbac_rule_list { /* Grows in the arena; rules are borrowed. */
    struct arena *arena;
    const struct json **items;
    size_t count;
    size_t capacity;
};
void rbac_rule_list_add(struct rbac_rule_list *list, const struct json *rule);

/* More atoms than this are not compared: a few bytes of lists can stand for millions. */
#define RBAC_ATOMS_MAX 65536
/* After so many that are missing no more are looked for. */
#define RBAC_MISSING_MAX 4096

/* The atoms of wanted (an array of PolicyRule, or NULL) that held does not cover, as an array.
 * False: there are too many to compare. */
bool rbac_missing_rules(struct arena *arena, const struct rbac_rule_list *held,
                        const struct json *wanted, struct json **missing);
/* `{APIGroups:[""], Resources:["pods"], Verbs:["get" "list"]}` and so on, a line each, sorted. */
const char *rbac_describe_rules(struct arena *arena, const struct json *rules);

#endif
