#include <stdio.h>
#include <stdarg.h>
#include <sys/stat.h>

#include "core/crypto.h"
#include "core/file.h"
#include "core/net/http_server.h"
#include "core/net/listener.h"
#include "kubelet-lite/image_reference.h"
#include "kubelet-lite/image_store.h"
#include "kubelet-lite/registry_fetch.h"
#include "tests/harness/tar_writer.h"
#include "tests/harness/test.h"

enum { BLOBS_MAX = 16 };

struct blob {
    char digest[IMAGE_DIGEST_SIZE];
    struct buffer bytes;
    const char *type;
};

struct scene {
    struct loop *loop;
    struct image_store *store;
    const char *folder;
    struct image_call call;
    bool has_call;
    /* An image: two layers, configuration, manifest, index. */
    struct blob blobs[BLOBS_MAX];
    size_t blob_count;
    const struct blob *low, *high, *config, *manifest, *index;
    /* A registry. */
    struct listener *listener;
    struct http_server *server;
    char name[128];             /* "127.0.0.1:PORT/lab/box" */
    bool wants_token, redirects;
    const char *damaged;        /* The digest of a blob that is sent with another byte. */
    struct buffer asked;
};

/* --- The image --- */

static const struct blob *add_blob(struct scene *scene, struct slice bytes, const char *type)
{
    struct blob *blob = &scene->blobs[scene->blob_count++];
    buffer_append_slice(&blob->bytes, bytes);
    image_digest_of(bytes, blob->digest);
    blob->type = type;
    return blob;
}

static const struct blob *add_layer(struct scene *scene, const char *path, const char *text,
                                    const char *more)
{
    struct buffer archive = {0};
    tar_write(&archive, &(struct tar_item){'0', path, text, 0, 0});
    if (more)
        tar_write(&archive, &(struct tar_item){'0', more, "", 0, 0});
    tar_end(&archive);
    const struct blob *blob =
        add_blob(scene, buffer_slice(&archive), "application/vnd.oci.image.layer.v1.tar");
    buffer_release(&archive);
    return blob;
}

static const struct blob *add_format(struct scene *scene, const char *type, const char *format, ...)
    PRINTF_LIKE(3, 4);
static const struct blob *add_format(struct scene *scene, const char *type, const char *format, ...)
{
    struct buffer text = {0};
    va_list arguments;
    va_start(arguments, format);
    buffer_format_list(&text, format, arguments);
    va_end(arguments);
    const struct blob *blob = add_blob(scene, buffer_slice(&text), type);
    buffer_release(&text);
    return blob;
}

#if defined(__x86_64__)
#define MACHINE "amd64"
#else
#define MACHINE "arm64"
#endif

static void make_image(struct scene *scene)
{
    scene->low = add_layer(scene, "a", "low a", NULL);
    scene->high = add_layer(scene, "b", "high b", ".wh.a");
    scene->config = add_format(
        scene, "application/vnd.oci.image.config.v1+json",
        "{\"architecture\":\"" MACHINE "\",\"os\":\"linux\",\"config\":{\"Env\":[\"A=1\"],"
        "\"Entrypoint\":[\"/run\"],\"Cmd\":[\"me\"],\"WorkingDir\":\"/w\",\"User\":\"5:6\","
        "\"StopSignal\":\"SIGINT\"},\"rootfs\":{\"type\":\"layers\",\"diff_ids\":[\"%s\",\"%s\"]}}",
        scene->low->digest, scene->high->digest);
    scene->manifest =
        add_format(scene, "application/vnd.oci.image.manifest.v1+json",
                   "{\"schemaVersion\":2,\"config\":{\"digest\":\"%s\",\"size\":%zu},\"layers\":["
                   "{\"digest\":\"%s\",\"size\":%zu},{\"digest\":\"%s\",\"size\":%zu}]}",
                   scene->config->digest, scene->config->bytes.size, scene->low->digest,
                   scene->low->bytes.size, scene->high->digest, scene->high->bytes.size);
    scene->index = add_format(
        scene, "application/vnd.oci.image.index.v1+json",
        "{\"schemaVersion\":2,\"manifests\":[{\"digest\":\"sha256:%064d\",\"size\":1,\"platform\":"
        "{\"os\":\"windows\",\"architecture\":\"" MACHINE "\"}},{\"digest\":\"%s\",\"size\":%zu,"
        "\"platform\":{\"os\":\"linux\",\"architecture\":\"" MACHINE "\"}}]}",
        0, scene->manifest->digest, scene->manifest->bytes.size);
}

