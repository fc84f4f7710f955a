/* The calls are those that Docker, containerd and CRI-O allow by default (github.com/moby/profiles,
 * seccomp/default.json). */
#include "kubelet-lite/seccomp_profile.h"

static const char allowed[] =
    "_llseek _newselect accept accept4 access adjtimex alarm bind brk cachestat "
    "capget capset chdir chmod chown chown32 clock_adjtime clock_adjtime64 "
    "clock_getres clock_getres_time64 clock_gettime clock_gettime64 clock_nanosleep "
    "clock_nanosleep_time64 close close_range connect copy_file_range creat dup dup2 "
    "dup3 epoll_create epoll_create1 epoll_ctl epoll_ctl_old epoll_pwait epoll_pwait2 "
    "epoll_wait epoll_wait_old eventfd eventfd2 execve execveat exit exit_group "
    "faccessat faccessat2 fadvise64 fadvise64_64 fallocate fanotify_mark fchdir "
    "fchmod fchmodat fchmodat2 fchown fchown32 fchownat fcntl fcntl64 fdatasync "
    "fgetxattr flistxattr flock fork fremovexattr fsetxattr fstat fstat64 fstatat64 "
    "fstatfs fstatfs64 fsync ftruncate ftruncate64 futex futex_requeue futex_time64 "
    "futex_wait futex_waitv futex_wake futimesat get_robust_list get_thread_area "
    "getcpu getcwd getdents getdents64 getegid getegid32 geteuid geteuid32 getgid "
    "getgid32 getgroups getgroups32 getitimer getpeername getpgid getpgrp getpid "
    "getppid getpriority getrandom getresgid getresgid32 getresuid getresuid32 "
    "getrlimit getrusage getsid getsockname getsockopt gettid gettimeofday getuid "
    "getuid32 getxattr getxattrat inotify_add_watch inotify_init inotify_init1 "
    "inotify_rm_watch io_cancel io_destroy io_getevents io_pgetevents "
    "io_pgetevents_time64 io_setup io_submit ioctl ioprio_get ioprio_set ipc kill "
    "landlock_add_rule landlock_create_ruleset landlock_restrict_self lchown lchown32 "
    "lgetxattr link linkat listen listmount listxattr listxattrat llistxattr "
    "lremovexattr lseek lsetxattr lstat lstat64 madvise map_shadow_stack membarrier "
    "memfd_create memfd_secret mincore mkdir mkdirat mknod mknodat mlock mlock2 "
    "mlockall mmap mmap2 mprotect mq_getsetattr mq_notify mq_open mq_timedreceive "
    "mq_timedreceive_time64 mq_timedsend mq_timedsend_time64 mq_unlink mremap mseal "
    "msgctl msgget msgrcv msgsnd msync munlock munlockall munmap name_to_handle_at "
    "nanosleep newfstatat open openat openat2 pause pidfd_open pidfd_send_signal pipe "
    "pipe2 pkey_alloc pkey_free pkey_mprotect poll ppoll ppoll_time64 prctl pread64 "
    "preadv preadv2 prlimit64 process_mrelease process_vm_readv process_vm_writev "
    "pselect6 pselect6_time64 ptrace pwrite64 pwritev pwritev2 read readahead "
    "readlink readlinkat readv recv recvfrom recvmmsg recvmmsg_time64 recvmsg "
    "remap_file_pages removexattr removexattrat rename renameat renameat2 "
    "restart_syscall riscv_hwprobe rmdir rseq rt_sigaction rt_sigpending "
    "rt_sigprocmask rt_sigqueueinfo rt_sigreturn rt_sigsuspend rt_sigtimedwait "
    "rt_sigtimedwait_time64 rt_tgsigqueueinfo sched_get_priority_max "
    "sched_get_priority_min sched_getaffinity sched_getattr sched_getparam "
    "sched_getscheduler sched_rr_get_interval sched_rr_get_interval_time64 "
    "sched_setaffinity sched_setattr sched_setparam sched_setscheduler sched_yield "
    "seccomp select semctl semget semop semtimedop semtimedop_time64 send sendfile "
    "sendfile64 sendmmsg sendmsg sendto set_robust_list set_thread_area "
    "set_tid_address setfsgid setfsgid32 setfsuid setfsuid32 setgid setgid32 "
    "setgroups setgroups32 setitimer setpgid setpriority setregid setregid32 "
    "setresgid setresgid32 setresuid setresuid32 setreuid setreuid32 setrlimit setsid "
    "setsockopt setuid setuid32 setxattr setxattrat shmat shmctl shmdt shmget "
    "shutdown sigaltstack signalfd signalfd4 sigprocmask sigreturn socketcall "
    "socketpair splice stat stat64 statfs statfs64 statmount statx symlink symlinkat "
    "sync sync_file_range syncfs sysinfo tee tgkill time timer_create timer_delete "
    "timer_getoverrun timer_gettime timer_gettime64 timer_settime timer_settime64 "
    "timerfd_create timerfd_gettime timerfd_gettime64 timerfd_settime "
    "timerfd_settime64 times tkill truncate truncate64 ugetrlimit umask uname unlink "
    "unlinkat uretprobe utime utimensat utimensat_time64 utimes vfork vmsplice wait4 "
    "waitid waitpid write writev";

