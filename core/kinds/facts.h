/* Flat bytes of facts about an object (VIEW_FACTS), and how they are written.
 *
 * Facts are a header of a fixed size, then lists, each a count and its items:
 * texts with their size before them, numbers of eight bytes. Numbers stand in
 * the machine's byte order, at any address; facts are made anew at opening
 * where another machine wrote them, since VIEW_FORMAT then differs.
 *
 * What each kind tells stands in facts_pod.h and facts_node.h. Pure. */
#ifndef CORE_KINDS_FACTS_H
#define CORE_KINDS_FACTS_H

#include <stdbool.h>
#include <stdint.h>

#include "core/json.h"
#include "core/kinds/resource_list.h"

/* A hash of bytes that is the same in every process; hash 0 begins one, the hash of what
 * stands before goes on. For recognising equals, not against malice. */
uint64_t facts_hash(uint64_t hash, struct slice bytes);

/* --- Writing --- */
void facts_append_int(struct buffer *facts, int64_t value);
void facts_append_text(struct buffer *facts, struct slice text); /* Its size first. */
/* All but cpu, memory and ephemeral-storage, in order of name, as a list. */
void facts_append_resources(struct buffer *facts, const struct resource_list *list);
/* JSON with members in order of their names, so that equal values are equal bytes. */
void facts_append_canonical(struct buffer *text, const struct json *value);

/* --- Reading: each takes its item off the front of *rest --- */
struct facts_resource {
    struct slice name;
    int64_t amount; /* Whole units, rounded up. */
};
int64_t facts_take_int(struct slice *rest);       /* 0 at the end. */
struct slice facts_take_text(struct slice *rest); /* Empty at the end. */
bool facts_take_resource(struct slice *list, struct facts_resource *resource);
/* A list as one slice, over which the functions above walk. */
struct slice facts_take_list(struct slice *rest);

#endif
