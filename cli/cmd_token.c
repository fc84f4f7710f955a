/* coracle token: join tokens, which are bootstrap tokens with the CA's hash (see
 * core/kinds/bootstrap_token.h). */
#include <stdio.h>

#include "cli/remote.h"
#include "core/clock.h"
#include "core/crypto.h"
#include "core/kinds/bootstrap_token.h"
#include "core/kinds/duration.h"
#include "core/kinds/meta.h"
#include "core/net/x509.h"

#define TTL_NANOS (INT64_C(24) * 3600 * 1000000000)

static const struct flag flags[] = {
    REMOTE_FLAGS,
    {"ttl", 0, "DURATION", "create: how long it is good for (default 24h; 0: until deleted)"},
    {"description", 0, "TEXT", "create: what it is for"},
    {NULL, 0, NULL, NULL},
};

struct work {
    const struct command_line *line;
    struct remote *remote;
    struct arena arena;
    struct status status;
};

static struct resource_path secret_path(const char *name)
{
    return (struct resource_path){
        .group = "",
        .version = "v1",
        .resource = "secrets",
        .namespace = SLICE(BOOTSTRAP_TOKEN_NAMESPACE),
        .name = slice_of(name),
    };
}

/* --- create --- */

static int read_ttl(const struct command_line *line, struct arena *arena, int64_t *nanos)
{
    const char *text = flag_text(line, "ttl");
    *nanos = TTL_NANOS;
    if (text && strcmp(text, "0") == 0) {
        *nanos = 0;
        return EXIT_GOOD;
    }
    const char *why = text ? duration_parse(arena, slice_of(text), nanos) : NULL;
    if (why)
        return usage_error(line->command, "--ttl: %s", why);
    if (*nanos < 0)
        return usage_error(line->command, "--ttl may not be negative");
    return EXIT_GOOD;
}

static int hash_ca(struct work *work, struct bootstrap_token *token)
{
    struct slice pem;
    struct x509_certificate certificate;
    if (remote_read_ca(work->remote, &pem, &work->status) ||
        x509_parse_pem(&work->arena, pem, &certificate, &work->status))
        return -1;
    sha256_hex(certificate.public_key, token->ca_hash);
    return 0;
}

static struct json *new_secret(struct work *work, const struct bootstrap_token *token,
                               int64_t ttl_nanos)
{
    struct arena *arena = &work->arena;
    struct json *secret = json_new_object(arena);
    struct json *metadata = json_ensure_object(arena, secret, "metadata");
    json_set_text(arena, metadata, "name",
                  arena_format(arena, BOOTSTRAP_TOKEN_NAME_PREFIX "%s", token->id));
    json_set_text(arena, secret, "type", BOOTSTRAP_TOKEN_SECRET_TYPE);
    struct json *data = json_ensure_object(arena, secret, "stringData");
    json_set_text(arena, data, "token-id", token->id);
    json_set_text(arena, data, "token-secret", token->secret);
    json_set_text(arena, data, "usage-bootstrap-authentication", "true");
    if (flag_text(work->line, "description"))
        json_set_text(arena, data, "description", flag_text(work->line, "description"));
    if (ttl_nanos > 0) {
        char end[TIME_TEXT_SIZE];
        time_format(clock_wall_us(clock_real()) + ttl_nanos / 1000, end);
        json_set_text(arena, data, "expiration", end);
    }
    return secret;
}

static int create(struct work *work)
{
    struct bootstrap_token token = {0};
    struct buffer text = {0};
    struct json *reply;
    int64_t ttl_nanos;
    int code = read_ttl(work->line, &work->arena, &ttl_nanos);
    if (code)
        return code;
    bootstrap_token_generate(random_system(), &token);
    struct remote_question question = {
        .verb = "create",
        .path = secret_path(""),
        .body = new_secret(work, &token, ttl_nanos),
    };
    if (hash_ca(work, &token) ||
        remote_ask(work->remote, &question, &work->arena, &reply, &work->status))
        return EXIT_FAILED;
    bootstrap_token_print(&token, &text);
    printf("%s\n", text.data);
    buffer_release(&text);
    return EXIT_GOOD;
}

