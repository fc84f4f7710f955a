kubectl create makes every kind that is served, as its generators send it

@ up --no-agent --virtual-nodes 1

  $ kubectl create namespace demo
  namespace/demo created
  $ kubectl create namespace demo
  Error from server (AlreadyExists): namespaces "demo" already exists
  [1]
  $ kubectl create configmap c --from-literal=a=b
  configmap/c created
  $ printf 'x=1\ny=2\n' > env; kubectl create configmap e --from-env-file=env; kubectl get configmap e -o jsonpath='{.data}{"\n"}'
  configmap/e created
  {"x":"1","y":"2"}
  $ printf '\001\377' > bytes; kubectl create configmap f --from-file=env --from-file=b=bytes; kubectl get configmap f -o jsonpath='{.data}{.binaryData}{"\n"}'
  configmap/f created
  {"env":"x=1\ny=2\n"}{"b":"Af8="}
  $ kubectl create secret generic s --from-literal=p=x --type=example.com/t
  secret/s created
  $ kubectl create secret docker-registry d --docker-server=r.example.com --docker-username=u --docker-password=p
  secret/d created
  $ openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout key.pem -out cert.pem -subj /CN=x -days 1 2>/dev/null; kubectl create secret tls t --cert=cert.pem --key=key.pem
  secret/t created
  $ kubectl get secrets
  NAME   TYPE                             DATA   AGE
  d      kubernetes.io/dockerconfigjson   1      {{age}}
  s      example.com/t                    1      {{age}}
  t      kubernetes.io/tls                2      {{age}}
  $ kubectl create serviceaccount bob
  serviceaccount/bob created
  $ kubectl create token bob --audience=x --duration=1h > token; cut -d. -f1 token | base64 -d 2>/dev/null | grep -o '"alg":"[A-Z0-9]*"'
  "alg":"ES256"
  $ kubectl create token bob --duration=1s
  error: failed to create token: TokenRequest.authentication.k8s.io "" is invalid: spec.expirationSeconds: Invalid value: 1: may not specify a duration less than 10 minutes
  [1]
  $ kubectl create token nobody
  error: failed to create token: serviceaccounts "nobody" not found
  [1]
  $ kubectl create token bob > token; kubectl auth whoami --kubeconfig=/dev/null --server=$(kubectl config view -o jsonpath='{.clusters[0].cluster.server}') --insecure-skip-tls-verify --token=$(cat token)
  ATTRIBUTE                                           VALUE
  Username                                            system:serviceaccount:default:bob
  UID                                                 {{uid}}
  Groups                                              [system:serviceaccounts system:serviceaccounts:default system:authenticated]
  Extra: authentication.kubernetes.io/credential-id   [JTI={{uid}}]
  $ kubectl create role r --verb=get,watch --resource=pods,secrets --resource-name=x
  role.rbac.authorization.k8s.io/r created
  $ kubectl create role bad --verb=nonsense --resource=pods
  Warning: 'nonsense' is not a standard resource verb
  role.rbac.authorization.k8s.io/bad created
  $ kubectl create rolebinding rb --role=r --serviceaccount=default:bob --group=g
  rolebinding.rbac.authorization.k8s.io/rb created
  $ kubectl create rolebinding cb --clusterrole=view --user=jane
  rolebinding.rbac.authorization.k8s.io/cb created
  $ kubectl create clusterrole cr --verb=get,list --resource=nodes,pods/log
  clusterrole.rbac.authorization.k8s.io/cr created
  $ kubectl create clusterrole agg --aggregation-rule=rbac.example.com/aggregate=true
  clusterrole.rbac.authorization.k8s.io/agg created
  $ kubectl create clusterrole urls --verb=get --non-resource-url=/logs/*
  clusterrole.rbac.authorization.k8s.io/urls created
  $ kubectl create clusterrolebinding crb --clusterrole=cr --user=jane
  clusterrolebinding.rbac.authorization.k8s.io/crb created
  $ kubectl get roles,rolebindings -o wide
  NAME                                 CREATED AT
  role.rbac.authorization.k8s.io/bad   {{time}}
  role.rbac.authorization.k8s.io/r     {{time}}

  NAME                                       ROLE               AGE   USERS   GROUPS   SERVICEACCOUNTS
  rolebinding.rbac.authorization.k8s.io/cb   ClusterRole/view   {{age}}    jane
  rolebinding.rbac.authorization.k8s.io/rb   Role/r             {{age}}            g        default/bob
  $ kubectl get clusterroles cr agg urls -o name
  clusterrole.rbac.authorization.k8s.io/cr
  clusterrole.rbac.authorization.k8s.io/agg
  clusterrole.rbac.authorization.k8s.io/urls
  $ kubectl create quota q --hard=pods=5,requests.cpu=2 --scopes=NotTerminating -n demo
  resourcequota/q created
  $ eventually kubectl wait --for=jsonpath='{.status.hard.pods}'=5 quota/q -n demo
  resourcequota/q condition met
  $ kubectl get quota -n demo
  NAME   REQUEST                        LIMIT   AGE
  q      pods: 0/5, requests.cpu: 0/2           {{age}}
  $ kubectl create priorityclass high --value=1000 --description=high --preemption-policy=Never
  priorityclass.scheduling.k8s.io/high created
  $ kubectl get priorityclasses
  NAME                      VALUE        GLOBAL-DEFAULT   AGE   PREEMPTIONPOLICY
  high                      1000         false            {{age}}    Never
  system-cluster-critical   2000000000   false            {{age}}    PreemptLowerPriority
  system-node-critical      2000001000   false            {{age}}    PreemptLowerPriority
  $ kubectl create service clusterip svc --tcp=80:8080 --tcp=443
  service/svc created
  $ kubectl create service clusterip headless --clusterip=None --tcp=80
  service/headless created
  $ kubectl create service nodeport np --tcp=80 --node-port=30080
  service/np created
  $ kubectl create service loadbalancer lb --tcp=80
  service/lb created
  $ kubectl create service externalname en --external-name=x.example.com
  service/en created
  $ kubectl create service nodeport taken --tcp=80 --node-port=30080
  error: failed to create NodePort service: Service "taken" is invalid: spec.ports[0].nodePort: Invalid value: 30080: provided port is already allocated
  [1]
  $ kubectl get services
  NAME         TYPE           CLUSTER-IP       EXTERNAL-IP     PORT(S)          AGE
  en           ExternalName   <none>           x.example.com   <none>           {{age}}
  headless     ClusterIP      None             <none>          80/TCP           {{age}}
  kubernetes   ClusterIP      {{word}}        <none>          443/TCP          {{age}}
  lb           LoadBalancer   {{word}}   <pending>       80:{{number}}/TCP     {{age}}
  np           NodePort       {{word}}   <none>          80:30080/TCP     {{age}}
  svc          ClusterIP      {{word}}      <none>          80/TCP,443/TCP   {{age}}
  $ kubectl run web --image=nginx --port=80 --labels=a=b --env=K=v --restart=Never -- sleep 1
  pod/web created
  $ kubectl run web --image=nginx
  Error from server (AlreadyExists): pods "web" already exists
  [1]
  $ kubectl run dry --image=nginx --dry-run=client -o yaml
  apiVersion: v1
  kind: Pod
  metadata:
    labels:
      run: dry
    name: dry
  spec:
    containers:
    - image: nginx
      name: dry
      resources: {}
    dnsPolicy: ClusterFirst
    restartPolicy: Always
  status: {}
  $ kubectl run dry --image=nginx --dry-run=server -o name
  pod/dry
  $ kubectl create deployment d --image=nginx
  error: failed to create deployment: the server could not find the requested resource
  [1]
  $ kubectl create job j --image=nginx
  error: failed to create job: the server could not find the requested resource
  [1]
  $ kubectl create cronjob c --image=nginx --schedule='* * * * *'
  error: failed to create cronjob: the server could not find the requested resource
  [1]
  $ kubectl create ingress i --rule=a/b=c:80
  error: failed to create ingress: the server could not find the requested resource
  [1]
  $ kubectl create poddisruptionbudget p --selector=a=b --min-available=1
  error: failed to create poddisruptionbudgets: the server could not find the requested resource
  [1]
  $ cat > many.yaml <<END
  > apiVersion: v1
  > kind: List
  > items:
  > - {apiVersion: v1, kind: ConfigMap, metadata: {generateName: gen-}}
  > - {apiVersion: v1, kind: ConfigMap, metadata: {name: in-demo, namespace: demo}}
  > - {apiVersion: v1, kind: Pod, metadata: {name: none}, spec: {containers: []}}
  > - {apiVersion: v1, kind: ConfigMap, metadata: {name: nowhere, namespace: nowhere}}
  > END
  $ kubectl create -f many.yaml
  configmap/gen-{{id}} created
  configmap/in-demo created
  Error from server (Invalid): error when creating "many.yaml": Pod "none" is invalid: spec.containers: Required value
  Error from server (NotFound): error when creating "many.yaml": namespaces "nowhere" not found
  [1]
  $ kubectl create -f many.yaml --dry-run=server -o name 2>&1 | head -1
  configmap/gen-{{id}}
  $ kubectl create configmap x --dry-run=client -o yaml | kubectl create -f -
  configmap/x created
  $ kubectl create -f - <<END
  > {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "wrong"}, "spec": {"containers": [{"name": "A", "image": "", "resources": {"requests": {"cpu": "x"}}}]}}
  > END
  Error from server (BadRequest): error when creating "STDIN": Pod in version "v1" cannot be handled as a Pod: quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'
  [1]
  $ kubectl create -f - <<END
  > {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "wrong"}, "spec": {"containers": [{"name": "A", "image": "", "ports": [{"containerPort": 70000}]}], "restartPolicy": "Sometimes"}}
  > END
  The Pod "wrong" is invalid:
  * spec.restartPolicy: Unsupported value: "Sometimes": supported values: "Always", "OnFailure", "Never"
  * spec.containers[0].name: Invalid value: "A": a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?')
  * spec.containers[0].image: Required value
  * spec.containers[0].ports[0].containerPort: Invalid value: 70000: must be between 1 and 65535, inclusive
  [1]

Certificates.

  $ openssl req -new -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout jane.key -subj /CN=jane/O=devs -out jane.csr 2>/dev/null
  $ for name in jane mallory; do kubectl apply -f - <<END
  > apiVersion: certificates.k8s.io/v1
  > kind: CertificateSigningRequest
  > metadata: {name: $name}
  > spec: {signerName: kubernetes.io/kube-apiserver-client, usages: [client auth], request: $(base64 -w0 jane.csr)}
  > END
  > done
  certificatesigningrequest.certificates.k8s.io/jane created
  certificatesigningrequest.certificates.k8s.io/mallory created
  $ kubectl get csr
  NAME      AGE   SIGNERNAME                            REQUESTOR          REQUESTEDDURATION   CONDITION
  jane      {{age}}    kubernetes.io/kube-apiserver-client   kubernetes-admin   <none>              Pending
  mallory   {{age}}    kubernetes.io/kube-apiserver-client   kubernetes-admin   <none>              Pending
  $ kubectl certificate approve jane
  certificatesigningrequest.certificates.k8s.io/jane approved
  $ kubectl certificate deny mallory
  certificatesigningrequest.certificates.k8s.io/mallory denied
  $ kubectl wait --for=jsonpath='{.status.certificate}' csr/jane
  certificatesigningrequest.certificates.k8s.io/jane condition met
  $ kubectl get csr
  NAME      AGE   SIGNERNAME                            REQUESTOR          REQUESTEDDURATION   CONDITION
  jane      {{age}}    kubernetes.io/kube-apiserver-client   kubernetes-admin   <none>              Approved,Issued
  mallory   {{age}}    kubernetes.io/kube-apiserver-client   kubernetes-admin   <none>              Denied
  $ kubectl get csr jane -o jsonpath='{.status.certificate}' | base64 -d > jane.crt; openssl x509 -in jane.crt -noout -subject
  subject=CN = jane, O = devs
  $ kubectl config set-credentials jane --client-certificate=jane.crt --client-key=jane.key; kubectl auth whoami --user=jane
  User "jane" set.
  ATTRIBUTE                                           VALUE
  Username                                            jane
  Groups                                              [devs system:authenticated]
  Extra: authentication.kubernetes.io/credential-id   [X509SHA256={{id}}]
  $ kubectl auth can-i list pods --user=jane
  yes
