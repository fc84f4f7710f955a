#include "kubelet-lite/node_credentials.h"

#include <stdio.h>

#include "core/client/client_remote.h"
#include "core/file.h"
#include "core/json.h"
#include "core/net/http_client.h"
#include "core/net/pem.h"
#include "core/net/x509.h"
#include "core/phase.h"
#include "core/trace.h"

#define WAIT_FIRST_US INT64_C(1000000)
#define WAIT_MAX_US INT64_C(60000000)
#define POLL_US INT64_C(1000000)
#define POLLS_MAX 600
#define SIGNER "kubernetes.io/kube-apiserver-client-kubelet"

enum { READING, LEARNING_CA, ASKING, POLLING, GOOD, WAITING };

static const struct phase phases[] = {
    [READING] = {"reading", TO(LEARNING_CA) | TO(ASKING) | TO(GOOD) | TO(WAITING)},
    [LEARNING_CA] = {"learning the CA", TO(ASKING) | TO(WAITING)},
    [ASKING] = {"asking", TO(POLLING) | TO(WAITING) | TO(GOOD)},
    [POLLING] = {"polling", TO(GOOD) | TO(WAITING)},
    [GOOD] = {"good", TO(ASKING) | TO(LEARNING_CA) | TO(GOOD) | TO(WAITING)},
    [WAITING] = {"waiting", TO(READING)},
};

struct node_credentials {
    struct loop *loop;
    struct node_credentials_options options;
    int phase;
    char *ca_path, *pem_path;
    struct buffer ca_pem;
    struct buffer pem;          /* Ours: certificate and key; empty: none. */
    struct tls_config *tls;     /* Of pem; NULL: none. */
    struct ec_key key;          /* Of the request under way. */
    char request_name[48];
    struct client *client;      /* Of the request under way. */
    struct call call;
    struct buffer body;
    struct http_call *http;     /* LEARNING_CA */
    struct timer timer;
    int64_t wait_us;
    int polls;
    bool is_calling;
    bool is_renewing;
    bool is_told;
};

static void step(struct node_credentials *credentials);

static void move(struct node_credentials *credentials, int phase)
{
    phase_move(phases, &credentials->phase, phase);
}

static int64_t now_us(const struct node_credentials *credentials)
{
    return clock_wall_us(loop_clock(credentials->loop));
}

/* --- Waiting --- */

static void drop_client(struct node_credentials *credentials)
{
    http_call_close(credentials->http);
    credentials->http = NULL;
    client_remote_close(credentials->client);
    credentials->client = NULL;
}

static void wait(struct node_credentials *credentials, const char *why)
{
    credentials->wait_us = credentials->wait_us == 0 ? WAIT_FIRST_US : credentials->wait_us * 2;
    if (credentials->wait_us > WAIT_MAX_US)
        credentials->wait_us = WAIT_MAX_US;
    if (!credentials->is_told)
        log_line(LOG_WARN, "no credentials yet", "while=\"%s\" why=\"%s\"",
                 phases[credentials->phase].name, why);
    credentials->is_told = true;
    /* What was good still is: only the renewal is tried again. */
    move(credentials, credentials->is_renewing ? GOOD : WAITING);
    credentials->is_renewing = false;
    timer_start_us(&credentials->timer, credentials->wait_us);
}

/* The client is not closed from inside its own call. */
static void wait_over(struct timer *timer)
{
    struct node_credentials *credentials = CONTAINER_OF(timer, struct node_credentials, timer);
    if (credentials->phase == WAITING) {
        drop_client(credentials);
        move(credentials, READING);
    }
    step(credentials);
}

/* --- What is on disk --- */

static int read_own(struct node_credentials *credentials, struct arena *arena,
                    struct x509_certificate *certificate, struct status *status)
{
    buffer_clear(&credentials->pem);
    if (file_read(credentials->pem_path, &credentials->pem, status))
        return -1;
    return x509_parse_pem(arena, buffer_slice(&credentials->pem), certificate, status);
}

