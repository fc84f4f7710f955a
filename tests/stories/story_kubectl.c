/* The real kubectl against the real binary. */
#include "tests/harness/real_server.h"

TEST_LIMIT(60, "kubectl finds its way: version, discovery, health, explain")
{
    struct real_server s;
    real_server_start(&s, "server", "");
    EXPECT_RUNS(&s, "kubectl version");
    EXPECT_SAID(&s, "Server Version: v1.35.");
    EXPECT_RUNS(&s, "kubectl get --raw /readyz?verbose");
    EXPECT_SAID(&s, "readyz check passed");
    EXPECT_RUNS(&s, "kubectl api-resources");
    EXPECT_SAID(&s, "configmaps");
    EXPECT_RUNS(&s, "kubectl api-versions");
    EXPECT_RUNS(&s, "kubectl explain pod.spec.containers.resources --recursive");
    EXPECT_SAID(&s, "limits");
    real_server_stop(&s);
}

TEST_LIMIT(60, "kubectl creates, reads, changes and deletes in every form")
{
    struct real_server s;
    real_server_start(&s, "server", "");
    EXPECT_RUNS(&s, "kubectl create configmap a --from-literal=k=v"); /* Protobuf. */
    EXPECT_FAILS(&s, "kubectl create configmap a --from-literal=k=v");
    EXPECT_SAID(&s, "failed to create configmap: configmaps \"a\" already exists");
    EXPECT_RUNS(&s, "kubectl get configmap a -o jsonpath='{.data.k}'");
    EXPECT_TEXT(s.output.data, "v");
    EXPECT_RUNS(&s, "kubectl get cm a");
    EXPECT_SAID(&s, "NAME   DATA   AGE");
    static const char *const forms[] = {"json", "yaml", "kyaml", "name", "wide"};
    for (size_t i = 0; i < ARRAY_SIZE(forms); i++)
        EXPECT_RUNS(&s, "kubectl get cm a -o %s", forms[i]);
    EXPECT_RUNS(&s, "kubectl label cm a x=y && kubectl annotate cm a n=1");
    EXPECT_RUNS(&s, "kubectl get cm -l x=y -o name");
    EXPECT_TEXT(s.output.data, "configmap/a\n");
    EXPECT_RUNS(&s, "kubectl patch cm a --type=json "
                    "-p '[{\"op\":\"add\",\"path\":\"/data/z\",\"value\":\"1\"}]'");
    EXPECT_RUNS(&s, "kubectl patch cm a --type=merge -p '{\"data\":{\"k\":null}}'");
    EXPECT_RUNS(&s, "kubectl get cm a -o jsonpath='{.data}'");
    EXPECT_TEXT(s.output.data, "{\"z\":\"1\"}");
    EXPECT_RUNS(&s, "kubectl delete cm a --wait");
    EXPECT_FAILS(&s, "kubectl get cm a");
    EXPECT_SAID(&s, "Error from server (NotFound): configmaps \"a\" not found");
    real_server_stop(&s);
}

TEST_LIMIT(60, "kubectl apply creates, changes by three-way merge, and refuses what is wrong")
{
    struct real_server s;
    real_server_start(&s, "server", "");
    EXPECT_RUNS(&s, "printf 'apiVersion: v1\\nkind: ConfigMap\\nmetadata: {name: a}\\ndata: {k: v, "
                    "gone: x}\\n' > $HOME/a.yaml; kubectl apply -f $HOME/a.yaml");
    EXPECT_SAID(&s, "configmap/a created");
    EXPECT_RUNS(&s, "sed -i 's/, gone: x/, new: z/' $HOME/a.yaml; kubectl apply -f $HOME/a.yaml");
    EXPECT_SAID(&s, "configmap/a configured");
    EXPECT_RUNS(&s, "kubectl get cm a -o jsonpath='{.data}'");
    EXPECT_TEXT(s.output.data, "{\"k\":\"v\",\"new\":\"z\"}");
    EXPECT_RUNS(&s, "kubectl apply -f $HOME/a.yaml");
    EXPECT_SAID(&s, "configmap/a unchanged");
    EXPECT_FAILS(&s, "printf 'apiVersion: v1\\nkind: ConfigMap\\nmetadata: {name: a, nmae: b}\\n' "
                     "> $HOME/b.yaml; kubectl apply -f $HOME/b.yaml");
    EXPECT_SAID(&s, "strict decoding error: unknown field \"metadata.nmae\"");
    real_server_stop(&s);
}

TEST_LIMIT(60, "what kubectl was told is there after kill -9")
{
    struct real_server s;
    real_server_start(&s, "server", "");
    EXPECT_RUNS(&s, "kubectl create configmap kept --from-literal=k=v");
    real_server_kill(&s, 9);
    real_server_restart(&s, "server", "");
    EXPECT_RUNS(&s, "kubectl get configmap kept -o jsonpath='{.data.k}'");
    EXPECT_TEXT(s.output.data, "v");
    real_server_stop(&s);
}
