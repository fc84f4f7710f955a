#include <stdio.h>

#include "kubelet-lite/capabilities.h"
#include "kubelet-lite/container_user.h"
#include "kubelet-lite/oci_config.h"
#include "kubelet-lite/seccomp_profile.h"
#include "kubelet-lite/signal_name.h"
#include "tests/harness/test.h"

static const char *const words[] = {"sh", "-c", "true", NULL};
static const char *const variables[] = {"A=1", NULL};
static const char *const some[] = {"CAP_KILL", "CAP_SYS_ADMIN", NULL};

static const struct container_config plain = {
    .argv = words,
    .env = variables,
    .directory = "",
    .uid = 5,
    .gid = 6,
    .capabilities = some,
    .seccomp = "default",
    .oom_score_adj = 7,
};

struct made {
    struct arena arena;
    struct status status;
    struct json *json;
};

static void make(struct made *made, const struct container_config *config,
                 const struct oci_places *places)
{
    arena_init(&made->arena);
    status_init(&made->status);
    made->json = oci_config(&made->arena, config, places, &made->status);
}

static void end(struct made *made)
{
    arena_release(&made->arena);
    status_release(&made->status);
}

static const char *printed(struct made *made, const char *path)
{
    struct buffer text = {0};
    json_print(json_at(made->json, path), &text);
    const char *copy = arena_copy_slice(&made->arena, buffer_slice(&text));
    buffer_release(&text);
    return copy;
}

TEST("a container's configuration says who it is, what it runs, and what it joins")
{
    struct made made;
    const int64_t groups[] = {8, 9};
    struct container_config config = plain;
    config.groups = groups;
    config.group_count = 2;
    config.limits = (struct cgroup_limits){512, 50000, 1 << 20, 99};
    const struct oci_places places = {
        .rootfs = "/b/rootfs",
        .cgroup_path = "/kubepods/podu/c",
        .network_namespace = "/n/net",
        .ipc_namespace = "/n/ipc",
        .uts_namespace = "/n/uts",
        .shm = "/n/shm",
        .capabilities = UINT64_MAX,
    };
    make(&made, &config, &places);
    EXPECT_TEXT(printed(&made, "process.args"), "[\"sh\",\"-c\",\"true\"]");
    EXPECT_TEXT(printed(&made, "process.user"), "{\"uid\":5,\"gid\":6,\"additionalGids\":[8,9]}");
    EXPECT_TEXT(printed(&made, "process.cwd"), "\"/\"");
    EXPECT_TEXT(printed(&made, "process.env"),
                "[\"A=1\",\"PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin\"]");
    EXPECT_TEXT(printed(&made, "process.noNewPrivileges"), "true");
    EXPECT_TEXT(printed(&made, "process.capabilities.bounding"),
                "[\"CAP_KILL\",\"CAP_SYS_ADMIN\"]");
    EXPECT_TEXT(printed(&made, "process.capabilities.effective"), "[]");
    EXPECT_TEXT(printed(&made, "linux.namespaces"),
                "[{\"type\":\"mount\"},{\"type\":\"cgroup\"},{\"type\":\"pid\"},"
                "{\"type\":\"network\",\"path\":\"/n/net\"},{\"type\":\"ipc\",\"path\":\"/n/ipc\"},"
                "{\"type\":\"uts\",\"path\":\"/n/uts\"}]");
    EXPECT_TEXT(
        printed(&made, "linux.resources"),
        "{\"devices\":[{\"allow\":false,\"access\":\"rwm\"}],\"memory\":{\"limit\":1048576},"
        "\"cpu\":{\"shares\":512,\"quota\":50000,\"period\":100000},"
        "\"pids\":{\"limit\":99}}");
    EXPECT(json_count(json_at(made.json, "linux.maskedPaths")) > 5);
    end(&made);
}

TEST("a privileged container has all that the agent has, and nothing is hidden from it")
{
    struct made made;
    struct container_config config = plain;
    const struct device disk = {"/dev/sda", 'b', 8, 0, "rwm"};
    struct arena arena;
    arena_init(&arena);
    config.uid = 0;
    config.is_privileged = config.may_gain_privileges = true;
    config.capabilities = capabilities_of(&arena, NULL, true);
    const struct oci_places places = {.rootfs = "/r",
                                      .cgroup_path = "/c",
                                      .host_devices = &disk,
                                      .host_device_count = 1,
                                      .capabilities = UINT64_MAX & ~(UINT64_C(1) << 24)};
    make(&made, &config, &places);
    EXPECT_EQ(json_count(json_at(made.json, "process.capabilities.effective")), 40);
    EXPECT(!strstr(printed(&made, "process.capabilities.bounding"), "SYS_RESOURCE"));
    EXPECT_TEXT(printed(&made, "linux.resources.devices"), "[{\"allow\":true,\"access\":\"rwm\"}]");
    EXPECT_TEXT(
        printed(&made, "linux.devices"),
        "[{\"type\":\"b\",\"major\":8,\"minor\":0,\"path\":\"/dev/sda\",\"fileMode\":438}]");
    EXPECT(json_at(made.json, "linux.maskedPaths") == NULL);
    EXPECT(json_at(made.json, "linux.seccomp") == NULL);
    end(&made);
    arena_release(&arena);
}

