/* Pod Security by the labels of namespaces: what is refused, warned of and told to nobody. */
#include "api/pod_security.h"
#include "tests/harness/cluster.h"
#include "tests/harness/json_quotes.h"

#define PODS "/api/v1/namespaces/safe/pods"
#define NAMESPACE "/api/v1/namespaces/safe"

static void make_namespace(struct cluster *c, const char *labels)
{
    cluster_request(
        c, "POST", "/api/v1/namespaces",
        arena_format(&c->arena, "{\"metadata\":{\"name\":\"safe\",\"labels\":{%s}}}", labels));
    int code = c->code;
    const char *reply = c->reply;
    struct json *object = c->object;
    cluster_request(c, "POST", "/api/v1/namespaces/safe/serviceaccounts",
                    "{\"metadata\":{\"name\":\"default\"}}");
    c->code = code;
    c->reply = reply;
    c->object = object;
}
static int label(struct cluster *c, const char *labels)
{
    return cluster_request_as(c, NULL, "PATCH", NAMESPACE, "application/merge-patch+json", NULL,
                              arena_format(&c->arena, "{\"metadata\":{\"labels\":{%s}}}", labels));
}
static int make_pod(struct cluster *c, const char *name, const char *spec)
{
    return cluster_request(
        c, "POST", PODS,
        arena_format(&c->arena,
                     "{\"metadata\":{\"name\":\"%s\"},\"spec\":{%s\"containers\":[{\"name\":\"c\","
                     "\"image\":\"i\"}]}}",
                     name, spec));
}
static const char *message(struct cluster *c)
{
    return cluster_text(c, "message");
}
#define ENFORCE "\"pod-security.kubernetes.io/enforce\":"
#define WARN "\"pod-security.kubernetes.io/warn\":"
#define VERSION "\"pod-security.kubernetes.io/enforce-version\":"

/* --- Levels --- */

TEST("a restricted namespace refuses a pod that promises nothing, in upstream's words")
{
    struct cluster *c = cluster_start();
    make_namespace(c, ENFORCE "\"restricted\"");
    EXPECT_CODE(c, 201);
    make_pod(c, "web", "");
    EXPECT_CODE(c, 403);
    EXPECT_TEXT(message(c),
                "pods \"web\" is forbidden: violates PodSecurity \"restricted:latest\": "
                "allowPrivilegeEscalation != false (container \"c\" must set "
                "securityContext.allowPrivilegeEscalation=false), unrestricted capabilities "
                "(container \"c\" must set securityContext.capabilities.drop=[\"ALL\"]), "
                "runAsNonRoot != true (pod or container \"c\" must set "
                "securityContext.runAsNonRoot=true), seccompProfile (pod or container \"c\" must "
                "set securityContext.seccompProfile.type to \"RuntimeDefault\" or \"Localhost\")");
    cluster_request(
        c, "POST", PODS,
        "{\"metadata\":{\"name\":\"good\"},\"spec\":{\"securityContext\":"
        "{\"runAsNonRoot\":true,\"seccompProfile\":{\"type\":\"RuntimeDefault\"}},"
        "\"containers\":[{\"name\":\"c\",\"image\":\"i\",\"securityContext\":"
        "{\"allowPrivilegeEscalation\":false,\"capabilities\":{\"drop\":[\"ALL\"]}}}]}}");
    EXPECT_CODE(c, 201);
    cluster_stop(c);
}

TEST("a baseline namespace refuses the host's own, and nothing else")
{
    struct cluster *c = cluster_start();
    make_namespace(c, ENFORCE "\"baseline\"," VERSION "\"v1.30\"");
    make_pod(c, "web", "");
    EXPECT_CODE(c, 201);
    make_pod(c, "host", "\"hostPID\":true,\"hostNetwork\":true,");
    EXPECT_CODE(c, 403);
    EXPECT_TEXT(message(c), "pods \"host\" is forbidden: violates PodSecurity \"baseline:v1.30\": "
                            "host namespaces (hostNetwork=true, hostPID=true)");
    cluster_stop(c);
}

TEST("a namespace without labels, and one that is privileged, takes every pod")
{
    struct cluster *c = cluster_start();
    make_namespace(c, "");
    make_pod(c, "host", "\"hostPID\":true,");
    EXPECT_CODE(c, 201);
    label(c, ENFORCE "\"privileged\"");
    make_pod(c, "host2", "\"hostPID\":true,");
    EXPECT_CODE(c, 201);
    cluster_stop(c);
}

/* --- Labels --- */