/* --- The registry --- */

static void reply_json(struct http_exchange *exchange, int code, const char *text)
{
    http_reply(exchange, code, NULL, 0, slice_of(text));
}

static void reply_challenge(struct scene *scene, struct http_exchange *exchange)
{
    struct buffer text = {0};
    buffer_format(
        &text,
        "Bearer realm=\"http://%s/token\",service=\"lab\",scope=\"repository:lab/box:pull,"
        "push\"",
        listener_address(scene->listener, 0));
    const struct http_header header = HTTP_HEADER("WWW-Authenticate", buffer_slice(&text));
    http_reply(exchange, 401, &header, 1, SLICE("{}"));
    buffer_release(&text);
}

static void reply_blob(struct scene *scene, struct http_exchange *exchange, const struct blob *blob)
{
    const struct http_header header = HTTP_HEADER("Content-Type", slice_of(blob->type));
    struct buffer bytes = {0};
    buffer_append_slice(&bytes, buffer_slice(&blob->bytes));
    if (scene->damaged && strcmp(scene->damaged, blob->digest) == 0)
        bytes.data[bytes.size > 1000 ? 600 : bytes.size / 2] ^= 1;
    http_reply(exchange, 200, &header, 1, buffer_slice(&bytes));
    buffer_release(&bytes);
}

static void reply_redirect(struct scene *scene, struct http_exchange *exchange, const char *digest)
{
    struct buffer text = {0};
    buffer_format(&text, "http://localhost%s/cdn/%s",
                  strchr(listener_address(scene->listener, 0), ':'), digest);
    const struct http_header header = HTTP_HEADER("Location", buffer_slice(&text));
    http_reply(exchange, 307, &header, 1, SLICE(""));
    buffer_release(&text);
}

static void serve(void *context, struct http_exchange *exchange)
{
    struct scene *scene = context;
    struct slice path = exchange->request.path;
    struct slice proof = http_header_get(exchange->request.headers, "Authorization");
    bool is_cdn = slice_starts_with(path, SLICE("/cdn/"));
    buffer_format(&scene->asked, SLICE_FORMAT "%s\n", SLICE_ARGS(path),
                  proof.size ? " with proof" : "");
    if (slice_is(path, "/token")) {
        bool is_good =
            slice_is(proof, "Basic bWU6c2VjcmV0") &&
            slice_is(exchange->request.query, "service=lab&scope=repository:lab/box:pull%2Cpush");
        reply_json(exchange, is_good ? 200 : 403, is_good ? "{\"token\":\"good\"}" : "{}");
        return;
    }
    if (scene->wants_token && !is_cdn && !slice_is(proof, "Bearer good")) {
        reply_challenge(scene, exchange);
        return;
    }
    for (size_t i = 0; i < scene->blob_count; i++) {
        const struct blob *blob = &scene->blobs[i];
        bool is_named = slice_ends_with(path, slice_of(blob->digest)) ||
                        (blob == scene->index && slice_ends_with(path, SLICE("/manifests/v1")));
        bool is_layer = blob == scene->low || blob == scene->high;
        if (is_named && is_layer && scene->redirects && !is_cdn) {
            reply_redirect(scene, exchange, blob->digest);
            return;
        }
        if (is_named) {
            reply_blob(scene, exchange, blob);
            return;
        }
    }
    reply_json(exchange, 404,
               "{\"errors\":[{\"code\":\"MANIFEST_UNKNOWN\",\"message\":\"unknown\"}]}");
}

static void accept(void *context, struct stream *stream)
{
    http_server_accept(((struct scene *)context)->server, stream);
}

/* --- The scene --- */

