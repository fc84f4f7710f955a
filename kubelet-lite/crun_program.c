#include "kubelet-lite/crun.h"

/* crun stops at a version 1 machine whose version 2 hierarchy has controllers of its own
 * ("cgroups in hybrid mode not supported"); so it does not get to see that. */
static const char hide_unified[] = "umount -l /sys/fs/cgroup/unified; exec \"$0\" \"$@\"";

size_t crun_words(const struct crun *crun, struct arena *arena, const char **argv)
{
    const char *manager = crun->cgroups->version == CGROUP_NONE ? "disabled" : "cgroupfs";
    size_t count = 0;
    if (crun->cgroups->is_mixed) {
        argv[count++] = crun->unshare_path;
        argv[count++] = "--mount";
        argv[count++] = "--propagation";
        argv[count++] = "slave";
        argv[count++] = "sh";
        argv[count++] = "-c";
        argv[count++] = hide_unified;
    }
    argv[count++] = crun->crun_path;
    argv[count++] = arena_format(arena, "--cgroup-manager=%s", manager);
    argv[count++] = arena_format(arena, "--root=%s", crun->state_folder);
    return count;
}

void crun_run(struct crun *crun, struct arena *arena, const char *const *words,
              struct program *program, void (*done)(struct program *program))
{
    const char *argv[CRUN_WORDS_MAX];
    size_t count = crun_words(crun, arena, argv);
    for (; *words; words++) {
        PRE(count < CRUN_WORDS_MAX - 1);
        argv[count++] = *words;
    }
    argv[count] = NULL;
    const struct program_options options = {.argv = argv, .timeout_us = CRUN_TIMEOUT_US};
    program_run(program, crun->runtime.loop, &options, done);
}
