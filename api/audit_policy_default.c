/* The policy while nobody gives another: who changed what, without what it says. */
#include "api/audit_policy_private.h"

const char audit_policy_default_text[] =
    "apiVersion: audit.k8s.io/v1\n"
    "kind: Policy\n"
    "omitStages: [RequestReceived]\n"
    "rules:\n"
    /* What nodes tell all the time. */
    "- level: None\n"
    "  userGroups: ['system:nodes']\n"
    "  verbs: [update, patch]\n"
    "  resources:\n"
    "  - group: ''\n"
    "    resources: [nodes/status, pods/status]\n"
    "- level: None\n"
    "  resources:\n"
    "  - group: coordination.k8s.io\n"
    "    resources: [leases]\n"
    "  - group: ''\n"
    "    resources: [events]\n"
    "  - group: events.k8s.io\n"
    /* Questions that are asked by a POST. */
    "  - group: authentication.k8s.io\n"
    "  - group: authorization.k8s.io\n"
    "- level: Metadata\n"
    "  verbs: [create, update, patch, delete, deletecollection]\n"
    "- level: None\n";