static void begin(struct scene *scene, const char *registries)
{
    struct status status;
    char path[300], images[300];
    *scene = (struct scene){0};
    if (geteuid() != 0)
        SKIP("needs root: owners and devices of layers");
    status_init(&status);
    scene->folder = test_folder();
    scene->loop = loop_create(2);
    snprintf(images, sizeof images, "%s/images", scene->folder);
    snprintf(path, sizeof path, "%s/registries.json", scene->folder);
    if (registries)
        EXPECT_EQ(file_write(path, 0600, slice_of(registries), &status), 0);
    const struct image_store_options options = {.directory = images,
                                                .registries = registries ? path : NULL};
    scene->store = image_store_open(scene->loop, &options, &status);
    EXPECT_TEXT(status.message, NULL);
    scene->server = http_server_open(scene->loop, NULL, serve, scene);
    scene->listener = listener_open(scene->loop, 100);
    EXPECT_EQ(listener_add_tcp(scene->listener, "127.0.0.1:0", accept, scene, &status), 0);
    snprintf(scene->name, sizeof scene->name, "%s/lab/box:v1",
             listener_address(scene->listener, 0));
    make_image(scene);
    status_release(&status);
}

static void server_closed(void *context)
{
    loop_stop(((struct scene *)context)->loop);
}

static void end(struct scene *scene)
{
    if (scene->has_call)
        image_call_release(&scene->call);
    listener_close(scene->listener);
    http_server_close(scene->server, server_closed, scene);
    loop_run(scene->loop);
    image_store_close(scene->store);
    loop_destroy(scene->loop);
    for (size_t i = 0; i < scene->blob_count; i++)
        buffer_release(&scene->blobs[i].bytes);
    buffer_release(&scene->asked);
}

static void done(struct image_call *call)
{
    loop_stop(CONTAINER_OF(call, struct scene, call)->loop);
}

static struct image_call *new_call(struct scene *scene)
{
    if (scene->has_call)
        image_call_release(&scene->call);
    scene->has_call = true;
    image_call_init(&scene->call, done);
    return &scene->call;
}

static void ensure(struct scene *scene, const char *name, enum image_policy policy,
                   const char *const *secrets)
{
    const struct image_request request = {name, policy, secrets};
    image_store_ensure(scene->store, &request, new_call(scene));
    loop_run(scene->loop);
}

static void list(struct scene *scene)
{
    image_store_list(scene->store, new_call(scene));
    loop_run(scene->loop);
}

static void remove_image(struct scene *scene, const char *name)
{
    image_store_remove(scene->store, name, new_call(scene));
    loop_run(scene->loop);
}

static void expect_image(const struct scene *scene)
{
    const struct image *image = &scene->call.image;
    EXPECT_TEXT(scene->call.status.message, NULL);
    EXPECT_TEXT(image->id, scene->config->digest);
    EXPECT_TEXT(image->entrypoint[0], "/run");
    EXPECT_TEXT(image->command[0], "me");
    EXPECT_TEXT(image->environment[0], "A=1");
    EXPECT_TEXT(image->directory, "/w");
    EXPECT_TEXT(image->user, "5:6");
    EXPECT_TEXT(image->stop_signal, "SIGINT");
}

TEST("an image is pulled by its name, and is there afterwards")
{
    struct scene scene;
    begin(&scene, NULL);
    ensure(&scene, scene.name, IMAGE_NEVER, NULL);
    EXPECT_TEXT(scene.call.reason, "ErrImageNeverPull");
    EXPECT_EQ(scene.asked.size, 0);
    ensure(&scene, scene.name, IMAGE_IF_NOT_PRESENT, NULL);
    expect_image(&scene);
    EXPECT(scene.call.was_pulled && scene.call.pull_bytes > 2000);
    EXPECT(strstr(scene.call.image.digest, scene.index->digest));
    buffer_clear(&scene.asked);
    ensure(&scene, scene.name, IMAGE_IF_NOT_PRESENT, NULL);
    expect_image(&scene);
    EXPECT(!scene.call.was_pulled && scene.asked.size == 0);
    ensure(&scene, scene.name, IMAGE_ALWAYS, NULL); /* The manifest alone is asked for again. */
    expect_image(&scene);
    EXPECT(!strstr(scene.asked.data, scene.low->digest));
    list(&scene);
    EXPECT_EQ(scene.call.image_count, 1);
    EXPECT_EQ(scene.call.images[0].size_bytes, scene.low->bytes.size + scene.high->bytes.size);
    EXPECT_TEXT(scene.call.images[0].names[0], scene.name);
    end(&scene);
}

