/* What names may look like: DNS labels and subdomains, label keys and values.
 *
 * A check adds a message for each thing wrong with a text; no message, no
 * error. Rules and messages are those of k8s.io/apimachinery
 * pkg/util/validation and pkg/api/validation (RFC 1123, RFC 1035). Pure. */
#ifndef CORE_KINDS_NAME_H
#define CORE_KINDS_NAME_H

#include <stdbool.h>
#include <stddef.h>

#include "core/buffer.h"
#include "core/status.h"

#define NAME_LABEL_MAX 63
#define NAME_SUBDOMAIN_MAX 253

struct name_errors {
    const char *texts[6]; /* Constant texts. */
    size_t count;
};

/* is_prefix: the server will add characters behind it (generateName). */
typedef void name_fn(struct slice name, bool is_prefix, struct name_errors *errors);

/* For struct kind, validate_name. */
name_fn name_dns_subdomain;  /* Most kinds: "example.com". */
name_fn name_dns_label;      /* Namespaces: "my-name". */
name_fn name_dns_1035_label; /* Services: as a label, but begins with a letter. */
name_fn name_path_segment;   /* RBAC: anything that can stand in a URL's path. */

/* Texts in fields. */
void name_check_dns_subdomain(struct slice text, struct name_errors *errors);
void name_check_dns_label(struct slice text, struct name_errors *errors);
void name_check_dns_1035_label(struct slice text, struct name_errors *errors);
void name_check_wildcard_subdomain(struct slice text, struct name_errors *errors); /* "*.a.b" */
void name_check_qualified(struct slice text, struct name_errors *errors); /* [prefix/]name */
void name_check_label_value(struct slice text, struct name_errors *errors);
void name_check_config_map_key(struct slice text, struct name_errors *errors);
void name_check_env_var(struct slice text, struct name_errors *errors);   /* Relaxed rule. */
void name_check_port_name(struct slice text, struct name_errors *errors); /* 15 at most. */
void name_check_c_identifier(struct slice text, struct name_errors *errors);
void name_check_percent(struct slice text, struct name_errors *errors); /* "5%" */
void name_check_http_header(struct slice text, struct name_errors *errors);
void name_check_condition_reason(struct slice text, struct name_errors *errors);

/* Whether nothing is wrong by such a check. */
bool name_is(struct slice text, void (*check)(struct slice text, struct name_errors *errors));

/* Adds what a check finds to the errors of an object: `path: Invalid value: "text": message`. */
void name_validate(struct field_errors *errors, const char *path, struct slice text,
                   void (*check)(struct slice text, struct name_errors *errors));

#endif
