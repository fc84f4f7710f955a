/* How a fetch goes:
 *   ASKING     the registry, or whoever it redirects to
 *   GETTING    a token, after a 401; then ASKING again
 *   READING    the body of a 200
 *   DONE
 * Each hop has a client of its own, as hosts differ. */
#include "kubelet-lite/registry_fetch.h"

#include <ctype.h>
#include <stdio.h>

#include "core/crypto.h"
#include "core/file.h"
#include "core/phase.h"
#include "core/version.h"

enum { ASKING, GETTING, READING, DONE };

static const struct phase phases[] = {
    [ASKING] = {"asking", TO(ASKING) | TO(GETTING) | TO(READING) | TO(DONE)},
    [GETTING] = {"getting a token", TO(ASKING) | TO(DONE)},
    [READING] = {"reading", TO(DONE)},
    [DONE] = {"done", 0},
};

enum { REDIRECTS_MAX = 5, SMALL_MAX = 64 * 1024 };
#define STALL_US INT64_C(60000000)
#define SYSTEM_CA "/etc/ssl/certs/ca-certificates.crt"

struct registry_fetch {
    struct registry_fetch_options options;
    struct arena arena;
    int phase;
    struct registry_endpoint endpoint; /* Of this hop. */
    const char *target;
    bool is_home;              /* The registry itself: it may have the credentials. */
    bool has_tried;            /* The credentials: a second 401 is an answer. */
    int redirects, code;
    struct http_client *client;
    struct http_call *call;
    struct buffer small;       /* A token's or an error's body. */
    const char *location;
    struct challenge challenge;
    bool is_challenged;
    struct timer stall;
    struct message next;       /* Goes on outside of a call's callback. */
    bool is_posted, is_closed;
    struct status status;
};

void registry_release(struct registry *registry)
{
    mem_free(registry->authorization);
    registry->authorization = NULL;
}

/* --- Challenges --- */

static const char *unquote(struct arena *arena, struct slice text)
{
    text = slice_trim(text);
    if (text.size >= 2 && text.data[0] == '"' && text.data[text.size - 1] == '"')
        text = slice_sub(text, 1, text.size - 1);
    return arena_copy_slice(arena, text);
}

/* The next part of a list whose quoted texts may hold commas: scope="a:b:pull,push". */
static bool next_part(struct slice *rest, struct slice *part)
{
    bool is_quoted = false;
    size_t i = 0;
    if (rest->size == 0)
        return false;
    for (; i < rest->size && (is_quoted || rest->data[i] != ','); i++)
        is_quoted ^= rest->data[i] == '"';
    *part = slice_sub(*rest, 0, i);
    *rest = slice_sub(*rest, i < rest->size ? i + 1 : i, rest->size);
    return true;
}

bool challenge_parse(struct arena *arena, struct slice header, struct challenge *challenge)
{
    struct slice scheme, part;
    *challenge = (struct challenge){"", "", "", false};
    header = slice_trim(header);
    ptrdiff_t space = slice_find(header, ' ');
    scheme = space < 0 ? header : slice_sub(header, 0, (size_t)space);
    challenge->is_basic = http_name_is(scheme, "Basic");
    if (challenge->is_basic)
        return true;
    if (space < 0 || !http_name_is(scheme, "Bearer"))
        return false;
    struct slice rest = slice_sub(header, (size_t)space + 1, header.size);
    while (next_part(&rest, &part)) {
        ptrdiff_t equals = slice_find(part, '=');
        struct slice key = equals < 0 ? part : slice_trim(slice_sub(part, 0, (size_t)equals));
        const char *value =
            equals < 0 ? "" : unquote(arena, slice_sub(part, (size_t)equals + 1, part.size));
        if (http_name_is(key, "realm"))
            challenge->realm = value;
        else if (http_name_is(key, "service"))
            challenge->service = value;
        else if (http_name_is(key, "scope"))
            challenge->scope = value;
    }
    return *challenge->realm != '\0';
}

/* --- Hops --- */

static void hop(struct registry_fetch *fetch);

static void end_hop(struct registry_fetch *fetch)
{
    http_call_close(fetch->call);
    http_client_close(fetch->client);
    fetch->call = NULL;
    fetch->client = NULL;
}

