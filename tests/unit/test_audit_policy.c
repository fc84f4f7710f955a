/* Which rule of an audit policy decides, and what a policy must not say. */
#include "api/audit_policy.h"
#include "tests/harness/test.h"

static struct status status;
static struct audit_policy *policy;

static void read_rules(const char *rules)
{
    struct buffer text = {0};
    buffer_format(&text, "apiVersion: audit.k8s.io/v1\nkind: Policy\n%s", rules);
    status_init(&status);
    policy = audit_policy_read(buffer_slice(&text), &status);
    buffer_release(&text);
}

static void end(void)
{
    audit_policy_destroy(policy);
    status_release(&status);
}

static const char *const groups[] = {"a", "system:authenticated", NULL};
static const struct user jane = {.name = "jane", .uid = "", .groups = groups};

static enum audit_level level(const char *verb, const char *group, const char *resource,
                              const char *subresource, const char *namespace, const char *name)
{
    struct authz_attributes asked = {
        .user = &jane,
        .verb = verb,
        .is_resource = true,
        .path = "",
        .group = group,
        .resource = resource,
        .subresource = subresource,
        .namespace = slice_of(namespace),
        .name = slice_of(name),
    };
    return audit_policy_decide(policy, &asked).level;
}

static enum audit_level level_of_url(const char *path)
{
    struct authz_attributes asked = {.user = &jane, .verb = "get", .path = path};
    return audit_policy_decide(policy, &asked).level;
}

TEST("the first rule that fits decides, and none means nothing")
{
    read_rules("rules:\n"
               "- {level: None, verbs: [get]}\n"
               "- {level: Request, users: [jane], namespaces: [x]}\n"
               "- {level: Metadata, userGroups: [b, a], resources: [{group: '', resources: "
               "[pods]}]}\n");
    EXPECT_EQ(level("get", "", "pods", NULL, "x", "p"), AUDIT_NONE);
    EXPECT_EQ(level("create", "apps", "deployments", NULL, "x", ""), AUDIT_REQUEST);
    EXPECT_EQ(level("create", "", "pods", NULL, "y", ""), AUDIT_METADATA);
    EXPECT_EQ(level("create", "", "secrets", NULL, "y", ""), AUDIT_NONE);
    EXPECT_EQ(level_of_url("/version"), AUDIT_NONE);
    end();
}

TEST("resources are named whole, by their parts, and by names")
{
    read_rules("rules:\n"
               "- {level: Metadata, resources: [{group: '', resources: ['pods/log', '*/status', "
               "'nodes/*']}]}\n"
               "- {level: Request, resources: [{group: '*', resources: [secrets], resourceNames: "
               "[s]}, {group: apps}]}\n");
    EXPECT_EQ(level("get", "", "pods", NULL, "x", "p"), AUDIT_NONE);
    EXPECT_EQ(level("get", "", "pods", "log", "x", "p"), AUDIT_METADATA);
    EXPECT_EQ(level("get", "", "services", "status", "x", "p"), AUDIT_METADATA);
    EXPECT_EQ(level("get", "", "nodes", "proxy", "", "n"), AUDIT_METADATA);
    EXPECT_EQ(level("get", "", "nodes", NULL, "", "n"), AUDIT_METADATA);
    EXPECT_EQ(level("get", "", "secrets", NULL, "x", "s"), AUDIT_REQUEST);
    EXPECT_EQ(level("get", "", "secrets", NULL, "x", "t"), AUDIT_NONE);
    EXPECT_EQ(level("get", "apps", "anything", "of", "x", "t"), AUDIT_REQUEST);
    end();
}

TEST("paths end with a star or are meant whole")
{
    read_rules("rules:\n- {level: Metadata, nonResourceURLs: [/healthz, '/metrics*']}\n");
    EXPECT_EQ(level_of_url("/healthz"), AUDIT_METADATA);
    EXPECT_EQ(level_of_url("/healthz/x"), AUDIT_NONE);
    EXPECT_EQ(level_of_url("/metrics/slis"), AUDIT_METADATA);
    EXPECT_EQ(level("get", "", "pods", NULL, "", ""), AUDIT_NONE);
    end();
}

TEST("stages and managed fields that are left out: the policy's and the rule's")
{
    read_rules("omitStages: [RequestReceived]\nomitManagedFields: true\n"
               "rules:\n"
               "- {level: Metadata, verbs: [get], omitStages: [ResponseStarted]}\n"
               "- {level: Metadata, omitManagedFields: false}\n");
    struct authz_attributes asked = {.user = &jane, .verb = "get", .path = "/"};
    struct audit_decision decision = audit_policy_decide(policy, &asked);
    EXPECT_EQ(decision.omitted, AUDIT_RECEIVED | AUDIT_STARTED);
    EXPECT(decision.omits_managed_fields);
    asked.verb = "post";
    decision = audit_policy_decide(policy, &asked);
    EXPECT_EQ(decision.omitted, AUDIT_RECEIVED);
    EXPECT(!decision.omits_managed_fields);
    end();
}

static void expect_refused(const char *rules, const char *why)
{
    read_rules(rules);
    EXPECT(policy == NULL);
    if (!strstr(status.message, why))
        test_fail(__FILE__, __LINE__, "%s", status.message);
    end();
}

TEST("a policy that cannot be meant is refused")
{
    expect_refused("rules: []\n", "loaded illegal policy with 0 rules");
    expect_refused("rules: [{level: All}]\n", "rules[0].level: Unsupported value: \"All\"");
    expect_refused("rules: [{}]\n", "rules[0].level: Required value");
    expect_refused("rules: [{level: None, nonResourceURLs: [x]}]\n", "must begin with a '/'");
    expect_refused("rules: [{level: None, nonResourceURLs: ['/a*b']}]\n", "must be the final");
    expect_refused("rules: [{level: None, nonResourceURLs: [/a], namespaces: [b]}]\n",
                   "both regular resources and non-resource URLs");
    expect_refused("rules: [{level: None, resources: [{resourceNames: [a]}]}]\n",
                   "using resourceNames requires at least one resource");
    expect_refused("omitStages: [Never]\nrules: [{level: None}]\n", "allowed stages are");
    expect_refused("apiVersion: v1\nrules: [{level: None}]\n", "unknown group version field v1");
}

TEST("by default writes are told, and neither questions nor what nodes say all the time")
{
    policy = audit_policy_default();
    status_init(&status);
    EXPECT_EQ(level("create", "", "pods", NULL, "x", ""), AUDIT_METADATA);
    EXPECT_EQ(level("create", "", "serviceaccounts", "token", "x", "s"), AUDIT_METADATA);
    EXPECT_EQ(level("get", "", "secrets", NULL, "x", "s"), AUDIT_NONE);
    EXPECT_EQ(level("create", "", "events", NULL, "x", "s"), AUDIT_NONE);
    EXPECT_EQ(level("update", "coordination.k8s.io", "leases", NULL, "x", "s"), AUDIT_NONE);
    EXPECT_EQ(level("create", "authorization.k8s.io", "selfsubjectaccessreviews", NULL, "", ""),
              AUDIT_NONE);
    EXPECT(audit_policy_skips_components(policy));
    end();
}
