#include "api/impersonate.h"

#include <ctype.h>
#include <strings.h>

#include "api/authz.h"
#include "core/kinds/name.h"

enum { GROUPS_MAX = 64, EXTRA_MAX = 64 };

struct wish {
    struct slice user;
    struct slice uid;
    const char *groups[GROUPS_MAX];
    size_t group_count;
    const char *extra[EXTRA_MAX]; /* Pairs. */
    size_t extra_count;
};

static const char extra_prefix[] = "Impersonate-Extra-";

static bool has_prefix(struct slice name, const char *prefix)
{
    return name.size > strlen(prefix) && strncasecmp(name.data, prefix, strlen(prefix)) == 0;
}

/* "Acme.Com%2fProject" -> "acme.com/project"; what is no escape is kept as it is. */
static const char *extra_key(struct arena *arena, struct slice text)
{
    char *copy = arena_copy_slice(arena, text);
    struct slice decoded;
    for (char *c = copy; *c; c++)
        *c = (char)tolower((unsigned char)*c);
    return path_unescape(arena, slice_of(copy), &decoded) ? decoded.data : copy;
}

/* False: more than there is room for. */
static bool read_wish(struct request *request, struct wish *wish)
{
    struct arena *arena = &request->arena;
    for (size_t i = 0; i < request->headers.count; i++) {
        const struct http_header *header = &request->headers.items[i];
        if (http_name_is(header->name, "Impersonate-User")) {
            wish->user = header->value;
        } else if (http_name_is(header->name, "Impersonate-Uid")) {
            wish->uid = header->value;
        } else if (http_name_is(header->name, "Impersonate-Group")) {
            if (wish->group_count + 3 >= GROUPS_MAX)
                return false;
            wish->groups[wish->group_count++] = arena_copy_slice(arena, header->value);
        } else if (has_prefix(header->name, extra_prefix)) {
            if (wish->extra_count + 3 >= EXTRA_MAX)
                return false;
            struct slice key = slice_sub(header->name, sizeof(extra_prefix) - 1, header->name.size);
            wish->extra[wish->extra_count++] = extra_key(arena, key);
            wish->extra[wish->extra_count++] = arena_copy_slice(arena, header->value);
        }
    }
    return true;
}

static int ask(struct request *request, const char *group, const char *resource,
               const char *subresource, struct slice namespace, struct slice name)
{
    struct authz_attributes attributes = {
        .user = request->user,
        .verb = "impersonate",
        .is_resource = true,
        .path = "",
        .group = group,
        .resource = resource,
        .subresource = subresource,
        .namespace = namespace,
        .name = name,
    };
    const char *reason;
    if (authz_decide(request->api, &attributes, &request->arena, &reason))
        return 0;
    return authz_forbid(&request->arena, &attributes, reason, &request->status);
}

/* system:serviceaccount:NAMESPACE:NAME is that service account, if both are such names. */
static bool is_service_account(struct slice user, struct slice *namespace, struct slice *name)
{
    struct slice prefix = SLICE("system:serviceaccount:");
    if (!slice_starts_with(user, prefix))
        return false;
    *name = slice_sub(user, prefix.size, user.size);
    return slice_split(name, ':', namespace) && name->data && slice_find(*name, ':') < 0 &&
           name_is(*namespace, name_check_dns_label) && name_is(*name, name_check_dns_subdomain);
}

static int ask_user(struct request *request, struct slice user)
{
    struct slice namespace, name;
    if (is_service_account(user, &namespace, &name))
        return ask(request, "", "serviceaccounts", NULL, namespace, name);
    return ask(request, "", "users", NULL, (struct slice){0}, user);
}

static int ask_all(struct request *request, const struct wish *wish)
{
    static const char authentication[] = "authentication.k8s.io";
    if (ask_user(request, wish->user))
        return -1;
    for (size_t i = 0; i < wish->group_count; i++)
        if (ask(request, "", "groups", NULL, (struct slice){0}, slice_of(wish->groups[i])))
            return -1;
    for (size_t i = 0; i + 1 < wish->extra_count; i += 2)
        if (ask(request, authentication, "userextras", wish->extra[i], (struct slice){0},
                slice_of(wish->extra[i + 1])))
            return -1;
    if (wish->uid.size == 0)
        return 0;
    return ask(request, authentication, "uids", NULL, (struct slice){0}, wish->uid);
}

static bool wants_group(const struct wish *wish, const char *group)
{
    for (size_t i = 0; i < wish->group_count; i++)
        if (strcmp(wish->groups[i], group) == 0)
            return true;
    return false;
}

/* Groups that come by themselves: those of a service account, and being known or not. */
static void complete_groups(struct request *request, struct wish *wish)
{
    struct slice namespace, name;
    if (wish->group_count == 0 && is_service_account(wish->user, &namespace, &name)) {
        wish->groups[wish->group_count++] = "system:serviceaccounts";
        wish->groups[wish->group_count++] = arena_format(
            &request->arena, "system:serviceaccounts:" SLICE_FORMAT, SLICE_ARGS(namespace));
    }
    bool is_anonymous = slice_is(wish->user, "system:anonymous");
    bool is_unknown = wants_group(wish, "system:unauthenticated");
    if (is_anonymous && !is_unknown)
        wish->groups[wish->group_count++] = "system:unauthenticated";
    else if (!is_anonymous && !is_unknown && !wants_group(wish, "system:authenticated"))
        wish->groups[wish->group_count++] = "system:authenticated";
}

/* What was asked for, as Go prints its list of references. */
static int refuse_nameless(struct request *request, const struct wish *wish)
{
    struct buffer list = {0};
    const char *separator = "";
    for (size_t i = 0; i < wish->group_count; i++, separator = " ")
        buffer_format(&list, "%s{Group  %s    }", separator, wish->groups[i]);
    for (size_t i = 0; i + 1 < wish->extra_count; i += 2, separator = " ")
        buffer_format(&list, "%s{UserExtra  %s  authentication.k8s.io/v1  %s}", separator,
                      wish->extra[i + 1], wish->extra[i]);
    if (wish->uid.size > 0)
        buffer_format(&list, "%s{UID  " SLICE_FORMAT "  authentication.k8s.io/v1  }", separator,
                      SLICE_ARGS(wish->uid));
    status_fail(&request->status, STATUS_BAD_REQUEST, "requested [%s] without impersonating a user",
                list.data);
    buffer_release(&list);
    return -1;
}

int impersonate(struct request *request)
{
    struct wish wish = {0};
    struct arena *arena = &request->arena;
    if (!read_wish(request, &wish))
        return status_fail(&request->status, STATUS_BAD_REQUEST, "too many impersonation headers");
    if (wish.user.size == 0 && wish.uid.size == 0 && wish.group_count == 0 && wish.extra_count == 0)
        return 0;
    if (wish.user.size == 0)
        return refuse_nameless(request, &wish);
    if (ask_all(request, &wish))
        return -1;
    complete_groups(request, &wish);
    struct user *user = ARENA_NEW(arena, struct user);
    *user = (struct user){
        .name = arena_copy_slice(arena, wish.user),
        .uid = arena_copy_slice(arena, wish.uid),
        .groups = arena_copy(arena, wish.groups, sizeof(wish.groups)),
        .extra = arena_copy(arena, wish.extra, sizeof(wish.extra)),
    };
    request->user = user;
    return 0;
}
