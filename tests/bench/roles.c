#include "tests/bench/roles.h"

#include <cJSON.h>
#include <dirent.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cli/pki.h"
#include "cli/server_process.h"
#include "core/arena.h"
#include "core/file.h"
#include "core/kinds/view.h"
#include "core/net/http_server.h"
#include "core/net/listener.h"
#include "store/log.h"
#include "store/store.h"

static _Noreturn void fail(const char *what, const struct status *status)
{
    fprintf(stderr, "bench: %s: %s\n", what, status->message ? status->message : "?");
    exit(1);
}

/* --- The object --- */

void role_append_body(const char *name, int64_t number, struct buffer *body)
{
    size_t start = body->size;
    buffer_format(body,
                  "{\"apiVersion\":\"v1\",\"kind\":\"ConfigMap\",\"metadata\":{\"name\":\"%s\","
                  "\"namespace\":\"default\",\"labels\":{\"app.kubernetes.io/name\":\"bench\","
                  "\"app.kubernetes.io/instance\":\"bench-1\"}},\"data\":{\"number\":\"%012lld\"",
                  name, (long long)number);
    for (int i = 0; body->size - start < FIXED_BODY_SIZE - 80; i++)
        buffer_format(body, ",\"setting.%02d\":\"a value of a common length\"", i);
    buffer_append_text(body, ",\"last\":\"");
    while (body->size - start < FIXED_BODY_SIZE - 3)
        buffer_append_byte(body, 'x');
    buffer_append_text(body, "\"}}");
}

/* --- fixed and echo --- */

enum { FAN_OUT = 1000, FAN_US = 5000, EVENT_SIZE = 1900 };

struct site {
    struct loop *loop;
    struct http_server *server;
    struct tls_config *config;
    struct buffer fixed;
    bool is_echo;
    struct arena arena;
    /* Of fan: */
    struct http_exchange *held[FAN_OUT];
    size_t held_count;
    int64_t fan_left;
    int64_t fan_number;
    struct timer fan_timer;
};

static struct arena *cjson_arena; /* cJSON's hooks take no context. */

static void *cjson_alloc(size_t size)
{
    return arena_alloc_raw(cjson_arena, size, 16);
}

static void cjson_free(void *memory)
{
    (void)memory;
}

static void echo(struct http_exchange *exchange, enum http_body result, struct slice body)
{
    struct site *site = exchange->context;
    struct http_header header = HTTP_HEADER("Content-Type", SLICE("application/json"));
    if (result == HTTP_BODY_GONE) {
        http_abort(exchange);
        return;
    }
    cJSON *tree = cJSON_ParseWithLength(body.data, body.size);
    const char *text = tree ? cJSON_PrintUnformatted(tree) : "?";
    http_reply(exchange, tree ? 201 : 400, &header, 1, slice_of(text));
    arena_reset(&site->arena);
}

/* --- fan --- */

static void fan_out(struct timer *timer)
{
    struct site *site = CONTAINER_OF(timer, struct site, fan_timer);
    struct buffer event = {0};
    if (site->fan_left-- <= 0)
        return;
    timer_start_us(timer, FAN_US);
    buffer_format(&event,
                  "{\"type\":\"ADDED\",\"resourceVersion\":\"%lld\",\"stamp\":\"%lld\",\"x\":\"",
                  (long long)++site->fan_number, (long long)clock_steady_us(clock_real()));
    while (event.size < EVENT_SIZE)
        buffer_append_byte(&event, 'x');
    buffer_append_text(&event, "\"}\n");
    for (size_t i = 0; i < site->held_count; i++)
        http_reply_write(site->held[i], buffer_slice(&event));
    buffer_release(&event);
}

static void forget(struct http_exchange *exchange)
{
    struct site *site = exchange->context;
    for (size_t i = 0; i < site->held_count; i++)
        if (site->held[i] == exchange)
            site->held[i--] = site->held[--site->held_count];
    http_abort(exchange);
}

