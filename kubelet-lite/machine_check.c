#include "kubelet-lite/machine_check.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <sched.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/vfs.h>
#include <sys/wait.h>
#include <unistd.h>

#include "core/file.h"
#include "core/net/program.h"
#include "kubelet-lite/cgroup.h"
#include "kubelet-lite/pod_network.h"

enum { FINDINGS_MAX = 24, LINE_SIZE = 256 };

struct checking {
    struct arena *arena;
    const char *directory;
    struct machine_finding *findings;
    size_t count;
};

static void add(struct checking *self, const char *subject, enum machine_verdict verdict,
                const char *mend, const char *format, ...) PRINTF_LIKE(5, 6);
static void add(struct checking *self, const char *subject, enum machine_verdict verdict,
                const char *mend, const char *format, ...)
{
    va_list arguments;
    PRE(self->count < FINDINGS_MAX);
    va_start(arguments, format);
    self->findings[self->count++] = (struct machine_finding){
        .subject = subject,
        .verdict = verdict,
        .seen = arena_format_list(self->arena, format, arguments),
        .mend = mend,
    };
    va_end(arguments);
}

/* --- Rights --- */

static void check_user(struct checking *self)
{
    if (geteuid() == 0)
        add(self, "user", MACHINE_GOOD, "", "root");
    else
        add(self, "user", MACHINE_BAD, "run the node as root", "uid %d", (int)geteuid());
}

static uint64_t read_capabilities(void)
{
    char line[LINE_SIZE];
    uint64_t bits = 0;
    FILE *file = fopen("/proc/self/status", "re");
    while (file && fgets(line, sizeof line, file))
        if (strncmp(line, "CapEff:", 7) == 0)
            bits = strtoull(line + 7, NULL, 16);
    if (file)
        fclose(file);
    return bits;
}

static void check_capabilities(struct checking *self)
{
    static const struct {
        int bit;
        const char *name;
        enum machine_verdict without;
        const char *why;
    } needed[] = {
        {21, "CAP_SYS_ADMIN", MACHINE_BAD, "mounts and namespaces need it"},
        {12, "CAP_NET_ADMIN", MACHINE_LACKS, "pods will use the host's network"},
        {24, "CAP_SYS_RESOURCE", MACHINE_LACKS, "negative oom_score_adj is set to 0"},
        {27, "CAP_MKNOD", MACHINE_LACKS, "images with devices or deletions cannot be unpacked"},
    };
    uint64_t held = read_capabilities();
    for (size_t i = 0; i < ARRAY_SIZE(needed); i++)
        if (!(held >> needed[i].bit & 1))
            add(self, needed[i].name, needed[i].without,
                "give it to the container or unit that the node runs in", "missing: %s",
                needed[i].why);
}

/* In a child, because it cannot be undone. */
static bool can_unshare(int flags)
{
    int code = 1;
    pid_t child = fork();
    if (child == 0)
        _exit(unshare(flags) == 0 ? 0 : 1);
    return child > 0 && waitpid(child, &code, 0) == child && code == 0;
}

static void check_user_namespaces(struct checking *self)
{
    if (can_unshare(CLONE_NEWUSER))
        add(self, "user namespaces", MACHINE_GOOD, "", "allowed");
    else
        add(self, "user namespaces", MACHINE_LACKS,
            "sysctl -w user.max_user_namespaces=10000 kernel.unprivileged_userns_clone=1",
            "not allowed: no rootless node");
}

/* --- Programs --- */

/* The first line of `PROGRAM --version`. */
static const char *version_of(struct checking *self, const char *path)
{
    char line[LINE_SIZE] = "";
    char *command = arena_format(self->arena, "%s --version 2>/dev/null", path);
    FILE *pipe = popen(command, "re");
    if (pipe && !fgets(line, sizeof line, pipe))
        line[0] = '\0';
    if (pipe)
        pclose(pipe);
    line[strcspn(line, "\n")] = '\0';
    return arena_copy_text(self->arena, line);
}

static void check_programs(struct checking *self)
{
    static const struct {
        const char *name, *package;
        enum machine_verdict without;
    } programs[] = {
        {"crun", "crun", MACHINE_BAD},
        {"conmon", "conmon", MACHINE_BAD},
        {"nft", "nftables", MACHINE_LACKS},
    };
    for (size_t i = 0; i < ARRAY_SIZE(programs); i++) {
        struct buffer path = {0};
        if (program_find(programs[i].name, &path))
            add(self, programs[i].name, MACHINE_GOOD, "", "%s", version_of(self, path.data));
        else
            add(self, programs[i].name, programs[i].without,
                arena_format(self->arena, "apt-get install --no-install-recommends %s",
                             programs[i].package),
                "not found%s", programs[i].without == MACHINE_LACKS ? ": no host ports" : "");
        buffer_release(&path);
    }
}

/* --- The kernel --- */

static void check_cgroups(struct checking *self)
{
    static const char *const controllers[] = {"cpu", "memory", "pids", "cpuset"};
    struct cgroups cgroups;
    struct buffer names = {0};
    bool has_all = true;
    cgroups_detect(&cgroups);
    for (size_t i = 0; i < ARRAY_SIZE(controllers); i++) {
        bool has = cgroups_has(&cgroups, controllers[i]);
        buffer_format(&names, "%s%s%s", i > 0 ? ", " : "", has ? "" : "no ", controllers[i]);
        has_all = has_all && (has || i == 3);
    }
    if (cgroups.version == CGROUP_NONE)
        add(self, "control groups", MACHINE_LACKS, "mount -t cgroup2 cgroup2 /sys/fs/cgroup",
            "none: %s; limits are not enforced", cgroups.why);
    else
        add(self, "control groups", has_all ? MACHINE_GOOD : MACHINE_LACKS,
            has_all ? "" : "systemd: Delegate=yes; boot with cgroup_enable=memory where it is off",
            "version %d%s: %s", cgroups.version == CGROUP_V1 ? 1 : 2,
            cgroups.is_mixed ? " beside a version 2" : "", names.data);
    buffer_release(&names);
}

