/* How an image is pulled:
 *   1. NAMING    the manifest by tag or digest; an index first leads to the manifest for us
 *   2. READING   the configuration
 *   3. LAYERING  each layer that is not there, one after the other: bytes come on the loop, a
 *                thread hashes and unpacks them; while it is behind, the connection is paused
 *   4. SAVING    configuration and name
 *   5. DONE
 * What goes wrong:
 *   - The manifest cannot be had from one endpoint: the next one is asked, mirrors first.
 *   - Anything later: done() with the reason; layers that are whole stay for the next try. */
#include "kubelet-lite/image_pull.h"

#include "core/crypto.h"
#include "core/phase.h"
#include "kubelet-lite/image_layer.h"
#include "kubelet-lite/registry_fetch.h"

enum { NAMING, READING, LAYERING, SAVING, DONE };

static const struct phase phases[] = {
    [NAMING] = {"naming", TO(READING) | TO(DONE)},
    [READING] = {"reading", TO(LAYERING) | TO(DONE)},
    [LAYERING] = {"layering", TO(SAVING) | TO(DONE)},
    [SAVING] = {"saving", TO(DONE)},
    [DONE] = {"done", 0},
};

enum { DOCUMENT_MAX = 4 << 20, CHUNK = 1 << 20 };

static const char accepted[] = "application/vnd.oci.image.index.v1+json, "
                               "application/vnd.docker.distribution.manifest.list.v2+json, "
                               "application/vnd.oci.image.manifest.v1+json, "
                               "application/vnd.docker.distribution.manifest.v2+json";

struct image_pull {
    struct loop *loop;
    struct image_pull_options options;
    struct arena arena;
    int phase;
    struct registry registry;
    struct registry_endpoint endpoints[ENDPOINTS_MAX];
    size_t endpoint_count, endpoint;
    struct registry_fetch *fetch;
    const char *digest;        /* What the document under way must be; NULL: a tag leads to it. */
    const char *named_digest;  /* Of the document that the name led to. */
    bool is_in_index;
    struct buffer document;
    bool is_too_large;
    const struct json *manifest, *config;
    const char *id;
    struct buffer config_text;
    /* Layers. */
    const struct json *descriptor, *diff_id;
    struct image_layer *layer;
    struct sha256_stream hash;
    struct buffer arriving, working; /* On the loop; by the thread. */
    bool is_working, is_paused, has_all, has_finished;
    struct task task;
    int64_t bytes;
    struct status broken;      /* A layer's bytes ended early. */
    struct status status;      /* The thread's while it works. */
};

static void finish(struct image_pull *pull)
{
    struct image_pull_options options = pull->options;
    struct status status;
    struct arena arena;
    status_init(&status);
    arena_init(&arena);
    const struct status *why = status_ok(&pull->status) ? &pull->broken : &pull->status;
    bool is_good = status_ok(why);
    const char *id = is_good ? arena_copy_text(&arena, pull->id) : NULL;
    int64_t bytes = pull->bytes;
    if (!is_good)
        status_copy(&status, why);
    image_layer_close(pull->layer);
    registry_fetch_close(pull->fetch);
    registry_release(&pull->registry);
    buffer_release(&pull->document);
    buffer_release(&pull->config_text);
    buffer_release(&pull->arriving);
    buffer_release(&pull->working);
    status_release(&pull->status);
    status_release(&pull->broken);
    arena_release(&pull->arena);
    mem_free(pull);
    options.done(options.context, id, bytes, &status);
    status_release(&status);
    arena_release(&arena);
}

static void end(struct image_pull *pull)
{
    phase_move(phases, &pull->phase, DONE);
    finish(pull);
}

/* --- Documents --- */

static void document_data(void *context, struct slice data)
{
    struct image_pull *pull = context;
    pull->is_too_large |= pull->document.size + data.size > DOCUMENT_MAX;
    if (!pull->is_too_large)
        buffer_append_slice(&pull->document, data);
}

static void fetch(struct image_pull *pull, const char *target, const char *accept,
                  void (*data)(void *context, struct slice data),
                  void (*done)(void *context, const struct status *status))
{
    const struct registry_fetch_options options = {
        .registry = &pull->registry,
        .target = target,
        .accept = accept,
        .data = data,
        .done = done,
        .context = pull,
    };
    buffer_clear(&pull->document);
    pull->is_too_large = false;
    pull->fetch = registry_fetch_open(&options);
}

