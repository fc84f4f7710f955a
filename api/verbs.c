#include "api/verbs.h"

#include "api/api.h"
#include "api/negotiate.h"
#include "api/review.h"
#include "api/subresource.h"

struct verb {
    const char *name;
    uint32_t bit;
    bool is_list;       /* Its reply is a collection. */
    bool can_transform; /* Table and PartialObjectMetadata may be asked for. */
    void (*serve)(struct request *request);
};

static const struct verb verbs[] = {
    {"get", VERB_GET, false, true, verb_get},
    {"list", VERB_LIST, true, true, verb_list},
    {"watch", VERB_WATCH, false, true, verb_watch},
    {"create", VERB_CREATE, false, true, verb_create},
    {"update", VERB_UPDATE, false, true, verb_update},
    {"patch", VERB_PATCH, false, true, verb_patch},
    {"delete", VERB_DELETE, false, true, verb_delete},
    {"deletecollection", VERB_DELETE_COLLECTION, true, true, verb_delete_collection},
};

static const struct verb *find_verb(const char *name)
{
    for (size_t i = 0; i < ARRAY_SIZE(verbs); i++)
        if (strcmp(verbs[i].name, name) == 0)
            return &verbs[i];
    return NULL;
}

static uint32_t allowed_verbs(const struct request *request)
{
    if (request->subresource)
        return request->subresource->verbs;
    return request->kind->verbs ? request->kind->verbs : (uint32_t)VERBS_ALL;
}

/* Only a collection is posted to, and only an object is written. */
static bool fits_path(const struct request *request, const struct verb *verb)
{
    bool is_object = request->info.name.size > 0;
    if (verb->bit == VERB_CREATE)
        return !is_object || request->subresource;
    return is_object || !(verb->bit & (VERB_UPDATE | VERB_PATCH));
}

void verb_serve(struct request *request)
{
    const struct verb *verb = find_verb(request->info.verb);
    if (!verb || !(allowed_verbs(request) & verb->bit) || !fits_path(request, verb)) {
        status_fail(&request->status, STATUS_METHOD_NOT_ALLOWED,
                    "the server does not allow this method on the requested resource");
        request_fail(request);
        return;
    }
    if (negotiate(request->accept, request->query, verb->is_list, verb->can_transform,
                  &request->negotiated, &request->status)) {
        request_fail(request);
        return;
    }
    if (request->kind->is_virtual) {
        review_serve(request, review_find(request->kind));
        return;
    }
    const struct subresource *own = NULL;
    if (request->subresource)
        own = subresource_find(request->kind, request->subresource->name);
    if (own && own->serve)
        own->serve(request);
    else if (own)
        write_run(request, own->plan);
    else
        verb->serve(request);
}
