/* Random JSON trees for tests: every kind of value, and texts chosen to be hard. */
#ifndef TESTS_UNIT_JSON_FIXTURE_H
#define TESTS_UNIT_JSON_FIXTURE_H

#include "core/json.h"
#include "core/random.h"

struct json_fixture {
    struct arena *arena;
    struct random *random;
    bool kubectl_safe; /* Without the texts for which kubectl's KYAML is wrong. */
};

struct json *json_fixture_value(struct json_fixture *fixture, int depth);
struct json *json_fixture_object(struct json_fixture *fixture, int depth);

#endif
