/* The built-in objects but for roles (bootstrap_roles.h), as data: see bootstrap.h. */
#ifndef API_BOOTSTRAP_OBJECTS_H
#define API_BOOTSTRAP_OBJECTS_H

#include <stddef.h>

struct bootstrap_object {
    const char *api_version, *kind, *name;
    const char *rest; /* JSON members of the object; or "". */
};

extern const struct bootstrap_object bootstrap_objects[];
extern const size_t bootstrap_object_count;

#endif
