#include "scheduler/schedule_group.h"

#include <stdlib.h>

enum { REASON_TEXTS_MAX = 64 };

/* A node that passed the filters, and what this decision has put on it so far. */
struct candidate {
    const struct node_info *node;
    struct amounts taken;
    int64_t slots;
    int64_t score;
};

struct deciding {
    const struct group_request *request;
    const struct cluster_state *state;
    struct arena *arena;
    struct decision *decision;
};

/* --- Refusals --- */

static void count_reason(struct deciding *deciding, const char *reason)
{
    struct decision *decision = deciding->decision;
    for (size_t i = 0; i < decision->reason_count; i++)
        if (strcmp(decision->reasons[i].reason, reason) == 0) {
            decision->reasons[i].nodes++;
            return;
        }
    if (decision->reason_count == REASON_TEXTS_MAX)
        return;
    decision->reasons[decision->reason_count++] = (struct reason_count){reason, 1};
}

static void count_refusal(struct deciding *deciding, int filter, const struct refusal *refusal)
{
    deciding->decision->first_refused[filter]++;
    for (size_t i = 0; i < refusal->count; i++)
        count_reason(deciding, refusal->reasons[i]);
}

static void clear_refusals(struct decision *decision)
{
    memset(decision->first_refused, 0, sizeof(decision->first_refused));
    decision->reason_count = 0;
    decision->passed_nodes = 0;
}

/* --- Scores and slots --- */

static int64_t slots_of(const struct shape *shape, const struct node_info *node,
                        const struct amounts *taken, int count)
{
    int64_t slots = node->allocatable.at[RESOURCE_PODS] - taken->at[RESOURCE_PODS];
    for (int i = 0; i < count; i++) {
        if (shape->requests.at[i] <= 0)
            continue;
        int64_t fit = (node->allocatable.at[i] - taken->at[i]) / shape->requests.at[i];
        slots = fit < slots ? fit : slots;
    }
    /* A host port is given once on a node. */
    return shape->host_ports.size > 0 && slots > 1 ? 1 : slots;
}

/* NodeResourcesFit's LeastAllocated over cpu and memory, 0..100 each, both added. */
static int64_t score_of(const struct shape *shape, const struct node_info *node,
                        const struct amounts *taken)
{
    int64_t score = 0;
    static const int places[] = {RESOURCE_CPU, RESOURCE_MEMORY};
    for (size_t i = 0; i < ARRAY_SIZE(places); i++) {
        int64_t total = node->allocatable.at[places[i]];
        int64_t left = total - taken->at[places[i]] - shape->requests.at[places[i]];
        if (total > 0 && left > 0)
            score += (int64_t)((__int128)left * 100 / total);
    }
    return score;
}

/* Better first: packing wants many slots, spreading a high score; names break ties, so
 * that a decision does not depend on the order of nodes. */
static int compare_names(const struct candidate *a, const struct candidate *b)
{
    return slice_compare(a->node->name, b->node->name);
}
static int compare_packing(const void *left, const void *right)
{
    const struct candidate *a = left;
    const struct candidate *b = right;
    if (a->slots != b->slots)
        return a->slots > b->slots ? -1 : 1;
    return compare_names(a, b);
}
static int compare_spreading(const void *left, const void *right)
{
    const struct candidate *a = left;
    const struct candidate *b = right;
    if (a->score != b->score)
        return a->score > b->score ? -1 : 1;
    return compare_names(a, b);
}

/* --- Identical pods: by counting --- */

static size_t find_candidates(struct deciding *deciding, const struct shape *shape,
                              struct candidate *candidates)
{
    const struct cluster_state *state = deciding->state;
    size_t found = 0;
    for (size_t i = 0; i < state->node_count; i++) {
        const struct node_info *node = state->nodes[i];
        struct filter_input input = {shape, node, &node->taken, state};
        struct refusal refusal;
        int filter = framework_filter(&input, &refusal);
        if (filter >= 0) {
            count_refusal(deciding, filter, &refusal);
            continue;
        }
        deciding->decision->passed_nodes++;
        candidates[found++] = (struct candidate){
            .node = node,
            .slots = slots_of(shape, node, &node->taken, state->resources.count),
            .score = score_of(shape, node, &node->taken),
        };
    }
    return found;
}

