#include "kubelet-lite/container_user.h"

struct passwd_line {
    struct slice name, home;
    int64_t uid, gid;
};

/* name:password:uid:gid:comment:home:shell */
static bool read_passwd(struct slice line, struct passwd_line *entry)
{
    struct slice password, uid, gid, comment;
    return slice_split(&line, ':', &entry->name) && slice_split(&line, ':', &password) &&
           slice_split(&line, ':', &uid) && slice_split(&line, ':', &gid) &&
           slice_split(&line, ':', &comment) && slice_split(&line, ':', &entry->home) &&
           slice_to_int64(uid, &entry->uid) && slice_to_int64(gid, &entry->gid);
}

static bool find_passwd(struct slice passwd, struct slice name, int64_t uid,
                        struct passwd_line *entry)
{
    struct slice line;
    while (slice_split(&passwd, '\n', &line))
        if (read_passwd(line, entry) &&
            (name.data ? slice_equal(entry->name, name) : entry->uid == uid))
            return true;
    return false;
}

/* name:password:gid:member,member */
static bool read_group(struct slice line, struct slice *name, int64_t *gid, struct slice *members)
{
    struct slice password, number;
    if (!slice_split(&line, ':', name) || !slice_split(&line, ':', &password) ||
        !slice_split(&line, ':', &number) || !slice_to_int64(number, gid))
        return false;
    if (!slice_split(&line, ':', members))
        *members = (struct slice){0};
    return true;
}

static bool find_group(struct slice group, struct slice wanted, int64_t *gid)
{
    struct slice line, name, members;
    while (slice_split(&group, '\n', &line))
        if (read_group(line, &name, gid, &members) && slice_equal(name, wanted))
            return true;
    return false;
}

static bool is_member(struct slice members, struct slice name)
{
    struct slice member;
    while (slice_split(&members, ',', &member))
        if (member.size > 0 && slice_equal(member, name))
            return true;
    return false;
}

static void find_groups(struct arena *arena, struct slice group, struct slice user,
                        struct container_user *found)
{
    struct slice rest = group, line, name, members;
    size_t count = 0;
    int64_t gid;
    while (slice_split(&rest, '\n', &line))
        count++;
    int64_t *groups = ARENA_ARRAY(arena, int64_t, count + 1);
    while (slice_split(&group, '\n', &line))
        if (read_group(line, &name, &gid, &members) && is_member(members, user))
            groups[found->group_count++] = gid;
    found->groups = groups;
}

int container_user_find(struct arena *arena, const char *user, int64_t uid, int64_t gid,
                        struct slice passwd, struct slice group, struct container_user *found,
                        struct status *status)
{
    struct slice rest = slice_of(user ? user : ""), name = {0}, group_name = {0};
    struct passwd_line entry = {0};
    bool is_number = false;
    *found = (struct container_user){.home = "/"};
    slice_split(&rest, ':', &name);
    slice_split(&rest, ':', &group_name);
    if (uid >= 0)
        found->uid = uid;
    else
        is_number = name.size == 0 || slice_to_int64(name, &found->uid);
    bool is_found = uid >= 0 || is_number
                        ? find_passwd(passwd, (struct slice){0}, found->uid, &entry)
                        : find_passwd(passwd, name, 0, &entry);
    if (!is_found && uid < 0 && !is_number)
        return status_fail(status, STATUS_NOT_FOUND,
                           "unable to find user " SLICE_FORMAT
                           ": no matching entries in passwd file",
                           SLICE_ARGS(name));
    if (is_found) {
        found->uid = entry.uid;
        found->gid = entry.gid;
        found->home = entry.home.size > 0 ? arena_copy_slice(arena, entry.home) : "/";
        find_groups(arena, group, entry.name, found);
    }
    if (gid >= 0)
        found->gid = gid;
    else if (uid < 0 && group_name.size > 0 && !slice_to_int64(group_name, &found->gid) &&
             !find_group(group, group_name, &found->gid))
        return status_fail(status, STATUS_NOT_FOUND,
                           "unable to find group " SLICE_FORMAT
                           ": no matching entries in group file",
                           SLICE_ARGS(group_name));
    return 0;
}
