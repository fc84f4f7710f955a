/* The types that all kinds share: io.k8s.apimachinery.pkg.apis.meta.v1.
 *
 * Also the worked example of a table file: see schema_table.h for its words
 * and docs/adding-a-kind.md for how one is made. What upstream checks by hand
 * (owner references, selectors) is EXPECTED here and checked in meta.c and
 * label_selector.c, with upstream's own texts. */
#include "core/kinds/schema_table.h"

/* --- Metadata of objects --- */

FIELDS(owner_reference) = {
    FIELD(5, "apiVersion", STRING, EXPECTED | ALWAYS, "Group and version of the owner."),
    FIELD(1, "kind", STRING, EXPECTED | ALWAYS, "Kind of the owner."),
    FIELD(3, "name", STRING, EXPECTED | ALWAYS, "Name of the owner."),
    FIELD(4, "uid", STRING, EXPECTED | ALWAYS, "UID of the owner.", GO_TYPE("types.UID")),
    FIELD(6, "controller", BOOL, POINTER, "Whether this owner manages the object; one may."),
    FIELD(7, "blockOwnerDeletion", BOOL, POINTER,
          "Whether foreground deletion of the owner waits until this object is gone."),
};
TYPE(owner_reference, "OwnerReference", META_V1,
     "Names an object in the same namespace (or cluster-wide) that this object depends on.");

FIELDS(managed_fields_entry) = {
    FIELD(1, "manager", STRING, 0, "Who manages these fields."),
    FIELD(2, "operation", STRING, 0, "How they were set: Apply or Update.",
          GO_TYPE("v1.ManagedFieldsOperationType")),
    FIELD(3, "apiVersion", STRING, 0, "Version of the shape in which the fields are named."),
    FIELD(4, "time", TIME, POINTER, "When the set of fields, or a value in it, last changed."),
    FIELD(6, "fieldsType", STRING, 0, "Form of the set of fields; only FieldsV1 exists."),
    FIELD(7, "fieldsV1", FIELDS_V1, POINTER, "The set of fields, as a trie of path elements."),
    FIELD(8, "subresource", STRING, 0, "Subresource by which they were set; empty for the object."),
};
TYPE(managed_fields_entry, "ManagedFieldsEntry", META_V1,
     "The fields of an object that one manager owns.");

FIELDS(object_meta) = {
    FIELD(1, "name", STRING, 0,
          "Name, unique among objects of a resource in a namespace; never changes."),
    FIELD(2, "generateName", STRING, 0,
          "Beginning of a name to which the server adds a unique end, used when name is empty."),
    FIELD(3, "namespace", STRING, 0, "Namespace of the object; empty for cluster-wide resources."),
    FIELD(4, "selfLink", STRING, 0, "No longer filled in."),
    FIELD(5, "uid", STRING, 0, "Identity in time and space, made by the server.",
          GO_TYPE("types.UID")),
    FIELD(6, "resourceVersion", STRING, 0,
          "Revision at which this version of the object was written; compare for equality."),
    FIELD(7, "generation", INT64, 0, "Grows when the wanted state changes; made by the server."),
    FIELD(8, "creationTimestamp", TIME, POINTER, /* Go omits its zero. */
          "When the object was created; made by the server."),
    FIELD(9, "deletionTimestamp", TIME, POINTER,
          "When the object is due to be gone; present once its deletion was asked for."),
    FIELD(10, "deletionGracePeriodSeconds", INT64, POINTER,
          "Seconds that the object has to end in good order before it is removed."),
    MAP(11, "labels", STRING, 0, "Short key and value pairs, for selecting objects."),
    MAP(12, "annotations", STRING, 0, "Key and value pairs for tools; not for selecting."),
    LIST(13, "ownerReferences", OBJECT(owner_reference), MERGED | ATOMIC,
         "Objects that this one depends on; when all are gone, it is collected.", MERGE_KEY("uid"),
         MAP_KEYS("uid")),
    LIST(14, "finalizers", STRING, MERGED,
         "Who must act before the object may be removed; each removes its own entry.", SET),
    LIST(17, "managedFields", OBJECT(managed_fields_entry), 0,
         "Which manager owns which fields; kept by the server."),
};
TYPE(object_meta, "ObjectMeta", META_V1, "What every stored object has.");

FIELDS(partial_object_metadata) = {
    OBJECT_FIELDS,
};
TYPE(partial_object_metadata, "PartialObjectMetadata", META_V1,
     "Any object, but only its metadata.");

/* --- Lists --- */

FIELDS(list_meta) = {
    FIELD(1, "selfLink", STRING, 0, "No longer filled in."),
    FIELD(2, "resourceVersion", STRING, 0, "Revision of the state that the list shows."),
    FIELD(3, "continue", STRING, 0, "Token that asks for the next page; empty on the last."),
    FIELD(4, "remainingItemCount", INT64, POINTER, "How many items follow this page, if known."),
};
TYPE(list_meta, "ListMeta", META_V1, "What every list has.");