/* One pod goes to the best node; no order of the others is needed. */
static void place_one(struct deciding *deciding, const struct candidate *candidates, size_t found)
{
    int (*compare)(const void *, const void *) =
        deciding->request->packs ? compare_packing : compare_spreading;
    const struct candidate *best = &candidates[0];
    for (size_t i = 1; i < found; i++)
        if (compare(&candidates[i], best) < 0)
            best = &candidates[i];
    deciding->decision->nodes[0] = best->node;
    deciding->decision->placed = 1;
}

/* Packing fills a node before the next; spreading deals one to each, round by round. */
static void place_identical(struct deciding *deciding, struct candidate *candidates, size_t found)
{
    const struct group_request *request = deciding->request;
    struct decision *decision = deciding->decision;
    qsort(candidates, found, sizeof(*candidates),
          request->packs ? compare_packing : compare_spreading);
    size_t before;
    do {
        before = decision->placed;
        for (size_t i = 0; i < found && decision->placed < request->count; i++) {
            int64_t share = request->packs ? candidates[i].slots : candidates[i].slots > 0;
            candidates[i].slots -= share;
            for (; share > 0 && decision->placed < request->count; share--)
                decision->nodes[decision->placed++] = candidates[i].node;
        }
    } while (decision->placed > before && decision->placed < request->count);
}

static void schedule_identical(struct deciding *deciding, const struct shape *shape)
{
    const struct group_request *request = deciding->request;
    struct decision *decision = deciding->decision;
    struct candidate *candidates =
        ARENA_ARRAY(deciding->arena, struct candidate, deciding->state->node_count + 1);
    size_t found = find_candidates(deciding, shape, candidates);
    size_t slots = 0;
    for (size_t i = 0; i < found && slots < request->count; i++)
        slots += (size_t)candidates[i].slots;
    if (slots < request->needed) {
        decision->possible = slots;
        decision->is_proven = true;
        return;
    }
    if (request->count == 1)
        place_one(deciding, candidates, found);
    else
        place_identical(deciding, candidates, found);
}

/* --- Pods of several shapes: the most demanding first --- */

struct order {
    size_t pod;
    int64_t demand;
};

/* How much of the whole cluster's scarcest resource a shape asks for, in millionths. */
static int64_t demand_of(const struct shape *shape, const struct amounts *total)
{
    int64_t demand = 0;
    for (int i = 0; i < RESOURCES_MAX; i++) {
        if (total->at[i] <= 0 || shape->requests.at[i] <= 0)
            continue;
        int64_t part = (int64_t)((__int128)shape->requests.at[i] * 1000000000 / total->at[i]);
        demand = part > demand ? part : demand;
    }
    return demand;
}

static int compare_demand(const void *left, const void *right)
{
    const struct order *a = left;
    const struct order *b = right;
    if (a->demand != b->demand)
        return a->demand > b->demand ? -1 : 1;
    return a->pod < b->pod ? -1 : a->pod > b->pod;
}

static struct order *order_pods(struct deciding *deciding)
{
    const struct group_request *request = deciding->request;
    struct amounts total = {0};
    for (size_t i = 0; i < deciding->state->node_count; i++)
        amounts_add(&total, &deciding->state->nodes[i]->allocatable);
    struct order *order = ARENA_ARRAY(deciding->arena, struct order, request->count);
    for (size_t i = 0; i < request->count; i++)
        order[i] = (struct order){i, demand_of(request->shapes[i], &total)};
    qsort(order, request->count, sizeof(*order), compare_demand);
    return order;
}

