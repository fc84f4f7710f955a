/* Pods: defaults, refusals with upstream's texts, what may change, columns. */
#include <stdio.h>

#include "core/kinds/meta.h"
#include "tests/unit/kind_fixture.h"

extern const struct kind kind_pod;

#define POD(spec) "{'apiVersion':'v1','kind':'Pod','metadata':{'name':'web'},'spec':{" spec "}}"
#define CONTAINER "{'name':'c','image':'nginx:1.29'}"
#define ONE "'containers':[" CONTAINER "]"
#define WITH(members) "'containers':[{'name':'c','image':'nginx:1.29'," members "}]"

static struct kind_fixture f;
static void begin(void)
{
    kind_fixture_release(&f);
    kind_fixture_init(&f, &kind_pod);
}
static const char *refusal(const char *pod)
{
    begin();
    return kind_create_error(&f, pod);
}

/* --- Defaults --- */

TEST("a pod of one container gets upstream's defaults, and nothing else")
{
    begin();
    struct json *pod = kind_create(&f, POD("'containers':[{'name':'c','image':'nginx'}]"));
    meta_remove(pod, "uid");
    EXPECT_TEXT(kind_show(&f, pod, "spec"),
                "{'containers':[{'name':'c','image':'nginx','resources':{},"
                "'terminationMessagePath':'/dev/termination-log',"
                "'terminationMessagePolicy':'File','imagePullPolicy':'Always'}],"
                "'restartPolicy':'Always','terminationGracePeriodSeconds':30,"
                "'dnsPolicy':'ClusterFirst','securityContext':{},"
                "'schedulerName':'default-scheduler','enableServiceLinks':true}");
    EXPECT_TEXT(kind_show(&f, pod, "status"), "{'phase':'Pending','qosClass':'BestEffort'}");
    EXPECT_TEXT(kind_show(&f, pod, "metadata"),
                "{'name':'web','namespace':'default','creationTimestamp':'2026-01-02T03:04:05Z',"
                "'generation':1,'resourceVersion':'1'}");
}

static const char *pull_policy(const char *image)
{
    char text[256];
    begin();
    snprintf(text, sizeof text, POD("'containers':[{'name':'c','image':'%s'}]"), image);
    return json_text(json_get(json_item(json_at(kind_create(&f, text), "spec.containers"), 0),
                              "imagePullPolicy"));
}
TEST("an image without a tag, or of tag latest, is pulled always")
{
    EXPECT_TEXT(pull_policy("nginx"), "Always");
    EXPECT_TEXT(pull_policy("nginx:latest"), "Always");
    EXPECT_TEXT(pull_policy("localhost:5000/nginx"), "Always");
    EXPECT_TEXT(pull_policy("localhost:5000/nginx:1"), "IfNotPresent");
    EXPECT_TEXT(pull_policy("nginx@sha256:abc"), "IfNotPresent");
    EXPECT_TEXT(pull_policy("nginx:latest@sha256:abc"), "Always");
}

TEST("a limit without a request is a request too, and sub-thousandths are rounded up")
{
    begin();
    struct json *pod = kind_create(
        &f,
        POD(WITH("'resources':{'limits':{'cpu':'0.5','memory':'1Gi'},'requests':{'cpu':'100u'}}")));
    EXPECT_TEXT(kind_show(&f, json_item(json_at(pod, "spec.containers"), 0), "resources"),
                "{'limits':{'cpu':'500m','memory':'1Gi'},'requests':{'cpu':'1m','memory':'1Gi'}}");
    EXPECT_TEXT(kind_show(&f, pod, "status.qosClass"), "'Burstable'");
}

TEST("equal requests and limits of cpu and memory make a pod Guaranteed")
{
    begin();
    EXPECT_TEXT(
        kind_show(&f, kind_create(&f, POD(WITH("'resources':{'limits':{'cpu':1,'memory':'1Gi'}}"))),
                  "status.qosClass"),
        "'Guaranteed'");
    EXPECT_TEXT(kind_show(&f, kind_create(&f, POD(WITH("'resources':{'limits':{'cpu':1}}"))),
                          "status.qosClass"),
                "'Burstable'");
}

