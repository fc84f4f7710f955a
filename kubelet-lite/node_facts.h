/* What this machine is, as far as its Node says it: processors, memory, disk, kernel, system.
 *
 * Read once at a start, but for what is in use now. Where files stand is a parameter, so that
 * tests give their own. Upstream: pkg/kubelet/cadvisor, pkg/kubelet/nodestatus (MachineInfo). */
#ifndef KUBELET_NODE_FACTS_H
#define KUBELET_NODE_FACTS_H

#include <stdint.h>

#include "core/arena.h"
#include "core/json.h"

struct node_facts { /* Texts live in the arena; "" where the machine does not say. */
    int64_t cpu_millis;
    int64_t memory_bytes;
    int64_t storage_bytes;     /* Of the file system of the state's folder. */
    int64_t pids_max;
    const char *architecture;  /* "amd64", "arm64" */
    const char *kernel_version;
    const char *os_image;
    const char *machine_id, *system_uuid, *boot_id;
    const char *hostname;
};
/* root: "" for the machine's own files; folder: where the agent keeps its state. */
void node_facts_read(struct node_facts *facts, struct arena *arena, const char *root,
                     const char *folder);

/* What the Node is called unless somebody says: the host name as a DNS name. In arena. */
const char *node_facts_name(const struct node_facts *facts, struct arena *arena);

struct node_use { /* What is left now. */
    int64_t memory_free_bytes;   /* MemAvailable */
    int64_t storage_free_bytes, storage_bytes;
    int64_t inodes_free, inodes;
    int64_t pids_used;
};
void node_use_read(struct node_use *use, const char *root, const char *folder);

/* Reservations as upstream's default eviction thresholds make them: 100 Mi of memory, a tenth
 * of the disk. */
struct json *node_facts_capacity(struct arena *arena, const struct node_facts *facts,
                                 int64_t pods_max);
struct json *node_facts_allocatable(struct arena *arena, const struct node_facts *facts,
                                    int64_t pods_max);
#define NODE_MEMORY_THRESHOLD_BYTES (INT64_C(100) << 20)

#endif
