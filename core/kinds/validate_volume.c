/* See validate_volume.h. What a source must have is in the tables; here is how it must look. */
#include "core/kinds/validate_volume.h"

#include "core/kinds/label_selector.h"
#include "core/kinds/meta.h"
#include "core/kinds/quantity.h"
#include "core/kinds/text_map.h"
#include "core/kinds/validate_projection.h"

typedef void check_fn(const struct json *source, const struct field_path *path,
                      struct field_errors *errors);

static struct slice text_at(const struct json *object, const char *name)
{
    return json_string(json_get(object, name));
}
static void require_text(const struct json *object, const char *name, const struct field_path *path,
                         struct field_errors *errors)
{
    if (text_at(object, name).size == 0)
        path_required(errors, AT(path, name), NULL);
}

/* --- Paths of files --- */

void file_path_check_no_backsteps(struct slice file, const struct field_path *path,
                                  struct field_errors *errors)
{
    struct slice rest = file, part;
    while (file.size > 0 && slice_split(&rest, '/', &part))
        if (slice_is(part, "..")) {
            path_invalid_text(errors, path, file, "must not contain '..'");
            return;
        }
}
void file_path_check_descends(struct slice file, const struct field_path *path,
                              struct field_errors *errors)
{
    if (slice_starts_with(file, SLICE("/")))
        path_invalid_text(errors, path, file, "must be a relative path");
    file_path_check_no_backsteps(file, path, errors);
}
void file_path_check_not_reserved(struct slice file, const struct field_path *path,
                                  struct field_errors *errors)
{
    file_path_check_descends(file, path, errors);
    if (slice_starts_with(file, SLICE("..")) && !slice_starts_with(file, SLICE("../")) &&
        file.size > 2)
        path_invalid_text(errors, path, file, "must not start with '..'");
}

void file_mode_check(const struct json *mode, const struct field_path *path,
                     struct field_errors *errors)
{
    int64_t bits;
    if (json_to_int64(mode, &bits) && (bits < 0 || bits > 0777))
        path_invalid_int(errors, path, bits,
                         "must be a number between 0 and 0777 (octal), both inclusive");
}

/* --- From the node --- */

static void check_empty_dir(const struct json *source, const struct field_path *path,
                            struct field_errors *errors)
{
    struct quantity limit;
    if (quantity_from_json(json_get(source, "sizeLimit"), &limit) && quantity_sign(&limit) < 0)
        path_forbidden(errors, AT(path, "sizeLimit"),
                       "SizeLimit field must be a valid resource quantity");
}
static void check_host_path(const struct json *source, const struct field_path *path,
                            struct field_errors *errors)
{
    file_path_check_no_backsteps(text_at(source, "path"), AT(path, "path"), errors);
}
static void check_git_repo(const struct json *source, const struct field_path *path,
                           struct field_errors *errors)
{
    file_path_check_descends(text_at(source, "directory"), AT(path, "directory"), errors);
}

/* --- From the API --- */

static void check_items(const struct json *source, const struct field_path *path,
                        struct field_errors *errors)
{
    size_t index = 0;
    file_mode_check(json_get(source, "defaultMode"), AT(path, "defaultMode"), errors);
    JSON_EACH(item, json_get(source, "items"))
        key_to_path_validate(item, AT_ITEM(AT(path, "items"), index++), errors);
}
static void check_secret(const struct json *source, const struct field_path *path,
                         struct field_errors *errors)
{
    require_text(source, "secretName", path, errors);
    check_items(source, path, errors);
}
static void check_config_map(const struct json *source, const struct field_path *path,
                             struct field_errors *errors)
{
    require_text(source, "name", path, errors);
    check_items(source, path, errors);
}
static void check_downward_api(const struct json *source, const struct field_path *path,
                               struct field_errors *errors)
{
    file_mode_check(json_get(source, "defaultMode"), AT(path, "defaultMode"), errors);
    JSON_EACH(file, json_get(source, "items"))
        downward_file_validate(file, path, errors);
}

/* --- From storage systems --- */