TEST("a volume without a source is an empty folder; a Secret's files are readable")
{
    begin();
    struct json *pod = kind_create(
        &f, POD("'volumes':[{'name':'a'},{'name':'b','secret':{'secretName':'s'}}]," ONE));
    EXPECT_TEXT(kind_show(&f, pod, "spec.volumes"),
                "[{'name':'a','emptyDir':{}},{'name':'b','secret':{'secretName':'s',"
                "'defaultMode':420}}]");
}

TEST("probes get their numbers, also where they are 0")
{
    begin();
    struct json *pod =
        kind_create(&f, POD(WITH("'livenessProbe':{'httpGet':{'port':80},'timeoutSeconds':0}")));
    EXPECT_TEXT(kind_show(&f, json_item(json_at(pod, "spec.containers"), 0), "livenessProbe"),
                "{'httpGet':{'port':80,'path':'/','scheme':'HTTP'},'timeoutSeconds':1,"
                "'periodSeconds':10,'successThreshold':1,'failureThreshold':3}");
}

TEST("on the node's network a container's port is the node's")
{
    begin();
    struct json *pod =
        kind_create(&f, POD("'hostNetwork':true," WITH("'ports':[{'containerPort':80}]")));
    EXPECT_TEXT(kind_show(&f, json_item(json_at(pod, "spec.containers"), 0), "ports"),
                "[{'containerPort':80,'protocol':'TCP','hostPort':80}]");
}

TEST("serviceAccount and serviceAccountName are kept equal")
{
    begin();
    struct json *pod = kind_create(&f, POD("'serviceAccount':'a'," ONE));
    EXPECT_TEXT(kind_show(&f, pod, "spec.serviceAccountName"), "'a'");
    pod = kind_create(&f, POD("'serviceAccountName':'b','serviceAccount':'a'," ONE));
    EXPECT_TEXT(kind_show(&f, pod, "spec.serviceAccount"), "'b'");
}

TEST("a gated pod says so from the beginning")
{
    begin();
    struct json *pod =
        kind_create(&f, POD("'schedulingGates':[{'name':'example.com/quota'}]," ONE));
    EXPECT_TEXT(kind_show(&f, pod, "status.conditions"),
                "[{'type':'PodScheduled','status':'False','reason':'SchedulingGated',"
                "'message':'Scheduling is blocked due to non-empty scheduling gates'}]");
}

TEST("matchLabelKeys are merged into the selector with the pod's own values")
{
    begin();
    struct json *pod = kind_create(
        &f, "{'metadata':{'name':'web','labels':{'app':'a'}},'spec':{'containers':[" CONTAINER "],"
            "'topologySpreadConstraints':[{'maxSkew':1,'topologyKey':'zone',"
            "'whenUnsatisfiable':'DoNotSchedule','labelSelector':{},'matchLabelKeys':['app']}]}}");
    EXPECT_TEXT(kind_show(&f, json_item(json_at(pod, "spec.topologySpreadConstraints"), 0),
                          "labelSelector"),
                "{'matchExpressions':[{'key':'app','operator':'In','values':['a']}]}");
}

/* --- Refusals --- */

TEST("what a pod lacks is told")
{
    EXPECT_TEXT(refusal(POD("")), "spec.containers: Required value");
    EXPECT_TEXT(refusal(POD("'containers':[]")), "spec.containers: Required value");
    EXPECT_TEXT(refusal(POD("'containers':[{'name':'c'}]")),
                "spec.containers[0].image: Required value");
    EXPECT_TEXT(refusal(POD("'containers':[{'image':'i'}]")),
                "spec.containers[0].name: Required value");
}

