#include "kubelet-lite/image_reference.h"

#include <stdio.h>

#include "core/crypto.h"

enum { NAME_MAX_SIZE = 255, TAG_MAX_SIZE = 128 };

static bool is_lower(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
}

static bool is_letter(char c)
{
    return is_lower(c) || (c >= 'A' && c <= 'Z');
}

/* Words of small letters and digits, between them ".", "_", "__" or dashes. */
static bool is_path_part(struct slice part)
{
    size_t i = 0;
    while (i < part.size) {
        size_t word = i;
        while (i < part.size && is_lower(part.data[i]))
            i++;
        if (i == word)
            return false;
        if (i == part.size)
            return true;
        size_t mark = i;
        while (i < part.size && part.data[i] == part.data[mark] && !is_lower(part.data[i]))
            i++;
        bool is_good = part.data[mark] == '-' || (part.data[mark] == '.' && i == mark + 1) ||
                       (part.data[mark] == '_' && i <= mark + 2);
        if (!is_good)
            return false;
    }
    return false;
}

static bool is_path(struct slice path)
{
    struct slice part;
    while (slice_split(&path, '/', &part))
        if (!is_path_part(part))
            return false;
    return true;
}

static bool is_tag(struct slice tag)
{
    if (tag.size == 0 || tag.size > TAG_MAX_SIZE || tag.data[0] == '.' || tag.data[0] == '-')
        return false;
    for (size_t i = 0; i < tag.size; i++)
        if (!is_letter(tag.data[i]) && !strchr("_.-", tag.data[i]))
            return false;
    return true;
}

static bool is_domain(struct slice domain)
{
    struct slice rest = domain, host = {0}, port;
    int64_t number;
    if (domain.size > 0 && domain.data[0] == '[') { /* [::1]:5000 */
        ptrdiff_t end = slice_find(domain, ']');
        return end > 1 && ((size_t)end + 1 == domain.size || domain.data[end + 1] == ':');
    }
    if (!slice_split(&rest, ':', &host) || host.size == 0)
        return false;
    if (slice_split(&rest, ':', &port) && (!slice_to_int64(port, &number) || rest.data))
        return false;
    for (size_t i = 0; i < host.size; i++)
        if (!is_letter(host.data[i]) && !strchr(".-", host.data[i]))
            return false;
    return is_letter(host.data[0]) && is_letter(host.data[host.size - 1]);
}

bool image_digest_is_valid(struct slice digest)
{
    if (digest.size != 71 || !slice_starts_with(digest, SLICE("sha256:")))
        return false;
    for (size_t i = 7; i < digest.size; i++)
        if (!strchr("0123456789abcdef", digest.data[i]))
            return false;
    return true;
}

void image_digest_of(struct slice bytes, char digest[IMAGE_DIGEST_SIZE])
{
    memcpy(digest, "sha256:", 7);
    sha256_hex(bytes, digest + 7);
}

/* Whether the part before the first slash is a domain and not the beginning of a path. */
static bool has_domain(struct slice first)
{
    if (slice_is(first, "localhost"))
        return true;
    for (size_t i = 0; i < first.size; i++)
        if (first.data[i] == '.' || first.data[i] == ':' ||
            (first.data[i] >= 'A' && first.data[i] <= 'Z'))
            return true;
    return false;
}

static ptrdiff_t find_last(struct slice text, char byte)
{
    for (size_t i = text.size; i > 0; i--)
        if (text.data[i - 1] == byte)
            return (ptrdiff_t)i - 1;
    return -1;
}

static void cut_behind(struct slice *text, ptrdiff_t at, struct slice *behind)
{
    *behind = (struct slice){0};
    if (at < 0)
        return;
    *behind = slice_sub(*text, (size_t)at + 1, text->size);
    *text = slice_sub(*text, 0, (size_t)at);
}

static void fill(struct arena *arena, struct slice domain, struct slice path, struct slice tag,
                 struct slice digest, struct image_reference *reference)
{
    bool is_docker = domain.size == 0 || slice_is(domain, "index.docker.io");
    const char *folder =
        (is_docker || slice_is(domain, "docker.io")) && slice_find(path, '/') < 0 ? "library/" : "";
    reference->domain = is_docker ? "docker.io" : arena_copy_slice(arena, domain);
    reference->path = arena_format(arena, "%s" SLICE_FORMAT, folder, SLICE_ARGS(path));
    reference->digest = arena_copy_slice(arena, digest);
    reference->tag = tag.size > 0 ? arena_copy_slice(arena, tag) : digest.size > 0 ? "" : "latest";
    reference->name = arena_format(arena, "%s/%s%s%s%s%s", reference->domain, reference->path,
                                   *reference->tag ? ":" : "", reference->tag,
                                   digest.size > 0 ? "@" : "", reference->digest);
}

int image_reference_parse(struct arena *arena, const char *text, struct image_reference *reference,
                          struct status *status)
{
    struct slice path = slice_of(text), domain = {0}, tag, digest;
    cut_behind(&path, slice_find(path, '@'), &digest);
    ptrdiff_t colon = find_last(path, ':');
    cut_behind(&path, colon > find_last(path, '/') ? colon : -1, &tag);
    ptrdiff_t slash = slice_find(path, '/');
    if (slash > 0 && has_domain(slice_sub(path, 0, (size_t)slash))) {
        domain = slice_sub(path, 0, (size_t)slash);
        path = slice_sub(path, (size_t)slash + 1, path.size);
    }
    bool is_good = is_path(path) && path.size <= NAME_MAX_SIZE &&
                   (domain.size == 0 || is_domain(domain)) && (!tag.data || is_tag(tag)) &&
                   (!digest.data || image_digest_is_valid(digest));
    if (!is_good)
        return status_fail(status, STATUS_BAD_REQUEST,
                           "couldn't parse image name \"%s\": invalid reference format", text);
    fill(arena, domain, path, tag, digest, reference);
    return 0;
}