static void finish(struct registry_fetch *fetch)
{
    void (*done)(void *context, const struct status *status) = fetch->options.done;
    void *context = fetch->options.context;
    struct status status;
    status_init(&status);
    if (!status_ok(&fetch->status))
        status_copy(&status, &fetch->status);
    phase_move(phases, &fetch->phase, DONE);
    registry_fetch_close(fetch);
    done(context, &status);
    status_release(&status);
}

static void go_on(struct message *message)
{
    struct registry_fetch *fetch = CONTAINER_OF(message, struct registry_fetch, next);
    fetch->is_posted = false;
    if (fetch->is_closed) {
        arena_release(&fetch->arena);
        mem_free(fetch);
        return;
    }
    end_hop(fetch);
    if (!status_ok(&fetch->status) || fetch->phase == READING)
        finish(fetch);
    else
        hop(fetch);
}

static void post(struct registry_fetch *fetch)
{
    if (fetch->is_posted)
        return;
    fetch->is_posted = true;
    fetch->next.deliver = go_on;
    loop_post(fetch->options.registry->loop, &fetch->next);
}

static void stalled(struct timer *timer)
{
    struct registry_fetch *fetch = CONTAINER_OF(timer, struct registry_fetch, stall);
    status_fail(&fetch->status, STATUS_TIMEOUT, "%s%s: nothing has come for a minute",
                fetch->endpoint.host, fetch->target);
    post(fetch);
}

/* --- Answers --- */

static void append_escaped(struct buffer *text, const char *value)
{
    for (; *value; value++)
        if (isalnum((unsigned char)*value) || strchr("-._~:/", *value))
            buffer_append_byte(text, *value);
        else
            buffer_format(text, "%%%02X", (unsigned char)*value);
}

static int set_place(struct registry_fetch *fetch, const char *url)
{
    struct slice rest = slice_of(url);
    bool is_plain = slice_starts_with(rest, SLICE("http://"));
    size_t scheme = is_plain ? 7 : slice_starts_with(rest, SLICE("https://")) ? 8 : 0;
    if (url[0] == '/') { /* On the same host. */
        fetch->target = arena_copy_text(&fetch->arena, url);
        return 0;
    }
    rest = slice_sub(rest, scheme, rest.size);
    size_t host_size = strcspn(rest.data, "/?");
    struct slice host = slice_sub(rest, 0, host_size);
    if (scheme == 0 || host.size == 0)
        return status_fail(&fetch->status, STATUS_BAD_REQUEST, "\"%s\" is no URL", url);
    const char *name = arena_copy_slice(&fetch->arena, host);
    bool is_same = strcmp(name, fetch->options.registry->endpoint.host) == 0;
    bool has_port = slice_find(host, ':') > 0;
    const char *path = rest.data + host_size;
    fetch->target = arena_format(&fetch->arena, "%s%s", *path == '/' ? "" : "/", path);
    fetch->is_home = is_same && is_plain == fetch->options.registry->endpoint.is_plain;
    if (fetch->is_home) {
        fetch->endpoint = fetch->options.registry->endpoint;
        return 0;
    }
    fetch->endpoint.host = name;
    fetch->endpoint.address =
        has_port ? name : arena_format(&fetch->arena, "%s:%d", name, is_plain ? 80 : 443);
    fetch->endpoint.is_plain = is_plain;
    return 0;
}

static void basic(const char *credentials, struct buffer *text)
{
    buffer_append_text(text, "Basic ");
    base64_encode(slice_of(credentials), text);
}

/* GET REALM?service=...&scope=... */
static void ask_for_token(struct registry_fetch *fetch)
{
    const struct challenge *challenge = &fetch->challenge;
    struct buffer url = {0};
    buffer_append_text(&url, challenge->realm);
    buffer_append_text(&url, strchr(challenge->realm, '?') ? "&service=" : "?service=");
    append_escaped(&url, challenge->service);
    if (*challenge->scope) {
        buffer_append_text(&url, "&scope=");
        append_escaped(&url, challenge->scope);
    }
    phase_move(phases, &fetch->phase, GETTING);
    if (set_place(fetch, url.data))
        status_wrap(&fetch->status, "token");
    buffer_release(&url);
}

static void answer_challenge(struct registry_fetch *fetch)
{
    struct registry *registry = fetch->options.registry;
    struct buffer text = {0};
    fetch->has_tried = true;
    if (!fetch->challenge.is_basic) {
        ask_for_token(fetch);
        return;
    }
    if (registry->credentials) {
        basic(registry->credentials, &text);
        mem_free(registry->authorization);
        registry->authorization = buffer_take(&text);
    } else {
        status_fail(&fetch->status, STATUS_UNAUTHORIZED, "%s asks for a user and a password",
                    registry->endpoint.host);
    }
}