TEST("names of containers are labels, and unique among all lists")
{
    EXPECT_TEXT(refusal(POD("'containers':[{'name':'C','image':'i'}]")),
                "spec.containers[0].name: Invalid value: \"C\": a lowercase RFC 1123 label must "
                "consist of lower case alphanumeric characters or '-', and must start and end with "
                "an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for "
                "validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?')");
    EXPECT_TEXT(refusal(POD("'containers':[" CONTAINER "," CONTAINER "]")),
                "spec.containers[1].name: Duplicate value: \"c\"");
    EXPECT_TEXT(refusal(POD("'containers':[" CONTAINER "],'initContainers':[" CONTAINER "]")),
                "spec.initContainers[0].name: Duplicate value: \"c\"");
}

TEST("one of a few is told with the few")
{
    EXPECT_TEXT(refusal(POD("'restartPolicy':'Sometimes'," ONE)),
                "spec.restartPolicy: Unsupported value: \"Sometimes\": supported values: "
                "\"Always\", \"OnFailure\", \"Never\"");
    EXPECT_TEXT(refusal(POD(WITH("'imagePullPolicy':'Perhaps'"))),
                "spec.containers[0].imagePullPolicy: Unsupported value: \"Perhaps\": supported "
                "values: \"Always\", \"IfNotPresent\", \"Never\"");
    EXPECT_TEXT(refusal(POD(WITH("'ports':[{'containerPort':1,'protocol':'ICMP'}]"))),
                "spec.containers[0].ports[0].protocol: Unsupported value: \"ICMP\": supported "
                "values: \"SCTP\", \"TCP\", \"UDP\"");
}

TEST("requests do not exceed limits, and extended resources are whole and equal")
{
    EXPECT_TEXT(refusal(POD(WITH("'resources':{'requests':{'cpu':2},'limits':{'cpu':1}}"))),
                "spec.containers[0].resources.requests: Invalid value: \"2\": must be less than or "
                "equal to cpu limit of 1");
    EXPECT_TEXT(
        refusal(POD(WITH("'resources':{'requests':{'cpu':'-1'}}"))),
        "spec.containers[0].resources.requests[cpu]: Invalid value: \"-1\": must be greater "
        "than or equal to 0");
    EXPECT_TEXT(refusal(POD(WITH("'resources':{'requests':{'nvidia.com/gpu':1}}"))),
                "spec.containers[0].resources.limits: Required value: Limit must be set for non "
                "overcommitable resources");
    EXPECT_TEXT(refusal(POD(WITH("'resources':{'limits':{'nvidia.com/gpu':'500m'}}"))),
                "[spec.containers[0].resources.limits[nvidia.com/gpu]: Invalid value: \"500m\": "
                "must be an integer, "
                "spec.containers[0].resources.requests[nvidia.com/gpu]: Invalid value: \"500m\": "
                "must be an integer]");
    EXPECT_TEXT(refusal(POD(WITH("'resources':{'limits':{'nvidia.com/gpu':2},"
                                 "'requests':{'nvidia.com/gpu':1}}"))),
                "spec.containers[0].resources.requests: Invalid value: \"1\": must be equal to "
                "nvidia.com/gpu limit of 2");
    EXPECT_TEXT(refusal(POD(WITH("'resources':{'limits':{'gpu':1}}"))),
                "[spec.containers[0].resources.limits[gpu]: Invalid value: \"gpu\": must be a "
                "standard resource type or fully qualified, "
                "spec.containers[0].resources.limits[gpu]: Invalid value: \"gpu\": must be a "
                "standard resource for containers, "
                "spec.containers[0].resources.requests[gpu]: Invalid value: \"gpu\": must be a "
                "standard resource type or fully qualified, "
                "spec.containers[0].resources.requests[gpu]: Invalid value: \"gpu\": must be a "
                "standard resource for containers]");
}

TEST("ports are numbers, names are unique, host ports too")
{
    EXPECT_TEXT(
        refusal(POD(WITH("'ports':[{'containerPort':65536}]"))),
        "spec.containers[0].ports[0].containerPort: Invalid value: 65536: must be between 1 "
        "and 65535, inclusive");
    EXPECT_TEXT(refusal(POD(WITH("'ports':[{'name':'a'}]"))),
                "spec.containers[0].ports[0].containerPort: Required value");
    EXPECT_TEXT(refusal(POD(WITH("'ports':[{'containerPort':1,'hostPort':80},"
                                 "{'containerPort':2,'hostPort':80}]"))),
                "spec.containers[0].ports[1].hostPort: Duplicate value: \"TCP//80\"");
}

