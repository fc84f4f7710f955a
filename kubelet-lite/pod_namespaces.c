/* Namespaces belong to threads: a worker leaves its own, is in the new ones while it sets them up,
 * and comes back. A worker that cannot come back must not go on: that ends the process. */
#include "kubelet-lite/pod_namespaces.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <net/if.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <sys/wait.h>
#include <unistd.h>

#include "core/file.h"

#ifndef NSFS_MAGIC
#define NSFS_MAGIC 0x6e736673
#endif

enum { PATH_SIZE = 512 };
#define SHM_OPTIONS "mode=1777,size=65536k"

static const struct {
    const char *name;
    int flag;
} kinds[] = {
    {"net", CLONE_NEWNET}, {"ipc", CLONE_NEWIPC}, {"uts", CLONE_NEWUTS}, {"pid", CLONE_NEWPID}};

static int fail(struct status *status, const char *what)
{
    return status_fail(status, STATUS_INTERNAL_ERROR, "%s: %s", what, strerror(errno));
}

static int flags_of(const struct pod_namespaces *wanted)
{
    return (wanted->has_network ? CLONE_NEWNET : 0) | (wanted->has_ipc ? CLONE_NEWIPC : 0) |
           (wanted->has_uts ? CLONE_NEWUTS : 0) | (wanted->has_pid ? CLONE_NEWPID : 0);
}

/* --- Going and coming back --- */

struct home {
    int fds[ARRAY_SIZE(kinds)];
};

static int leave(struct home *home, int flags, struct status *status)
{
    char path[64];
    for (size_t i = 0; i < ARRAY_SIZE(kinds); i++) {
        snprintf(path, sizeof path, "/proc/thread-self/ns/%s", kinds[i].name);
        home->fds[i] = flags & kinds[i].flag ? open(path, O_RDONLY | O_CLOEXEC) : -1;
        if ((flags & kinds[i].flag) && home->fds[i] < 0)
            return fail(status, path);
    }
    return unshare(flags) < 0 ? fail(status, "new namespaces") : 0;
}

static void come_back(struct home *home)
{
    for (size_t i = 0; i < ARRAY_SIZE(kinds); i++) {
        if (home->fds[i] < 0)
            continue;
        PRE(setns(home->fds[i], kinds[i].flag) == 0);
        close(home->fds[i]);
    }
}

/* --- Inside --- */

static int set_loopback_up(struct status *status)
{
    struct ifreq request = {.ifr_name = "lo", .ifr_flags = IFF_UP};
    int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    int failed = fd < 0 || ioctl(fd, SIOCSIFFLAGS, &request) < 0 ? fail(status, "loopback") : 0;
    if (fd >= 0)
        close(fd);
    return failed;
}

/* "net.ipv4.ip_unprivileged_port_start" lies at /proc/sys/net/ipv4/...; it is that of the thread's
 * own namespaces. */
static int set_sysctl(const char *name, const char *value, struct status *status)
{
    char path[PATH_SIZE];
    snprintf(path, sizeof path, "/proc/sys/%s", name);
    for (char *dot = path; (dot = strchr(dot, '.'));)
        *dot = '/';
    int fd = open(path, O_WRONLY | O_CLOEXEC);
    bool is_good = fd >= 0 && write(fd, value, strlen(value)) >= 0;
    int failed = is_good ? 0
                         : status_fail(status, STATUS_INTERNAL_ERROR, "sysctl %s: %s", name,
                                       strerror(errno));
    if (fd >= 0)
        close(fd);
    return failed;
}

static int set_up(const struct pod_namespaces *wanted, struct status *status)
{
    int failed = 0;
    if (wanted->has_uts && sethostname(wanted->hostname, strlen(wanted->hostname)) < 0)
        return fail(status, "hostname");
    if (wanted->has_network)
        failed = set_loopback_up(status);
    if (!failed && wanted->has_network && wanted->network)
        failed = pod_network_join(wanted->network, wanted->link, wanted->address, status);
    for (const char *const *pair = wanted->sysctls; !failed && pair && pair[0]; pair += 2)
        failed = set_sysctl(pair[0], pair[1], status);
    return failed;
}

/* Makes the file and mounts the namespace on it. */
static int keep(const char *source, const char *folder, const char *name, struct status *status)
{
    char path[PATH_SIZE];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    int fd = open(path, O_RDONLY | O_CREAT | O_CLOEXEC, 0600);
    if (fd < 0)
        return fail(status, path);
    close(fd);
    return mount(source, path, NULL, MS_BIND, NULL) < 0 ? fail(status, path) : 0;
}

static int keep_all(const struct pod_namespaces *wanted, struct status *status)
{
    char source[64];
    for (size_t i = 0; i < ARRAY_SIZE(kinds); i++) {
        snprintf(source, sizeof source, "/proc/thread-self/ns/%s", kinds[i].name);
        if ((flags_of(wanted) & kinds[i].flag) && kinds[i].flag != CLONE_NEWPID &&
            keep(source, wanted->folder, kinds[i].name, status))
            return -1;
    }
    return 0;
}