/* Of the right digest, and JSON; NULL: the status says why. */
static const struct json *take_document(struct image_pull *pull, const struct status *status,
                                        char digest[IMAGE_DIGEST_SIZE])
{
    pull->fetch = NULL;
    if (!status_ok(status)) {
        status_copy(&pull->status, status);
        return NULL;
    }
    image_digest_of(buffer_slice(&pull->document), digest);
    if (pull->is_too_large)
        status_fail(&pull->status, STATUS_REQUEST_ENTITY_TOO_LARGE, "the answer is too large");
    else if (pull->digest && strcmp(pull->digest, digest) != 0)
        status_fail(&pull->status, STATUS_BAD_REQUEST, "what came has digest %s, not %s", digest,
                    pull->digest);
    else
        return json_parse(&pull->arena, buffer_slice(&pull->document), NULL, &pull->status);
    return NULL;
}

static void manifest_came(void *context, const struct status *status);
static void config_came(void *context, const struct status *status);

static void ask_manifest(struct image_pull *pull, const char *what)
{
    fetch(pull,
          arena_format(&pull->arena, "/v2/%s/manifests/%s", pull->options.reference->path, what),
          accepted, document_data, manifest_came);
}

static void ask_endpoint(struct image_pull *pull)
{
    const struct image_reference *reference = pull->options.reference;
    const char *own = pull->endpoint + 1 == pull->endpoint_count ? reference->domain : "";
    registry_release(&pull->registry);
    pull->registry = (struct registry){
        .loop = pull->loop,
        .endpoint = pull->endpoints[pull->endpoint],
        .credentials = registries_credentials(pull->options.registries, &pull->arena,
                                              *own ? own : pull->endpoints[pull->endpoint].host,
                                              reference->path, pull->options.secrets),
    };
    pull->digest = *reference->digest ? reference->digest : NULL;
    pull->named_digest = NULL;
    pull->is_in_index = false;
    ask_manifest(pull, pull->digest ? pull->digest : reference->tag);
}

/* The next endpoint, if there is one. */
static void manifest_failed(struct image_pull *pull)
{
    if (++pull->endpoint == pull->endpoint_count) {
        end(pull);
        return;
    }
    status_clear(&pull->status);
    ask_endpoint(pull);
}

static void follow_index(struct image_pull *pull, const struct json *index)
{
    const struct json *picked = pull->is_in_index ? NULL : image_index_pick(index);
    const char *digest = json_text(json_get(picked, "digest"));
    if (!image_digest_is_valid(slice_of(digest))) {
        status_fail(&pull->status, STATUS_NOT_FOUND, "no match for platform in manifest");
        manifest_failed(pull);
        return;
    }
    pull->is_in_index = true;
    pull->digest = digest;
    ask_manifest(pull, digest);
}

static void manifest_came(void *context, const struct status *status)
{
    struct image_pull *pull = context;
    char digest[IMAGE_DIGEST_SIZE];
    const struct json *document = take_document(pull, status, digest);
    if (document && !pull->named_digest)
        pull->named_digest = arena_copy_text(&pull->arena, digest);
    if (document && image_is_index(document)) {
        follow_index(pull, document);
        return;
    }
    if (!document || image_manifest_check(document, &pull->status)) {
        manifest_failed(pull);
        return;
    }
    pull->manifest = document;
    pull->id = pull->digest = json_text(json_at(document, "config.digest"));
    phase_move(phases, &pull->phase, READING);
    fetch(pull,
          arena_format(&pull->arena, "/v2/%s/blobs/%s", pull->options.reference->path, pull->id),
          NULL, document_data, config_came);
}

/* --- Layers --- */

static void next_layer(struct image_pull *pull);

static void save(struct task *task)
{
    struct image_pull *pull = CONTAINER_OF(task, struct image_pull, task);
    const struct image_reference *reference = pull->options.reference;
    const char *digest = arena_format(&pull->arena, "%s/%s@%s", reference->domain, reference->path,
                                      pull->named_digest);
    if (image_files_write_config(pull->options.files, pull->id, buffer_slice(&pull->config_text),
                                 &pull->status) == 0 &&
        image_files_write_name(pull->options.files, reference->name, pull->id, digest,
                               &pull->status) == 0)
        pull->has_finished = true;
}

static void saved(struct task *task)
{
    end(CONTAINER_OF(task, struct image_pull, task));
}

/* On a thread: what has come is hashed and unpacked; at the end it is judged. */
static void work(struct task *task)
{
    struct image_pull *pull = CONTAINER_OF(task, struct image_pull, task);
    char digest[IMAGE_DIGEST_SIZE] = "sha256:";
    struct status *status = &pull->status;
    if (!pull->layer)
        pull->layer = image_layer_open(pull->options.files, status);
    if (!pull->layer)
        return;
    sha256_add(&pull->hash, buffer_slice(&pull->working));
    if (image_layer_feed(pull->layer, buffer_slice(&pull->working), status) || !pull->has_finished)
        return;
    sha256_end_hex(&pull->hash, digest + 7);
    if (strcmp(digest, json_text(json_get(pull->descriptor, "digest"))) != 0)
        status_fail(status, STATUS_BAD_REQUEST, "the layer that came has digest %s, not %s", digest,
                    json_text(json_get(pull->descriptor, "digest")));
    else if (image_layer_finish(pull->layer, json_text(pull->diff_id), status))
        status_wrap(status, "layer");
}