/* --- list --- */

static void print_row(struct work *work, const struct json *secret)
{
    struct arena *arena = &work->arena;
    char left[TIME_TEXT_SIZE] = "<never>";
    const char *end = bootstrap_token_data(arena, secret, "expiration");
    int64_t left_us;
    if (bootstrap_token_is_expired(arena, secret, clock_wall_us(clock_real()), &left_us))
        snprintf(left, sizeof(left), "<expired>");
    else if (left_us >= 0)
        duration_human(left_us, left);
    printf("%-8s %-10s %-22s %s\n", bootstrap_token_data(arena, secret, "token-id"), left,
           *end ? end : "<none>", bootstrap_token_data(arena, secret, "description"));
}

static int list(struct work *work)
{
    struct json *reply;
    struct remote_question question = {
        .verb = "list",
        .path = secret_path(""),
        .query = "fieldSelector=type%3D" BOOTSTRAP_TOKEN_SECRET_TYPE,
    };
    if (remote_ask(work->remote, &question, &work->arena, &reply, &work->status))
        return EXIT_FAILED;
    printf("%-8s %-10s %-22s %s\n", "ID", "LEFT", "EXPIRES", "DESCRIPTION");
    JSON_EACH(secret, json_get(reply, "items"))
        print_row(work, secret);
    return EXIT_GOOD;
}

/* --- delete --- */

/* By its id, or by any text that it is part of. */
static int delete_one(struct work *work, const char *text)
{
    struct bootstrap_token token;
    struct json *reply;
    const char *id = bootstrap_token_parse(slice_of(text), &token) ? token.id : text;
    if (!bootstrap_token_id_is_good(slice_of(id)))
        return usage_error(work->line->command, "\"%s\" is neither a token nor the id of one",
                           text);
    const char *name = arena_format(&work->arena, BOOTSTRAP_TOKEN_NAME_PREFIX "%s", id);
    struct remote_question question = {.verb = "delete", .path = secret_path(name)};
    if (remote_ask(work->remote, &question, &work->arena, &reply, &work->status))
        return EXIT_FAILED;
    printf("token %s deleted\n", id);
    return EXIT_GOOD;
}

static int delete_all(struct work *work)
{
    int code = EXIT_GOOD;
    for (int i = 1; i < work->line->argument_count && !code; i++)
        code = delete_one(work, work->line->arguments[i]);
    return code;
}

/* --- The command --- */

static int carry_out(struct work *work, int (*action)(struct work *work))
{
    int code = EXIT_FAILED;
    arena_init(&work->arena);
    status_init(&work->status);
    if (remote_open(work->line, &work->remote, &work->status) == 0)
        code = action(work);
    if (!status_ok(&work->status))
        fprintf(stderr, "coracle token: %s\n", work->status.message);
    remote_close(work->remote);
    status_release(&work->status);
    arena_release(&work->arena);
    return code;
}

static int run(const struct command_line *line)
{
    struct work work = {.line = line};
    const char *action = line->argument_count > 0 ? line->arguments[0] : "";
    bool is_delete = strcmp(action, "delete") == 0;
    if (is_delete && line->argument_count < 2)
        return usage_error(line->command, "delete which token?");
    if (!is_delete && line->argument_count > 1)
        return usage_error(line->command, "%s takes no argument \"%s\"", action,
                           line->arguments[1]);
    if (strcmp(action, "create") == 0)
        return carry_out(&work, create);
    if (strcmp(action, "list") == 0)
        return carry_out(&work, list);
    if (is_delete)
        return carry_out(&work, delete_all);
    if (*action)
        return usage_error(line->command, "there is no \"%s\", but create, list and delete",
                           action);
    return usage_error(line->command, "say create, list or delete");
}

const struct command command_token = {
    .name = "token",
    .arguments = "create | list | delete TOKEN...",
    .summary = "Tokens by which nodes join",
    .details =
        "A token is printed once, as ID.SECRET@sha256:HASH: what the server knows it by, and\n"
        "the SHA-256 of the public key of the server's CA, by which who joins knows the server.",
    .flags = flags,
    .run = run,
};