static void check_partition(const struct json *source, const struct field_path *path,
                            struct field_errors *errors)
{
    int64_t number;
    if (json_to_int64(json_get(source, "partition"), &number) && (number < 0 || number > 255))
        path_invalid_int(errors, AT(path, "partition"), number,
                         "must be between 1 and 255, inclusive");
}
static void check_nfs(const struct json *source, const struct field_path *path,
                      struct field_errors *errors)
{
    struct slice folder = text_at(source, "path");
    if (!slice_starts_with(folder, SLICE("/")))
        path_invalid_text(errors, AT(path, "path"), folder, "must be an absolute path");
}
static void check_iscsi(const struct json *source, const struct field_path *path,
                        struct field_errors *errors)
{
    struct slice iqn = text_at(source, "iqn");
    bool needs_secret = json_bool(json_get(source, "chapAuthDiscovery")) ||
                        json_bool(json_get(source, "chapAuthSession"));
    if (iqn.size > 0 && !slice_starts_with(iqn, SLICE("iqn")) &&
        !slice_starts_with(iqn, SLICE("eui")) && !slice_starts_with(iqn, SLICE("naa")))
        path_invalid_text(errors, AT(path, "iqn"), iqn,
                          "must be valid format starting with iqn, eui, or naa");
    path_check_range(errors, AT(path, "lun"), json_get(source, "lun"), 0, 255);
    if (needs_secret && !json_get(source, "secretRef"))
        path_required(errors, AT(path, "secretRef"), NULL);
}
static void check_fc(const struct json *source, const struct field_path *path,
                     struct field_errors *errors)
{
    const struct json *targets = json_get(source, "targetWWNs"), *lun = json_get(source, "lun");
    bool has_ids = json_first(json_get(source, "wwids"));
    if (!json_first(targets) && !has_ids)
        path_required(errors, AT(path, "targetWWNs"),
                      "must specify either targetWWNs or wwids, but not both");
    if (json_first(targets) && has_ids)
        path_invalid(errors, AT(path, "targetWWNs"), targets,
                     "targetWWNs and wwids can not be specified simultaneously");
    if (json_first(targets) && !lun)
        path_required(errors, AT(path, "lun"), "lun is required if targetWWNs is specified");
    else if (json_first(targets))
        path_check_range(errors, AT(path, "lun"), lun, 0, 255);
}
static void check_flocker(const struct json *source, const struct field_path *path,
                          struct field_errors *errors)
{
    struct slice name = text_at(source, "datasetName"), uuid = text_at(source, "datasetUUID");
    if (name.size == 0 && uuid.size == 0)
        path_required(errors, path, "one of datasetName and datasetUUID is required");
    if (name.size > 0 && uuid.size > 0)
        path_invalid_text(errors, path, SLICE("resource"),
                          "datasetName and datasetUUID can not be specified simultaneously");
    if (slice_find(name, '/') >= 0)
        path_invalid_text(errors, AT(path, "datasetName"), name, "must not contain '/'");
}
static void check_quobyte(const struct json *source, const struct field_path *path,
                          struct field_errors *errors)
{
    if (text_at(source, "registry").size == 0)
        path_required(errors, AT(path, "registry"),
                      "must be a host:port pair or multiple pairs separated by commas");
    else if (text_at(source, "tenant").size > 64)
        path_required(errors, AT(path, "tenant"),
                      "must be a UUID and may not exceed a length of 64 characters");
}
static void check_volume_name(const struct json *source, const struct field_path *path,
                              struct field_errors *errors)
{
    require_text(source, "volumeName", path, errors);
}
static void check_csi(const struct json *source, const struct field_path *path,
                      struct field_errors *errors)
{
    struct slice driver = text_at(source, "driver");
    if (driver.size > 63)
        path_too_long(errors, AT(path, "driver"), 63);
    if (json_get(source, "nodePublishSecretRef"))
        require_text(json_get(source, "nodePublishSecretRef"), "name",
                     AT(path, "nodePublishSecretRef"), errors);
}

static void check_claim_spec(const struct json *spec, const struct field_path *path,
                             struct field_errors *errors)
{
    static const char *const modes[] = {"ReadOnlyMany", "ReadWriteMany", "ReadWriteOnce",
                                        "ReadWriteOncePod", NULL};
    static const char *const volume_modes[] = {"Block", "Filesystem", NULL};
    const struct json *size = json_at(spec, "resources.requests.storage");
    const struct json *volume_mode = json_get(spec, "volumeMode");
    struct quantity storage;
    if (!json_first(json_get(spec, "accessModes")))
        path_required(errors, AT(path, "accessModes"), "at least 1 access mode is required");
    JSON_EACH(mode, json_get(spec, "accessModes"))
        path_check_choice(errors, AT(path, "accessModes"), json_string(mode), modes);
    if (volume_mode)
        path_check_choice(errors, AT(path, "volumeMode"), json_string(volume_mode), volume_modes);
    if (json_get(spec, "selector"))
        label_selector_validate(json_get(spec, "selector"),
                                path_text(errors->arena, AT(path, "selector")), errors);
    const struct field_path *at = AT_KEY(AT(path, "resources"), SLICE("storage"));
    if (!size)
        path_required(errors, at, NULL);
    else if (quantity_from_json(size, &storage) && quantity_sign(&storage) <= 0)
        path_invalid(errors, at, size, "must be greater than zero");
}
static void check_ephemeral(const struct json *source, const struct field_path *path,
                            struct field_errors *errors)
{
    const struct json *template = json_get(source, "volumeClaimTemplate");
    const struct field_path *at = AT(path, "volumeClaimTemplate");
    if (!template) {
        path_required(errors, at, NULL);
        return;
    }
    const char *metadata = path_text(errors->arena, AT(at, "metadata"));
    meta_validate_labels(json_at(template, "metadata.labels"),
                         arena_format(errors->arena, "%s.labels", metadata), errors);
    meta_validate_annotations(json_at(template, "metadata.annotations"),
                              arena_format(errors->arena, "%s.annotations", metadata), errors);
    check_claim_spec(json_get(template, "spec"), AT(at, "spec"), errors);
}