static void worked(struct task *task);

/* Gives the thread what has come, when it is idle and there is enough, or all. */
static void work_on(struct image_pull *pull)
{
    bool is_enough = pull->arriving.size >= CHUNK || pull->has_all;
    if (pull->is_working || !is_enough)
        return;
    struct buffer empty = pull->working;
    buffer_clear(&empty);
    pull->working = pull->arriving;
    pull->arriving = empty;
    pull->has_finished = pull->has_all;
    pull->is_working = true;
    pull->task = (struct task){.work = work, .done = worked};
    loop_submit(pull->loop, LANE_HOST, &pull->task);
}

static void worked(struct task *task)
{
    struct image_pull *pull = CONTAINER_OF(task, struct image_pull, task);
    pull->is_working = false;
    if (!status_ok(&pull->status) || !status_ok(&pull->broken)) {
        end(pull);
        return;
    }
    if (pull->has_finished) {
        image_layer_close(pull->layer);
        pull->layer = NULL;
        pull->descriptor = json_next(pull->descriptor);
        pull->diff_id = json_next(pull->diff_id);
        next_layer(pull);
        return;
    }
    if (pull->is_paused && pull->fetch)
        registry_fetch_resume(pull->fetch);
    pull->is_paused = false;
    work_on(pull);
}

static void layer_data(void *context, struct slice data)
{
    struct image_pull *pull = context;
    pull->bytes += (int64_t)data.size;
    buffer_append_slice(&pull->arriving, data);
    work_on(pull);
    if (pull->is_working && pull->arriving.size >= CHUNK && !pull->is_paused) {
        pull->is_paused = true;
        registry_fetch_pause(pull->fetch);
    }
}

static void layer_came(void *context, const struct status *status)
{
    struct image_pull *pull = context;
    pull->fetch = NULL;
    pull->has_all = true;
    if (!status_ok(status)) {
        pull->has_all = false;
        status_copy(&pull->broken, status);
        if (!pull->is_working)
            end(pull);
        return;
    }
    work_on(pull);
}

static bool is_there(const struct image_pull *pull)
{
    return image_files_has_layer(pull->options.files, json_text(pull->diff_id));
}

static void next_layer(struct image_pull *pull)
{
    while (pull->descriptor && is_there(pull)) {
        pull->descriptor = json_next(pull->descriptor);
        pull->diff_id = json_next(pull->diff_id);
    }
    pull->has_all = pull->has_finished = pull->is_paused = false;
    if (!pull->descriptor) {
        phase_move(phases, &pull->phase, SAVING);
        pull->task = (struct task){.work = save, .done = saved};
        loop_submit(pull->loop, LANE_HOST, &pull->task);
        return;
    }
    sha256_begin(&pull->hash);
    buffer_clear(&pull->arriving);
    fetch(pull,
          arena_format(&pull->arena, "/v2/%s/blobs/%s", pull->options.reference->path,
                       json_text(json_get(pull->descriptor, "digest"))),
          NULL, layer_data, layer_came);
}

static void config_came(void *context, const struct status *status)
{
    struct image_pull *pull = context;
    char digest[IMAGE_DIGEST_SIZE];
    pull->config = take_document(pull, status, digest);
    if (!pull->config || image_config_check(pull->config, pull->manifest, &pull->status)) {
        end(pull);
        return;
    }
    buffer_append_slice(&pull->config_text, buffer_slice(&pull->document));
    pull->bytes += (int64_t)pull->document.size;
    pull->descriptor = json_first(json_get(pull->manifest, "layers"));
    pull->diff_id = json_first(json_at(pull->config, "rootfs.diff_ids"));
    phase_move(phases, &pull->phase, LAYERING);
    next_layer(pull);
}

struct image_pull *image_pull_open(struct loop *loop, const struct image_pull_options *options)
{
    struct image_pull *pull = mem_alloc(sizeof(*pull));
    pull->loop = loop;
    pull->options = *options;
    pull->phase = NAMING;
    arena_init(&pull->arena);
    status_init(&pull->status);
    status_init(&pull->broken);
    pull->endpoint_count = registries_endpoints(options->registries, &pull->arena,
                                                options->reference->domain, pull->endpoints);
    PRE(pull->endpoint_count > 0);
    ask_endpoint(pull);
    return pull;
}
