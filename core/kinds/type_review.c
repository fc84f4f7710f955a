/* Questions about who somebody is and what they may do, and tokens:
 * io.k8s.api.authentication.v1 and io.k8s.api.authorization.v1.
 *
 * None is stored: the answer is the question with its status filled in. */
#include "core/kinds/schema_table.h"

#define AUTHENTICATION_V1 "io.k8s.api.authentication.v1"
#define AUTHORIZATION_V1 "io.k8s.api.authorization.v1"

/* --- Who somebody is --- */

FIELDS(extra_value) = {
    LIST(1, "", STRING, 0, "The values."),
};
TYPE(extra_value, "ExtraValue", AUTHENTICATION_V1, "Values of one name; in JSON a list.");

FIELDS(user_info) = {
    FIELD(1, "username", STRING, 0, "Name of the user."),
    FIELD(2, "uid", STRING, 0, "Id that outlives the name."),
    LIST(3, "groups", STRING, 0, "Groups of the user."),
    MAP(4, "extra", OBJECT(extra_value), 0, "What else the authenticator said."),
};
TYPE(user_info, "UserInfo", AUTHENTICATION_V1, "Who somebody is.");

FIELDS(self_subject_review_status) = {
    FIELD(1, "userInfo", OBJECT(user_info), ALWAYS, "Who asks."),
};
TYPE(self_subject_review_status, "SelfSubjectReviewStatus", AUTHENTICATION_V1, "The answer.");

FIELDS(self_subject_review) = {
    OBJECT_FIELDS,
    FIELD(2, "status", OBJECT(self_subject_review_status), ALWAYS, "The answer."),
};
TYPE(self_subject_review, "SelfSubjectReview", AUTHENTICATION_V1, "Who am I?");

FIELDS(token_review_spec) = {
    FIELD(1, "token", STRING, 0, "The token."),
    LIST(2, "audiences", STRING, 0,
         "Who the token should be meant for; none means the API server."),
};
TYPE(token_review_spec, "TokenReviewSpec", AUTHENTICATION_V1, "The question.");

FIELDS(token_review_status) = {
    FIELD(1, "authenticated", BOOL, 0, "Whether the token is good."),
    FIELD(2, "user", OBJECT(user_info), ALWAYS, "Whose it is."),
    LIST(4, "audiences", STRING, 0, "For whom it is good, out of those asked for."),
    FIELD(3, "error", STRING, 0, "Why it could not be checked."),
};
TYPE(token_review_status, "TokenReviewStatus", AUTHENTICATION_V1, "The answer.");

FIELDS(token_review) = {
    OBJECT_FIELDS,
    FIELD(2, "spec", OBJECT(token_review_spec), EXPECTED | ALWAYS, "The question."),
    FIELD(3, "status", OBJECT(token_review_status), ALWAYS, "The answer."),
};
TYPE(token_review, "TokenReview", AUTHENTICATION_V1, "Whose token is this?");

/* --- Tokens --- */

FIELDS(bound_object_reference) = {
    FIELD(1, "kind", STRING, 0, "Pod, Secret or Node."),
    FIELD(2, "apiVersion", STRING, 0, "Version of the kind."),
    FIELD(3, "name", STRING, 0, "Name of the object."),
    FIELD(4, "uid", STRING, 0, "UID of the object."),
};
TYPE(bound_object_reference, "BoundObjectReference", AUTHENTICATION_V1,
     "Object with which a token ends.");

FIELDS(token_request_spec) = {
    LIST(1, "audiences", STRING, EXPECTED, "Who the token is meant for."),
    FIELD(4, "expirationSeconds", INT64, POINTER, "Seconds that it is good for.", DEFAULT("3600")),
    FIELD(3, "boundObjectRef", OBJECT(bound_object_reference), 0, "Object with which it ends."),
};
TYPE(token_request_spec, "TokenRequestSpec", AUTHENTICATION_V1, "What is asked for.");