TEST("a registry that asks for a token gets one, and others hear nothing of it")
{
    static const char *const secrets[] = {"{\"auths\":{\"127.0.0.1\":{\"auth\":\"eDp5\"}}}",
                                          "{\"auths\":{\"https://%\":{}},\"x\":1}", NULL};
    struct scene scene;
    struct buffer secret = {0};
    begin(&scene, NULL);
    scene.wants_token = scene.redirects = true;
    buffer_format(&secret, "{\"auths\":{\"http://%s/v2/\":{\"auth\":\"bWU6c2VjcmV0\"}}}",
                  listener_address(scene.listener, 0));
    const char *const all[] = {secrets[0], secret.data, "no JSON", NULL};
    ensure(&scene, scene.name, IMAGE_IF_NOT_PRESENT, NULL);
    EXPECT_TEXT(scene.call.reason, "ErrImagePull");
    EXPECT(strstr(scene.call.status.message, "failed to fetch a token"));
    buffer_clear(&scene.asked);
    ensure(&scene, scene.name, IMAGE_IF_NOT_PRESENT, all);
    expect_image(&scene);
    EXPECT(strstr(scene.asked.data, "/cdn/sha256:"));
    for (const char *at = scene.asked.data; (at = strstr(at, "/cdn/")); at++)
        EXPECT(at[5 + 71] == '\n'); /* And not " with proof". */
    buffer_release(&secret);
    end(&scene);
}

TEST("what comes with another digest is refused, and the next try mends it")
{
    struct scene scene;
    begin(&scene, NULL);
    scene.damaged = scene.high->digest;
    ensure(&scene, scene.name, IMAGE_IF_NOT_PRESENT, NULL);
    EXPECT(strstr(scene.call.status.message, "the layer that came has digest sha256:"));
    list(&scene);
    EXPECT_EQ(scene.call.image_count, 0);
    scene.damaged = scene.manifest->digest;
    ensure(&scene, scene.name, IMAGE_IF_NOT_PRESENT, NULL);
    EXPECT(!status_ok(&scene.call.status));
    scene.damaged = NULL;
    ensure(&scene, scene.name, IMAGE_IF_NOT_PRESENT, NULL);
    expect_image(&scene);
    end(&scene);
}

TEST("an image or a registry that is not there is said to be missing")
{
    struct scene scene;
    char name[200];
    begin(&scene, NULL);
    snprintf(name, sizeof name, "%s/lab/other", listener_address(scene.listener, 0));
    ensure(&scene, name, IMAGE_IF_NOT_PRESENT, NULL);
    EXPECT_TEXT(scene.call.reason, "ErrImagePull");
    EXPECT(strstr(scene.call.status.message, "/v2/lab/other/manifests/latest: not found"));
    ensure(&scene, "127.0.0.1:1/x", IMAGE_IF_NOT_PRESENT, NULL);
    EXPECT(strstr(scene.call.status.message, "connection refused"));
    ensure(&scene, "Bad::Name", IMAGE_IF_NOT_PRESENT, NULL);
    EXPECT_TEXT(scene.call.reason, "InvalidImageName");
    EXPECT_TEXT(scene.call.status.message,
                "Failed to apply default image tag \"Bad::Name\": couldn't parse image name "
                "\"Bad::Name\": invalid reference format");
    ensure(&scene, "coracle.local/host", IMAGE_IF_NOT_PRESENT, NULL);
    EXPECT_EQ(scene.call.status.reason, STATUS_FORBIDDEN);
    end(&scene);
}

static void write_bytes(const char *folder, const char *name, struct slice bytes)
{
    char path[400];
    struct status status;
    status_init(&status);
    snprintf(path, sizeof path, "%s/%s", folder, name);
    EXPECT_EQ(file_write(path, 0644, bytes, &status), 0);
    status_release(&status);
}

static void load(struct scene *scene, const char *path)
{
    image_store_load(scene->store, path, new_call(scene));
    loop_run(scene->loop);
}

