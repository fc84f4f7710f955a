/* What the scheduler knows of a node without parsing it: node_facts() writes what
 * facts_node_read() gives. Its name and labels stand in the view itself. */
#ifndef CORE_KINDS_FACTS_NODE_H
#define CORE_KINDS_FACTS_NODE_H

#include "core/kinds/facts.h"

enum node_condition {
    NODE_CONDITION_ABSENT,
    NODE_CONDITION_TRUE,
    NODE_CONDITION_FALSE,
    NODE_CONDITION_UNKNOWN
};
enum taint_effect { TAINT_NO_SCHEDULE, TAINT_PREFER_NO_SCHEDULE, TAINT_NO_EXECUTE };

struct facts_node {
    uint64_t shape;       /* All below but images and conditions; labels are not in it. */
    int64_t cpu_millis, memory, ephemeral, pods; /* Allocatable. */
    bool is_unschedulable;
    enum node_condition ready;
    struct slice resources; /* facts_take_resource(): all but those four. */
    struct slice taints;    /* facts_node_take_taint() */
    struct slice images;    /* facts_node_take_image() */
};

struct facts_taint {
    struct slice key;
    struct slice value;
    enum taint_effect effect;
    int64_t added_us; /* 0 when it is not told. */
};

void node_facts(const struct json *node, struct buffer *facts);
/* Slices point into facts. false when facts are none of a node. */
bool facts_node_read(struct slice facts, struct facts_node *node);
bool facts_node_take_taint(struct slice *taints, struct facts_taint *taint);
/* The hash is facts_image_hash() of one of its names. */
bool facts_node_take_image(struct slice *images, uint64_t *hash, int64_t *size);

#endif