FIELDS(token_request_status) = {
    FIELD(1, "token", STRING, EXPECTED | ALWAYS, "The token."),
    FIELD(2, "expirationTimestamp", TIME, EXPECTED, "When it ends."),
};
TYPE(token_request_status, "TokenRequestStatus", AUTHENTICATION_V1, "What was given.");

FIELDS(token_request) = {
    OBJECT_FIELDS,
    FIELD(2, "spec", OBJECT(token_request_spec), EXPECTED | ALWAYS, "What is asked for."),
    FIELD(3, "status", OBJECT(token_request_status), ALWAYS, "What was given."),
};
TYPE(token_request, "TokenRequest", AUTHENTICATION_V1, "Asks for a token of a ServiceAccount.");

/* --- What somebody may do --- */

FIELDS(field_selector_attributes) = {
    FIELD(1, "rawSelector", STRING, 0, "As written; not both."),
    LIST(2, "requirements", OBJECT(field_selector_requirement), 0,
         "As requirements that must all hold."),
};
TYPE(field_selector_attributes, "FieldSelectorAttributes", AUTHORIZATION_V1,
     "Field selector of the request.");

FIELDS(label_selector_attributes) = {
    FIELD(1, "rawSelector", STRING, 0, "As written; not both."),
    LIST(2, "requirements", OBJECT(label_selector_requirement), 0,
         "As requirements that must all hold."),
};
TYPE(label_selector_attributes, "LabelSelectorAttributes", AUTHORIZATION_V1,
     "Label selector of the request.");

FIELDS(resource_attributes) = {
    FIELD(1, "namespace", STRING, 0,
          "Namespace; empty means all, or none for cluster-wide resources."),
    FIELD(2, "verb", STRING, 0, "What is to be done; * means all."),
    FIELD(3, "group", STRING, 0, "API group; * means all."),
    FIELD(4, "version", STRING, 0, "API version; * means all."),
    FIELD(5, "resource", STRING, 0, "Resource; * means all."),
    FIELD(6, "subresource", STRING, 0, "Subresource; empty means none."),
    FIELD(7, "name", STRING, 0, "Name of the object; empty means all."),
    FIELD(8, "fieldSelector", OBJECT(field_selector_attributes), 0, "Which objects, by fields."),
    FIELD(9, "labelSelector", OBJECT(label_selector_attributes), 0, "Which objects, by labels."),
};
TYPE(resource_attributes, "ResourceAttributes", AUTHORIZATION_V1, "A request for a resource.");

FIELDS(non_resource_attributes) = {
    FIELD(1, "path", STRING, 0, "The path."),
    FIELD(2, "verb", STRING, 0, "The HTTP verb."),
};
TYPE(non_resource_attributes, "NonResourceAttributes", AUTHORIZATION_V1, "A request for a path.");

FIELDS(subject_access_review_spec) = {
    FIELD(1, "resourceAttributes", OBJECT(resource_attributes), 0, "A request for a resource."),
    FIELD(2, "nonResourceAttributes", OBJECT(non_resource_attributes), 0, "A request for a path."),
    FIELD(3, "user", STRING, 0, "Name of the user."),
    LIST(4, "groups", STRING, 0, "Groups of the user."),
    MAP(5, "extra", OBJECT(extra_value), 0, "What else the authenticator said."),
    FIELD(6, "uid", STRING, 0, "Id of the user."),
};
TYPE(subject_access_review_spec, "SubjectAccessReviewSpec", AUTHORIZATION_V1, "The question.");

FIELDS(self_subject_access_review_spec) = {
    FIELD(1, "resourceAttributes", OBJECT(resource_attributes), 0, "A request for a resource."),
    FIELD(2, "nonResourceAttributes", OBJECT(non_resource_attributes), 0, "A request for a path."),
};
TYPE(self_subject_access_review_spec, "SelfSubjectAccessReviewSpec", AUTHORIZATION_V1,
     "The question.");

