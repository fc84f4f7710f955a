/* The types that tables define: one declaration a line, sorted within its file. */
#ifndef CORE_KINDS_TYPES_H
#define CORE_KINDS_TYPES_H

#include "core/kinds/schema.h"

/* type_meta.c: io.k8s.apimachinery.pkg.apis.meta.v1 */
extern const struct schema_type type_condition;
extern const struct schema_type type_create_options;
extern const struct schema_type type_delete_options;
extern const struct schema_type type_field_selector_requirement;
extern const struct schema_type type_get_options;
extern const struct schema_type type_group_kind;
extern const struct schema_type type_group_resource;
extern const struct schema_type type_group_version_kind;
extern const struct schema_type type_group_version_resource;
extern const struct schema_type type_label_selector;
extern const struct schema_type type_label_selector_requirement;
extern const struct schema_type type_list_meta;
extern const struct schema_type type_list_options;
extern const struct schema_type type_managed_fields_entry;
extern const struct schema_type type_object_meta;
extern const struct schema_type type_owner_reference;
extern const struct schema_type type_partial_object_metadata;
extern const struct schema_type type_partial_object_metadata_list;
extern const struct schema_type type_patch_options;
extern const struct schema_type type_preconditions;
extern const struct schema_type type_status;
extern const struct schema_type type_status_cause;
extern const struct schema_type type_status_details;
extern const struct schema_type type_update_options;

#endif