TEST("without control groups and on the host's network there is nothing to join or to limit")
{
    struct made made;
    const struct oci_places places = {.rootfs = "/r", .uses_host_pid = true};
    make(&made, &plain, &places);
    EXPECT_TEXT(printed(&made, "linux.namespaces"), "[{\"type\":\"mount\"}]");
    EXPECT(json_at(made.json, "linux.resources") == NULL);
    EXPECT_TEXT(printed(&made, "process.capabilities.bounding"), "[]");
    end(&made);
}

TEST("mounts stand above those below them, and devices may be used that were given")
{
    struct made made;
    struct container_config config = plain;
    const struct mount mounts[] = {{"/s/c", "/a/b/c", true, NULL},
                                   {"/s/a", "/a", false, "rslave"},
                                   {"/s/b", "/a/b/", false, "private"},
                                   {"/s/shm", "/dev/shm", false, NULL}};
    const struct device gpu = {"/dev/gpu0", 'c', 240, 3, "rw"};
    config.mounts = mounts;
    config.mount_count = 4;
    config.devices = &gpu;
    config.device_count = 1;
    config.termination_path = "/dev/termination-log";
    const struct oci_places places = {
        .rootfs = "/r", .cgroup_path = "/c", .shm = "/n/shm", .termination_file = "/t"};
    make(&made, &config, &places);
    const struct json *list = json_at(made.json, "mounts");
    const char *wanted[] = {"/a", "/a/b/", "/dev/shm", "/a/b/c", "/dev/termination-log"};
    size_t first = json_count(list) - ARRAY_SIZE(wanted);
    for (size_t i = 0; i < ARRAY_SIZE(wanted); i++)
        EXPECT_TEXT(json_text(json_get(json_item(list, first + i), "destination")), wanted[i]);
    EXPECT(!strstr(printed(&made, "mounts"), "/n/shm"));
    EXPECT(strstr(printed(&made, "mounts"), "[\"rbind\",\"rslave\",\"rw\"]"));
    EXPECT(strstr(printed(&made, "mounts"), "[\"rbind\",\"rprivate\",\"ro\"]"));
    EXPECT_TEXT(printed(&made, "linux.resources.devices"),
                "[{\"allow\":false,\"access\":\"rwm\"},{\"type\":\"c\",\"major\":240,\"minor\":3,"
                "\"allow\":true,\"access\":\"rw\"}]");
    end(&made);
}

TEST("a profile that a node does not have is named, and one that it has is used")
{
    struct made made;
    struct container_config config = plain;
    struct oci_places places = {.rootfs = "/r"};
    config.seccomp = "/profiles/own.json";
    make(&made, &config, &places);
    EXPECT(!made.json);
    EXPECT_TEXT(made.status.message, "cannot load seccomp profile \"/profiles/own.json\"");
    end(&made);
    places.seccomp_profile = "{\"defaultAction\":\"SCMP_ACT_LOG\"}";
    make(&made, &config, &places);
    EXPECT_TEXT(printed(&made, "linux.seccomp"), "{\"defaultAction\":\"SCMP_ACT_LOG\"}");
    end(&made);
}

TEST("a further command is its container's process with other words")
{
    struct made made;
    const char *const argv[] = {"ls", NULL};
    const struct oci_places places = {.rootfs = "/r"};
    make(&made, &plain, &places);
    made.json = oci_exec_process(&made.arena, made.json, argv, true);
    EXPECT_TEXT(printed(&made, "args"), "[\"ls\"]");
    EXPECT_TEXT(printed(&made, "user.uid"), "5");
    EXPECT_TEXT(printed(&made, "terminal"), "true");
    EXPECT(strstr(printed(&made, "env"), "TERM=xterm"));
    EXPECT(json_get(made.json, "oomScoreAdj") == NULL);
    end(&made);
}

/* --- Capabilities and seccomp --- */

static void expect_capabilities(const char *changes, const char *wanted)
{
    struct arena arena;
    struct status status;
    struct buffer text = {0};
    arena_init(&arena);
    status_init(&status);
    const struct json *json = json_parse(&arena, slice_of(changes), NULL, &status);
    for (const char *const *one = capabilities_of(&arena, json, false); *one; one++)
        buffer_format(&text, "%s ", *one + 4);
    EXPECT_TEXT(text.data ? text.data : "", wanted);
    buffer_release(&text);
    status_release(&status);
    arena_release(&arena);
}

