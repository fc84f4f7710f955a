/* Objects as reply bytes, in the form that was negotiated.
 *
 * The straight case copies bytes that were made when the object was written.
 * Everything else (another version of the kind, Table, PartialObjectMetadata,
 * KYAML, protobuf) parses the object once and prints it again. Any thread: a
 * render touches only its arena, const rows and objects that the caller holds. */
#ifndef API_RENDER_H
#define API_RENDER_H

#include "api/request.h"

struct render {
    const struct kind *kind;
    struct negotiated negotiated;
    struct kind_context context; /* Its arena may be reset between objects. */
    const char *include_object;  /* Table: "None", "Metadata" (the default), "Object". */
    bool skips_columns;          /* Table: columnDefinitions were already sent. */
};

/* From the request: kind, form, includeObject. -1 and BAD_REQUEST. */
MUST_USE int render_init(struct render *render, struct request *request);

/* The object's tree in the version asked for, managedFields included. */
MUST_USE int render_tree(const struct render *render, const struct object *object,
                         struct json **tree, struct status *status);
/* True when items are bytes that are only copied. */
bool render_is_straight(const struct render *render);
/* Appends one object as a JSON reply (or as an event's object). */
MUST_USE int render_object(const struct render *render, const struct object *object,
                           struct buffer *text, struct status *status);
/* Appends one item of a list, or a row of a table. */
MUST_USE int render_item(const struct render *render, const struct object *object,
                         struct buffer *text, struct status *status);

/* --- Lists (render_list.c), in the media asked for, piece by piece --- */
struct render_list {
    int64_t revision;
    const char *next_page; /* NULL: this is all. */
    int64_t remaining;     /* < 0: not told. */
};
/* What stands before the first item and behind the last. In the arena it was made in. */
struct render_frame {
    struct slice head;
    struct slice tail;
};
void render_list_open(const struct render *render, struct arena *arena,
                      const struct render_list *list, struct render_frame *frame);
MUST_USE int render_list_item(const struct render *render, const struct object *object,
                              bool is_first, struct buffer *text, struct status *status);
void render_list_close(const struct render *render, const struct render_frame *frame, bool is_empty,
                       struct buffer *text);
/* No byte of it may leave before render_list_close(), which needs all of text. */
bool render_list_is_whole(const struct render *render);

/* --- Media --- */
enum media render_media(const struct render *render); /* What it really gets. */
const char *render_content_type(const struct render *render);
const char *kind_api_version(struct arena *arena, const struct kind *kind); /* "apps/v1" */
/* Turns one object's finished JSON into the media asked for (pretty, YAML, protobuf), in place, and
 * gives its content type. */
MUST_USE int render_finish(const struct render *render, struct buffer *text,
                           const char **content_type, struct status *status);

#endif