TEST("a mount needs its volume, a path of its own, and stays inside")
{
    EXPECT_TEXT(refusal(POD(WITH("'volumeMounts':[{'name':'v','mountPath':'/a'}]"))),
                "spec.containers[0].volumeMounts[0].name: Not found: \"v\"");
    EXPECT_TEXT(
        refusal(
            POD("'volumes':[{'name':'v'}]," WITH("'volumeMounts':[{'name':'v','mountPath':'/a'},"
                                                 "{'name':'v','mountPath':'/a'}]"))),
        "spec.containers[0].volumeMounts[1].mountPath: Invalid value: \"/a\": must be unique");
    EXPECT_TEXT(
        refusal(POD("'volumes':[{'name':'v'}]," WITH(
            "'volumeMounts':[{'name':'v','mountPath':'/a','subPath':'../b'}]"))),
        "spec.containers[0].volumeMounts.subPath: Invalid value: \"../b\": must not contain "
        "'..'");
}

TEST("a volume has one source, and a name of its own")
{
    EXPECT_TEXT(
        refusal(POD("'volumes':[{'name':'v','emptyDir':{},'hostPath':{'path':'/a'}}]," ONE)),
        "spec.volumes[0].hostPath: Forbidden: may not specify more than 1 volume type");
    EXPECT_TEXT(refusal(POD("'volumes':[{'name':'v'},{'name':'v'}]," ONE)),
                "spec.volumes[1].name: Duplicate value: \"v\"");
    EXPECT_TEXT(
        refusal(POD("'volumes':[{'name':'v','hostPath':{'path':'/a','type':'Pipe'}}]," ONE)),
        "spec.volumes[0].hostPath.type: Unsupported value: \"Pipe\": supported values: \"\", "
        "\"BlockDevice\", \"CharDevice\", \"Directory\", \"DirectoryOrCreate\", \"File\", "
        "\"FileOrCreate\", \"Socket\"");
    EXPECT_TEXT(refusal(POD("'volumes':[{'name':'v','secret':{}}]," ONE)),
                "spec.volumes[0].secret.secretName: Required value");
}

TEST("a variable has a name and one source")
{
    EXPECT_TEXT(refusal(POD(WITH("'env':[{'value':'1'}]"))),
                "spec.containers[0].env[0].name: Required value");
    EXPECT_TEXT(
        refusal(POD(WITH("'env':[{'name':'A','value':'1','valueFrom':"
                         "{'fieldRef':{'fieldPath':'metadata.name'}}}]"))),
        "spec.containers[0].env[0].valueFrom: Invalid value: \"\": may not be specified when "
        "`value` is not empty");
    EXPECT_TEXT(refusal(POD(WITH("'env':[{'name':'A','valueFrom':"
                                 "{'fieldRef':{'fieldPath':'spec.nope'}}}]"))),
                "spec.containers[0].env[0].valueFrom.fieldRef.fieldPath: Invalid value: "
                "\"spec.nope\": error converting fieldPath: field label not supported: spec.nope");
}

TEST("a probe has one handler")
{
    EXPECT_TEXT(refusal(POD(WITH("'livenessProbe':{}"))),
                "spec.containers[0].livenessProbe: Required value: must specify a handler type");
    EXPECT_TEXT(
        refusal(POD(WITH("'livenessProbe':{'exec':{'command':['a']},'tcpSocket':{'port':1}}"))),
        "spec.containers[0].livenessProbe.tcpSocket: Forbidden: may not specify more than 1 "
        "handler type");
    EXPECT_TEXT(refusal(POD(WITH("'livenessProbe':{'tcpSocket':{'port':1},'successThreshold':2}"))),
                "spec.containers[0].livenessProbe.successThreshold: Invalid value: 2: must be 1");
}

