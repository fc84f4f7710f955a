/* What the small controllers do, as the real kubectl sees it. */
#include "tests/harness/real_server.h"

#define WAIT "kubectl wait --timeout=20s --for="

TEST_LIMIT(90, "kubectl exposes a pod, and its slices and the API's own are true")
{
    struct real_server s;
    real_server_start(&s, "up", "--no-agent --virtual-nodes 2");
    EXPECT_RUNS(&s, "kubectl run web --image=nginx --port 80 && kubectl expose pod web");
    EXPECT_RUNS(&s, WAIT "condition=Ready pod/web");
    EXPECT_RUNS(&s, WAIT "jsonpath='{.endpoints[0].conditions.ready}'=true endpointslice "
                         "-l kubernetes.io/service-name=web");
    EXPECT_RUNS(&s, "kubectl get pod web -o jsonpath={.status.podIP} > $HOME/ip && kubectl get "
                    "endpointslice -l kubernetes.io/service-name=web | grep -f $HOME/ip && "
                    "kubectl get endpoints web | grep -f $HOME/ip");
    EXPECT_RUNS(&s, "kubectl get svc/kubernetes endpoints/kubernetes endpointslice/kubernetes");
    EXPECT_RUNS(&s, "kubectl delete svc web --cascade=foreground");
    EXPECT_RUNS(&s, "kubectl get endpointslice -l kubernetes.io/service-name=web");
    EXPECT_SAID(&s, "No resources found");
    real_server_stop(&s);
}

TEST_LIMIT(90, "kubectl sees quotas count, refuse and give back, and a cordon become a taint")
{
    struct real_server s;
    real_server_start(&s, "up", "--no-agent --virtual-nodes 1");
    EXPECT_RUNS(&s, "kubectl create quota q --hard=pods=1,count/configmaps=9");
    EXPECT_RUNS(&s, WAIT "jsonpath='{.status.used.pods}'=0 quota/q");
    EXPECT_RUNS(&s, "kubectl run a --image=nginx");
    EXPECT_FAILS(&s, "kubectl run b --image=nginx");
    EXPECT_SAID(&s, "pods \"b\" is forbidden: exceeded quota: q, requested: pods=1, used: pods=1, "
                    "limited: pods=1");
    EXPECT_RUNS(&s, "kubectl describe quota q");
    EXPECT_SAID(&s, "pods              1     1");
    EXPECT_RUNS(&s, "kubectl delete pod a --now --wait");
    EXPECT_RUNS(&s, WAIT "jsonpath='{.status.used.pods}'=0 quota/q");
    EXPECT_RUNS(&s, "kubectl cordon virtual-0");
    EXPECT_RUNS(&s, WAIT "jsonpath='{.spec.taints[0].key}'=node.kubernetes.io/unschedulable "
                         "node/virtual-0");
    EXPECT_RUNS(&s, "kubectl uncordon virtual-0");
    real_server_stop(&s);
}

TEST_LIMIT(90, "kubectl deletes with every cascade")
{
    static const char *const cascades[] = {"background", "foreground", "orphan"};
    struct real_server s;
    real_server_start(&s, "server", "");
    for (size_t i = 0; i < ARRAY_SIZE(cascades); i++) {
        EXPECT_RUNS(&s, "kubectl create cm owner && uid=$(kubectl get cm owner -o "
                        "jsonpath={.metadata.uid}) && printf 'apiVersion: v1\\nkind: ConfigMap\\n"
                        "metadata:\\n  name: child\\n  ownerReferences:\\n  - {apiVersion: v1, "
                        "kind: ConfigMap, name: owner, uid: '$uid', blockOwnerDeletion: true}\\n' "
                        "| kubectl create -f -");
        EXPECT_RUNS(&s, "kubectl delete cm owner --cascade=%s --wait", cascades[i]);
        if (i < 2) {
            EXPECT_RUNS(&s, WAIT "delete cm/child");
            continue;
        }
        EXPECT_RUNS(&s, "kubectl get cm child -o jsonpath={.metadata.ownerReferences}");
        EXPECT_TEXT(s.output.data, "");
    }
    real_server_stop(&s);
}