static void hold(struct site *site, struct http_exchange *exchange)
{
    exchange->on_gone = forget;
    http_reply_begin(exchange, 200, NULL, 0, HTTP_CHUNKED);
    site->held[site->held_count++] = exchange;
    if (site->held_count == FAN_OUT)
        timer_start_us(&site->fan_timer, 500000); /* All have seen their heads by then. */
}

static void on_request(void *context, struct http_exchange *exchange)
{
    struct site *site = context;
    struct http_header headers[] = {HTTP_HEADER("Content-Type", SLICE("application/json")),
                                    HTTP_HEADER("Cache-Control", SLICE("no-cache, private"))};
    exchange->context = site;
    if (site->is_echo)
        http_read_body(exchange, 1 << 20, echo);
    else if (site->fan_left > 0)
        hold(site, exchange);
    else
        http_reply(exchange, 200, headers, 2, buffer_slice(&site->fixed));
}

static void accept_tls(void *context, struct stream *stream)
{
    struct site *site = context;
    http_server_accept(site->server, tls_open_server(site->config, stream));
}

static void accept_plain(void *context, struct stream *stream)
{
    struct site *site = context;
    http_server_accept(site->server, stream);
}

static void make_tls(struct site *site, const char *folder)
{
    static const char *const addresses[] = {"127.0.0.1", NULL};
    struct pki pki;
    struct status status;
    status_init(&status);
    if (folder_make(folder, 0700, &status) ||
        pki_open(folder, addresses, random_system(), clock_wall_us(clock_real()), &pki, &status))
        fail("keys", &status);
    struct tls_options options = {.certificate_pem = buffer_slice(&pki.server_pem),
                                  .key_pem = buffer_slice(&pki.server_key_pem),
                                  .ca_pem = buffer_slice(&pki.ca_pem)};
    site->config = tls_config_create(&options, &status);
    pki_release(&pki);
}

static int run_site(const char *folder, bool is_echo, int size, int64_t fan)
{
    char path[600];
    struct site site = {.loop = loop_create(0), .is_echo = is_echo, .fan_left = fan};
    struct status status;
    status_init(&status);
    timer_init(&site.fan_timer, site.loop, fan_out);
    arena_init(&site.arena);
    cjson_arena = &site.arena;
    cJSON_Hooks hooks = {cjson_alloc, cjson_free};
    cJSON_InitHooks(&hooks);
    for (int i = 0; (int)site.fixed.size < size; i++)
        buffer_append_byte(&site.fixed, (char)('a' + i % 26));
    make_tls(&site, folder);
    site.server = http_server_open(site.loop, NULL, on_request, &site);
    struct listener *listener = listener_open(site.loop, 10000);
    snprintf(path, sizeof(path), "%s/api.sock", folder);
    if (listener_add_tcp(listener, "127.0.0.1:0", accept_tls, &site, &status) ||
        listener_add_unix(listener, path, accept_plain, &site, &status))
        fail("listen", &status);
    printf("ready %s\n", listener_address(listener, 0));
    fflush(stdout);
    loop_run(site.loop);
    return 0;
}

/* --- server --- */

struct serving {
    struct server_process *server;
    struct loop *loop;
};

static void ready(void *context, const struct status *status)
{
    struct serving *serving = context;
    if (!status_ok(status))
        fail("server", status);
    printf("ready %s\n", server_process_address(serving->server));
    fflush(stdout);
}

static void stop(void *context, int number)
{
    struct serving *serving = context;
    (void)number;
    server_process_stop(serving->server);
}

static int run_server(const char *folder)
{
    struct status status;
    struct serving serving = {.loop = loop_create(0)};
    struct server_process_options options = {
        .data_dir = folder, .listen = "127.0.0.1:0", .ready = ready, .context = &serving};
    status_init(&status);
    if (server_process_start(serving.loop, &options, &serving.server, &status))
        fail("server", &status);
    loop_on_signal(serving.loop, SIGTERM, stop, &serving);
    loop_run(serving.loop);
    server_process_destroy(serving.server);
    loop_destroy(serving.loop);
    return 0;
}

/* --- store --- */

enum { WRITERS = 256 };

struct writers {
    struct loop *loop;
    struct store *store;
    int64_t next;
    int64_t done;
    int64_t end_us;
    int active;
};