FIELDS(subject_access_review_status) = {
    FIELD(1, "allowed", BOOL, EXPECTED | ALWAYS, "Whether it is allowed."),
    FIELD(4, "denied", BOOL, 0, "Whether it is refused for good, whatever others say."),
    FIELD(2, "reason", STRING, 0, "Why, as a text for people."),
    FIELD(3, "evaluationError", STRING, 0, "What could not be found out on the way."),
};
TYPE(subject_access_review_status, "SubjectAccessReviewStatus", AUTHORIZATION_V1, "The answer.");

FIELDS(subject_access_review) = {
    OBJECT_FIELDS,
    FIELD(2, "spec", OBJECT(subject_access_review_spec), EXPECTED | ALWAYS, "The question."),
    FIELD(3, "status", OBJECT(subject_access_review_status), ALWAYS, "The answer."),
};
TYPE(subject_access_review, "SubjectAccessReview", AUTHORIZATION_V1, "May they?");

FIELDS(local_subject_access_review) = {
    OBJECT_FIELDS,
    FIELD(2, "spec", OBJECT(subject_access_review_spec), EXPECTED | ALWAYS, "The question."),
    FIELD(3, "status", OBJECT(subject_access_review_status), ALWAYS, "The answer."),
};
TYPE(local_subject_access_review, "LocalSubjectAccessReview", AUTHORIZATION_V1,
     "May they, in this namespace?");

FIELDS(self_subject_access_review) = {
    OBJECT_FIELDS,
    FIELD(2, "spec", OBJECT(self_subject_access_review_spec), EXPECTED | ALWAYS, "The question."),
    FIELD(3, "status", OBJECT(subject_access_review_status), ALWAYS, "The answer."),
};
TYPE(self_subject_access_review, "SelfSubjectAccessReview", AUTHORIZATION_V1, "May I?");

FIELDS(resource_rule) = {
    LIST(1, "verbs", STRING, EXPECTED, "What may be done; * means all."),
    LIST(2, "apiGroups", STRING, 0, "Groups of the resources; * means all."),
    LIST(3, "resources", STRING, 0, "Resources; * means all."),
    LIST(4, "resourceNames", STRING, 0, "Only objects of these names; empty means all."),
};
TYPE(resource_rule, "ResourceRule", AUTHORIZATION_V1, "What may be done to which resources.");

FIELDS(non_resource_rule) = {
    LIST(1, "verbs", STRING, EXPECTED, "What may be done; * means all."),
    LIST(2, "nonResourceURLs", STRING, 0, "The paths; * at the end of a path stands for any rest."),
};
TYPE(non_resource_rule, "NonResourceRule", AUTHORIZATION_V1, "What may be done to which paths.");

FIELDS(self_subject_rules_review_spec) = {
    FIELD(1, "namespace", STRING, 0, "Namespace that is asked about; required."),
};
TYPE(self_subject_rules_review_spec, "SelfSubjectRulesReviewSpec", AUTHORIZATION_V1,
     "The question.");

FIELDS(subject_rules_review_status) = {
    LIST(1, "resourceRules", OBJECT(resource_rule), EXPECTED, "What is allowed to resources."),
    LIST(2, "nonResourceRules", OBJECT(non_resource_rule), EXPECTED, "What is allowed to paths."),
    FIELD(3, "incomplete", BOOL, EXPECTED | ALWAYS, "There may be more."),
    FIELD(4, "evaluationError", STRING, 0, "What could not be found out on the way."),
};
TYPE(subject_rules_review_status, "SubjectRulesReviewStatus", AUTHORIZATION_V1, "The answer.");

FIELDS(self_subject_rules_review) = {
    OBJECT_FIELDS,
    FIELD(2, "spec", OBJECT(self_subject_rules_review_spec), EXPECTED | ALWAYS, "The question."),
    FIELD(3, "status", OBJECT(subject_rules_review_status), ALWAYS, "The answer."),
};
TYPE(self_subject_rules_review, "SelfSubjectRulesReview", AUTHORIZATION_V1, "What may I do?");
