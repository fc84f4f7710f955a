/* References from one object to another: io.k8s.api.core.v1. */
#include "core/kinds/schema_table.h"

FIELDS(local_object_reference) = {
    FIELD(1, "name", STRING, 0, "Name of the object.", DEFAULT_TEXT("")),
};
TYPE(local_object_reference, "LocalObjectReference", CORE_V1,
     "Names an object in the same namespace.");

FIELDS(secret_reference) = {
    FIELD(1, "name", STRING, 0, "Name of the Secret."),
    FIELD(2, "namespace", STRING, 0, "Namespace of the Secret."),
};
TYPE(secret_reference, "SecretReference", CORE_V1, "Names a Secret in any namespace.");

FIELDS(typed_local_object_reference) = {
    FIELD(1, "apiGroup", STRING, POINTER, "Group of the kind; absent means the core group."),
    FIELD(2, "kind", STRING, EXPECTED | ALWAYS, "Kind of the object."),
    FIELD(3, "name", STRING, EXPECTED | ALWAYS, "Name of the object."),
};
TYPE(typed_local_object_reference, "TypedLocalObjectReference", CORE_V1,
     "Names an object of any kind in the same namespace.");

FIELDS(typed_object_reference) = {
    FIELD(1, "apiGroup", STRING, POINTER, "Group of the kind; absent means the core group."),
    FIELD(2, "kind", STRING, EXPECTED | ALWAYS, "Kind of the object."),
    FIELD(3, "name", STRING, EXPECTED | ALWAYS, "Name of the object."),
    FIELD(4, "namespace", STRING, POINTER, "Namespace of the object; absent means the same."),
};
TYPE(typed_object_reference, "TypedObjectReference", CORE_V1,
     "Names an object of any kind, in another namespace too.");

FIELDS(object_reference) = {
    FIELD(1, "kind", STRING, 0, "Kind of the object."),
    FIELD(2, "namespace", STRING, 0, "Namespace of the object."),
    FIELD(3, "name", STRING, 0, "Name of the object."),
    FIELD(4, "uid", STRING, 0, "UID of the object."),
    FIELD(5, "apiVersion", STRING, 0, "Group and version of the kind."),
    FIELD(6, "resourceVersion", STRING, 0, "Revision of the object."),
    FIELD(7, "fieldPath", STRING, 0, "Part of the object, such as spec.containers{name}."),
};
TYPE(object_reference, "ObjectReference", CORE_V1,
     "Names an object, or a part of it, as far as its fields say.");