TEST("labels that mean nothing are refused, unless they were there already")
{
    struct cluster *c = cluster_start();
    make_namespace(c, ENFORCE "\"strict\"," VERSION "\"1.35\"");
    EXPECT_CODE(c, 422);
    EXPECT_TEXT(message(c),
                "Namespace \"safe\" is invalid: "
                "[metadata.labels[pod-security.kubernetes.io/enforce]: Invalid value: \"strict\": "
                "must be one of privileged, baseline, restricted, "
                "metadata.labels[pod-security.kubernetes.io/enforce-version]: Invalid value: "
                "\"1.35\": must be \"latest\" or \"v1.x\"]");
    make_namespace(c, "");
    label(c, ENFORCE "\"strict\"");
    EXPECT_CODE(c, 422);
    static const char *const versions[] = {"v1.035", "v1.", "v2.1", "v1.x", "v1.-1", "Latest"};
    for (size_t i = 0; i < ARRAY_SIZE(versions); i++) {
        label(c, arena_format(&c->arena, VERSION "\"%s\"", versions[i]));
        EXPECT_CODE(c, 422);
    }
    label(c, VERSION "\"v1.0\"");
    EXPECT_CODE(c, 200);
    cluster_stop(c);
}

/* --- Warnings --- */

TEST("what a namespace warns of is made all the same, and enforcing warns of templates too")
{
    struct cluster *c = cluster_start();
    make_namespace(c, WARN "\"baseline\"");
    make_pod(c, "host", "\"hostPID\":true,");
    EXPECT_CODE(c, 201);
    EXPECT_TEXT(c->warnings, "299 - \"would violate PodSecurity \\\"baseline:latest\\\": host "
                             "namespaces (hostPID=true)\"\n");
    label(c, ENFORCE "\"baseline\"," WARN "null");
    cluster_request(c, "POST", "/api/v1/namespaces/safe/podtemplates",
                    "{\"metadata\":{\"name\":\"t\"},\"template\":{\"spec\":{\"hostPID\":true,"
                    "\"containers\":[{\"name\":\"c\",\"image\":\"i\"}]}}}");
    EXPECT_CODE(c, 201);
    EXPECT(strstr(c->warnings, "would violate PodSecurity") != NULL);
    cluster_stop(c);
}

TEST("a namespace that becomes stricter hears which of its pods violate it, alike ones together")
{
    struct cluster *c = cluster_start();
    make_namespace(c, "");
    make_pod(c, "c", "\"hostPID\":true,");
    make_pod(c, "b", "\"hostPID\":true,");
    make_pod(c, "a", "\"hostIPC\":true,\"hostPID\":true,");
    make_pod(c, "d", "\"volumes\":[{\"name\":\"v\",\"hostPath\":{\"path\":\"/\"}}],");
    make_pod(c, "e", "");
    label(c, ENFORCE "\"baseline\"");
    EXPECT_CODE(c, 200);
    EXPECT_TEXT(c->warnings,
                "299 - \"existing pods in namespace \\\"safe\\\" violate the new PodSecurity "
                "enforce level \\\"baseline:latest\\\"\"\n"
                "299 - \"a (and 2 other pods): host namespaces\"\n"
                "299 - \"d: hostPath volumes\"\n");
    label(c, ENFORCE "\"baseline\",\"other\":\"label\"");
    EXPECT_TEXT(c->warnings, "");
    label(c, ENFORCE "\"privileged\"");
    EXPECT_TEXT(c->warnings, "");
    cluster_stop(c);
}

/* --- Updates and other ways in --- */

TEST("an update is looked at when an image changes, a debugging container when it is added")
{
    struct cluster *c = cluster_start();
    make_namespace(c, "");
    make_pod(c, "web", "");
    EXPECT_CODE(c, 201);
    label(c, ENFORCE "\"restricted\"");
    cluster_request_as(c, NULL, "PATCH", PODS "/web", "application/merge-patch+json", NULL,
                       "{\"metadata\":{\"labels\":{\"a\":\"b\"}}}");
    EXPECT_CODE(c, 200);
    cluster_request_as(c, NULL, "PATCH", PODS "/web", "application/strategic-merge-patch+json",
                       NULL, "{\"spec\":{\"containers\":[{\"name\":\"c\",\"image\":\"j\"}]}}");
    EXPECT_CODE(c, 403);
    cluster_request_as(c, NULL, "PATCH", PODS "/web/ephemeralcontainers",
                       "application/strategic-merge-patch+json", NULL,
                       "{\"spec\":{\"ephemeralContainers\":[{\"name\":\"d\",\"image\":\"i\"}]}}");
    EXPECT_CODE(c, 403);
    cluster_stop(c);
}

/* --- The checks and their versions --- */