TEST("tolerations and affinity are checked")
{
    EXPECT_TEXT(
        refusal(POD("'tolerations':[{'operator':'Equal'}]," ONE)),
        "spec.tolerations[0].operator: Invalid value: \"Equal\": operator must be Exists when "
        "`key` is empty, which means \"match all values and all keys\"");
    EXPECT_TEXT(refusal(POD("'tolerations':[{'key':'a','operator':'Like'}]," ONE)),
                "spec.tolerations[0].operator: Unsupported value: \"Like\": supported values: "
                "\"Equal\", \"Exists\"");
    EXPECT_TEXT(refusal(POD("'affinity':{'nodeAffinity':{"
                            "'requiredDuringSchedulingIgnoredDuringExecution':"
                            "{'nodeSelectorTerms':[]}}}," ONE)),
                "spec.affinity.nodeAffinity.requiredDuringSchedulingIgnoredDuringExecution."
                "nodeSelectorTerms: Required value: must have at least one node selector term");
    EXPECT_TEXT(
        refusal(POD("'affinity':{'podAffinity':{"
                    "'requiredDuringSchedulingIgnoredDuringExecution':[{'topologyKey':'a',"
                    "'labelSelector':{'matchExpressions':[{'key':'k','operator':'In'}]}}]}}," ONE)),
        "spec.affinity.podAffinity.requiredDuringSchedulingIgnoredDuringExecution[0]."
        "labelSelector.matchExpressions[0].values: Required value: must be specified when "
        "`operator` is 'In' or 'NotIn'");
}

TEST("a pod with a node has no gates, and no containers for debugging at its birth")
{
    EXPECT_TEXT(refusal(POD("'nodeName':'n','schedulingGates':[{'name':'a'}]," ONE)),
                "spec.nodeName: Forbidden: cannot be set until all schedulingGates have been "
                "cleared");
    EXPECT_TEXT(refusal(POD("'ephemeralContainers':[{'name':'d','image':'i'}]," ONE)),
                "spec.ephemeralContainers: Forbidden: cannot be set on create");
}

TEST("a list of a hundred thousand doubles is looked through in a moment")
{
    begin();
    struct json *pod = kind_read(&f, POD("'containers':[" CONTAINER "]"));
    struct json *container = json_item(json_at(pod, "spec.containers"), 0);
    struct json *ports = json_set(&f.arena, container, "ports", json_new_array(&f.arena));
    for (int i = 0; i < 100000; i++) {
        struct json *port = json_new_object(&f.arena);
        json_set_int(&f.arena, port, "containerPort", 80);
        json_set_int(&f.arena, port, "hostPort", 1 + i % 65535);
        json_set_text(&f.arena, port, "hostIP", i < 65535 ? "" : "10.0.0.1");
        json_append(ports, port);
    }
    struct json *result;
    struct json *old = kind_create(&f, POD("'containers':[" CONTAINER "]"));
    EXPECT(kind_change_error(&f, old, pod, NULL, &result)[0] != '\0');
}

/* --- Updates --- */

static struct json *stored;
static const char *update(const char *path, const char *value, const char *subresource)
{
    struct json *copy = json_copy(&f.arena, stored);
    char *parent = arena_copy_text(&f.arena, path);
    char *name = strrchr(parent, '.');
    *name++ = '\0';
    json_set(&f.arena, json_at(copy, parent), name, kind_read(&f, value));
    return kind_change_error(&f, stored, copy, subresource, NULL);
}