static struct tls_config *make_tls(struct node_credentials *credentials, struct status *status)
{
    struct tls_options options = {
        .certificate_pem = buffer_slice(&credentials->pem),
        .key_pem = buffer_slice(&credentials->pem),
        .ca_pem = buffer_slice(&credentials->ca_pem),
    };
    return tls_config_create(&options, status);
}

/* Somewhere between 70 % and 90 % of its life, so that not all nodes come at once. */
static void schedule_renewal(struct node_credentials *credentials,
                             const struct x509_certificate *certificate)
{
    int64_t life_us = certificate->not_after_us - certificate->not_before_us;
    int64_t part_us = life_us / 10 * 7 + (int64_t)random_below(loop_random(credentials->loop),
                                                               (uint64_t)(life_us / 5 + 1));
    int64_t due_us = certificate->not_before_us + part_us - now_us(credentials);
    timer_start_us(&credentials->timer, due_us > WAIT_FIRST_US ? due_us : WAIT_FIRST_US);
}

static int begin_good(struct node_credentials *credentials,
                      const struct x509_certificate *certificate, struct status *status)
{
    struct tls_config *tls = make_tls(credentials, status);
    if (!tls)
        return -1;
    tls_config_unref(credentials->tls);
    credentials->tls = tls;
    credentials->wait_us = 0;
    credentials->is_told = credentials->is_renewing = false;
    move(credentials, GOOD);
    schedule_renewal(credentials, certificate);
    credentials->options.good(credentials->options.context, tls);
    return 0;
}

/* --- Asking --- */

static void call_done(struct call *call);

static void ask(struct node_credentials *credentials, const char *verb, const char *name)
{
    call_init(&credentials->call);
    credentials->is_calling = true;
    credentials->call.verb = verb;
    credentials->call.path = (struct resource_path){
        .group = "certificates.k8s.io",
        .version = "v1",
        .resource = "certificatesigningrequests",
        .name = slice_of(name),
    };
    credentials->call.body = buffer_slice(&credentials->body);
    credentials->call.done = call_done;
    client_call(credentials->client, &credentials->call);
}

/* The name is the key's, so that asking twice for one key makes one request. */
static void name_request(struct node_credentials *credentials)
{
    char hex[SHA256_SIZE * 2 + 1];
    sha256_hex((struct slice){(const char *)credentials->key.public, EC_PUBLIC_SIZE}, hex);
    snprintf(credentials->request_name, sizeof(credentials->request_name), "node-csr-%.32s", hex);
}

static void fill_request(struct node_credentials *credentials)
{
    static const char *const organizations[] = {"system:nodes", NULL};
    struct buffer name = {0}, pem = {0}, *body = &credentials->body;
    buffer_format(&name, "system:node:%s", credentials->options.node_name);
    struct x509_template template = {.common_name = name.data, .organizations = organizations};
    x509_request_make(&template, &credentials->key, &pem);
    buffer_clear(body);
    buffer_format(body,
                  "{\"metadata\":{\"name\":\"%s\"},\"spec\":{\"signerName\":\"" SIGNER
                  "\",\"usages\":[\"digital signature\",\"client auth\"],\"request\":\"",
                  credentials->request_name);
    base64_encode(buffer_slice(&pem), body);
    buffer_append_text(body, "\"}}");
    buffer_release(&name);
    buffer_release(&pem);
}

static void ask_for_certificate(struct node_credentials *credentials)
{
    move(credentials, ASKING);
    ec_key_generate(loop_random(credentials->loop), &credentials->key);
    name_request(credentials);
    fill_request(credentials);
    credentials->polls = 0;
    ask(credentials, "create", "");
}

static void open_client(struct node_credentials *credentials, struct tls_config *tls,
                        const char *token)
{
    struct client_remote_options options = {
        .address = credentials->options.address,
        .host = credentials->options.host,
        .tls = tls,
        .token = token,
        .user = "coracle-agent",
    };
    credentials->client = client_remote_open(credentials->loop, &options);
}

