/* What a service must look like, and what of it may change. Upstream: ValidateService. */
#ifndef CORE_KINDS_VALIDATE_SERVICE_H
#define CORE_KINDS_VALIDATE_SERVICE_H

#include "core/kinds/field_path.h"
#include "core/kinds/kind.h"

void service_validate(const struct kind_context *context, const struct json *service,
                      struct field_errors *errors);
void service_validate_update(const struct kind_context *context, const struct json *service,
                             const struct json *old, struct field_errors *errors);

/* The part of it about clusterIP, clusterIPs and families. */
void service_addresses_validate(const struct json *service, const struct field_path *spec_path,
                                struct field_errors *errors);

bool service_is_type(const struct json *service, const char *type);
bool service_is_headless(const struct json *service);
/* Reached from outside: by node ports, a load balancer or external addresses. */
bool service_is_external(const struct json *service);

/* A port as number or name. */
void port_or_name_validate(const struct json *port, const struct field_path *path,
                           struct field_errors *errors);
/* An address that endpoints may have: none that means "here". */
void endpoint_address_validate(struct slice address, const struct field_path *path,
                               struct field_errors *errors);

#endif