struct writer {
    struct txn txn;
    struct writers *writers;
};

static void write_next(struct writer *writer)
{
    struct writers *writers = writer->writers;
    struct buffer body = {0}, view = {0};
    char name[32], key[64];
    struct status status;
    int64_t n = writers->next++;
    status_init(&status);
    snprintf(name, sizeof(name), "store-%010lld", (long long)n);
    snprintf(key, sizeof(key), "/configmaps/default/%s", name);
    role_append_body(name, n, &body);
    /* A stored object is larger than its request by uid, times, revision. */
    buffer_append_text(&body, "                                                               "
                              "                                                               ");
    view_append(&view, VIEW_UID, SLICE("6d1f7a52-3f0e-4a43-9d07-94cf7ef28a42"));
    struct txn_write write = {object_create(slice_of(key), store_next_revision(writers->store),
                                            buffer_slice(&view), buffer_slice(&body), 13,
                                            SLICE("[{\"manager\":\"bench\"}]")),
                              false, EXPECT_ABSENT};
    if (store_transact(writers->store, &writer->txn, &write, 1, NULL, &status))
        fail("store", &status);
    buffer_release(&view);
    buffer_release(&body);
}

static void written(struct txn *txn)
{
    struct writer *writer = CONTAINER_OF(txn, struct writer, txn);
    struct writers *writers = writer->writers;
    if (!status_ok(&txn->status))
        fail("store", &txn->status);
    writers->done++;
    if (clock_steady_us(clock_real()) < writers->end_us)
        write_next(writer);
    else if (--writers->active == 0)
        loop_stop(writers->loop);
}

static int run_store(const char *folder, double seconds)
{
    static struct writer all[WRITERS];
    char path[600];
    struct status status;
    status_init(&status);
    snprintf(path, sizeof(path), "%s/store.db", folder);
    if (folder_make(folder, 0700, &status))
        fail("store", &status);
    struct writers writers = {.loop = loop_create(1), .active = WRITERS};
    struct store_options options = {.loop = writers.loop, .log = log_sqlite_create(path, NULL)};
    if (store_open(&options, &writers.store, NULL, &status))
        fail("store", &status);
    int64_t begun_us = clock_steady_us(clock_real());
    writers.end_us = begun_us + (int64_t)(seconds * 1e6);
    for (int i = 0; i < WRITERS; i++) {
        all[i].writers = &writers;
        all[i].txn.done = written;
        write_next(&all[i]);
    }
    loop_run(writers.loop);
    double took = (double)(clock_steady_us(clock_real()) - begun_us) / 1e6;
    printf("ready %.1f\n", (double)writers.done / took);
    store_close(writers.store);
    return 0;
}

int role_run(const char *name, const char *folder, const char *argument)
{
    if (strcmp(name, "server") == 0)
        return run_server(folder);
    if (strcmp(name, "fixed") == 0)
        return run_site(folder, false, argument ? atoi(argument) : FIXED_BODY_SIZE, 0);
    if (strcmp(name, "echo") == 0)
        return run_site(folder, true, 0, 0);
    if (strcmp(name, "fan") == 0)
        return run_site(folder, false, 0, argument ? atoll(argument) : 1);
    if (strcmp(name, "store") == 0)
        return run_store(folder, argument ? atof(argument) : 1);
    return 2;
}

/* --- From outside --- */

static struct tls_config *admin_tls(const char *folder)
{
    static const char *const names[] = {"ca.crt", "admin.crt", "admin.key"};
    struct buffer files[3] = {{0}};
    struct status status;
    char path[600];
    status_init(&status);
    for (int i = 0; i < 3; i++) {
        snprintf(path, sizeof(path), "%s/pki/%s", folder, names[i]);
        if (file_read(path, &files[i], &status))
            fail(path, &status);
    }
    struct tls_options options = {.ca_pem = buffer_slice(&files[0]),
                                  .certificate_pem = buffer_slice(&files[1]),
                                  .key_pem = buffer_slice(&files[2])};
    struct tls_config *config = tls_config_create(&options, &status);
    for (int i = 0; i < 3; i++)
        buffer_release(&files[i]);
    return config;
}

