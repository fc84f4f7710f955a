kubectl auth, explain, api-resources and the rest tell what the server is

  $ kubectl auth can-i create pods
  yes
  $ kubectl auth can-i --list | head -2
  Resources                                       Non-Resource URLs   Resource Names   Verbs
  *.*                                             []                  []               [*]
  $ kubectl auth whoami
  ATTRIBUTE                                           VALUE
  Username                                            kubernetes-admin
  Groups                                              [system:masters system:authenticated]
  Extra: authentication.kubernetes.io/credential-id   [X509SHA256={{id}}]
  $ kubectl auth whoami -o jsonpath='{.status.userInfo.username} {.status.userInfo.groups}{"\n"}'
  kubernetes-admin ["system:masters","system:authenticated"]
  $ kubectl create role r --verb=get,list --resource=pods
  role.rbac.authorization.k8s.io/r created
  $ kubectl create rolebinding rb --role=r --user=jane
  rolebinding.rbac.authorization.k8s.io/rb created
  $ kubectl auth can-i list pods --as=jane
  yes
  $ kubectl auth can-i delete pods --as=jane
  no
  [1]
  $ kubectl auth can-i list pods --as=jane -n kube-system
  no
  [1]
  $ kubectl auth can-i --list --as=jane
  Resources                                       Non-Resource URLs   Resource Names   Verbs
  selfsubjectreviews.authentication.k8s.io        []                  []               [create]
  selfsubjectaccessreviews.authorization.k8s.io   []                  []               [create]
  selfsubjectrulesreviews.authorization.k8s.io    []                  []               [create]
  pods                                            []                  []               [get list]
                                                  [/api/*]            []               [get]
                                                  [/api]              []               [get]
                                                  [/apis/*]           []               [get]
                                                  [/apis]             []               [get]
                                                  [/healthz]          []               [get]
                                                  [/healthz]          []               [get]
                                                  [/livez]            []               [get]
                                                  [/livez]            []               [get]
                                                  [/openapi/*]        []               [get]
                                                  [/openapi]          []               [get]
                                                  [/readyz]           []               [get]
                                                  [/readyz]           []               [get]
                                                  [/version/]         []               [get]
                                                  [/version/]         []               [get]
                                                  [/version]          []               [get]
                                                  [/version]          []               [get]
  $ kubectl auth can-i get /healthz --as=jane
  yes
  $ kubectl auth can-i get things
  Warning: the server doesn't have a resource type 'things'

  yes
  $ kubectl get pods --as=jane
  No resources found in default namespace.
  $ kubectl get secrets --as=jane
  Error from server (Forbidden): secrets is forbidden: User "jane" cannot list resource "secrets" in API group "" in the namespace "default"
  [1]
  $ kubectl get pods -A --as=jane
  Error from server (Forbidden): pods is forbidden: User "jane" cannot list resource "pods" in API group "" at the cluster scope
  [1]
  $ kubectl delete pod x --as=jane
  Error from server (Forbidden): pods "x" is forbidden: User "jane" cannot delete resource "pods" in API group "" in the namespace "default"
  [1]
  $ kubectl get nodes --as=jane --as-group=system:masters
  No resources found
  $ kubectl auth whoami --as=jane --as-group=g --as-uid=1
  ATTRIBUTE   VALUE
  Username    jane
  UID         1
  Groups      [g system:authenticated]
  $ kubectl auth reconcile -f - <<END
  > {apiVersion: rbac.authorization.k8s.io/v1, kind: Role, metadata: {name: r, namespace: default}, rules: [{apiGroups: [""], resources: [secrets], verbs: [get]}]}
  > END
  role.rbac.authorization.k8s.io/r reconciled
   reconciliation required update
   missing rules added:
    {Verbs:[get] APIGroups:[] Resources:[secrets] ResourceNames:[] NonResourceURLs:[]}
  $ kubectl get role r -o jsonpath='{.rules}{"\n"}'
  [{"apiGroups":[""],"resources":["pods"],"verbs":["get","list"]},{"apiGroups":[""],"resources":["secrets"],"verbs":["get"]}]
  $ kubectl explain configmap
  KIND:       ConfigMap
  VERSION:    v1

  DESCRIPTION:
      Settings for pods to read.

  FIELDS:
    apiVersion <string>
      Group and version of this object's shape.

    binaryData <map[string]string>
      Bytes by name; names differ from those in data.

    data <map[string]string>
      Texts by name.

    immutable <boolean>
      Once true, nothing of it may change.

    kind <string>
      Name of this object's shape.

    metadata <ObjectMeta>
      What all objects have: name, labels.
  $ kubectl explain pod.spec.containers.resources --recursive
  KIND:       Pod
  VERSION:    v1

  FIELD: resources <ResourceRequirements>


  DESCRIPTION:
      What it needs and may use.
      How much a container, or a whole pod, needs and may use.

  FIELDS:
    claims <[]ResourceClaim>
      name <string> -required-
      request <string>
    limits <map[string]Quantity>
    requests <map[string]Quantity>
  $ kubectl explain pod.spec.containers.resources
  KIND:       Pod
  VERSION:    v1

  FIELD: resources <ResourceRequirements>


  DESCRIPTION:
      What it needs and may use.
      How much a container, or a whole pod, needs and may use.

  FIELDS:
    claims <[]ResourceClaim>
      Claims of the pod that it uses.

    limits <map[string]Quantity>
      The most that it may use of each resource.

    requests <map[string]Quantity>
      What is set aside for it; a limit without a request counts as its request.
  $ kubectl explain pods.spec.nothing
  KIND:       Pod
  VERSION:    v1

  error: field "nothing" does not exist
  [1]
  $ kubectl explain things
  the server doesn't have a resource type "things"
  [1]
  $ kubectl explain workload --api-version=scheduling.k8s.io/v1alpha1 | head -8
  GROUP:      scheduling.k8s.io
  KIND:       Workload
  VERSION:    v1alpha1

  DESCRIPTION:
      Pods that do one job and are scheduled in groups.

  FIELDS:
  $ kubectl explain lease.spec.renewTime
  GROUP:      coordination.k8s.io
  KIND:       Lease
  VERSION:    v1

  FIELD: renewTime <string>


  DESCRIPTION:
      When the holder last renewed it.
      A time by RFC 3339, to the microsecond.
  $ kubectl explain pods --output=plaintext-openapiv2 | head -3
  KIND:     Pod
  VERSION:  v1
  $ kubectl api-resources --namespaced=false
  NAME                         SHORTNAMES   APIVERSION                     NAMESPACED   KIND
  namespaces                   ns           v1                             false        Namespace
  nodes                        no           v1                             false        Node
  selfsubjectreviews                        authentication.k8s.io/v1       false        SelfSubjectReview
  tokenreviews                              authentication.k8s.io/v1       false        TokenReview
  selfsubjectaccessreviews                  authorization.k8s.io/v1        false        SelfSubjectAccessReview
  selfsubjectrulesreviews                   authorization.k8s.io/v1        false        SelfSubjectRulesReview
  subjectaccessreviews                      authorization.k8s.io/v1        false        SubjectAccessReview
  certificatesigningrequests   csr          certificates.k8s.io/v1         false        CertificateSigningRequest
  clusterrolebindings                       rbac.authorization.k8s.io/v1   false        ClusterRoleBinding
  clusterroles                              rbac.authorization.k8s.io/v1   false        ClusterRole
  priorityclasses              pc           scheduling.k8s.io/v1           false        PriorityClass
  $ kubectl api-resources --api-group=rbac.authorization.k8s.io -o wide
  NAME                  SHORTNAMES   APIVERSION                     NAMESPACED   KIND                 VERBS                                                        CATEGORIES
  clusterrolebindings                rbac.authorization.k8s.io/v1   false        ClusterRoleBinding   get,list,watch,create,update,patch,delete,deletecollection
  clusterroles                       rbac.authorization.k8s.io/v1   false        ClusterRole          get,list,watch,create,update,patch,delete,deletecollection
  rolebindings                       rbac.authorization.k8s.io/v1   true         RoleBinding          get,list,watch,create,update,patch,delete,deletecollection
  roles                              rbac.authorization.k8s.io/v1   true         Role                 get,list,watch,create,update,patch,delete,deletecollection
  $ kubectl api-resources --verbs=list,watch -o name | head -3
  configmaps
  endpoints
  events
  $ kubectl api-resources --categories=all
  NAME       SHORTNAMES   APIVERSION   NAMESPACED   KIND
  pods       po           v1           true         Pod
  services   svc          v1           true         Service
  $ kubectl api-versions | sort
  authentication.k8s.io/v1
  authorization.k8s.io/v1
  certificates.k8s.io/v1
  coordination.k8s.io/v1
  discovery.k8s.io/v1
  events.k8s.io/v1
  rbac.authorization.k8s.io/v1
  scheduling.k8s.io/v1
  scheduling.k8s.io/v1alpha1
  scheduling.k8s.io/v1beta1
  v1
  $ kubectl version
  Client Version: v1.35.2
  Kustomize Version: v5.7.1
  Server Version: {{word}}
  $ kubectl version -o yaml | grep -A9 serverVersion
  serverVersion:
    buildDate: "1970-01-01T00:00:00Z"
    compiler: {{word}}
    gitCommit: ""
    gitTreeState: ""
    gitVersion: {{word}}
    goVersion: ""
    major: "1"
    minor: "35"
    platform: linux/amd64
  $ kubectl cluster-info
  Kubernetes control plane is running at https://{{word}}

  To further debug and diagnose cluster problems, use 'kubectl cluster-info dump'.
  $ kubectl get --raw /version
  {
    "major": "1",
    "minor": "35",
    "gitVersion": "{{word}}",
    "gitCommit": "",
    "gitTreeState": "",
    "buildDate": "1970-01-01T00:00:00Z",
    "goVersion": "",
    "compiler": {{word}}
    "platform": "linux/amd64"
  }
  $ kubectl get --raw /healthz; echo
  ok
  $ kubectl get --raw '/livez?verbose' | tail -1
  livez check passed
  $ kubectl get --raw '/readyz/ping'; echo
  ok
  $ kubectl get --raw /readyz/nothing
  Error from server (NotFound): the server could not find the requested resource
  [1]
  $ kubectl get --raw /apis/apps/v1
  Error from server (NotFound): the server could not find the requested resource
  [1]
  $ kubectl get --raw /openapi/v2 | head -c 74; echo
  {"swagger":"2.0","info":{"title":"Coracle","version":"v1.35"},"paths":{},"
  $ kubectl get componentstatuses
  error: the server doesn't have a resource type "componentstatuses"
  [1]
  $ kubectl get deployments
  error: the server doesn't have a resource type "deployments"
  [1]
  $ kubectl create deployment d --image=x
  error: failed to create deployment: the server could not find the requested resource
  [1]
  $ kubectl apply -f - <<END
  > apiVersion: apps/v1
  > kind: Deployment
  > metadata: {name: d}
  > spec: {selector: {matchLabels: {a: b}}, template: {metadata: {labels: {a: b}}, spec: {containers: [{name: c, image: i}]}}}
  > END
  error: resource mapping not found for name: "d" namespace: "" from "STDIN": no matches for kind "Deployment" in version "apps/v1"
  ensure CRDs are installed first
  [1]
  $ kubectl config view --minify -o jsonpath='{.contexts[0].name} {.users[0].name}{"\n"}'
  coracle kubernetes-admin
  $ in_background proxy kubectl proxy --port=0; eventually grep -q Starting proxy; python3 -c 'import sys,urllib.request as u,re; print(u.urlopen("http://"+re.search("[0-9.]+:[0-9]+",open("proxy").read())[0]+"/healthz").read().decode())'; end_background
  ok
  $ kubectl get pods --server=https://127.0.0.1:1 2>&1 | tail -1
  The connection to the server 127.0.0.1:1 was refused - did you specify the right host or port?
