/* ListOptions: what lists and watches are asked with, read from the query.
 *
 * Rules: k8s.io/apimachinery pkg/apis/meta/internalversion/validation. */
#ifndef API_LIST_OPTIONS_H
#define API_LIST_OPTIONS_H

#include "api/request.h"
#include "core/kinds/field_selector.h"
#include "core/kinds/label_selector.h"

enum revision_match { MATCH_UNSET, MATCH_NOT_OLDER_THAN, MATCH_EXACT };

struct list_options {
    bool has_revision;         /* resourceVersion was given, "0" included. */
    int64_t revision;
    enum revision_match match;
    int64_t limit;             /* 0: none. */
    struct slice next_page;    /* The continue token. */
    struct label_selector labels; /* Zeroed: all. */
    struct field_selector fields;
    bool has_selector;
    int64_t timeout_seconds;   /* 0: the default. */
    bool bookmarks;
    bool has_initial_events;
    bool initial_events;
};

MUST_USE int list_options_parse(struct request *request, bool is_watch,
                                struct list_options *options);
/* Does an object match both selectors? */
bool list_options_match(const struct list_options *options, const struct object *object);

/* Continue tokens: base64url of {"v":"meta.k8s.io/v1","rv":N,"start":"key"}. */
const char *page_token(struct arena *arena, int64_t revision, struct slice last_key);
MUST_USE int page_parse(struct arena *arena, struct slice token, int64_t *revision,
                        struct slice *start, struct status *status);

#endif