static pid_t run_again(const char *name, const char *folder, const char *argument, int out)
{
    char log_path[600];
    pid_t pid = fork();
    if (pid != 0)
        return pid;
    snprintf(log_path, sizeof(log_path), "%s.log", folder);
    int log = open(log_path, O_WRONLY | O_CREAT | O_APPEND, 0600);
    dup2(out, 1);
    if (log >= 0)
        dup2(log, 2);
    execl("/proc/self/exe", "bench_api", "--role", name, folder, argument, (char *)NULL);
    _Exit(127);
}

static void read_ready(struct role *role, const char *name)
{
    char line[128];
    size_t size = 0;
    while (size + 1 < sizeof(line) && read(role->out, line + size, 1) == 1 && line[size] != '\n')
        size++;
    line[size] = '\0';
    if (sscanf(line, "ready %63s", role->address) == 1)
        return;
    fprintf(stderr, "bench: the %s did not start\n", name);
    exit(1);
}

void role_start(struct role *role, const char *name, const char *folder, const char *argument)
{
    int ends[2];
    *role = (struct role){.pid = 0};
    if (pipe2(ends, O_CLOEXEC) != 0)
        exit(1);
    int64_t begun_us = clock_steady_us(clock_real());
    role->pid = run_again(name, folder, argument, ends[1]);
    close(ends[1]);
    role->out = ends[0];
    read_ready(role, name);
    role->ready_ms = (double)(clock_steady_us(clock_real()) - begun_us) / 1e3;
    if (strcmp(name, "store") == 0)
        return;
    snprintf(role->socket, sizeof(role->socket), "%s/api.sock", folder);
    role->tls = admin_tls(folder);
}

void role_stop(struct role *role)
{
    int result;
    kill(role->pid, SIGTERM);
    waitpid(role->pid, &result, 0);
    close(role->out);
    tls_config_unref(role->tls);
    *role = (struct role){.pid = 0};
}

/* A number behind a word in a file of /proc. */
static int64_t proc_number(const char *path, const char *word)
{
    char text[8192];
    int file = open(path, O_RDONLY | O_CLOEXEC);
    ssize_t size = file < 0 ? 0 : read(file, text, sizeof(text) - 1);
    if (file >= 0)
        close(file);
    text[size > 0 ? size : 0] = '\0';
    const char *at = strstr(text, word);
    return at ? atoll(at + strlen(word)) : 0;
}

double role_resident_mb(const struct role *role)
{
    char path[64];
    snprintf(path, sizeof(path), "/proc/%d/status", (int)role->pid);
    return (double)proc_number(path, "\nVmRSS:") * 1024 / 1e6;
}

int64_t role_wake_ups(const struct role *role)
{
    char path[320];
    int64_t sum = 0;
    snprintf(path, sizeof(path), "/proc/%d/task", (int)role->pid);
    DIR *tasks = opendir(path);
    for (struct dirent *task; tasks && (task = readdir(tasks));) {
        snprintf(path, sizeof(path), "/proc/%d/task/%s/status", (int)role->pid, task->d_name);
        if (task->d_name[0] != '.')
            sum += proc_number(path, "\nvoluntary_ctxt_switches:");
    }
    if (tasks)
        closedir(tasks);
    return sum;
}

double role_cpu_seconds(const struct role *role)
{
    char path[64], text[1024];
    unsigned long user = 0, system = 0;
    snprintf(path, sizeof(path), "/proc/%d/stat", (int)role->pid);
    int file = open(path, O_RDONLY | O_CLOEXEC);
    ssize_t size = file < 0 ? 0 : read(file, text, sizeof(text) - 1);
    if (file >= 0)
        close(file);
    text[size > 0 ? size : 0] = '\0';
    const char *at = strrchr(text, ')');
    if (at &&
        sscanf(at, ") %*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %lu %lu", &user, &system) < 2)
        return 0;
    return (double)(user + system) / (double)sysconf(_SC_CLK_TCK);
}