TEST("capabilities are the usual ones, less those dropped, and those added")
{
    expect_capabilities("{}", "CHOWN DAC_OVERRIDE FOWNER FSETID KILL SETGID SETUID SETPCAP "
                              "NET_BIND_SERVICE NET_RAW SYS_CHROOT MKNOD AUDIT_WRITE SETFCAP ");
    expect_capabilities("{\"drop\":[\"ALL\"],\"add\":[\"NET_ADMIN\",\"cap_kill\"]}",
                        "KILL NET_ADMIN ");
    expect_capabilities("{\"drop\":[\"ALL\"]}", "");
    expect_capabilities("{\"drop\":[\"ALL\",\"KILL\"],\"add\":[\"KILL\",\"NOTHING\"]}", "");
}

static bool allows(const struct json *profile, const char *name, const char *action)
{
    JSON_EACH(rule, json_get(profile, "syscalls"))
        JSON_EACH(one, json_get(rule, "names"))
            if (slice_is(json_string(one), name) && !json_get(rule, "args"))
                return slice_is(json_string(json_get(rule, "action")), action);
    return false;
}

TEST("what a capability is needed for is refused without it, and each call is in one kind of rule")
{
    static const char *const none[] = {NULL};
    static const char *const admin[] = {"CAP_SYS_ADMIN", NULL};
    struct arena arena;
    arena_init(&arena);
    const struct json *without = seccomp_default_profile(&arena, none);
    const struct json *with = seccomp_default_profile(&arena, admin);
    EXPECT(allows(without, "read", "SCMP_ACT_ALLOW"));
    EXPECT(allows(without, "mount", "SCMP_ACT_ERRNO"));
    EXPECT(allows(without, "clone3", "SCMP_ACT_ERRNO"));
    EXPECT(allows(without, "ptrace", "SCMP_ACT_ALLOW"));
    EXPECT(allows(with, "mount", "SCMP_ACT_ALLOW"));
    EXPECT(allows(with, "clone3", "SCMP_ACT_ALLOW"));
    EXPECT(allows(with, "bpf", "SCMP_ACT_ALLOW"));
    EXPECT(!allows(with, "kexec_load", "SCMP_ACT_ALLOW"));
    arena_release(&arena);
}

/* --- Users and signals --- */

static const struct slice passwd = SLICE("root:x:0:0:r:/root:/bin/sh\n"
                                         "me:x:1000:100:Me:/home/me:/bin/sh\nbad line\n"
                                         "long:x:70000:5::");
static const struct slice group = SLICE("root:x:0:\nusers:x:100:\nwheel:x:10:me,root\n"
                                        "audio:x:29:you,me\nempty:x:30:\n");

static void expect_user(const char *user, int64_t uid, int64_t gid, const char *wanted)
{
    struct arena arena;
    struct status status;
    struct container_user found;
    struct buffer text = {0};
    arena_init(&arena);
    status_init(&status);
    if (container_user_find(&arena, user, uid, gid, passwd, group, &found, &status)) {
        buffer_append_text(&text, status.message);
    } else {
        buffer_format(&text, "%lld:%lld %s", (long long)found.uid, (long long)found.gid,
                      found.home);
        for (size_t i = 0; i < found.group_count; i++)
            buffer_format(&text, " %lld", (long long)found.groups[i]);
    }
    EXPECT_TEXT(text.data, wanted);
    buffer_release(&text);
    status_release(&status);
    arena_release(&arena);
}

TEST("who a container runs as is found in its own files")
{
    expect_user("", -1, -1, "0:0 /root 10");
    expect_user("me", -1, -1, "1000:100 /home/me 10 29");
    expect_user("1000", -1, -1, "1000:100 /home/me 10 29");
    expect_user("4242", -1, -1, "4242:0 /");
    expect_user("4242:77", -1, -1, "4242:77 /");
    expect_user("me:audio", -1, -1, "1000:29 /home/me 10 29");
    expect_user("me", 70000, -1, "70000:5 /");
    expect_user("me", 5, 6, "5:6 /");
    expect_user("nobody", -1, -1, "unable to find user nobody: no matching entries in passwd file");
    expect_user("me:none", -1, -1, "unable to find group none: no matching entries in group file");
}

TEST("signals have names and numbers")
{
    EXPECT_EQ(signal_of_name("SIGTERM"), 15);
    EXPECT_EQ(signal_of_name("USR1"), 10);
    EXPECT_EQ(signal_of_name("9"), 9);
    EXPECT_EQ(signal_of_name("SIGRTMIN+3"), 37);
    EXPECT_EQ(signal_of_name("RTMAX-1"), 63);
    EXPECT_EQ(signal_of_name("SIGRTMAX"), 64);
    EXPECT_EQ(signal_of_name("SIGRTMIN+99"), 0);
    EXPECT_EQ(signal_of_name("SIGRTMIN-1"), 0);
    EXPECT_EQ(signal_of_name(""), 0);
    EXPECT_EQ(signal_of_name("65"), 0);
    EXPECT_EQ(signal_of_name("SIGNOTHING"), 0);
}
