kubectl describe tells the story of every kind

@ up --no-agent --virtual-nodes 1

  $ kubectl apply -f - <<END
  > apiVersion: v1
  > kind: Pod
  > metadata: {name: web, labels: {app: web}, annotations: {note: x}}
  > spec:
  >   priorityClassName: system-node-critical
  >   terminationGracePeriodSeconds: 5
  >   nodeSelector: {kubernetes.io/os: linux}
  >   initContainers:
  >   - {name: init, image: busybox, command: [sh, -c, "true"]}
  >   containers:
  >   - name: web
  >     image: nginx
  >     args: [a, b]
  >     ports: [{containerPort: 80, name: http}]
  >     env:
  >     - {name: A, value: b}
  >     - {name: S, valueFrom: {secretKeyRef: {name: s, key: k}}}
  >     - {name: POD, valueFrom: {fieldRef: {fieldPath: metadata.name}}}
  >     resources: {requests: {cpu: 100m, memory: 64Mi}, limits: {memory: 64Mi}}
  >     readinessProbe: {httpGet: {path: /, port: http}, periodSeconds: 5}
  >     volumeMounts: [{name: v, mountPath: /v}, {name: c, mountPath: /c, readOnly: true}]
  >   volumes:
  >   - {name: v, emptyDir: {}}
  >   - {name: c, configMap: {name: c}}
  > END
  pod/web created
  $ kubectl wait --for=condition=Ready pod/web --timeout=20s
  pod/web condition met
  $ kubectl describe pod web
  Name:                 web
  Namespace:            default
  Priority:             2000001000
  Priority Class Name:  system-node-critical
  Service Account:      default
  Node:                 virtual-0/198.18.0.1
  Start Time:           {{any}}
  Labels:               app=web
  Annotations:          note: x
  Status:               Running
  IP:                   100.64.0.1
  IPs:
    IP:  100.64.0.1
  Init Containers:
    init:
      Container ID:  virtual://{{id}}
      Image:         busybox
      Image ID:
      Port:          <none>
      Host Port:     <none>
      Command:
        sh
        -c
        true
      State:          Terminated
        Reason:       Completed
        Exit Code:    0
        Started:      {{any}}
        Finished:     {{any}}
      Ready:          True
      Restart Count:  0
      Environment:    <none>
      Mounts:
        /var/run/secrets/kubernetes.io/serviceaccount from kube-api-access-{{id}} (ro)
  Containers:
    web:
      Container ID:  virtual://{{id}}
      Image:         nginx
      Image ID:
      Port:          80/TCP (http)
      Host Port:     0/TCP (http)
      Args:
        a
        b
      State:          Running
        Started:      {{any}}
      Ready:          True
      Restart Count:  0
      Limits:
        memory:  64Mi
      Requests:
        cpu:      100m
        memory:   64Mi
      Readiness:  http-get http://:http/ delay=0s timeout=1s period=5s #success=1 #failure=3
      Environment:
        A:    b
        S:    <set to the key 'k' in secret 's'>  Optional: false
        POD:  web (v1:metadata.name)
      Mounts:
        /c from c (ro)
        /v from v (rw)
        /var/run/secrets/kubernetes.io/serviceaccount from kube-api-access-{{id}} (ro)
  Conditions:
    Type                        Status
    PodReadyToStartContainers   True
    Initialized                 True
    Ready                       True
    ContainersReady             True
    PodScheduled                True
  Volumes:
    v:
      Type:       EmptyDir (a temporary directory that shares a pod's lifetime)
      Medium:
      SizeLimit:  <unset>
    c:
      Type:      ConfigMap (a volume populated by a ConfigMap)
      Name:      c
      Optional:  false
    kube-api-access-{{id}}:
      Type:                    Projected (a volume that contains injected data from multiple sources)
      TokenExpirationSeconds:  3607
      ConfigMapName:           kube-root-ca.crt
      Optional:                false
      DownwardAPI:             true
  QoS Class:                   Burstable
  Node-Selectors:              kubernetes.io/os=linux
  Tolerations:                 node.kubernetes.io/not-ready:NoExecute op=Exists for {{age}}
                               node.kubernetes.io/unreachable:NoExecute op=Exists for {{age}}
  Events:
    Type    Reason     Age   From               Message
    ----    ------     ----  ----               -------
    Normal  Scheduled  {{age}}    default-scheduler  Successfully assigned default/web to virtual-0
  $ kubectl describe node virtual-0
  Name:               virtual-0
  Roles:              <none>
  Labels:             kubernetes.io/arch=amd64
                      kubernetes.io/hostname=virtual-0
                      kubernetes.io/os=linux
                      type=virtual
  Annotations:        kwok.x-k8s.io/node: fake
  CreationTimestamp:  {{any}}
  Taints:             <none>
  Unschedulable:      false
  Lease:
    HolderIdentity:  virtual-0
    AcquireTime:     <unset>
    RenewTime:       {{any}}
  Conditions:
    Type             Status  LastHeartbeatTime                 LastTransitionTime                Reason                       Message
    ----             ------  -----------------                 ------------------                ------                       -------
    MemoryPressure   False   {{any}}   {{any}}   KubeletHasSufficientMemory   kubelet has sufficient memory available
    DiskPressure     False   {{any}}   {{any}}   KubeletHasNoDiskPressure     kubelet has no disk pressure
    PIDPressure      False   {{any}}   {{any}}   KubeletHasSufficientPID      kubelet has sufficient PID available
    Ready            True    {{any}}   {{any}}   KubeletReady                 kubelet is posting ready status
  Addresses:
    InternalIP:  198.18.0.1
    Hostname:    virtual-0
  Capacity:
    cpu:                32
    ephemeral-storage:  1Ti
    memory:             256Gi
    nvidia.com/gpu:     8
    pods:               110
  Allocatable:
    cpu:                32
    ephemeral-storage:  1Ti
    memory:             256Gi
    nvidia.com/gpu:     8
    pods:               110
  System Info:
    Machine ID:
    System UUID:
    Boot ID:
    Kernel Version:             virtual
    OS Image:                   virtual
    Operating System:           linux
    Architecture:               amd64
    Container Runtime Version:  virtual://0.1.0
    Kubelet Version:            {{word}}
    Kube-Proxy Version:
  Non-terminated Pods:          (1 in total)
    Namespace                   Name    CPU Requests  CPU Limits  Memory Requests  Memory Limits  Age
    ---------                   ----    ------------  ----------  ---------------  -------------  ---
    default                     web     100m (0%)     0 (0%)      64Mi (0%)        64Mi (0%)      {{age}}
  Allocated resources:
    (Total limits may be over 100 percent, i.e., overcommitted.)
    Resource           Requests   Limits
    --------           --------   ------
    cpu                100m (0%)  0 (0%)
    memory             64Mi (0%)  64Mi (0%)
    ephemeral-storage  0 (0%)     0 (0%)
    nvidia.com/gpu     0          0
  Events:              <none>
  $ kubectl create configmap c --from-literal=k=v
  configmap/c created
  $ kubectl describe configmap c
  Name:         c
  Namespace:    default
  Labels:       <none>
  Annotations:  <none>

  Data
  ====
  k:
  ----
  v


  BinaryData
  ====

  Events:  <none>
  $ kubectl create secret generic s --from-literal=k=v
  secret/s created
  $ kubectl describe secret s
  Name:         s
  Namespace:    default
  Labels:       <none>
  Annotations:  <none>

  Type:  Opaque

  Data
  ====
  k:  1 bytes
  $ kubectl describe namespace kube-public
  Name:         kube-public
  Labels:       kubernetes.io/metadata.name=kube-public
  Annotations:  <none>
  Status:       Active

  No resource quota.

  No LimitRange resource.
  $ kubectl create quota q --hard=pods=10,cpu=4 -n kube-public
  resourcequota/q created
  $ kubectl describe quota q -n kube-public
  Name:       q
  Namespace:  kube-public
  Resource    Used  Hard
  --------    ----  ----
  cpu         0     4
  pods        0     10
  $ kubectl apply -f - <<END
  > {kind: LimitRange, apiVersion: v1, metadata: {name: l}, spec: {limits: [{type: Container, max: {cpu: 2}, default: {cpu: 1}, defaultRequest: {cpu: 100m}}]}}
  > END
  limitrange/l created
  $ kubectl describe limits l
  Name:       l
  Namespace:  default
  Type        Resource  Min  Max  Default Request  Default Limit  Max Limit/Request Ratio
  ----        --------  ---  ---  ---------------  -------------  -----------------------
  Container   cpu       -    2    100m             1              -
  $ kubectl create service clusterip svc --tcp=80:8080
  service/svc created
  $ kubectl describe service svc
  Name:                     svc
  Namespace:                default
  Labels:                   app=svc
  Annotations:              <none>
  Selector:                 app=svc
  Type:                     ClusterIP
  IP Family Policy:         SingleStack
  IP Families:              IPv4
  IP:                       {{word}}
  IPs:                      {{word}}
  Port:                     80-8080  80/TCP
  TargetPort:               8080/TCP
  Endpoints:{{any}}
  Session Affinity:         None
  Internal Traffic Policy:  Cluster
  Events:                   <none>
  $ kubectl create serviceaccount bob
  serviceaccount/bob created
  $ kubectl describe serviceaccount bob
  Name:                bob
  Namespace:           default
  Labels:              <none>
  Annotations:         <none>
  Image pull secrets:  <none>
  Events:              <none>
  $ kubectl describe priorityclass system-node-critical
  Name:              system-node-critical
  Value:             2000001000
  GlobalDefault:     false
  PreemptionPolicy:  PreemptLowerPriority
  Description:       Used for system critical pods that must not be moved from their current node.
  Annotations:       <none>
  Events:            <none>
  $ kubectl create role r --verb=get,list --resource=pods,pods/log
  role.rbac.authorization.k8s.io/r created
  $ kubectl describe role r
  Name:         r
  Labels:       <none>
  Annotations:  <none>
  PolicyRule:
    Resources  Non-Resource URLs  Resource Names  Verbs
    ---------  -----------------  --------------  -----
    pods/log   []                 []              [get list]
    pods       []                 []              [get list]
  $ kubectl create rolebinding rb --role=r --user=jane --group=g --serviceaccount=default:bob
  rolebinding.rbac.authorization.k8s.io/rb created
  $ kubectl describe rolebinding rb
  Name:         rb
  Labels:       <none>
  Annotations:  <none>
  Role:
    Kind:  Role
    Name:  r
  Subjects:
    Kind            Name  Namespace
    ----            ----  ---------
    User            jane
    Group           g
    ServiceAccount  bob   default
  $ kubectl create clusterrole cr --verb=get --non-resource-url=/healthz
  clusterrole.rbac.authorization.k8s.io/cr created
  $ kubectl describe clusterrole cr
  Name:         cr
  Labels:       <none>
  Annotations:  <none>
  PolicyRule:
    Resources  Non-Resource URLs  Resource Names  Verbs
    ---------  -----------------  --------------  -----
               [/healthz]         []              [get]
  $ kubectl create clusterrolebinding crb --clusterrole=cr --user=jane
  clusterrolebinding.rbac.authorization.k8s.io/crb created
  $ kubectl describe clusterrolebinding crb
  Name:         crb
  Labels:       <none>
  Annotations:  <none>
  Role:
    Kind:  ClusterRole
    Name:  cr
  Subjects:
    Kind  Name  Namespace
    ----  ----  ---------
    User  jane
  $ kubectl describe lease virtual-0 -n kube-node-lease
  Name:         virtual-0
  Namespace:    kube-node-lease
  Labels:       <none>
  Annotations:  <none>
  API Version:  coordination.k8s.io/v1
  Kind:         Lease
  Metadata:
    Creation Timestamp:  {{time}}
    Owner References:
      API Version:     v1
      Kind:            Node
      Name:            virtual-0
      UID:             {{uid}}
    Resource Version:  {{number}}
    UID:               {{uid}}
  Spec:
    Holder Identity:         virtual-0
    Lease Duration Seconds:  40
    Renew Time:              {{time}}
  Events:                    <none>
  $ kubectl apply -f - <<END
  > apiVersion: v1
  > kind: Endpoints
  > metadata: {name: ext}
  > subsets: [{addresses: [{ip: 10.1.2.3}], ports: [{port: 80}]}]
  > ---
  > apiVersion: discovery.k8s.io/v1
  > kind: EndpointSlice
  > metadata: {name: ext}
  > addressType: IPv4
  > endpoints: [{addresses: [10.1.2.3]}]
  > ports: [{port: 80, name: http}]
  > ---
  > apiVersion: v1
  > kind: PodTemplate
  > metadata: {name: pt}
  > template: {metadata: {labels: {a: b}}, spec: {containers: [{name: c, image: i}]}}
  > ---
  > apiVersion: scheduling.k8s.io/v1beta1
  > kind: PodGroup
  > metadata: {name: train}
  > spec: {schedulingPolicy: {gang: {minCount: 4}}}
  > END
  Warning: v1 Endpoints is deprecated in v1.33+; use discovery.k8s.io/v1 EndpointSlice
  endpoints/ext created
  endpointslice.discovery.k8s.io/ext created
  podtemplate/pt created
  podgroup.scheduling.k8s.io/train created
  $ kubectl describe endpoints ext
  Warning: v1 Endpoints is deprecated in v1.33+; use discovery.k8s.io/v1 EndpointSlice
  Name:         ext
  Namespace:    default
  Labels:       <none>
  Annotations:  <none>
  Subsets:
    Addresses:          10.1.2.3
    NotReadyAddresses:  <none>
    Ports:
      Name     Port  Protocol
      ----     ----  --------
      <unset>  80    TCP

  Events:  <none>
  $ kubectl describe endpointslice ext
  Name:         ext
  Namespace:    default
  Labels:       <none>
  Annotations:  <none>
  AddressType:  IPv4
  Ports:
    Name  Port  Protocol
    ----  ----  --------
    http  80    TCP
  Endpoints:
    - Addresses:  10.1.2.3
      Conditions:
        Ready:   <unset>
      Hostname:  <unset>
      NodeName:  <unset>
      Zone:      <unset>
  Events:        <none>
  $ kubectl describe podtemplate pt
  Name:         pt
  Namespace:    default
  Labels:       <none>
  Annotations:  <none>
  API Version:  v1
  Kind:         PodTemplate
  Metadata:
    Creation Timestamp:  {{time}}
    Generation:          1
    Resource Version:    {{number}}
    UID:                 {{uid}}
  Template:
    Metadata:
      Labels:
        A:  b
    Spec:
      Containers:
        Image:              i
        Image Pull Policy:  Always
        Name:               c
        Resources:
        Termination Message Path:    /dev/termination-log
        Termination Message Policy:  File
      Dns Policy:                    ClusterFirst
      Restart Policy:                Always
      Scheduler Name:                default-scheduler
      Security Context:
      Termination Grace Period Seconds:  30
  Events:                                <none>
  $ kubectl describe podgroup train
  Name:         train
  Namespace:    default
  Labels:       <none>
  Annotations:  <none>
  API Version:  scheduling.k8s.io/v1beta1
  Kind:         PodGroup
  Metadata:
    Creation Timestamp:  {{time}}
    Generation:          1
    Resource Version:    {{number}}
    UID:                 {{uid}}
  Spec:
    Disruption Mode:
      Single:
    Preemption Policy:  PreemptLowerPriority
    Priority:           0
    Scheduling Policy:
      Gang:
        Min Count:  4
  Status:
  Events:  <none>
  $ kubectl get events
  LAST SEEN   TYPE     REASON      OBJECT    MESSAGE
  {{age}}          Normal   Scheduled   pod/web   Successfully assigned default/web to virtual-0
  $ kubectl describe events
  Name:             web.{{id}}
  Namespace:        default
  Labels:           <none>
  Annotations:      <none>
  Action:           Binding
  API Version:      v1
  Count:            1
  First Timestamp:  {{time}}
  Involved Object:
    API Version:   v1
    Kind:          Pod
    Name:          web
    Namespace:     default
    UID:           {{uid}}
  Kind:            Event
  Last Timestamp:  {{time}}
  Message:         Successfully assigned default/web to virtual-0
  Metadata:
    Creation Timestamp:  {{time}}
    Resource Version:    {{number}}
    UID:                 {{uid}}
  Reason:                Scheduled
  Reporting Component:   default-scheduler
  Reporting Instance:
  Source:
    Component:  default-scheduler
  Type:         Normal
  Events:       <none>
  $ kubectl events
  LAST SEEN   TYPE     REASON      OBJECT    MESSAGE
  {{age}}          Normal   Scheduled   Pod/web   Successfully assigned default/web to virtual-0
  $ kubectl events --for pod/web
  LAST SEEN   TYPE     REASON      OBJECT    MESSAGE
  {{age}}          Normal   Scheduled   Pod/web   Successfully assigned default/web to virtual-0
  $ kubectl get endpoints ext
  Warning: v1 Endpoints is deprecated in v1.33+; use discovery.k8s.io/v1 EndpointSlice
  NAME   ENDPOINTS     AGE
  ext    10.1.2.3:80   {{age}}
  $ kubectl get endpointslices ext
  NAME   ADDRESSTYPE   PORTS   ENDPOINTS   AGE
  ext    IPv4          80      10.1.2.3    {{age}}
  $ kubectl get podtemplates,podgroups,limits
  NAME             CONTAINERS   IMAGES   POD LABELS
  podtemplate/pt   c            i        a=b

  NAME                               POLICY   MIN   STATUS    WHY   AGE
  podgroup.scheduling.k8s.io/train   Gang     4     Pending         {{age}}

  NAME           CREATED AT
  limitrange/l   {{time}}
  $ kubectl get quota -n kube-public
  NAME   REQUEST                LIMIT   AGE
  q      cpu: 0/4, pods: 0/10           {{age}}