TEST("of a stored pod little may change, and the rest is told in one sentence")
{
    static const char sentence[] =
        "spec: Forbidden: pod updates may not change fields other than "
        "`spec.containers[*].image`,`spec.initContainers[*].image`,`spec.activeDeadlineSeconds`,"
        "`spec.tolerations` (only additions to existing tolerations),"
        "`spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it was previously "
        "negative)\n";
    begin();
    stored = kind_create(&f, POD(WITH("'resources':{'requests':{'cpu':1}}")));
    EXPECT(strncmp(update("spec.hostname", "'a'", NULL), sentence, sizeof sentence - 1) == 0);
    EXPECT(strncmp(update("spec.nodeName", "'n'", NULL), sentence, sizeof sentence - 1) == 0);
    EXPECT_TEXT(update("spec.activeDeadlineSeconds", "5", NULL), "");
    EXPECT_TEXT(update("spec.tolerations", "[{'key':'a','operator':'Exists'}]", NULL), "");
    EXPECT_TEXT(update("spec.containers",
                       "[{'name':'c','image':'other','imagePullPolicy':'IfNotPresent',"
                       "'resources':{'requests':{'cpu':1}}}]",
                       NULL),
                "");
    EXPECT_TEXT(update("spec.containers", "[" CONTAINER ",{'name':'d','image':'i'}]", NULL),
                "spec.containers: Forbidden: pod updates may not add or remove containers");
    EXPECT_TEXT(update("metadata.labels", "{'a':'b'}", NULL), "");
}

TEST("gates may be taken away, not added, and a gated pod may be directed")
{
    begin();
    stored = kind_create(&f, POD("'schedulingGates':[{'name':'a'}],'nodeSelector':{'x':'1'}," ONE));
    EXPECT_TEXT(update("spec.schedulingGates", "[{'name':'a'},{'name':'b'}]", NULL),
                "spec.schedulingGates[1].name: Forbidden: only deletion is allowed, but found new "
                "scheduling gate 'b'");
    EXPECT_TEXT(update("spec.schedulingGates", "[]", NULL), "");
    EXPECT_TEXT(update("spec.nodeSelector", "{'x':'1','y':'2'}", NULL), "");
    EXPECT_TEXT(update("spec.nodeSelector", "{'y':'2'}", NULL),
                "spec.nodeSelector: Invalid value: {\"y\":\"2\"}: only additions to "
                "spec.nodeSelector are allowed (no mutations or deletions)");
}

TEST("a status write keeps the spec, and the QoS class is nobody's to change")
{
    struct json *result;
    begin();
    stored = kind_create(&f, POD(ONE));
    EXPECT_TEXT(kind_update_error(&f, stored,
                                  "{'metadata':{'name':'web'},'spec':{'containers':[]},"
                                  "'status':{'phase':'Running'}}",
                                  "status", &result),
                "");
    EXPECT_TEXT(kind_show(&f, result, "status"), "{'phase':'Running','qosClass':'BestEffort'}");
    EXPECT_TEXT(kind_show(&f, json_item(json_at(result, "spec.containers"), 0), "name"), "'c'");
    EXPECT_TEXT(kind_update_error(&f, stored,
                                  "{'metadata':{'name':'web'},'status':{'qosClass':'Guaranteed'}}",
                                  "status", NULL),
                "status.qosClass: Invalid value: \"Guaranteed\": field is immutable");
}

TEST("a container that ended for good stays ended")
{
    begin();
    struct json *pod = kind_create(&f, POD("'restartPolicy':'Never'," ONE));
    EXPECT_TEXT(kind_update_error(&f, pod,
                                  "{'metadata':{'name':'web'},'status':{'containerStatuses':"
                                  "[{'name':'c','state':{'terminated':{'exitCode':1}}}]}}",
                                  "status", &stored),
                "");
    EXPECT_TEXT(kind_update_error(&f, stored,
                                  "{'metadata':{'name':'web'},'status':{'containerStatuses':"
                                  "[{'name':'c','state':{'running':{}}}]}}",
                                  "status", NULL),
                "status.containerStatuses[0].state: Forbidden: may not be transitioned to "
                "non-terminated state");
}

/* --- Resize --- */

