/* What a YAML text says that not every reader, and not every person, reads the
 * same: each trap (core/kyaml_trap.h) with its place and what it becomes. Valid
 * KYAML has none. */
#ifndef CORE_KYAML_CHECK_H
#define CORE_KYAML_CHECK_H

#include "core/arena.h"
#include "core/kyaml_trap.h"
#include "core/yaml.h"

struct kyaml_finding {
    enum kyaml_trap trap;
    struct yaml_position at;
    const char *message; /* "NO is read as the boolean false" */
    struct kyaml_finding *next;
};

#define KYAML_FINDINGS_MAX 1000 /* More are not listed. */

/* All findings in a file of any number of documents, in order of their places. It
 * ends with the first error, a finding too. Memory: the arena's. */
struct kyaml_finding *kyaml_check(struct arena *arena, struct slice text);

#endif
