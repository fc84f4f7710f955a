#include "cli/remote.h"

#include <limits.h>
#include <stdlib.h>
#include <unistd.h>

#include "cli/server_process.h"
#include "core/client/client_remote.h"
#include "core/client/kubeconfig.h"
#include "core/file.h"

struct remote {
    struct loop *loop;
    struct client *client;
    struct arena arena;
    const char *folder; /* Of the server whose socket is asked; NULL: by a kubeconfig. */
    struct kubeconfig config;
    struct buffer ca;
};

struct asked {
    struct call call;
    struct loop *loop;
};

/* --- Which server --- */

/* With a slash in front, which tells a socket from a host. */
static const char *socket_of(struct arena *arena, const char *folder)
{
    char here[PATH_MAX];
    if (*folder == '/' || !getcwd(here, sizeof(here)))
        return arena_format(arena, "%s/api.sock", folder);
    return arena_format(arena, "%s/%s/api.sock", here, folder);
}

/* The folder whose server is asked; NULL: a kubeconfig says where. */
static const char *choose_folder(const struct command_line *line, struct arena *arena)
{
    if (flag_text(line, "kubeconfig") || flag_text(line, "context"))
        return NULL;
    if (flag_text(line, "data-dir"))
        return flag_text(line, "data-dir");
    if (getenv("KUBECONFIG"))
        return NULL;
    char *usual = default_data_dir();
    const char *folder = arena_copy_text(arena, usual);
    mem_free(usual);
    return access(socket_of(arena, folder), F_OK) == 0 ? folder : NULL;
}

static void open_socket(struct remote *remote)
{
    struct client_remote_options options = {
        .address = socket_of(&remote->arena, remote->folder),
        .host = "localhost",
        .user = "coracle",
    };
    remote->config.namespace = "default";
    remote->client = client_remote_open(remote->loop, &options);
}

static int open_config(struct remote *remote, const struct command_line *line,
                       struct status *status)
{
    struct tls_config *tls = NULL;
    struct kubeconfig *config = &remote->config;
    if (kubeconfig_read(&remote->arena, flag_text(line, "kubeconfig"), flag_text(line, "context"),
                        config, status) ||
        kubeconfig_tls(config, &tls, status))
        return -1;
    struct client_remote_options options = {
        .address = config->address,
        .host = config->host,
        .tls = tls,
        .token = config->token,
        .user = "coracle",
    };
    remote->client = client_remote_open(remote->loop, &options);
    tls_config_unref(tls);
    return 0;
}

int remote_open(const struct command_line *line, struct remote **out, struct status *status)
{
    struct remote *remote = mem_alloc(sizeof(*remote));
    arena_init(&remote->arena);
    remote->loop = loop_create(1);
    remote->folder = choose_folder(line, &remote->arena);
    int failed = 0;
    if (remote->folder)
        open_socket(remote);
    else
        failed = open_config(remote, line, status);
    if (failed)
        remote_close(remote);
    else
        *out = remote;
    return failed;
}

void remote_close(struct remote *remote)
{
    if (!remote)
        return;
    client_remote_close(remote->client);
    loop_destroy(remote->loop);
    buffer_release(&remote->ca);
    arena_release(&remote->arena);
    mem_free(remote);
}

const char *remote_namespace(const struct remote *remote)
{
    return remote->config.namespace;
}

int remote_read_ca(struct remote *remote, struct slice *pem, struct status *status)
{
    *pem = remote->config.ca_pem;
    if (!remote->folder)
        return pem->size > 0 ? 0
                             : status_fail(status, STATUS_NOT_FOUND,
                                           "the kubeconfig does not tell the server's CA");
    buffer_clear(&remote->ca);
    int failed = file_read(arena_format(&remote->arena, "%s/pki/ca.crt", remote->folder),
                           &remote->ca, status);
    *pem = buffer_slice(&remote->ca);
    return failed;
}

/* --- Asking --- */

static void answered(struct call *call)
{
    loop_stop(CONTAINER_OF(call, struct asked, call)->loop);
}

static int take_reply(struct call *call, struct arena *arena, struct json **reply,
                      struct status *status)
{
    *reply = NULL;
    if (!status_ok(&call->status)) {
        status_copy(status, &call->status);
        return -1;
    }
    if (call->reply.size == 0)
        return 0;
    *reply = json_parse(arena, call->reply, NULL, status);
    return *reply ? 0 : status_wrap(status, "the server's reply");
}

int remote_ask(struct remote *remote, const struct remote_question *question, struct arena *arena,
               struct json **reply, struct status *status)
{
    struct asked asked = {.loop = remote->loop};
    struct buffer body = {0};
    call_init(&asked.call);
    if (question->body)
        json_print(question->body, &body);
    asked.call.verb = question->verb;
    asked.call.path = question->path;
    asked.call.patch_type = question->patch_type;
    asked.call.query = question->query;
    asked.call.body = buffer_slice(&body);
    asked.call.done = answered;
    client_call(remote->client, &asked.call);
    loop_run(remote->loop);
    int failed = take_reply(&asked.call, arena, reply, status);
    call_release(&asked.call);
    buffer_release(&body);
    return failed;
}