/* --- The process that keeps a pid namespace --- */

static void be_pause(int null)
{
    sigset_t none;
    for (int fd = 0; fd < 3; fd++)
        dup2(null, fd);
    sigemptyset(&none);
    signal(SIGCHLD, SIG_IGN); /* Stays so: the kernel collects our children. */
    sigprocmask(SIG_SETMASK, &none, NULL);
    setsid();
    execlp("sleep", "sleep", "infinity", (char *)NULL);
    _exit(127);
}

static int start_pause(const struct pod_namespaces *wanted, struct status *status)
{
    char text[32], source[64], path[PATH_SIZE];
    if (!wanted->has_pid)
        return 0;
    int null = open("/dev/null", O_RDWR | O_CLOEXEC);
    pid_t pid = fork();
    if (pid == 0)
        be_pause(null);
    close(null);
    if (pid < 0)
        return fail(status, "fork");
    int size = snprintf(text, sizeof text, "%d", (int)pid);
    snprintf(path, sizeof path, "%s/pause", wanted->folder);
    snprintf(source, sizeof source, "/proc/%d/ns/pid", (int)pid);
    if (file_write(path, 0600, (struct slice){text, (size_t)size}, status) == 0 &&
        keep(source, wanted->folder, "pid", status) == 0)
        return 0;
    kill(pid, SIGKILL);
    waitpid(pid, NULL, 0);
    return -1;
}

static void end_pause(const char *folder)
{
    char path[PATH_SIZE];
    struct stat kept, now;
    struct buffer text = {0};
    struct status status;
    int64_t pid;
    status_init(&status);
    snprintf(path, sizeof path, "%s/pause", folder);
    bool is_known = file_read(path, &text, &status) == 0 &&
                    slice_to_int64(buffer_slice(&text), &pid) && pid > 1;
    /* The number may be another process's by now: it is ours if it is in our namespace. */
    snprintf(path, sizeof path, "%s/pid", folder);
    is_known = is_known && pod_namespaces_has(folder, "pid") && stat(path, &kept) == 0;
    if (is_known) {
        snprintf(path, sizeof path, "/proc/%lld/ns/pid", (long long)pid);
        if (stat(path, &now) == 0 && now.st_ino == kept.st_ino && now.st_dev == kept.st_dev) {
            kill((pid_t)pid, SIGKILL);
            waitpid((pid_t)pid, NULL, 0); /* It is our child, or that of init. */
        }
    }
    buffer_release(&text);
    status_release(&status);
}

/* --- All --- */

static int mount_shm(const char *folder, struct status *status)
{
    char path[PATH_SIZE];
    snprintf(path, sizeof path, "%s/shm", folder);
    if (mkdir(path, 01777) < 0 && errno != EEXIST)
        return fail(status, path);
    return mount("shm", path, "tmpfs", MS_NOSUID | MS_NODEV | MS_NOEXEC, SHM_OPTIONS) < 0
               ? fail(status, path)
               : 0;
}

int pod_namespaces_make(const struct pod_namespaces *wanted, struct status *status)
{
    struct home home = {{-1, -1, -1, -1}};
    int flags = flags_of(wanted);
    if (folder_make(wanted->folder, 0711, status) ||
        (wanted->has_ipc && mount_shm(wanted->folder, status)))
        return -1;
    int failed = leave(&home, flags, status) || set_up(wanted, status) ||
                 keep_all(wanted, status) || start_pause(wanted, status);
    come_back(&home);
    return failed ? -1 : 0;
}

int pod_namespaces_remove(const char *folder, struct status *status)
{
    static const char *const names[] = {"net", "ipc", "uts", "pid", "shm"};
    char path[PATH_SIZE];
    end_pause(folder);
    for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
        snprintf(path, sizeof path, "%s/%s", folder, names[i]);
        while (umount2(path, MNT_DETACH | UMOUNT_NOFOLLOW) == 0)
            ;
    }
    return folder_remove(folder, status);
}

bool pod_namespaces_has(const char *folder, const char *name)
{
    char path[PATH_SIZE];
    struct statfs seen;
    snprintf(path, sizeof path, "%s/%s", folder, name);
    return statfs(path, &seen) == 0 && (unsigned long)seen.f_type == NSFS_MAGIC;
}

int pod_namespaces_socket(const char *folder, int domain, int type)
{
    char path[PATH_SIZE];
    snprintf(path, sizeof path, "%s/net", folder);
    int there = open(path, O_RDONLY | O_CLOEXEC);
    int here = open("/proc/thread-self/ns/net", O_RDONLY | O_CLOEXEC);
    int fd = -1;
    if (there >= 0 && here >= 0 && setns(there, CLONE_NEWNET) == 0) {
        fd = socket(domain, type | SOCK_CLOEXEC, 0);
        int error = errno;
        PRE(setns(here, CLONE_NEWNET) == 0);
        errno = error;
    }
    if (there >= 0)
        close(there);
    if (here >= 0)
        close(here);
    return fd;
}
