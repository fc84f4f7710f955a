/* What a URL asks for: path -> verb, group, resource, namespace, name, subresource.
 *
 * Rules: k8s.io/apiserver pkg/endpoints/request/requestinfo.go. The path is
 * taken as it was sent, percent-decoded once per segment; empty segments, "."
 * and ".." and an encoded slash inside a segment are never resolved: such a
 * path is no resource and no other route either. Pure; any thread. */
#ifndef API_REQUEST_INFO_H
#define API_REQUEST_INFO_H

#include <stdbool.h>

#include "core/arena.h"
#include "core/buffer.h"

struct request_info {
    bool is_resource;      /* Else: path is a route ("/version"). */
    const char *path;      /* Decoded, without the query. */
    const char *verb;      /* get list watch create update patch delete deletecollection;
                            * for non-resources the method in lower case. */
    const char *group;     /* "" is the core group. */
    const char *version;
    const char *resource;  /* Plural. */
    struct slice namespace;
    struct slice name;
    const char *subresource; /* NULL: none. */
};

/* One query parameter, decoded. */
struct query_parameter {
    struct slice key;
    struct slice value;
    struct query_parameter *next;
};

/* Fills info; query is what stands behind '?'. False: the path is malformed (400). */
bool request_info_parse(struct request_info *info, struct arena *arena, struct slice method,
                        struct slice path, const struct query_parameter *query);

/* Decodes %XX in a part of a path; false on a broken escape. The result has a NUL behind it. */
bool path_unescape(struct arena *arena, struct slice text, struct slice *decoded);
/* Parses a=b&c=d; never fails: what cannot be decoded is kept as it is. */
struct query_parameter *query_parse(struct arena *arena, struct slice query);
/* First value; an empty slice with data NULL when the key is absent. */
struct slice query_get(const struct query_parameter *query, const char *key);
/* Go's strconv.ParseBool as upstream's query conversion uses it: absent false, present
 * and empty true, "0" and "false" false, else true. */
bool query_bool(const struct query_parameter *query, const char *key);

#endif
