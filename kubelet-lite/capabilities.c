#include "kubelet-lite/capabilities.h"

#include <strings.h>

static const char *const names[] = {
    /* In the kernel's order. */
    "CAP_CHOWN",
    "CAP_DAC_OVERRIDE",
    "CAP_DAC_READ_SEARCH",
    "CAP_FOWNER",
    "CAP_FSETID",
    "CAP_KILL",
    "CAP_SETGID",
    "CAP_SETUID",
    "CAP_SETPCAP",
    "CAP_LINUX_IMMUTABLE",
    "CAP_NET_BIND_SERVICE",
    "CAP_NET_BROADCAST",
    "CAP_NET_ADMIN",
    "CAP_NET_RAW",
    "CAP_IPC_LOCK",
    "CAP_IPC_OWNER",
    "CAP_SYS_MODULE",
    "CAP_SYS_RAWIO",
    "CAP_SYS_CHROOT",
    "CAP_SYS_PTRACE",
    "CAP_SYS_PACCT",
    "CAP_SYS_ADMIN",
    "CAP_SYS_BOOT",
    "CAP_SYS_NICE",
    "CAP_SYS_RESOURCE",
    "CAP_SYS_TIME",
    "CAP_SYS_TTY_CONFIG",
    "CAP_MKNOD",
    "CAP_LEASE",
    "CAP_AUDIT_WRITE",
    "CAP_AUDIT_CONTROL",
    "CAP_SETFCAP",
    "CAP_MAC_OVERRIDE",
    "CAP_MAC_ADMIN",
    "CAP_SYSLOG",
    "CAP_WAKE_ALARM",
    "CAP_BLOCK_SUSPEND",
    "CAP_AUDIT_READ",
    "CAP_PERFMON",
    "CAP_BPF",
    "CAP_CHECKPOINT_RESTORE",
};

static const char *const usual[] = {
    "CAP_CHOWN",   "CAP_DAC_OVERRIDE", "CAP_FSETID",           "CAP_FOWNER",
    "CAP_MKNOD",   "CAP_NET_RAW",      "CAP_SETGID",           "CAP_SETUID",
    "CAP_SETFCAP", "CAP_SETPCAP",      "CAP_NET_BIND_SERVICE", "CAP_SYS_CHROOT",
    "CAP_KILL",    "CAP_AUDIT_WRITE",
};

static uint64_t bit_of(const char *name)
{
    for (size_t i = 0; i < ARRAY_SIZE(names); i++)
        if (strcasecmp(names[i], name) == 0 || strcasecmp(names[i] + strlen("CAP_"), name) == 0)
            return UINT64_C(1) << i;
    return 0;
}

static const char *const *list(struct arena *arena, uint64_t bits)
{
    const char **listed = ARENA_ARRAY(arena, const char *, ARRAY_SIZE(names) + 1);
    size_t count = 0;
    for (size_t i = 0; i < ARRAY_SIZE(names); i++)
        if (bits & (UINT64_C(1) << i))
            listed[count++] = names[i];
    return listed;
}

/* As containerd: ALL first, and then one by one, so that what is dropped and added is there. */
const char *const *capabilities_of(struct arena *arena, const struct json *changes,
                                   bool is_privileged)
{
    const uint64_t all = (UINT64_C(1) << ARRAY_SIZE(names)) - 1;
    uint64_t bits = 0;
    if (is_privileged)
        return list(arena, all);
    for (size_t i = 0; i < ARRAY_SIZE(usual); i++)
        bits |= bit_of(usual[i]);
    JSON_EACH(added, json_get(changes, "add"))
        if (strcasecmp(json_text(added), "ALL") == 0)
            bits = all;
    JSON_EACH(dropped, json_get(changes, "drop"))
        if (strcasecmp(json_text(dropped), "ALL") == 0)
            bits = 0;
    JSON_EACH(added, json_get(changes, "add"))
        bits |= bit_of(json_text(added));
    JSON_EACH(dropped, json_get(changes, "drop"))
        bits &= ~bit_of(json_text(dropped));
    return list(arena, bits);
}

const char *const *capabilities_limit(struct arena *arena, const char *const *capabilities,
                                      uint64_t held)
{
    uint64_t bits = 0;
    for (; *capabilities; capabilities++)
        bits |= bit_of(*capabilities);
    return list(arena, bits & held);
}
