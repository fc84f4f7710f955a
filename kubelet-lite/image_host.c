/* The reserved image: this machine's programs in real isolation, without a registry.
 *
 * A skeleton of our own is the lower layer; /usr is bound read-only. Of /etc there is what
 * programs need to start (the linker's cache, alternatives, public certificates) and nothing
 * that is anybody's secret; /root, /home, /var and /tmp are empty. */
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/crypto.h"
#include "core/file.h"
#include "kubelet-lite/folder_copy.h"
#include "kubelet-lite/image_files.h"

enum { PATH_SIZE = 512 };

static const char accounts[] = "root:x:0:0:root:/root:/bin/sh\n"
                               "daemon:x:1:1:daemon:/usr/sbin:/usr/sbin/nologin\n"
                               "www-data:x:33:33:www-data:/var/www:/usr/sbin/nologin\n"
                               "nobody:x:65534:65534:nobody:/nonexistent:/usr/sbin/nologin\n";
static const char groups[] = "root:x:0:\ndaemon:x:1:\ntty:x:5:\nwww-data:x:33:\n"
                             "nogroup:x:65534:\n";
static const char name_services[] = "passwd: files\ngroup: files\nhosts: files dns\n";

static const struct {
    const char *path;
    mode_t mode;
} folders[] = {
    {"usr", 0755},  {"etc", 0755},  {"etc/ssl", 0755}, {"proc", 0555},     {"sys", 0555},
    {"dev", 0755},  {"run", 0755},  {"tmp", 01777},    {"root", 0700},     {"home", 0755},
    {"var", 0755},  {"opt", 0755},  {"mnt", 0755},     {"media", 0755},    {"srv", 0755},
    {"var/tmp", 01777}, {"var/log", 0755}, {"var/lib", 0755}, {"var/cache", 0755},
};

static const char *const copied_folders[] = {"etc/alternatives", "etc/ld.so.conf.d",
                                             "etc/ssl/certs"};
static const char *const copied_files[] = {
    "etc/ld.so.cache", "etc/ld.so.conf",     "etc/services",       "etc/protocols",
    "etc/mime.types",  "etc/debian_version", "etc/ssl/openssl.cnf"};

bool image_is_host(const char *reference)
{
    return strcmp(reference, IMAGE_HOST) == 0 || strcmp(reference, IMAGE_HOST ":latest") == 0 ||
           strcmp(reference, IMAGE_HOST_ID) == 0;
}

static int make_folders(const char *root, struct status *status)
{
    char path[PATH_SIZE];
    for (size_t i = 0; i < ARRAY_SIZE(folders); i++) {
        snprintf(path, sizeof path, "%s/%s", root, folders[i].path);
        if (folder_make(path, 0755, status))
            return -1;
        if (chmod(path, folders[i].mode) < 0)
            return status_fail(status, STATUS_INTERNAL_ERROR, "%s: %s", path, strerror(errno));
    }
    return 0;
}

/* /bin and the like lead into /usr on merged systems; elsewhere programs there are not shown. */
static void make_links(const char *root)
{
    static const char *const names[] = {"bin", "sbin", "lib", "lib32", "lib64", "libx32"};
    char path[PATH_SIZE], target[PATH_SIZE];
    for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
        snprintf(path, sizeof path, "/%s", names[i]);
        ssize_t size = readlink(path, target, sizeof target - 1);
        if (size <= 0)
            continue;
        target[size] = '\0';
        snprintf(path, sizeof path, "%s/%s", root, names[i]);
        if (symlink(target[0] == '/' ? target + 1 : target, path) < 0)
            continue; /* It is there from the last time. */
    }
}

static int write_text(const char *root, const char *name, const char *text, struct status *status)
{
    char path[PATH_SIZE];
    snprintf(path, sizeof path, "%s/etc/%s", root, name);
    return file_write(path, 0644, slice_of(text), status);
}

static void copy_files(const char *root, struct status *ignored)
{
    char from[PATH_SIZE], to[PATH_SIZE];
    for (size_t i = 0; i < ARRAY_SIZE(copied_files); i++) {
        struct buffer bytes = {0};
        snprintf(from, sizeof from, "/%s", copied_files[i]);
        snprintf(to, sizeof to, "%s/%s", root, copied_files[i]);
        if (file_read(from, &bytes, ignored) || file_write(to, 0644, buffer_slice(&bytes), ignored))
            status_clear(ignored); /* Not every machine has it. */
        buffer_release(&bytes);
    }
    for (size_t i = 0; i < ARRAY_SIZE(copied_folders); i++) {
        snprintf(from, sizeof from, "/%s", copied_folders[i]);
        snprintf(to, sizeof to, "%s/%s", root, copied_folders[i]);
        if (folder_make(to, 0755, ignored) || folder_copy(from, to, ignored))
            status_clear(ignored);
    }
}