/* --- The CA, at the first contact --- */

static int keep_ca(struct node_credentials *credentials, const struct tls_peer *peer,
                   struct status *status)
{
    if (!peer || peer->ca.size == 0)
        return status_fail(status, STATUS_BAD_REQUEST, "the server did not send its CA");
    buffer_clear(&credentials->ca_pem);
    pem_write("CERTIFICATE", peer->ca, &credentials->ca_pem);
    return file_write(credentials->ca_path, 0644, buffer_slice(&credentials->ca_pem), status);
}

static void ca_response(void *context, struct http_call *call, const struct http_response *response)
{
    struct node_credentials *credentials = context;
    struct status status;
    status_init(&status);
    (void)response; /* Whatever it says: the connection is what was asked for. */
    if (keep_ca(credentials, http_call_peer(call)->tls, &status))
        wait(credentials, status.message);
    status_release(&status);
}

static void ca_end(void *context)
{
    struct node_credentials *credentials = context;
    credentials->http = NULL;
    if (credentials->phase == LEARNING_CA)
        ask_for_certificate(credentials);
}

static void ca_error(void *context, const struct status *status)
{
    struct node_credentials *credentials = context;
    credentials->http = NULL;
    if (credentials->phase == LEARNING_CA)
        wait(credentials, status->message);
}

static const struct http_call_handler ca_handler = {
    .on_response = ca_response, .on_end = ca_end, .on_error = ca_error};

static void learn_ca(struct node_credentials *credentials)
{
    struct http_call_options options = {
        .method = "GET", .target = "/healthz", .timeout_us = INT64_C(30000000)};
    move(credentials, LEARNING_CA);
    credentials->http =
        http_call_open(client_remote_http(credentials->client), &options, &ca_handler, credentials);
}

static void join(struct node_credentials *credentials)
{
    const struct node_credentials_options *options = &credentials->options;
    struct status status;
    status_init(&status);
    struct tls_options how = {
        .ca_key_sha256 = options->ca_key_sha256,
        .ca_pem = options->ca_key_sha256 ? SLICE("") : buffer_slice(&credentials->ca_pem)};
    struct tls_config *tls = options->token ? tls_config_create(&how, &status) : NULL;
    if (!options->token) {
        wait(credentials, "there is no certificate of this node that holds, and no token to ask "
                          "for one: join again with --token");
    } else if (!tls) {
        wait(credentials, status.message);
    } else {
        open_client(credentials, tls, options->token);
        tls_config_unref(tls);
        learn_ca(credentials);
    }
    status_release(&status);
}

/* --- What is answered --- */

static int take_certificate(struct node_credentials *credentials, const struct json *request,
                            struct status *status)
{
    struct arena arena;
    struct x509_certificate certificate;
    struct buffer pem = {0};
    arena_init(&arena);
    int failed = base64_decode(json_string(json_at(request, "status.certificate")), &pem);
    if (failed)
        status_fail(status, STATUS_BAD_REQUEST, "the certificate is not base64");
    ec_key_write_pem(&credentials->key, &pem);
    failed = failed || x509_parse_pem(&arena, buffer_slice(&pem), &certificate, status) ||
             file_write(credentials->pem_path, 0600, buffer_slice(&pem), status);
    if (!failed) {
        buffer_clear(&credentials->pem);
        buffer_append_slice(&credentials->pem, buffer_slice(&pem));
        failed = begin_good(credentials, &certificate, status);
    }
    buffer_release(&pem);
    ec_key_wipe(&credentials->key);
    arena_release(&arena);
    return failed ? -1 : 0;
}

static const char *refusal(const struct json *request)
{
    JSON_EACH(condition, json_at(request, "status.conditions")) {
        struct slice type = json_string(json_get(condition, "type"));
        if (slice_is(type, "Denied") || slice_is(type, "Failed"))
            return json_text(json_get(condition, "message"));
    }
    return NULL;
}