FIELDS(partial_object_metadata_list) = {
    LIST_FIELDS,
    LIST(2, "items", OBJECT(partial_object_metadata), EXPECTED, "The objects."),
};
TYPE(partial_object_metadata_list, "PartialObjectMetadataList", META_V1,
     "A list of objects of any kind, but only their metadata.");

/* --- Selectors and conditions --- */

FIELDS(label_selector_requirement) = {
    FIELD(1, "key", STRING, EXPECTED | ALWAYS, "Label that the requirement is about."),
    FIELD(2, "operator", STRING, EXPECTED | ALWAYS, "In, NotIn, Exists or DoesNotExist.",
          GO_TYPE("v1.LabelSelectorOperator")),
    LIST(3, "values", STRING, 0, "Values for In and NotIn; empty for the others."),
};
TYPE(label_selector_requirement, "LabelSelectorRequirement", META_V1,
     "One requirement on a label.");

FIELDS(label_selector) = {
    MAP(1, "matchLabels", STRING, 0, "Labels that must have exactly these values."),
    LIST(2, "matchExpressions", OBJECT(label_selector_requirement), 0,
         "Requirements that must all hold."),
};
TYPE(label_selector, "LabelSelector", META_V1,
     "Selects objects by labels: all requirements must hold; none at all selects everything.");

FIELDS(field_selector_requirement) = {
    FIELD(1, "key", STRING, EXPECTED | ALWAYS, "Field that the requirement is about."),
    FIELD(2, "operator", STRING, EXPECTED | ALWAYS, "In, NotIn, Exists or DoesNotExist.",
          GO_TYPE("v1.FieldSelectorOperator")),
    LIST(3, "values", STRING, 0, "Values for In and NotIn; empty for the others."),
};
TYPE(field_selector_requirement, "FieldSelectorRequirement", META_V1,
     "One requirement on a field.");

FIELDS(condition) = {
    FIELD(1, "type", STRING, EXPECTED | ALWAYS, "What the condition is about."),
    FIELD(2, "status", STRING, EXPECTED | ALWAYS, "True, False or Unknown.",
          GO_TYPE("v1.ConditionStatus")),
    FIELD(3, "observedGeneration", INT64, 0, "metadata.generation that this was decided on."),
    FIELD(4, "lastTransitionTime", TIME, EXPECTED, "When status last changed."),
    FIELD(5, "reason", STRING, EXPECTED | ALWAYS, "Why, as one word for programs."),
    FIELD(6, "message", STRING, EXPECTED | ALWAYS, "Why, as a text for people."),
};
TYPE(condition, "Condition", META_V1, "One aspect of an object's present state.");

/* --- Answers --- */

FIELDS(status_cause) = {
    FIELD(1, "reason", STRING, 0, "What is wrong, as one word for programs.",
          GO_TYPE("v1.CauseType")),
    FIELD(2, "message", STRING, 0, "What is wrong, as a text for people."),
    FIELD(3, "field", STRING, 0, "Path of the field that is wrong, such as items[0].name."),
};
TYPE(status_cause, "StatusCause", META_V1, "One cause of a failure.");

FIELDS(status_details) = {
    FIELD(1, "name", STRING, 0, "Name of the object that the status is about."),
    FIELD(2, "group", STRING, 0, "Its group."),
    FIELD(3, "kind", STRING, 0, "Its resource, or its kind where a field is at fault."),
    FIELD(6, "uid", STRING, 0, "Its UID.", GO_TYPE("types.UID")),
    LIST(4, "causes", OBJECT(status_cause), 0, "All causes of the failure."),
    FIELD(5, "retryAfterSeconds", INT32, 0, "Seconds to wait before the request is repeated."),
};
TYPE(status_details, "StatusDetails", META_V1, "What a status is about, for programs.");

FIELDS(status) = {
    LIST_FIELDS,
    FIELD(2, "status", STRING, 0, "Success or Failure."),
    FIELD(3, "message", STRING, 0, "What happened, as a text for people."),
    FIELD(4, "reason", STRING, 0, "Why it failed, as one word for programs.",
          GO_TYPE("v1.StatusReason")),
    FIELD(5, "details", OBJECT(status_details), 0, "More about the reason."),
    FIELD(6, "code", INT32, 0, "HTTP code of the answer; 0 if not set."),
};
TYPE(status, "Status", META_V1, "The answer of a request that returns no other object.");

/* --- Options of requests --- */

FIELDS(preconditions) = {
    FIELD(1, "uid", STRING, POINTER, "UID that the object must have.", GO_TYPE("types.UID")),
    FIELD(2, "resourceVersion", STRING, POINTER, "Revision that the object must be at."),
};
TYPE(preconditions, "Preconditions", META_V1, "What must hold before a change is made.");