TEST("an archive of docker save and an OCI layout are loaded, and share their layers")
{
    struct scene scene;
    struct buffer archive = {0}, text = {0};
    char path[300];
    begin(&scene, NULL);
    buffer_format(&text, "[{\"Config\":\"c.json\",\"RepoTags\":[\"box:a\",\"lab/box:b\"],"
                         "\"Layers\":[\"1/layer.tar\",\"2/layer.tar\"]}]");
    tar_write_bytes(&archive, "manifest.json", buffer_slice(&text));
    tar_write_bytes(&archive, "c.json", buffer_slice(&scene.config->bytes));
    tar_write_bytes(&archive, "1/layer.tar", buffer_slice(&scene.low->bytes));
    tar_write(&archive, &(struct tar_item){'2', "2/layer.tar", "../high.tar", 0, 0});
    tar_write_bytes(&archive, "high.tar", buffer_slice(&scene.high->bytes));
    tar_end(&archive);
    write_bytes(scene.folder, "box.tar", buffer_slice(&archive));
    snprintf(path, sizeof path, "%s/box.tar", scene.folder);
    load(&scene, path);
    expect_image(&scene);
    ensure(&scene, "docker.io/library/box:a", IMAGE_NEVER, NULL);
    expect_image(&scene);
    ensure(&scene, "lab/box:b", IMAGE_NEVER, NULL);
    expect_image(&scene);
    /* The layout: its layers are there already, so they need not be in it. */
    snprintf(path, sizeof path, "%s/blobs/sha256", scene.folder);
    struct status status;
    status_init(&status);
    EXPECT_EQ(folder_make(path, 0755, &status), 0);
    write_bytes(path, scene.config->digest + 7, buffer_slice(&scene.config->bytes));
    write_bytes(path, scene.manifest->digest + 7, buffer_slice(&scene.manifest->bytes));
    buffer_clear(&text);
    buffer_format(
        &text,
        "{\"schemaVersion\":2,\"manifests\":[{\"digest\":\"%s\",\"size\":1,\"annotations\":"
        "{\"org.opencontainers.image.ref.name\":\"quay.io/lab/box:c\"}}]}",
        scene.manifest->digest);
    write_bytes(scene.folder, "index.json", buffer_slice(&text));
    load(&scene, scene.folder);
    expect_image(&scene);
    list(&scene);
    EXPECT_EQ(scene.call.image_count, 1);
    remove_image(&scene, "lab/box:b");
    EXPECT_TEXT(scene.call.status.message, NULL);
    EXPECT_EQ(scene.call.freed_bytes, 0); /* Other names lead to it. */
    remove_image(&scene, scene.config->digest);
    EXPECT_TEXT(scene.call.status.message, NULL);
    list(&scene);
    EXPECT_EQ(scene.call.image_count, 0);
    snprintf(path, sizeof path, "%s/images/layers/%.32s", scene.folder, scene.low->digest + 7);
    EXPECT(access(path, F_OK) != 0);
    status_release(&status);
    buffer_release(&archive);
    buffer_release(&text);
    end(&scene);
}

TEST("a container's root is the image's layers, and the image stays while it is used")
{
    struct scene scene;
    struct status status;
    char bundle[300], path[400];
    begin(&scene, NULL);
    status_init(&status);
    ensure(&scene, scene.name, IMAGE_IF_NOT_PRESENT, NULL);
    snprintf(bundle, sizeof bundle, "%s/bundle", scene.folder);
    EXPECT_EQ(image_mount(scene.store, scene.config->digest, bundle, &status), 0);
    snprintf(path, sizeof path, "%s/rootfs/b", bundle);
    EXPECT_EQ(access(path, F_OK), 0);
    snprintf(path, sizeof path, "%s/rootfs/a", bundle);
    EXPECT(access(path, F_OK) != 0); /* The upper layer has taken it away. */
    remove_image(&scene, scene.name);
    EXPECT_EQ(scene.call.status.reason, STATUS_CONFLICT);
    EXPECT_EQ(image_unmount(bundle, &status), 0);
    image_store_collect(scene.store, 1, INT64_MAX, new_call(&scene));
    loop_run(scene.loop);
    EXPECT(scene.call.freed_bytes > 0);
    list(&scene);
    EXPECT_EQ(scene.call.image_count, 0);
    status_release(&status);
    end(&scene);
}

