/* core/list: links in their elements. */
#include "core/list.h"

#include "tests/harness/test.h"

TEST("links keep the order in which they were added, at both ends")
{
    struct list head, a, b, c;
    list_init(&head);
    EXPECT(list_is_empty(&head) && list_pop_front(&head) == NULL);
    list_push_back(&head, &b);
    list_push_back(&head, &c);
    list_push_front(&head, &a);
    EXPECT(list_pop_front(&head) == &a);
    EXPECT(list_pop_front(&head) == &b);
    EXPECT(list_pop_front(&head) == &c);
    EXPECT(list_is_empty(&head));
    list_remove(&a);
}

TEST("the current link may be removed while going through a list")
{
    struct list head, links[5];
    list_init(&head);
    for (int i = 0; i < 5; i++)
        list_push_back(&head, &links[i]);
    int seen = 0;
    LIST_EACH(link, &head) {
        if (seen++ % 2 == 0)
            list_remove(link);
    }
    EXPECT_EQ(seen, 5);
    EXPECT(list_pop_front(&head) == &links[1]);
    EXPECT(list_pop_front(&head) == &links[3]);
    EXPECT(list_is_empty(&head));
}