#if defined(__x86_64__)
static const char allowed_here[] = "arch_prctl modify_ldt";
static const char *const architectures[] = {"SCMP_ARCH_X86_64", "SCMP_ARCH_X86", "SCMP_ARCH_X32"};
#elif defined(__aarch64__)
static const char allowed_here[] =
    "arm_fadvise64_64 arm_sync_file_range sync_file_range2 breakpoint cacheflush set_tls";
static const char *const architectures[] = {"SCMP_ARCH_AARCH64", "SCMP_ARCH_ARM"};
#else
#error "no seccomp profile for this machine"
#endif

/* What a capability adds. Without it these fail with EPERM, which programs expect. */
static const struct {
    const char *capability;
    const char *names;
} gated[] = {
    {"CAP_BPF", "bpf"},
    {"CAP_DAC_READ_SEARCH", "open_by_handle_at"},
    {"CAP_PERFMON", "perf_event_open"},
    {"CAP_SYSLOG", "syslog"},
    {"CAP_SYS_ADMIN",
     "bpf clone clone3 fanotify_init fsconfig fsmount fsopen fspick lookup_dcookie "
     "lsm_get_self_attr lsm_list_modules lsm_set_self_attr mount mount_setattr "
     "move_mount open_tree perf_event_open quotactl quotactl_fd setdomainname "
     "sethostname setns syslog umount umount2 unshare"},
    {"CAP_SYS_BOOT", "reboot"},
    {"CAP_SYS_CHROOT", "chroot"},
    {"CAP_SYS_MODULE", "delete_module finit_module init_module"},
    {"CAP_SYS_NICE", "get_mempolicy mbind set_mempolicy set_mempolicy_home_node"},
    {"CAP_SYS_PACCT", "acct"},
    {"CAP_SYS_PTRACE",
     "kcmp pidfd_getfd process_madvise process_vm_readv process_vm_writev ptrace"},
    {"CAP_SYS_RAWIO", "ioperm iopl"},
    {"CAP_SYS_TIME", "clock_settime clock_settime64 settimeofday stime"},
    {"CAP_SYS_TTY_CONFIG", "vhangup"},
};

enum {
    ERRNO_EPERM = 1,
    ERRNO_ENOSYS = 38,            /* What is not known does not exist: libraries then do without. */
    CLONE_NEW_ANY = 0x7e020000,   /* All CLONE_NEW* but NEWTIME. */
    FAMILY_ALG = 38,
    FAMILY_VSOCK = 40,
};

static struct json *new_rule(struct arena *arena, struct json *rules, const char *names,
                             const char *action)
{
    struct json *rule = json_new_object(arena), *list = json_new_array(arena);
    struct slice rest = slice_of(names), name;
    while (slice_split(&rest, ' ', &name))
        json_append(list, json_new_string(arena, name));
    json_set(arena, rule, "names", list);
    json_set_text(arena, rule, "action", action);
    json_append(rules, rule);
    return rule;
}

