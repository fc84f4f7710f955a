/* The addresses and node ports that services share, and which of them are given out.
 *
 * Derived from head alone, by following it: what a service on head has is held, what it
 * loses is free in the same step, and a commit that fails takes both back. So nothing is
 * stored beside the services, and no two of them can get the same.
 *
 * Rules: k8s.io/kubernetes pkg/registry/core/service/{ipallocator,portallocator}, with
 * the lower band that is left to those who choose themselves (KEP-3070, KEP-3668).
 * IPv4. Thread: the loop thread. */
#ifndef API_SERVICE_RANGES_H
#define API_SERVICE_RANGES_H

#include "api/plan.h"
#include "core/bitmap.h"
#include "core/random.h"

struct service_ranges;

struct service_ranges_config {
    uint32_t network; /* 10.96.0.0, host order. */
    int prefix_bits;
    int first_port, last_port;
};
/* 10.96.0.0/12 and 30000-32767. */
extern const struct service_ranges_config service_ranges_default;
/* Reads such texts; NULL leaves config as it is. Fails with BAD_REQUEST. */
MUST_USE int service_ranges_read(const char *addresses, const char *ports,
                                 struct service_ranges_config *config, struct status *status);

struct service_ranges *service_ranges_create(struct store *store,
                                             const struct service_ranges_config *config);
void service_ranges_stop(struct service_ranges *ranges);    /* Follows the store no longer. */
void service_ranges_destroy(struct service_ranges *ranges); /* Takes NULL. */
/* The first of the range, which is the API server's own (the service default/kubernetes). */
const char *service_ranges_first_address(const struct service_ranges_config *config,
                                         struct arena *arena);

/* --- Giving out, to one service of a plan --- */
/* What a claim gives is taken on head by the write that follows; what the plan's earlier writes
 * and the claim itself took counts already. So nothing is to be undone. */
struct service_claim {
    const struct service_ranges *ranges;
    struct arena *arena;
    struct random *random;
    bool is_dry_run;      /* Upstream then looks at little, and gives out dummies. */
    struct bitmap ports;  /* Taken by the plan and by this claim. */
    size_t *addresses;    /* Taken by the plan. */
    size_t address_count;
    int64_t last_dummy;   /* The greatest port of a dry run so far; 0: none. */
};
/* Texts are made in arena. */
void service_claim_init(struct service_claim *claim, const struct service_ranges *ranges,
                        const struct plan *plan, struct arena *arena, struct random *random);
void service_claim_release(struct service_claim *claim);

/* Each gives NULL where it did as asked, else why not, in upstream's words. */
const char *service_claim_any_address(struct service_claim *claim, const char **address);
const char *service_claim_address(struct service_claim *claim, struct slice address);
const char *service_claim_any_port(struct service_claim *claim, int64_t *port);
const char *service_claim_port(struct service_claim *claim, int64_t port);

#endif
