/* Bounds on what a namespace may use: io.k8s.api.core.v1. */
#include "core/kinds/schema_table.h"

FIELDS(limit_range_item) = {
    FIELD(1, "type", STRING, EXPECTED | ALWAYS,
          "What is bounded: Container, Pod or PersistentVolumeClaim.", GO_TYPE("v1.LimitType")),
    MAP(2, "max", QUANTITY, 0, "The most of each resource.", GO_TYPE("v1.ResourceList")),
    MAP(3, "min", QUANTITY, 0, "The least of each resource.", GO_TYPE("v1.ResourceList")),
    MAP(4, "default", QUANTITY, 0, "Limit of containers that name none.",
        GO_TYPE("v1.ResourceList")),
    MAP(5, "defaultRequest", QUANTITY, 0, "Request of containers that name none.",
        GO_TYPE("v1.ResourceList")),
    MAP(6, "maxLimitRequestRatio", QUANTITY, 0, "How many times the request the limit may be.",
        GO_TYPE("v1.ResourceList")),
};
TYPE(limit_range_item, "LimitRangeItem", CORE_V1, "Bounds on one type of thing.");

FIELDS(limit_range_spec) = {
    LIST(1, "limits", OBJECT(limit_range_item), EXPECTED, "The bounds."),
};
TYPE(limit_range_spec, "LimitRangeSpec", CORE_V1, "Bounds on single objects.");

FIELDS(limit_range) = {
    OBJECT_FIELDS,
    FIELD(2, "spec", OBJECT(limit_range_spec), ALWAYS, "The bounds."),
};
TYPE(limit_range, "LimitRange", CORE_V1,
     "Bounds on single pods, containers and claims of a namespace.");

FIELDS(scoped_resource_selector_requirement) = {
    FIELD(1, "scopeName", STRING, EXPECTED | ALWAYS, "Scope that it is about.",
          GO_TYPE("v1.ResourceQuotaScope")),
    FIELD(2, "operator", STRING, EXPECTED | ALWAYS, "In, NotIn, Exists or DoesNotExist.",
          GO_TYPE("v1.ScopeSelectorOperator")),
    LIST(3, "values", STRING, 0, "Values for In and NotIn; none else."),
};
TYPE(scoped_resource_selector_requirement, "ScopedResourceSelectorRequirement", CORE_V1,
     "One requirement on the objects that a quota counts.");

FIELDS(scope_selector) = {
    LIST(1, "matchExpressions", OBJECT(scoped_resource_selector_requirement), 0,
         "Requirements that must all hold."),
};
TYPE(scope_selector, "ScopeSelector", CORE_V1, "Which objects a quota counts.");

FIELDS(resource_quota_spec) = {
    MAP(1, "hard", QUANTITY, 0, "The most of each resource.", GO_TYPE("v1.ResourceList")),
    LIST(2, "scopes", STRING, 0, "Which objects are counted; all scopes must hold.",
         GO_TYPE("v1.ResourceQuotaScope")),
    FIELD(3, "scopeSelector", OBJECT(scope_selector), ATOMIC,
          "Which objects are counted, with values."),
};
TYPE(resource_quota_spec, "ResourceQuotaSpec", CORE_V1, "Bounds on the sum over a namespace.");

FIELDS(resource_quota_status) = {
    MAP(1, "hard", QUANTITY, 0, "The bounds in force.", GO_TYPE("v1.ResourceList")),
    MAP(2, "used", QUANTITY, 0, "What is used of each.", GO_TYPE("v1.ResourceList")),
};
TYPE(resource_quota_status, "ResourceQuotaStatus", CORE_V1, "How a quota stands.");

FIELDS(resource_quota) = {
    OBJECT_FIELDS,
    FIELD(2, "spec", OBJECT(resource_quota_spec), ALWAYS, "The bounds."),
    FIELD(3, "status", OBJECT(resource_quota_status), ALWAYS, "How it stands."),
};
TYPE(resource_quota, "ResourceQuota", CORE_V1, "Bounds on what a namespace uses altogether.");