static struct candidate *best_for(struct deciding *deciding, const struct shape *shape,
                                  struct candidate *candidates)
{
    struct candidate *best = NULL;
    const struct cluster_state *state = deciding->state;
    clear_refusals(deciding->decision);
    for (size_t i = 0; i < state->node_count; i++) {
        struct candidate *candidate = &candidates[i];
        struct filter_input input = {shape, candidate->node, &candidate->taken, state};
        struct refusal refusal;
        int filter = framework_filter(&input, &refusal);
        if (filter >= 0) {
            count_refusal(deciding, filter, &refusal);
            continue;
        }
        deciding->decision->passed_nodes++;
        candidate->score = score_of(shape, candidate->node, &candidate->taken);
        if (deciding->request->packs)
            candidate->score = -candidate->score;
        if (!best || compare_spreading(candidate, best) < 0)
            best = candidate;
    }
    return best;
}

static void schedule_mixed(struct deciding *deciding)
{
    const struct group_request *request = deciding->request;
    struct decision *decision = deciding->decision;
    size_t count = deciding->state->node_count;
    struct candidate *candidates = ARENA_ARRAY(deciding->arena, struct candidate, count + 1);
    for (size_t i = 0; i < count; i++) {
        candidates[i].node = deciding->state->nodes[i];
        candidates[i].taken = deciding->state->nodes[i]->taken;
    }
    const struct order *order = order_pods(deciding);
    for (size_t i = 0; i < request->count; i++) {
        const struct shape *shape = request->shapes[order[i].pod];
        struct candidate *best = best_for(deciding, shape, candidates);
        if (!best && decision->placed + request->count - i - 1 < request->needed)
            break;
        if (!best)
            continue;
        amounts_add(&best->taken, &shape->requests);
        decision->nodes[order[i].pod] = best->node;
        decision->placed++;
    }
    if (decision->placed >= request->needed)
        return;
    decision->possible = decision->placed;
    decision->placed = 0;
    memset(decision->nodes, 0, request->count * sizeof(struct node_info *));
}

static bool is_identical(const struct group_request *request)
{
    for (size_t i = 1; i < request->count; i++)
        if (request->shapes[i] != request->shapes[0])
            return false;
    return true;
}

void schedule_group(const struct group_request *request, const struct cluster_state *state,
                    struct arena *arena, struct decision *decision)
{
    PRE(request->needed >= 1 && request->needed <= request->count);
    *decision = (struct decision){.node_count = state->node_count};
    decision->nodes = ARENA_ARRAY(arena, const struct node_info *, request->count);
    decision->reasons = ARENA_ARRAY(arena, struct reason_count, REASON_TEXTS_MAX);
    struct deciding deciding = {request, state, arena, decision};
    if (is_identical(request))
        schedule_identical(&deciding, request->shapes[0]);
    else
        schedule_mixed(&deciding);
}

/* --- Upstream's text --- */

static int compare_texts(const void *left, const void *right)
{
    return strcmp(*(const char *const *)left, *(const char *const *)right);
}

const char *decision_fit_error(const struct decision *decision, struct arena *arena)
{
    if (decision->node_count == 0)
        return "no nodes available to schedule pods";
    const char **texts = ARENA_ARRAY(arena, const char *, decision->reason_count + 1);
    for (size_t i = 0; i < decision->reason_count; i++)
        texts[i] =
            arena_format(arena, "%zu %s", decision->reasons[i].nodes, decision->reasons[i].reason);
    qsort(texts, decision->reason_count, sizeof(*texts), compare_texts);
    struct buffer message = {0};
    buffer_format(&message, "0/%zu nodes are available:", decision->node_count);
    for (size_t i = 0; i < decision->reason_count; i++)
        buffer_format(&message, "%s %s", i > 0 ? "," : "", texts[i]);
    buffer_append_byte(&message, '.');
    const char *copy = arena_copy_slice(arena, buffer_slice(&message));
    buffer_release(&message);
    return copy;
}
