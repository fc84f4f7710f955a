/* Families of addresses that a Service wants and gets.
 *
 * This cluster's services have IPv4 addresses alone; a headless service without a selector may
 * name both families all the same, for its endpoints are somebody else's. Upstream:
 * initIPFamilyFields in pkg/registry/core/service/storage/alloc.go. Pure. */
#ifndef CORE_KINDS_SERVICE_FAMILIES_H
#define CORE_KINDS_SERVICE_FAMILIES_H

#include "core/kinds/field_path.h"

/* Fills ipFamilies and ipFamilyPolicy of a service that is created (old NULL) or updated, or
 * says what is wrong. */
void service_set_families(struct arena *arena, struct json *service, const struct json *old,
                          struct field_errors *errors);

#endif
