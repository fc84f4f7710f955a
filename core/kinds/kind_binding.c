/* Binding: ties a pod to a node. Nothing is stored; pods/binding is the way to send one,
 * and bindings of a namespace its older form. */
#include "core/kinds/kind.h"
#include "core/kinds/types.h"

const struct kind kind_binding = {
    .group = "",
    .version = "v1",
    .kind = "Binding",
    .resource = "bindings",
    .singular = "binding",
    .namespaced = true,
    .is_virtual = true,
    .verbs = VERB_CREATE,
    .schema = &type_binding,
};