static void go_home(struct registry_fetch *fetch)
{
    fetch->endpoint = fetch->options.registry->endpoint;
    fetch->target =
        arena_format(&fetch->arena, "%s%s", fetch->endpoint.prefix, fetch->options.target);
    fetch->is_home = true;
}

static void take_token(struct registry_fetch *fetch)
{
    struct registry *registry = fetch->options.registry;
    struct status ignored;
    status_init(&ignored);
    const struct json *answer =
        json_parse(&fetch->arena, buffer_slice(&fetch->small), NULL, &ignored);
    const char *token = json_text(json_get(answer, "token"));
    if (!*token)
        token = json_text(json_get(answer, "access_token"));
    status_release(&ignored);
    if (fetch->code != 200 || !*token) {
        status_fail(&fetch->status, STATUS_UNAUTHORIZED, "failed to fetch a token from %s: code %d",
                    fetch->endpoint.host, fetch->code);
        return;
    }
    struct buffer text = {0};
    buffer_format(&text, "Bearer %s", token);
    mem_free(registry->authorization);
    registry->authorization = buffer_take(&text);
    phase_move(phases, &fetch->phase, ASKING);
    go_home(fetch);
}

/* {"errors":[{"code":"MANIFEST_UNKNOWN","message":"manifest unknown"}]} */
static void take_error(struct registry_fetch *fetch)
{
    struct status ignored;
    status_init(&ignored);
    const struct json *answer =
        json_parse(&fetch->arena, buffer_slice(&fetch->small), NULL, &ignored);
    const char *message = json_text(json_get(json_item(json_get(answer, "errors"), 0), "message"));
    status_release(&ignored);
    enum status_reason reason = fetch->code == 404                         ? STATUS_NOT_FOUND
                                : fetch->code == 401 || fetch->code == 403
                                    ? STATUS_FORBIDDEN
                                    : STATUS_SERVICE_UNAVAILABLE;
    if (fetch->code == 404)
        status_fail(&fetch->status, reason, "%s%s: not found", fetch->endpoint.host, fetch->target);
    else
        status_fail(&fetch->status, reason, "unexpected status from GET request to %s%s: %d %s%s%s",
                    fetch->endpoint.host, fetch->target, fetch->code, http_code_text(fetch->code),
                    *message ? ": " : "", message);
}

static void redirect(struct registry_fetch *fetch)
{
    if (++fetch->redirects > REDIRECTS_MAX || !fetch->location)
        status_fail(&fetch->status, STATUS_SERVICE_UNAVAILABLE, "%s redirects too often",
                    fetch->endpoint.host);
    else if (set_place(fetch, fetch->location))
        status_wrap(&fetch->status, "redirect");
}

static void answered(void *context)
{
    struct registry_fetch *fetch = context;
    timer_stop(&fetch->stall);
    if (fetch->phase == GETTING)
        take_token(fetch);
    else if (fetch->phase == ASKING && fetch->code == 401 && fetch->is_home && !fetch->has_tried &&
             fetch->is_challenged)
        answer_challenge(fetch);
    else if (fetch->phase == ASKING && fetch->code >= 301 && fetch->code <= 308)
        redirect(fetch);
    else if (fetch->phase == ASKING)
        take_error(fetch);
    post(fetch);
}

static void response_came(void *context, struct http_call *call,
                          const struct http_response *response)
{
    struct registry_fetch *fetch = context;
    struct slice location = http_header_get(response->headers, "Location");
    struct slice asked = http_header_get(response->headers, "WWW-Authenticate");
    (void)call;
    fetch->code = response->code;
    fetch->location = location.data ? arena_copy_slice(&fetch->arena, location) : NULL;
    fetch->is_challenged = asked.data && challenge_parse(&fetch->arena, asked, &fetch->challenge);
    if (fetch->phase == ASKING && response->code == 200)
        phase_move(phases, &fetch->phase, READING);
    timer_start_us(&fetch->stall, STALL_US);
}

