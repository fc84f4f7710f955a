/* Tokens as people use them: kubectl, a kubeconfig with a token, and coracle token. */
#include <signal.h>
#include <stdio.h>
#include <sys/stat.h>

#include "tests/harness/real_server.h"

TEST_LIMIT(60, "kubectl create token gives what a kubeconfig user can be, with the rights of RBAC")
{
    struct real_server s;
    real_server_start(&s, "server", "");
    EXPECT_RUNS(&s, "kubectl create serviceaccount robot");
    EXPECT_RUNS(&s, "kubectl create token robot --duration=10m > $HOME/token");
    EXPECT_RUNS(&s, "kubectl config set-credentials robot --token=$(cat $HOME/token)");
    EXPECT_RUNS(&s, "kubectl config set-context robot --cluster=coracle --user=robot");
    EXPECT_RUNS(&s, "kubectl --context=robot auth whoami");
    EXPECT_SAID(&s, "system:serviceaccount:default:robot");
    EXPECT_SAID(&s, "authentication.kubernetes.io/credential-id");
    EXPECT_FAILS(&s, "kubectl --context=robot get pods");
    EXPECT_SAID(&s, "User \"system:serviceaccount:default:robot\" cannot list resource \"pods\"");
    EXPECT_RUNS(&s, "kubectl create rolebinding r --clusterrole=view "
                    "--serviceaccount=default:robot");
    EXPECT_RUNS(&s, "kubectl --context=robot get pods");
    EXPECT_FAILS(&s, "kubectl --context=robot get secrets");
    EXPECT_FAILS(&s, "kubectl create token robot --duration=9m");
    EXPECT_SAID(&s, "may not specify a duration less than 10 minutes");
    EXPECT_FAILS(&s, "kubectl create token ghost");
    EXPECT_SAID(&s, "serviceaccounts \"ghost\" not found");
    EXPECT_RUNS(&s, "kubectl create token robot --audience=vault > $HOME/other");
    EXPECT_FAILS(&s, "kubectl --context=robot --token=$(cat $HOME/other) get pods");
    EXPECT_SAID(&s, "Unauthorized");
    real_server_kill(&s, SIGKILL);
    real_server_restart(&s, "server", "");
    EXPECT_RUNS(&s,
                "kubectl --token=$(cat $HOME/token) auth whoami --kubeconfig=/dev/null "
                "--server=https://%s --certificate-authority=%s/pki/ca.crt",
                s.address, s.folder);
    EXPECT_SAID(&s, "system:serviceaccount:default:robot");
    real_server_stop(&s);
}

TEST_LIMIT(60, "a namespace and its first pod come in one file, and the pod's token ends with it")
{
    struct real_server s;
    real_server_start(&s, "server", "");
    EXPECT_RUNS(&s, "printf 'apiVersion: v1\\nkind: Namespace\\nmetadata: {name: fresh}\\n---\\n"
                    "apiVersion: v1\\nkind: Pod\\nmetadata: {name: p, namespace: fresh}\\n"
                    "spec: {containers: [{name: c, image: i}]}\\n' > $HOME/f.yaml; "
                    "kubectl apply -f $HOME/f.yaml");
    EXPECT_SAID(&s, "pod/p created");
    EXPECT_RUNS(&s, "kubectl create token default -n fresh --bound-object-kind=Pod "
                    "--bound-object-name=p > $HOME/token");
    EXPECT_RUNS(&s, "kubectl config set-credentials p --token=$(cat $HOME/token) && "
                    "kubectl config set-context p --cluster=coracle --user=p");
    EXPECT_RUNS(&s, "kubectl --context=p auth whoami");
    EXPECT_SAID(&s, "authentication.kubernetes.io/pod-name");
    EXPECT_RUNS(&s, "kubectl delete pod p -n fresh --now");
    EXPECT_FAILS(&s, "kubectl --context=p auth whoami");
    EXPECT_SAID(&s, "Unauthorized");
    real_server_stop(&s);
}

TEST_LIMIT(60, "coracle token makes, lists and deletes join tokens, which the API knows")
{
    struct real_server s;
    struct stat found;
    char path[512];
    real_server_start(&s, "server", "");
    snprintf(path, sizeof(path), "%s/pki/service-account.key", s.folder);
    EXPECT(stat(path, &found) == 0 && (found.st_mode & 07777) == 0600);
    EXPECT_RUNS(&s,
                "coracle token create --data-dir %s --description 'a rack' --ttl 1h "
                "> $HOME/join",
                s.folder);
    EXPECT_RUNS(&s, "coracle token create --ttl 0"); /* By KUBECONFIG. */
    EXPECT_RUNS(&s, "coracle token list");
    EXPECT_SAID(&s, "a rack");
    EXPECT_SAID(&s, "<never>");
    EXPECT_RUNS(&s, "cut -d@ -f1 $HOME/join | grep -Eqx '[a-z0-9]{6}[.][a-z0-9]{16}'");
    EXPECT_RUNS(&s, "cut -d@ -f2 $HOME/join | grep -Eqx 'sha256:[0-9a-f]{64}'");
    EXPECT_RUNS(&s, "kubectl config set-credentials joins --token=$(cut -d@ -f1 $HOME/join) && "
                    "kubectl config set-context joins --cluster=coracle --user=joins");
    EXPECT_RUNS(&s, "kubectl --context=joins auth whoami");
    EXPECT_SAID(&s, "system:bootstrap:");
    EXPECT_SAID(&s, "system:bootstrappers");
    EXPECT_RUNS(&s, "coracle token delete $(cat $HOME/join)");
    EXPECT_FAILS(&s, "kubectl --context=joins auth whoami");
    EXPECT_FAILS(&s, "coracle token delete $(cut -d. -f1 $HOME/join)");
    EXPECT_SAID(&s, "not found");
    EXPECT_FAILS(&s, "coracle token delete nonsense");
    EXPECT_EQ(s.code, 2);
    EXPECT_FAILS(&s, "coracle token create --ttl=-1h");
    EXPECT_EQ(s.code, 2);
    real_server_stop(&s);
}