static void take_answer(struct node_credentials *credentials, const struct call *call,
                        struct arena *arena)
{
    struct status status;
    status_init(&status);
    const struct json *request = json_parse(arena, call->reply, NULL, &status);
    const char *why = request ? refusal(request) : "the reply is not understood";
    if (why)
        wait(credentials, *why ? why : "the request was denied");
    else if (json_string(json_at(request, "status.certificate")).size > 0) {
        if (take_certificate(credentials, request, &status))
            wait(credentials, status.message);
    } else if (++credentials->polls > POLLS_MAX)
        wait(credentials, "nobody has approved the request");
    else
        timer_start_us(&credentials->timer, POLL_US);
    status_release(&status);
}

static void call_done(struct call *call)
{
    struct node_credentials *credentials = CONTAINER_OF(call, struct node_credentials, call);
    struct arena arena;
    arena_init(&arena);
    credentials->is_calling = false;
    if (status_ok(&call->status)) {
        if (credentials->phase == ASKING)
            move(credentials, POLLING);
        take_answer(credentials, call, &arena);
    } else {
        wait(credentials, call->status.message);
    }
    call_release(call);
    arena_release(&arena);
}

/* --- The step --- */

static void renew(struct node_credentials *credentials)
{
    credentials->is_renewing = true;
    drop_client(credentials);
    open_client(credentials, credentials->tls, NULL);
    ask_for_certificate(credentials);
}

/* What is on disk decides. */
static void read_disk(struct node_credentials *credentials)
{
    struct arena arena;
    struct status status;
    struct x509_certificate certificate;
    arena_init(&arena);
    status_init(&status);
    buffer_clear(&credentials->ca_pem);
    bool has_ca = file_read(credentials->ca_path, &credentials->ca_pem, &status) == 0;
    status_clear(&status);
    bool has_own = has_ca && read_own(credentials, &arena, &certificate, &status) == 0;
    bool has_ended = has_own && certificate.not_after_us < now_us(credentials);
    if (has_own && (!credentials->tls || !has_ended) &&
        begin_good(credentials, &certificate, &status))
        wait(credentials, status.message);
    else if (!has_own || has_ended)
        join(credentials);
    status_release(&status);
    arena_release(&arena);
}

static void step(struct node_credentials *credentials)
{
    if (credentials->phase == READING)
        read_disk(credentials);
    else if (credentials->phase == GOOD)
        renew(credentials);
    else if (credentials->phase == POLLING && !credentials->is_calling)
        ask(credentials, "get", credentials->request_name);
}

/* --- Life --- */

static char *path_of(const char *folder, const char *name)
{
    struct buffer path = {0};
    buffer_format(&path, "%s/%s", folder, name);
    return buffer_take(&path);
}

struct node_credentials *node_credentials_open(struct loop *loop,
                                               const struct node_credentials_options *options,
                                               struct status *status)
{
    if (folder_make(options->folder, 0700, status))
        return NULL;
    struct node_credentials *credentials = mem_alloc(sizeof(*credentials));
    credentials->loop = loop;
    credentials->options = *options;
    credentials->ca_path = path_of(options->folder, "ca.crt");
    credentials->pem_path = path_of(options->folder, "node.pem");
    credentials->phase = READING;
    timer_init(&credentials->timer, loop, wait_over);
    timer_start_us(&credentials->timer, 0);
    return credentials;
}

void node_credentials_close(struct node_credentials *credentials)
{
    if (!credentials)
        return;
    timer_stop(&credentials->timer);
    drop_client(credentials); /* A call under way is answered, and waits. */
    timer_stop(&credentials->timer);
    ec_key_wipe(&credentials->key);
    tls_config_unref(credentials->tls);
    buffer_release(&credentials->ca_pem);
    buffer_release(&credentials->pem);
    buffer_release(&credentials->body);
    mem_free(credentials->ca_path);
    mem_free(credentials->pem_path);
    mem_free(credentials);
}
