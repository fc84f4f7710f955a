#include "api/subresource.h"

#include "api/review.h"
#include "api/status_print.h"

#define SUBRESOURCE(name) extern const struct subresource sub_##name;
#include "generated/subresources.h"
#undef SUBRESOURCE

static const struct subresource *const rows[] = {
#define SUBRESOURCE(name) &sub_##name,
#include "generated/subresources.h"
#undef SUBRESOURCE
    NULL,
};

const struct subresource *subresource_find(const struct kind *kind, const char *name)
{
    for (size_t i = 0; rows[i]; i++)
        if (strcmp(rows[i]->name, name) == 0 &&
            (!rows[i]->resource || strcmp(rows[i]->resource, kind->resource) == 0))
            return rows[i];
    return NULL;
}

bool subresource_is_served(const struct kind *kind, const struct kind_subresource *sub)
{
    return sub->reset || subresource_find(kind, sub->name);
}

bool kind_is_served(const struct kind *kind)
{
    return !kind->is_unserved && (!kind->is_virtual || review_find(kind));
}

void subresource_reply_created(struct request *request)
{
    request->status.code = 201;
    status_print(&request->status, &request->reply.body);
    request->reply.code = 201;
    request->reply.content_type = "application/json";
    request_reply(request);
}