static void check_network(struct checking *self)
{
    char why[160];
    if (pod_network_probe(why, sizeof why))
        add(self, "pod networks", MACHINE_GOOD, "", "network namespaces and veth");
    else
        add(self, "pod networks", MACHINE_LACKS, "modprobe veth; CAP_NET_ADMIN and CAP_SYS_ADMIN",
            "pods will use the host's network: %s", why);
}

/* An overlay over the folder where layers would lie. */
static void check_overlay(struct checking *self)
{
    char folder[] = "/tmp/coracle-doctor-XXXXXX";
    struct arena *arena = self->arena;
    struct status ignored;
    status_init(&ignored);
    const char *base = access(self->directory, W_OK) == 0
                           ? arena_format(arena, "%s/doctor-XXXXXX", self->directory)
                           : folder;
    char *made = mkdtemp(arena_copy_text(arena, base));
    bool is_good = made != NULL;
    int error = errno;
    if (made) {
        const char *names[] = {"l", "u", "w", "m"};
        for (size_t i = 0; i < ARRAY_SIZE(names); i++)
            is_good = is_good && mkdir(arena_format(arena, "%s/%s", made, names[i]), 0700) == 0;
        const char *root = arena_format(arena, "%s/m", made);
        is_good = is_good && mount("overlay", root, "overlay", 0,
                                   arena_format(arena, "lowerdir=%s/l,upperdir=%s/u,workdir=%s/w",
                                                made, made, made)) == 0;
        error = errno;
        if (is_good)
            umount2(root, MNT_DETACH);
        if (folder_remove(made, &ignored))
            status_clear(&ignored);
    }
    if (is_good)
        add(self, "overlay", MACHINE_GOOD, "", "layers of images are shared");
    else
        add(self, "overlay", MACHINE_LACKS, "modprobe overlay; keep the state on ext4 or xfs",
            "layers are copied for each container: %s", strerror(error));
    status_release(&ignored);
}

static void check_pidfd(struct checking *self)
{
    int fd = (int)syscall(SYS_pidfd_open, getpid(), 0);
    if (fd >= 0)
        add(self, "kernel", MACHINE_GOOD, "", "pidfd_open");
    else
        add(self, "kernel", MACHINE_BAD, "Linux 5.6 or newer", "no pidfd_open: %s",
            strerror(errno));
    if (fd >= 0)
        close(fd);
}

static void check_disk(struct checking *self)
{
    struct statfs seen;
    const char *place = access(self->directory, F_OK) == 0 ? self->directory : "/";
    if (statfs(place, &seen) != 0)
        return;
    uint64_t free_bytes = (uint64_t)seen.f_bavail * (uint64_t)seen.f_bsize;
    uint64_t percent = seen.f_blocks > 0 ? (uint64_t)seen.f_bavail * 100 / seen.f_blocks : 100;
    add(self, "disk", percent < 15 ? MACHINE_LACKS : MACHINE_GOOD,
        percent < 15 ? "make room: images are removed below 15% free" : "",
        "%llu GiB free, %llu%%, at %s", (unsigned long long)(free_bytes >> 30),
        (unsigned long long)percent, place);
}

/* --- Processors for graphics --- */

static size_t count_entries(const char *folder, const char *suffix)
{
    size_t count = 0;
    DIR *listing = opendir(folder);
    for (struct dirent *entry; listing && (entry = readdir(listing));)
        count += entry->d_name[0] != '.' &&
                 (!suffix || slice_ends_with(slice_of(entry->d_name), slice_of(suffix)));
    if (listing)
        closedir(listing);
    return count;
}

static void check_gpus(struct checking *self)
{
    size_t gpus = count_entries("/proc/driver/nvidia/gpus", NULL);
    size_t specs = count_entries("/etc/cdi", NULL) + count_entries("/var/run/cdi", NULL);
    if (gpus == 0 && specs == 0)
        add(self, "GPUs", MACHINE_GOOD, "", "none found (/proc/driver/nvidia/gpus, /etc/cdi)");
    else
        add(self, "GPUs", specs > 0 ? MACHINE_GOOD : MACHINE_LACKS,
            specs > 0 ? "" : "nvidia-ctk cdi generate --output=/etc/cdi/nvidia.yaml",
            "%zu of NVIDIA, %zu CDI files", gpus, specs);
}

/* --- All --- */

const struct machine_finding *machine_check(struct arena *arena, const char *directory,
                                            size_t *count)
{
    struct checking self = {arena, directory,
                            ARENA_ARRAY(arena, struct machine_finding, FINDINGS_MAX), 0};
    check_user(&self);
    check_capabilities(&self);
    check_programs(&self);
    check_pidfd(&self);
    check_cgroups(&self);
    check_network(&self);
    check_overlay(&self);
    check_user_namespaces(&self);
    check_disk(&self);
    check_gpus(&self);
    *count = self.count;
    return self.findings;
}

const char *machine_mode(const struct machine_finding *findings, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (findings[i].verdict == MACHINE_BAD)
            return "virtual";
    return "root";
}