TEST("a mirror is asked first, and the registry itself when it does not know")
{
    struct scene scene;
    begin(&scene, NULL);
    struct buffer text = {0};
    buffer_format(&text,
                  "{\"registries\":{\"lab.example\":{\"mirrors\":[\"http://127.0.0.1:1\","
                  "\"http://%s\"]}}}",
                  listener_address(scene.listener, 0));
    struct scene mirrored;
    begin(&mirrored, text.data);
    listener_close(mirrored.listener);
    mirrored.listener = NULL;
    /* The first scene's registry runs on its own loop: it must turn too. */
    image_store_close(mirrored.store);
    struct status status;
    char images[300], path[300];
    status_init(&status);
    snprintf(images, sizeof images, "%s/images", mirrored.folder);
    snprintf(path, sizeof path, "%s/registries.json", mirrored.folder);
    const struct image_store_options options = {.directory = images, .registries = path};
    image_store_close(scene.store);
    scene.store = image_store_open(scene.loop, &options, &status);
    mirrored.store = NULL;
    ensure(&scene, "lab.example/lab/box:v1", IMAGE_IF_NOT_PRESENT, NULL);
    expect_image(&scene);
    EXPECT_TEXT(scene.call.image.names[0], "lab.example/lab/box:v1");
    status_release(&status);
    buffer_release(&text);
    end(&mirrored);
    end(&scene);
}

TEST("names of images are made whole, and bad ones refused")
{
    static const char *const good[][2] = {
        {"busybox", "docker.io/library/busybox:latest"},
        {"lab/box:1", "docker.io/lab/box:1"},
        {"localhost/x", "localhost/x:latest"},
        {"host:5000/a/b-c.d_e__f:T.1-x", "host:5000/a/b-c.d_e__f:T.1-x"},
        {"index.docker.io/x", "docker.io/library/x:latest"},
        {"[::1]:5000/x", "[::1]:5000/x:latest"},
    };
    static const char *const bad[] = {"",        "Upper",  "a//b",        "a/-b",
                                      "x:",      "x:.tag", "x@sha256:12", "a:b:c",
                                      "ho st/x", "x..y",   "a___b",       "/x"};
    struct arena arena;
    struct status status;
    struct image_reference reference;
    char text[200];
    arena_init(&arena);
    status_init(&status);
    for (size_t i = 0; i < ARRAY_SIZE(good); i++) {
        EXPECT_EQ(image_reference_parse(&arena, good[i][0], &reference, &status), 0);
        EXPECT_TEXT(reference.name, good[i][1]);
    }
    snprintf(text, sizeof text, "x@sha256:%064d", 7);
    EXPECT_EQ(image_reference_parse(&arena, text, &reference, &status), 0);
    EXPECT_TEXT(reference.tag, "");
    EXPECT(slice_starts_with(slice_of(reference.name), SLICE("docker.io/library/x@sha256:")));
    for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
        if (image_reference_parse(&arena, bad[i], &reference, &status) == 0)
            fprintf(stderr, "\"%s\" was taken as %s\n", bad[i], reference.name);
        EXPECT(!status_ok(&status));
        status_clear(&status);
    }
    status_release(&status);
    arena_release(&arena);
}

TEST("a challenge is read with its quotes and commas")
{
    struct arena arena;
    struct challenge challenge;
    arena_init(&arena);
    EXPECT(challenge_parse(
        &arena, SLICE("bearer Realm=\"https://a/t?x=1\", service=\"s, t\",scope=\"r:b:pull,push\""),
        &challenge));
    EXPECT_TEXT(challenge.realm, "https://a/t?x=1");
    EXPECT_TEXT(challenge.service, "s, t");
    EXPECT_TEXT(challenge.scope, "r:b:pull,push");
    EXPECT(challenge_parse(&arena, SLICE("Basic realm=\"x\""), &challenge) && challenge.is_basic);
    EXPECT(!challenge_parse(&arena, SLICE("Digest x=y"), &challenge));
    EXPECT(!challenge_parse(&arena, SLICE("Bearer service=x"), &challenge));
    arena_release(&arena);
}