FIELDS(delete_options) = {
    TYPE_META_FIELDS,
    FIELD(1, "gracePeriodSeconds", INT64, POINTER,
          "Seconds until the object must be gone; 0 is at once; absent is the kind's default."),
    FIELD(2, "preconditions", OBJECT(preconditions), 0, "What must hold for the deletion."),
    FIELD(3, "orphanDependents", BOOL, POINTER, "Old form of propagationPolicy."),
    FIELD(4, "propagationPolicy", STRING, POINTER,
          "What becomes of dependents: Orphan, Background or Foreground.",
          GO_TYPE("v1.DeletionPropagation")),
    LIST(5, "dryRun", STRING, 0, "All: do everything but the write."),
    FIELD(6, "ignoreStoreReadErrorWithClusterBreakingPotential", BOOL, POINTER,
          "Delete an object that can no longer be read from the store."),
};
TYPE(delete_options, "DeleteOptions", META_V1, "How to delete.");

FIELDS(create_options) = {
    TYPE_META_FIELDS,
    LIST(1, "dryRun", STRING, 0, "All: do everything but the write."),
    FIELD(3, "fieldManager", STRING, 0, "Who sets the fields."),
    FIELD(4, "fieldValidation", STRING, 0,
          "Unknown fields: Strict refuses, Warn warns, Ignore drops."),
};
TYPE(create_options, "CreateOptions", META_V1, "How to create.");

FIELDS(update_options) = {
    TYPE_META_FIELDS,
    LIST(1, "dryRun", STRING, 0, "All: do everything but the write."),
    FIELD(2, "fieldManager", STRING, 0, "Who sets the fields."),
    FIELD(3, "fieldValidation", STRING, 0,
          "Unknown fields: Strict refuses, Warn warns, Ignore drops."),
};
TYPE(update_options, "UpdateOptions", META_V1, "How to update.");

FIELDS(patch_options) = {
    TYPE_META_FIELDS,
    LIST(1, "dryRun", STRING, 0, "All: do everything but the write."),
    FIELD(2, "force", BOOL, POINTER, "Apply takes over fields that others own."),
    FIELD(3, "fieldManager", STRING, 0, "Who sets the fields."),
    FIELD(4, "fieldValidation", STRING, 0,
          "Unknown fields: Strict refuses, Warn warns, Ignore drops."),
};
TYPE(patch_options, "PatchOptions", META_V1, "How to patch.");

FIELDS(get_options) = {
    TYPE_META_FIELDS,
    FIELD(1, "resourceVersion", STRING, 0, "Revision that the answer must not be older than."),
};
TYPE(get_options, "GetOptions", META_V1, "How to get one object.");

FIELDS(list_options) = {
    TYPE_META_FIELDS,
    FIELD(1, "labelSelector", STRING, 0, "Only objects with such labels."),
    FIELD(2, "fieldSelector", STRING, 0, "Only objects with such fields."),
    FIELD(3, "watch", BOOL, 0, "Send what changes, as a stream."),
    FIELD(9, "allowWatchBookmarks", BOOL, 0, "Bookmarks may be sent in a watch."),
    FIELD(4, "resourceVersion", STRING, 0, "Revision that the answer is bound to."),
    FIELD(10, "resourceVersionMatch", STRING, 0, "How it is bound: NotOlderThan or Exact.",
          GO_TYPE("v1.ResourceVersionMatch")),
    FIELD(5, "timeoutSeconds", INT64, POINTER, "Seconds after which the answer ends."),
    FIELD(7, "limit", INT64, 0, "Largest number of items in one page."),
    FIELD(8, "continue", STRING, 0, "Token of the next page."),
    FIELD(11, "sendInitialEvents", BOOL, POINTER, "Begin a watch with the present state."),
};
TYPE(list_options, "ListOptions", META_V1, "How to list or watch.");

/* --- Names of kinds and resources --- */

FIELDS(group_kind) = {
    FIELD(1, "group", STRING, EXPECTED | ALWAYS, "API group."),
    FIELD(2, "kind", STRING, EXPECTED | ALWAYS, "Kind in it."),
};
TYPE(group_kind, "GroupKind", META_V1, "Names a kind in any version.");

FIELDS(group_resource) = {
    FIELD(1, "group", STRING, EXPECTED | ALWAYS, "API group."),
    FIELD(2, "resource", STRING, EXPECTED | ALWAYS, "Resource in it."),
};
TYPE(group_resource, "GroupResource", META_V1, "Names a resource in any version.");

FIELDS(group_version_kind) = {
    FIELD(1, "group", STRING, EXPECTED | ALWAYS, "API group."),
    FIELD(2, "version", STRING, EXPECTED | ALWAYS, "Version of the group."),
    FIELD(3, "kind", STRING, EXPECTED | ALWAYS, "Kind in it."),
};
TYPE(group_version_kind, "GroupVersionKind", META_V1, "Names a kind in one version.");

FIELDS(group_version_resource) = {
    FIELD(1, "group", STRING, EXPECTED | ALWAYS, "API group."),
    FIELD(2, "version", STRING, EXPECTED | ALWAYS, "Version of the group."),
    FIELD(3, "resource", STRING, EXPECTED | ALWAYS, "Resource in it."),
};
TYPE(group_version_resource, "GroupVersionResource", META_V1, "Names a resource in one version.");