static int fill(const char *root, struct status *status)
{
    struct status ignored;
    if (make_folders(root, status))
        return -1;
    status_init(&ignored);
    make_links(root);
    copy_files(root, &ignored);
    status_release(&ignored);
    return write_text(root, "passwd", accounts, status) ||
                   write_text(root, "group", groups, status) ||
                   write_text(root, "nsswitch.conf", name_services, status)
               ? -1
               : 0;
}

/* Another name for another state of the machine: a mount's lower folder must not change. */
static void name_root(struct image_files *files)
{
    static const char *const watched[] = {"/etc/ld.so.cache", "/etc/alternatives", "/etc/ssl/certs",
                                          "/usr/lib"};
    struct buffer text = {0};
    char hex[SHA256_SIZE * 2 + 1];
    for (size_t i = 0; i < ARRAY_SIZE(watched); i++) {
        struct stat seen = {0};
        if (stat(watched[i], &seen) == 0)
            buffer_format(&text, "%lld.%09ld ", (long long)seen.st_mtim.tv_sec,
                          seen.st_mtim.tv_nsec);
    }
    sha256_hex(buffer_slice(&text), hex);
    snprintf(files->host_root, sizeof files->host_root, "root-%.16s", hex);
    buffer_release(&text);
}

static void remove_old_roots(const struct image_files *files, struct arena *arena)
{
    struct buffer mounts = {0};
    struct status ignored;
    status_init(&ignored);
    DIR *listing = opendir(image_files_path(files, arena, "host", "."));
    bool is_readable = file_read("/proc/self/mountinfo", &mounts, &ignored) == 0;
    for (struct dirent *entry; listing && is_readable && (entry = readdir(listing));)
        if (entry->d_name[0] != '.' && strcmp(entry->d_name, files->host_root) != 0 &&
            !strstr(mounts.data, entry->d_name) &&
            folder_remove(image_files_path(files, arena, "host", entry->d_name), &ignored))
            status_clear(&ignored); /* The next start tries again. */
    if (listing)
        closedir(listing);
    buffer_release(&mounts);
    status_release(&ignored);
}

int image_host_prepare(struct image_files *files, struct status *status)
{
    struct arena arena;
    arena_init(&arena);
    name_root(files);
    const char *root = image_files_path(files, &arena, "host", files->host_root);
    const char *aside = image_files_temporary(files, &arena, "host");
    int failed = 0;
    remove_old_roots(files, &arena);
    if (access(root, F_OK) != 0) {
        failed = fill(aside, status);
        if (!failed && rename(aside, root) < 0 && errno != EEXIST && errno != ENOTEMPTY)
            failed = status_fail(status, STATUS_INTERNAL_ERROR, "%s: %s", root, strerror(errno));
    }
    arena_release(&arena);
    return failed ? -1 : 0;
}

void image_host_describe(struct arena *arena, struct image *image)
{
    static const char *const none[] = {NULL};
    static const char *const shell[] = {"/bin/sh", NULL};
    const char **names = ARENA_ARRAY(arena, const char *, 2);
    names[0] = IMAGE_HOST ":latest";
    *image = (struct image){
        .id = IMAGE_HOST_ID,
        .names = names,
        .digest = IMAGE_HOST_ID,
        .entrypoint = none,
        .command = shell,
        .environment = none,
        .directory = "",
        .user = "",
        .stop_signal = "",
    };
}

int image_host_mount(const struct image_files *files, const char *bundle, struct status *status)
{
    const char *const layers[] = {files->host_root, NULL};
    const unsigned long flags = MS_RDONLY | MS_NOSUID | MS_NODEV;
    char path[PATH_SIZE];
    struct arena arena;
    if (!files->allows_host_image)
        return status_fail(status, STATUS_FORBIDDEN,
                           "image " IMAGE_HOST " is not allowed on this node");
    arena_init(&arena);
    const char *base = image_files_path(files, &arena, "host", ".");
    int failed = image_overlay_mount(base, layers, bundle, status);
    arena_release(&arena);
    snprintf(path, sizeof path, "%s/rootfs/usr", bundle);
    if (!failed && (mount("/usr", path, NULL, MS_BIND | MS_REC, NULL) < 0 ||
                    mount(NULL, path, NULL, MS_BIND | MS_REMOUNT | flags, NULL) < 0 ||
                    mount(NULL, path, NULL, MS_PRIVATE | MS_REC, NULL) < 0))
        failed = status_fail(status, STATUS_INTERNAL_ERROR, "%s: %s", path, strerror(errno));
    return failed ? -1 : 0;
}
