/* The built-in objects as data: see bootstrap.h. */
#ifndef API_BOOTSTRAP_OBJECTS_H
#define API_BOOTSTRAP_OBJECTS_H

#include <stddef.h>

struct bootstrap_object {
    const char *group, *version, *kind, *name;
    const char *metadata; /* JSON members behind the name, with a leading comma; or "". */
    const char *rest;     /* JSON members of the object. */
};

extern const struct bootstrap_object bootstrap_objects[];
extern const size_t bootstrap_object_count;
/* bootstrap_controllers.c: the rights of the controllers' service accounts. */
extern const struct bootstrap_object bootstrap_controllers[];
extern const size_t bootstrap_controller_count;

#endif
