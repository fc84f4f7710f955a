/* An intrusive, doubly linked list: the link lives in the element.
 *
 * Adding and removing allocate nothing. A link is either in one list or
 * alone (points at itself). list_init() makes both heads and lone links. */
#ifndef CORE_LIST_H
#define CORE_LIST_H

#include <stdbool.h>
#include <stddef.h>

#include "core/check.h"

struct list {
    struct list *next;
    struct list *previous;
};

static inline void list_init(struct list *link)
{
    link->next = link;
    link->previous = link;
}
static inline bool list_is_empty(const struct list *head)
{
    return head->next == head;
}
static inline void list_insert_after(struct list *place, struct list *link)
{
    link->previous = place;
    link->next = place->next;
    place->next->previous = link;
    place->next = link;
}
static inline void list_push_back(struct list *head, struct list *link)
{
    list_insert_after(head->previous, link);
}
static inline void list_push_front(struct list *head, struct list *link)
{
    list_insert_after(head, link);
}
/* Takes a link out of its list; harmless on a lone link. */
static inline void list_remove(struct list *link)
{
    link->previous->next = link->next;
    link->next->previous = link->previous;
    list_init(link);
}
/* Takes the first link, or NULL. */
static inline struct list *list_pop_front(struct list *head)
{
    struct list *link = head->next;
    if (link == head)
        return NULL;
    list_remove(link);
    return link;
}

/* The body may remove the current element. */
#define LIST_EACH(link, head)                                                           \
    for (struct list *link = (head)->next, *link##_next = link->next; link != (head);   \
         link = link##_next, link##_next = link->next)

#endif