static void allow(struct arena *arena, struct json *rules, const char *names)
{
    new_rule(arena, rules, names, "SCMP_ACT_ALLOW");
}

static void refuse(struct arena *arena, struct json *rules, const char *names, int error)
{
    json_set_int(arena, new_rule(arena, rules, names, "SCMP_ACT_ERRNO"), "errnoRet", error);
}

static void allow_when(struct arena *arena, struct json *rules, const char *name, int64_t value,
                       const char *operation)
{
    struct json *rule = new_rule(arena, rules, name, "SCMP_ACT_ALLOW");
    struct json *arguments = json_new_array(arena), *argument = json_new_object(arena);
    json_set_int(arena, argument, "index", 0);
    json_set_int(arena, argument, "value", value);
    json_set_text(arena, argument, "op", operation);
    json_append(arguments, argument);
    json_set(arena, rule, "args", arguments);
}

static bool has(const char *const *capabilities, const char *wanted)
{
    for (; *capabilities; capabilities++)
        if (strcmp(*capabilities, wanted) == 0)
            return true;
    return false;
}

static bool lists(const char *names, struct slice wanted)
{
    struct slice rest = slice_of(names), name;
    while (slice_split(&rest, ' ', &name))
        if (slice_equal(name, wanted))
            return true;
    return false;
}

static bool is_allowed(const char *const *capabilities, struct slice name)
{
    for (size_t i = 0; i < ARRAY_SIZE(gated); i++)
        if (lists(gated[i].names, name) && has(capabilities, gated[i].capability))
            return true;
    return lists(allowed, name) || slice_is(name, "clone") || slice_is(name, "clone3");
}

static void add_gated(struct arena *arena, struct json *rules, const char *const *capabilities)
{
    for (size_t i = 0; i < ARRAY_SIZE(gated); i++) {
        struct slice rest = slice_of(gated[i].names), name;
        if (has(capabilities, gated[i].capability)) {
            allow(arena, rules, gated[i].names);
            continue;
        }
        while (slice_split(&rest, ' ', &name))
            if (!is_allowed(capabilities, name))
                refuse(arena, rules, arena_copy_slice(arena, name), ERRNO_EPERM);
    }
}

static void add_conditions(struct arena *arena, struct json *rules, bool is_admin)
{
    static const int64_t personalities[] = {0, 8, 0x20000, 0x20008, 0xffffffff};
    allow_when(arena, rules, "socket", FAMILY_ALG, "SCMP_CMP_LT");
    allow_when(arena, rules, "socket", FAMILY_ALG + 1, "SCMP_CMP_EQ");
    allow_when(arena, rules, "socket", FAMILY_VSOCK, "SCMP_CMP_GT");
    for (size_t i = 0; i < ARRAY_SIZE(personalities); i++)
        allow_when(arena, rules, "personality", personalities[i], "SCMP_CMP_EQ");
    if (is_admin)
        return;
    allow_when(arena, rules, "clone", CLONE_NEW_ANY, "SCMP_CMP_MASKED_EQ");
    refuse(arena, rules, "clone3", ERRNO_ENOSYS); /* Its flags cannot be seen; glibc uses clone. */
}

struct json *seccomp_default_profile(struct arena *arena, const char *const *capabilities)
{
    struct json *profile = json_new_object(arena), *rules = json_new_array(arena);
    struct json *machines = json_new_array(arena);
    for (size_t i = 0; i < ARRAY_SIZE(architectures); i++)
        json_append(machines, json_new_text(arena, architectures[i]));
    allow(arena, rules, allowed);
    allow(arena, rules, allowed_here);
    add_conditions(arena, rules, has(capabilities, "CAP_SYS_ADMIN"));
    add_gated(arena, rules, capabilities);
    json_set_text(arena, profile, "defaultAction", "SCMP_ACT_ERRNO");
    json_set_int(arena, profile, "defaultErrnoRet", ERRNO_ENOSYS);
    json_set(arena, profile, "architectures", machines);
    json_set(arena, profile, "syscalls", rules);
    return profile;
}
