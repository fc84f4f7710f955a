/* Objects of kinds for tests, made and changed as the server does: decoded,
 * defaulted, prepared, validated. JSON is written with ' for ". */
#ifndef TESTS_UNIT_KIND_FIXTURE_H
#define TESTS_UNIT_KIND_FIXTURE_H

#include "core/kinds/kind.h"
#include "tests/harness/test.h"

struct kind_fixture {
    const struct kind *kind;
    struct arena arena;
    struct status status;
    struct kind_context context;
};

/* now is 2026-01-02T03:04:05Z, the namespace of namespaced kinds "default". */
void kind_fixture_init(struct kind_fixture *fixture, const struct kind *kind);
void kind_fixture_release(struct kind_fixture *fixture);

struct json *kind_read(struct kind_fixture *fixture, const char *quotes);
/* The object after a create; the test fails where it is refused. */
struct json *kind_create(struct kind_fixture *fixture, const char *quotes);
/* What a create is answered: "" when it is good, else the errors without `X "y" is invalid: `. */
const char *kind_create_error(struct kind_fixture *fixture, const char *quotes);
/* The same of an update of old to a new object, by a subresource unless it is NULL. *object
 * gets the result; may be NULL. */
const char *kind_update_error(struct kind_fixture *fixture, const struct json *old,
                              const char *quotes, const char *subresource, struct json **object);
/* As the former, with a new object that is a tree: old with changes. */
const char *kind_change_error(struct kind_fixture *fixture, const struct json *old,
                              struct json *changed, const char *subresource, struct json **object);
/* {'a':1} of the value at a path; "" when it is absent. */
const char *kind_show(struct kind_fixture *fixture, const struct json *object, const char *path);
/* The cells of its row: ['web','1/1']. */
const char *kind_cells(struct kind_fixture *fixture, const struct json *object);

#endif
