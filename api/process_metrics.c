#include "api/process_metrics.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <unistd.h>

static void append(struct buffer *text, const char *name, const char *type, const char *help,
                   double value)
{
    buffer_format(text, "# HELP %s %s\n# TYPE %s %s\n%s %.15g\n", name, help, name, type, name,
                  value);
}

/* A small file of /proc, whole; "" when it is not there. */
static void read_small(const char *path, char *text, size_t size)
{
    int file = open(path, O_RDONLY | O_CLOEXEC);
    ssize_t got = file < 0 ? 0 : read(file, text, size - 1);
    if (file >= 0)
        close(file);
    text[got > 0 ? got : 0] = '\0';
}

static double cpu_seconds(void)
{
    struct rusage usage;
    if (getrusage(RUSAGE_SELF, &usage) != 0)
        return 0;
    return (double)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) +
           (double)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e6;
}

static double count_files(void)
{
    double count = -3; /* "." and "..", and the folder that is read. */
    DIR *folder = opendir("/proc/self/fd");
    while (folder && readdir(folder))
        count++;
    if (folder)
        closedir(folder);
    return count > 0 ? count : 0;
}

/* When the machine started, in seconds since 1970. */
static double boot_time(void)
{
    char line[128];
    long long seconds = 0;
    FILE *file = fopen("/proc/stat", "re");
    while (file && fgets(line, sizeof(line), file))
        if (sscanf(line, "btime %lld", &seconds) == 1)
            break;
    if (file)
        fclose(file);
    return (double)seconds;
}

/* Field 22 of stat: ticks after the machine's start. The name before may hold anything but ")". */
static double start_time(void)
{
    char text[1024];
    unsigned long long ticks = 0;
    read_small("/proc/self/stat", text, sizeof(text));
    const char *at = strrchr(text, ')');
    for (int field = 2; at && field < 22; field++) {
        at = strchr(at, ' ');
        at = at ? at + 1 : NULL;
    }
    if (at)
        ticks = strtoull(at, NULL, 10);
    return boot_time() + (double)ticks / (double)sysconf(_SC_CLK_TCK);
}

void process_metrics_print(struct buffer *text)
{
    char statm[128];
    unsigned long long pages = 0, resident = 0;
    struct rlimit files = {0};
    double page = (double)sysconf(_SC_PAGESIZE);
    read_small("/proc/self/statm", statm, sizeof(statm));
    if (sscanf(statm, "%llu %llu", &pages, &resident) != 2)
        pages = resident = 0;
    (void)getrlimit(RLIMIT_NOFILE, &files);
    append(text, "process_cpu_seconds_total", "counter", "CPU time spent, in seconds.",
           cpu_seconds());
    append(text, "process_max_fds", "gauge", "Files that may be open.", (double)files.rlim_cur);
    append(text, "process_open_fds", "gauge", "Files that are open.", count_files());
    append(text, "process_resident_memory_bytes", "gauge", "Resident memory.",
           (double)resident * page);
    append(text, "process_start_time_seconds", "gauge", "When it started, since 1970.",
           start_time());
    append(text, "process_virtual_memory_bytes", "gauge", "Address space.", (double)pages * page);
}
