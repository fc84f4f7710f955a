#include "kubelet-lite/host_devices.h"

#include <dirent.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

enum { DEVICES_MAX = 1024, DEPTH_MAX = 6 };

static bool is_its_own(const char *name)
{
    static const char *const names[] = {
        ".",           "..",    "pts",     "shm",  "fd",    "mqueue", ".lxc",
        ".lxd-mounts", ".udev", "console", "core", "stdin", "stdout", "stderr",
        "tty",         "ptmx",  "null",    "zero", "full",  "random", "urandom"};
    for (size_t i = 0; i < ARRAY_SIZE(names); i++)
        if (strcmp(names[i], name) == 0)
            return true;
    return false;
}

static void walk(struct arena *arena, const char *folder, int depth, struct device *devices,
                 size_t *count)
{
    DIR *listing = opendir(folder);
    for (struct dirent *entry; listing && *count < DEVICES_MAX && (entry = readdir(listing));) {
        struct stat seen;
        const char *path = arena_format(arena, "%s/%s", folder, entry->d_name);
        if (is_its_own(entry->d_name) || lstat(path, &seen) < 0)
            continue;
        if (S_ISDIR(seen.st_mode) && depth < DEPTH_MAX)
            walk(arena, path, depth + 1, devices, count);
        if (S_ISCHR(seen.st_mode) || S_ISBLK(seen.st_mode))
            devices[(*count)++] = (struct device){
                .path = path,
                .type = S_ISBLK(seen.st_mode) ? 'b' : 'c',
                .major = (int64_t)major(seen.st_rdev),
                .minor = (int64_t)minor(seen.st_rdev),
                .access = "rwm",
            };
    }
    if (listing)
        closedir(listing);
}

size_t host_devices_list(struct arena *arena, struct device **devices)
{
    size_t count = 0;
    *devices = ARENA_ARRAY(arena, struct device, DEVICES_MAX);
    walk(arena, "/dev", 0, *devices, &count);
    return count;
}