static const char *details(struct arena *arena, enum security_level level, int32_t minor,
                           const char *quotes)
{
    struct security_verdict verdict;
    const struct json *pod = json_quotes_read(arena, quotes);
    security_evaluate(arena, (struct security_standard){level, minor}, pod, &verdict);
    return verdict.details;
}
TEST("checks come, are relaxed and give way with the versions of the standards")
{
    struct arena a;
    arena_init(&a);
    static const char sysctl[] =
        "{'spec':{'securityContext':{'sysctls':[{'name':'net.ipv4.tcp_rmem'},{'name':'x'}]}}}";
    EXPECT_TEXT(details(&a, SECURITY_BASELINE, 31, sysctl),
                "forbidden sysctls (net.ipv4.tcp_rmem, x)");
    EXPECT_TEXT(details(&a, SECURITY_BASELINE, 32, sysctl), "forbidden sysctls (x)");
    static const char proc[] = "{'spec':{'hostUsers':false,'containers':[{'name':'c',"
                               "'securityContext':{'procMount':'Unmasked'}}]}}";
    EXPECT_TEXT(details(&a, SECURITY_BASELINE, 34, proc),
                "procMount (container \"c\" must not set securityContext.procMount to "
                "\"Unmasked\")");
    EXPECT_TEXT(details(&a, SECURITY_BASELINE, SECURITY_LATEST, proc), "");
    static const char probe[] = "{'spec':{'containers':[{'name':'c','livenessProbe':{'httpGet':"
                                "{'host':'h'}},'lifecycle':{'preStop':{'tcpSocket':{'host':"
                                "'g'}}}}]}}";
    EXPECT_TEXT(details(&a, SECURITY_BASELINE, 33, probe), "");
    EXPECT_TEXT(details(&a, SECURITY_BASELINE, 34, probe),
                "probe or lifecycle host (container \"c\" uses probe or lifecycle hosts \"g\", "
                "\"h\")");
    static const char root[] = "{'spec':{'hostUsers':false,'securityContext':{'runAsUser':0}}}";
    EXPECT_TEXT(details(&a, SECURITY_RESTRICTED, 22, root), "");
    EXPECT_TEXT(details(&a, SECURITY_RESTRICTED, 23, root),
                "runAsUser=0 (pod must not set runAsUser=0)");
    EXPECT_TEXT(details(&a, SECURITY_RESTRICTED, 35, root), "");
    arena_release(&a);
}
TEST("what is found is told once each, in order, of all kinds of containers")
{
    struct arena a;
    arena_init(&a);
    EXPECT_TEXT(
        details(&a, SECURITY_BASELINE, SECURITY_LATEST,
                "{'metadata':{'annotations':{'container.apparmor.security.beta.kubernetes.io/c':"
                "'unconfined'}},'spec':{'securityContext':{'appArmorProfile':{'type':"
                "'Unconfined'},'seLinuxOptions':{'type':'t','user':'u','role':'r'}},"
                "'initContainers':[{'name':'i','securityContext':{'privileged':true,"
                "'capabilities':{'add':['NET_RAW','CHOWN']}}}],'containers':[{'name':'c','ports':"
                "[{'hostPort':81},{'hostPort':9}],'securityContext':{'seccompProfile':{'type':"
                "'Unconfined'}}}],'ephemeralContainers':[{'name':'e','securityContext':"
                "{'privileged':true}}],'volumes':[{'name':'v','hostPath':{}}]}}"),
        "forbidden AppArmor profiles (pod and annotation must not set AppArmor profile type to "
        "\"Unconfined\", \"container.apparmor.security.beta.kubernetes.io/c=\"unconfined\"\"), "
        "non-default capabilities (container \"i\" must not include \"NET_RAW\" in "
        "securityContext.capabilities.add), hostPath volumes (volume \"v\"), hostPort (container "
        "\"c\" uses hostPorts 81, 9), privileged (containers \"i\", \"e\" must not set "
        "securityContext.privileged=true), seLinuxOptions (pod set forbidden "
        "securityContext.seLinuxOptions: type \"t\"; user may not be set; role may not be set), "
        "seccompProfile (container \"c\" must not set securityContext.seccompProfile.type to "
        "\"Unconfined\")");
    EXPECT_TEXT(details(&a, SECURITY_BASELINE, 18,
                        "{'metadata':{'annotations':{'seccomp.security.alpha.kubernetes.io/pod':"
                        "'unconfined'}},'spec':{}}"),
                "seccompProfile (forbidden annotation "
                "seccomp.security.alpha.kubernetes.io/pod=\"unconfined\")");
    EXPECT_TEXT(details(&a, SECURITY_RESTRICTED, 7,
                        "{'spec':{'volumes':[{'name':'v','nfs':{}},{'name':'w','hostPath':{}}]}}"),
                "restricted volume types (volumes \"v\", \"w\" use restricted volume types "
                "\"hostPath\", \"nfs\")");
    arena_release(&a);
}