static void data_came(void *context, struct slice data)
{
    struct registry_fetch *fetch = context;
    timer_start_us(&fetch->stall, STALL_US);
    if (fetch->phase == READING)
        fetch->options.data(fetch->options.context, data);
    else
        buffer_append_slice(&fetch->small, slice_sub(data, 0, SMALL_MAX - fetch->small.size));
}

static void failed(void *context, const struct status *status)
{
    struct registry_fetch *fetch = context;
    timer_stop(&fetch->stall);
    fetch->call = NULL;
    status_copy(&fetch->status, status);
    status_wrap(&fetch->status, "GET %s%s", fetch->endpoint.host, fetch->target);
    post(fetch);
}

static void ended(void *context)
{
    struct registry_fetch *fetch = context;
    fetch->call = NULL;
    answered(fetch);
}

static const struct http_call_handler handler = {
    .on_response = response_came, .on_data = data_came, .on_end = ended, .on_error = failed};

/* --- Asking --- */

static struct tls_config *make_tls(struct registry_fetch *fetch)
{
    struct buffer ca = {0};
    const char *path = fetch->endpoint.ca_file ? fetch->endpoint.ca_file : SYSTEM_CA;
    struct tls_config *config = NULL;
    if (fetch->endpoint.is_insecure || file_read(path, &ca, &fetch->status) == 0) {
        const struct tls_options options = {.ca_pem = buffer_slice(&ca),
                                            .insecure = fetch->endpoint.is_insecure};
        config = tls_config_create(&options, &fetch->status);
    }
    buffer_release(&ca);
    return config;
}

static void fill_headers(struct registry_fetch *fetch, struct http_header headers[3], size_t *count,
                         struct buffer *own)
{
    const struct registry *registry = fetch->options.registry;
    headers[(*count)++] = HTTP_HEADER("User-Agent", SLICE("coracle"));
    if (fetch->options.accept && fetch->phase == ASKING)
        headers[(*count)++] = HTTP_HEADER("Accept", slice_of(fetch->options.accept));
    if (fetch->phase == GETTING && registry->credentials) {
        basic(registry->credentials, own);
        headers[(*count)++] = HTTP_HEADER("Authorization", buffer_slice(own));
    } else if (fetch->phase == ASKING && fetch->is_home && registry->authorization) {
        headers[(*count)++] = HTTP_HEADER("Authorization", slice_of(registry->authorization));
    }
}

static void hop(struct registry_fetch *fetch)
{
    struct loop *loop = fetch->options.registry->loop;
    struct tls_config *tls = NULL;
    struct http_header headers[3];
    struct buffer own = {0};
    size_t count = 0;
    if (!fetch->endpoint.is_plain && !(tls = make_tls(fetch))) {
        post(fetch);
        return;
    }
    const struct http_client_options client = {.address = fetch->endpoint.address, .tls = tls};
    fetch->client = http_client_open(loop, &client);
    tls_config_unref(tls);
    buffer_clear(&fetch->small);
    fill_headers(fetch, headers, &count, &own);
    const struct http_call_options call = {.method = "GET",
                                           .target = fetch->target,
                                           .headers = headers,
                                           .header_count = count,
                                           .timeout_us = STALL_US};
    fetch->call = http_call_open(fetch->client, &call, &handler, fetch);
    buffer_release(&own);
}

struct registry_fetch *registry_fetch_open(const struct registry_fetch_options *options)
{
    struct registry_fetch *fetch = mem_alloc(sizeof(*fetch));
    fetch->options = *options;
    fetch->phase = ASKING;
    arena_init(&fetch->arena);
    status_init(&fetch->status);
    timer_init(&fetch->stall, options->registry->loop, stalled);
    go_home(fetch);
    hop(fetch);
    return fetch;
}

void registry_fetch_pause(struct registry_fetch *fetch)
{
    timer_stop(&fetch->stall);
    if (fetch->call)
        http_call_pause(fetch->call);
}

void registry_fetch_resume(struct registry_fetch *fetch)
{
    if (!fetch->call)
        return;
    timer_start_us(&fetch->stall, STALL_US);
    http_call_resume(fetch->call);
}

void registry_fetch_close(struct registry_fetch *fetch)
{
    if (!fetch)
        return;
    end_hop(fetch);
    timer_stop(&fetch->stall);
    buffer_release(&fetch->small);
    status_release(&fetch->status);
    fetch->is_closed = true;
    if (fetch->is_posted)
        return; /* go_on() frees it. */
    arena_release(&fetch->arena);
    mem_free(fetch);
}
