/* Images of this machine's node, without an agent: loaded, listed, removed. The files are the
 * truth, so an agent that runs sees it at once. */
#include <stdio.h>
#include <string.h>

#include "cli/command.h"
#include "cli/server_process.h"
#include "kubelet-lite/image_store.h"

static const struct flag flags[] = {
    {"data-dir", 0, "DIR", "where the node keeps its state"},
    {NULL, 0, NULL, NULL},
};

struct image_run {
    struct loop *loop;
    struct image_store *store;
    struct image_call call;
};

static void done(struct image_call *call)
{
    loop_stop(CONTAINER_OF(call, struct image_run, call)->loop);
}

static int report(const struct image_call *call, const char *what)
{
    if (status_ok(&call->status))
        return EXIT_GOOD;
    fprintf(stderr, "coracle image: %s: %s\n", what, call->status.message);
    return EXIT_FAILED;
}

/* --- Verbs --- */

static int load(struct image_run *run, const char *path)
{
    image_call_init(&run->call, done);
    image_store_load(run->store, path, &run->call);
    loop_run(run->loop);
    int code = report(&run->call, path);
    if (code == EXIT_GOOD)
        printf("%s %s\n", run->call.image.id,
               run->call.image.names[0] ? run->call.image.names[0] : "");
    image_call_release(&run->call);
    return code;
}

static void print_size(int64_t bytes, char text[32])
{
    static const char *const units[] = {"B", "KiB", "MiB", "GiB", "TiB"};
    double size = (double)bytes;
    size_t unit = 0;
    for (; size >= 1024 && unit + 1 < ARRAY_SIZE(units); unit++)
        size /= 1024;
    snprintf(text, 32, unit == 0 ? "%.0f %s" : "%.1f %s", size, units[unit]);
}

static void print_image(const struct image *image)
{
    char size[32];
    print_size(image->size_bytes, size);
    for (size_t i = 0; i == 0 || image->names[i]; i++) {
        const char *name = image->names[i] ? image->names[i] : "<none>";
        printf("%-56s %.12s  %10s  %s\n", name, image->id + strlen("sha256:"), size,
               image->is_used ? "used" : "");
        if (!image->names[i])
            return;
    }
}

static int list(struct image_run *run)
{
    image_call_init(&run->call, done);
    image_store_list(run->store, &run->call);
    loop_run(run->loop);
    int code = report(&run->call, "list");
    printf("%-56s %-12s  %10s\n", "IMAGE", "ID", "SIZE");
    for (size_t i = 0; i < run->call.image_count; i++)
        print_image(&run->call.images[i]);
    image_call_release(&run->call);
    return code;
}

static int remove_one(struct image_run *run, const char *name)
{
    image_call_init(&run->call, done);
    image_store_remove(run->store, name, &run->call);
    loop_run(run->loop);
    int code = report(&run->call, name);
    image_call_release(&run->call);
    return code;
}

static int do_verb(const struct command_line *line, struct image_run *run)
{
    const char *verb = line->arguments[0];
    int code = EXIT_GOOD;
    if (strcmp(verb, "list") == 0)
        return list(run);
    for (int i = 1; i < line->argument_count; i++) {
        int one = strcmp(verb, "load") == 0 ? load(run, line->arguments[i])
                                            : remove_one(run, line->arguments[i]);
        code = code == EXIT_GOOD ? one : code;
    }
    return code;
}

/* --- The command --- */

static int check_usage(const struct command_line *line)
{
    const char *verb = line->argument_count > 0 ? line->arguments[0] : "";
    bool takes_names = strcmp(verb, "load") == 0 || strcmp(verb, "rm") == 0;
    if (!takes_names && strcmp(verb, "list") != 0)
        return usage_error(line->command, "say load, list or rm");
    if (takes_names && line->argument_count == 1)
        return usage_error(line->command, "%s what?", verb);
    if (!takes_names && line->argument_count > 1)
        return usage_error(line->command, "list takes no argument");
    return EXIT_GOOD;
}

static int run(const struct command_line *line)
{
    int code = check_usage(line);
    struct image_run run = {0};
    struct buffer folder = {0};
    struct status status;
    if (code != EXIT_GOOD)
        return code;
    status_init(&status);
    const char *given = flag_text(line, "data-dir");
    char *data_dir = given ? mem_copy_text(given) : default_data_dir();
    buffer_format(&folder, "%s/agent/images", data_dir);
    const struct image_store_options options = {.directory = folder.data};
    run.loop = loop_create(1);
    run.store = image_store_open(run.loop, &options, &status);
    if (run.store) {
        code = do_verb(line, &run);
    } else {
        fprintf(stderr, "coracle image: %s\n", status.message);
        code = EXIT_FAILED;
    }
    image_store_close(run.store);
    loop_destroy(run.loop);
    buffer_release(&folder);
    mem_free(data_dir);
    status_release(&status);
    return code;
}

const struct command command_image = {
    .name = "image",
    .arguments = "load FILE...|list|rm IMAGE...",
    .summary = "Load, list and remove the images of this machine's node",
    .details = "load takes archives of `docker save`, OCI archives, and folders that are OCI\n"
               "layouts; compressed ones too. An image that a container uses is not removed.\n"
               "\n"
               "  docker save busybox | gzip > busybox.tar.gz\n"
               "  coracle image load busybox.tar.gz\n"
               "  coracle image list",
    .flags = flags,
    .run = run,
};
