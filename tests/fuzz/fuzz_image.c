/* What registries, users and images say: names, challenges, manifests, accounts, resolv.conf. */
#include <stdint.h>

#include "kubelet-lite/container_user.h"
#include "kubelet-lite/image_layer.h"
#include "kubelet-lite/pod_files.h"
#include "kubelet-lite/registry_fetch.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* A name that is good stays what it is when it is read again. */
static void check_name(struct arena *arena, const char *text, struct status *status)
{
    struct image_reference once, twice;
    status_clear(status);
    if (image_reference_parse(arena, text, &once, status))
        return;
    POST(image_reference_parse(arena, once.name, &twice, status) == 0);
    POST(strcmp(once.name, twice.name) == 0);
}

static void check_manifest(struct arena *arena, struct slice text, struct status *status)
{
    status_clear(status);
    const struct json *document = json_parse(arena, text, NULL, status);
    const struct json *picked = image_index_pick(document);
    status_clear(status);
    POST(!picked || image_is_index(document));
    if (document && image_manifest_check(document, status) == 0)
        POST(json_count(json_get(document, "layers")) <= LAYERS_MAX);
    status_clear(status);
    if (document && image_config_check(document, document, status) == 0)
        POST(json_count(json_at(document, "rootfs.diff_ids")) > 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena arena;
    struct status status;
    struct challenge challenge;
    struct container_user user;
    struct buffer text = {0};
    struct slice bytes = {(const char *)data, size};
    arena_init(&arena);
    status_init(&status);
    const char *copy = arena_copy_slice(&arena, bytes);
    check_name(&arena, copy, &status);
    if (challenge_parse(&arena, bytes, &challenge))
        POST(challenge.is_basic || *challenge.realm);
    check_manifest(&arena, bytes, &status);
    status_clear(&status);
    if (container_user_find(&arena, "me:them", -1, -1, bytes, bytes, &user, &status) == 0)
        POST(user.home[0] != '\0');
    pod_files_resolv_conf(NULL, copy, "10.0.0.1", "cluster.local", &text);
    buffer_release(&text);
    status_release(&status);
    arena_release(&arena);
    return 0;
}