/* --- Volumes --- */

static const struct {
    const char *name;
    const char *path; /* Where upstream tells errors of it; NULL: under its name. */
    check_fn *check;  /* NULL: the tables know all. */
} sources[] = {
    {"emptyDir", NULL, check_empty_dir},
    {"hostPath", NULL, check_host_path},
    {"gitRepo", NULL, check_git_repo},
    {"gcePersistentDisk", "persistentDisk", check_partition},
    {"awsElasticBlockStore", NULL, check_partition},
    {"secret", NULL, check_secret},
    {"nfs", NULL, check_nfs},
    {"iscsi", NULL, check_iscsi},
    {"glusterfs", NULL, NULL},
    {"flocker", NULL, check_flocker},
    {"persistentVolumeClaim", NULL, NULL},
    {"rbd", NULL, NULL},
    {"cinder", NULL, NULL},
    {"cephfs", NULL, NULL},
    {"quobyte", NULL, check_quobyte},
    {"downwardAPI", NULL, check_downward_api},
    {"fc", NULL, check_fc},
    {"flexVolume", NULL, NULL},
    {"configMap", NULL, check_config_map},
    {"azureFile", NULL, NULL},
    {"vsphereVolume", NULL, NULL},
    {"photonPersistentDisk", NULL, NULL},
    {"portworxVolume", NULL, NULL},
    {"azureDisk", NULL, NULL},
    {"storageos", NULL, check_volume_name},
    {"projected", NULL, projected_volume_validate},
    {"scaleIO", NULL, check_volume_name},
    {"csi", NULL, check_csi},
    {"ephemeral", NULL, check_ephemeral},
    {"image", NULL, NULL},
};

static void source_validate(const struct json *volume, const struct field_path *path,
                            struct field_errors *errors)
{
    size_t found = 0;
    for (size_t i = 0; i < ARRAY_SIZE(sources); i++) {
        const struct json *source = json_get(volume, sources[i].name);
        if (!source)
            continue;
        if (found++ > 0)
            path_forbidden(errors, AT(path, sources[i].name),
                           "may not specify more than 1 volume type");
        else if (sources[i].check)
            sources[i].check(source, AT(path, sources[i].path ? sources[i].path : sources[i].name),
                             errors);
    }
    if (found == 0)
        path_required(errors, path, "must specify a volume type");
}

/* The claim of an ephemeral volume is named after pod and volume; nobody else may use it. */
static void add_made_claims(struct text_map *claims, struct arena *arena,
                            const struct json *volumes, struct slice pod)
{
    JSON_EACH(volume, volumes)
        if (pod.size > 0 && json_get(volume, "ephemeral"))
            text_map_add_text(claims,
                              slice_of(arena_format(arena, SLICE_FORMAT "-%s", SLICE_ARGS(pod),
                                                    json_text(json_get(volume, "name")))));
}

void volumes_validate(const struct json *volumes, const struct json *metadata,
                      const struct field_path *path, struct field_errors *errors)
{
    struct text_map names = {0}, made = {0};
    size_t index = 0;
    add_made_claims(&made, errors->arena, volumes, text_at(metadata, "name"));
    JSON_EACH(volume, volumes) {
        const struct field_path *at = AT_ITEM(path, index++);
        struct slice name = text_at(volume, "name");
        const struct json *claim = json_at(volume, "persistentVolumeClaim.claimName");
        source_validate(volume, at, errors);
        if (name.size > 0)
            path_check_name(errors, AT(at, "name"), name, name_check_dns_label);
        if (!text_map_add_text(&names, name))
            path_duplicate(errors, AT(at, "name"), name);
        if (claim && text_map_has(&made, json_string(claim)))
            path_invalid(errors, AT(AT(at, "persistentVolumeClaim"), "claimName"), claim,
                         "must not reference a PVC that gets created for an ephemeral volume");
    }
    text_map_release(&names);
    text_map_release(&made);
}
