#include "api/negotiate.h"

static const char acceptable[] =
    "only the following media types are accepted: application/json, application/yaml, "
    "application/vnd.kubernetes.protobuf";
static const char readable[] =
    "the body of the request was in an unknown format - accepted media types include: "
    "application/json, application/yaml, application/vnd.kubernetes.protobuf";

struct slice media_type(struct slice header)
{
    struct slice type;
    return slice_split(&header, ';', &type) ? slice_trim(type) : (struct slice){0};
}

static bool media_of(struct slice type, enum media *media)
{
    if (slice_is(type, "application/json") || slice_is(type, "*/*") ||
        slice_is(type, "application/*")) {
        *media = MEDIA_JSON;
        return true;
    }
    if (slice_is(type, "application/yaml")) {
        *media = MEDIA_YAML;
        return true;
    }
    if (slice_is(type, "application/vnd.kubernetes.protobuf")) {
        *media = MEDIA_PROTOBUF;
        return true;
    }
    return false;
}

/* Reads the "as", "g" and "v" parameters; false when they name what we do not make. */
static bool transform_of(struct slice parameters, bool is_list, bool can_transform,
                         enum media_as *as)
{
    struct slice want = {0};
    struct slice version = {0};
    struct slice parameter;
    while (slice_split(&parameters, ';', &parameter)) {
        parameter = slice_trim(parameter);
        if (slice_starts_with(parameter, SLICE("as=")))
            want = slice_sub(parameter, 3, parameter.size);
        else if (slice_starts_with(parameter, SLICE("v=")))
            version = slice_sub(parameter, 2, parameter.size);
    }
    *as = AS_IS;
    if (want.size == 0)
        return true;
    if (slice_is(want, "APIGroupDiscoveryList")) {
        *as = AS_DISCOVERY;
        return slice_is(version, "v2");
    }
    if (!can_transform || !slice_is(version, "v1"))
        return false;
    if (slice_is(want, "Table"))
        *as = AS_TABLE;
    else if (slice_is(want, "PartialObjectMetadata"))
        *as = AS_PARTIAL;
    else if (slice_is(want, "PartialObjectMetadataList"))
        *as = AS_PARTIAL_LIST;
    else
        return false;
    return *as == AS_TABLE || (*as == AS_PARTIAL_LIST) == is_list;
}

static bool accept_entry(struct slice entry, bool is_list, bool can_transform,
                         struct negotiated *negotiated)
{
    struct slice parameters = entry;
    struct slice type;
    slice_split(&parameters, ';', &type);
    if (!media_of(slice_trim(type), &negotiated->media))
        return false;
    return transform_of(parameters, is_list, can_transform, &negotiated->as);
}

int negotiate(struct slice accept, const struct query_parameter *query, bool is_list,
              bool can_transform, struct negotiated *negotiated, struct status *status)
{
    *negotiated = (struct negotiated){.is_pretty = query_bool(query, "pretty")};
    struct slice rest = slice_trim(accept);
    if (rest.size == 0)
        return 0;
    struct slice entry;
    bool found = false;
    struct negotiated wanted = *negotiated;
    while (slice_split(&rest, ',', &entry)) {
        if (!accept_entry(slice_trim(entry), is_list, can_transform, &wanted))
            continue;
        if (!found || wanted.media == MEDIA_JSON)
            *negotiated = wanted;
        found = true;
        if (wanted.media != MEDIA_PROTOBUF)
            return 0;
    }
    if (found)
        return 0;
    return status_fail(status, STATUS_NOT_ACCEPTABLE, "%s", acceptable);
}

int negotiate_body(struct slice content_type, enum media *media, struct status *status)
{
    struct slice type = media_type(content_type);
    *media = MEDIA_JSON;
    if (type.size == 0 || (media_of(type, media) && !slice_is(type, "*/*")))
        return 0;
    return status_fail(status, STATUS_UNSUPPORTED_MEDIA_TYPE, "%s", readable);
}