#define RESIZE(resources) POD(WITH("'resources':" resources))
TEST("a resize changes cpu and memory, and nothing that would change the QoS class")
{
    struct json *result;
    begin();
    stored = kind_create(&f, RESIZE("{'requests':{'cpu':'500m'},'limits':{'cpu':1}}"));
    EXPECT_TEXT(kind_update_error(&f, stored,
                                  "{'metadata':{'name':'web','labels':{'a':'b'}},'spec':{"
                                  "'containers':[{'name':'c','image':'other','resources':"
                                  "{'requests':{'cpu':'800m'},'limits':{'cpu':1}}}]}}",
                                  "resize", &result),
                "");
    EXPECT_TEXT(kind_show(&f, json_item(json_at(result, "spec.containers"), 0), "image"),
                "'nginx:1.29'");
    EXPECT_TEXT(kind_show(&f, json_item(json_at(result, "spec.containers"), 0), "resources"),
                "{'requests':{'cpu':'800m'},'limits':{'cpu':'1'}}");
    EXPECT_TEXT(kind_show(&f, result, "metadata.labels"), "");
    EXPECT_TEXT(kind_show(&f, result, "metadata.generation"), "2");
    EXPECT_TEXT(kind_update_error(&f, stored,
                                  RESIZE("{'requests':{'cpu':1},'limits':{'cpu':1,"
                                         "'memory':'1Gi'}}"),
                                  "resize", NULL),
                "spec: Invalid value: \"Burstable\": Pod QOS Class may not change as a result of "
                "resizing");
    EXPECT_TEXT(
        kind_update_error(&f, stored, RESIZE("{'requests':{'cpu':'500m'}}"), "resize", NULL),
        "spec.containers[0].resources.limits: Forbidden: resource limits cannot be removed");
    EXPECT_TEXT(kind_update_error(&f, stored,
                                  RESIZE("{'requests':{'cpu':'500m','ephemeral-storage':'1Gi'},"
                                         "'limits':{'cpu':1}}"),
                                  "resize", NULL),
                "spec: Forbidden: only cpu and memory resources are mutable");
    EXPECT_TEXT(kind_update_error(&f, stored,
                                  POD("'containers':[" CONTAINER ",{'name':'d','image':'i'}]"),
                                  "resize", NULL),
                "[spec: Invalid value: \"Burstable\": Pod QOS Class may not change as a result of "
                "resizing, spec.containers: Forbidden: containers may not be added or removed on "
                "resize]");
}

/* --- Columns --- */

static const char *cells(const char *status)
{
    begin();
    struct json *pod =
        kind_create(&f, POD("'nodeName':'n','containers':[" CONTAINER ",{'name':'d','image':'i'}],"
                            "'initContainers':[{'name':'i','image':'i'}]"));
    struct json *with_status = json_copy(&f.arena, pod);
    json_set(&f.arena, with_status, "status", kind_read(&f, status));
    return kind_cells(&f, with_status);
}
TEST("the row of a pod says what upstream's says")
{
    EXPECT_TEXT(cells("{'phase':'Pending'}"),
                "['web','0/2','Pending','0','0s','<none>','n','<none>','<none>']");
    EXPECT_TEXT(cells("{'phase':'Pending','initContainerStatuses':[{'name':'i','state':{"
                      "'running':{}}}]}"),
                "['web','0/2','Init:0/1','0','0s','<none>','n','<none>','<none>']");
    EXPECT_TEXT(cells("{'phase':'Pending','initContainerStatuses':[{'name':'i','restartCount':2,"
                      "'state':{'terminated':{'exitCode':3}}}]}"),
                "['web','0/2','Init:ExitCode:3','2','0s','<none>','n','<none>','<none>']");
    EXPECT_TEXT(
        cells("{'phase':'Running','podIPs':[{'ip':'10.0.0.1'}],'initContainerStatuses':["
              "{'name':'i','state':{'terminated':{'exitCode':0}}}],'containerStatuses':["
              "{'name':'c','ready':true,'restartCount':3,'state':{'running':{}},'lastState':"
              "{'terminated':{'exitCode':1,'finishedAt':'2026-01-02T02:59:05Z'}}},"
              "{'name':'d','state':{'waiting':{'reason':'CrashLoopBackOff'}}}]}"),
        "['web','1/2','CrashLoopBackOff','3 (5m ago)','0s','10.0.0.1','n','<none>','<none>']");
    EXPECT_TEXT(cells("{'phase':'Pending','conditions':[{'type':'PodScheduled','status':'False',"
                      "'reason':'SchedulingGated'}]}"),
                "['web','0/2','SchedulingGated','0','0s','<none>','n','<none>','<none>']");
}
