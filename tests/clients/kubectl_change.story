kubectl label, annotate, patch, set, taint, cordon, drain, wait and delete change what they say and nothing else

@ up --no-agent --virtual-nodes 2

  $ kubectl create configmap a --from-literal=k=v
  configmap/a created
  $ kubectl label configmap a x=y
  configmap/a labeled
  $ kubectl label configmap a x=z
  error: 'x' already has a value (y), and --overwrite is false
  [1]
  $ kubectl label configmap a x=z --overwrite
  configmap/a labeled
  $ kubectl label configmap a x=z
  configmap/a not labeled
  $ kubectl label configmap a x-
  configmap/a unlabeled
  $ kubectl label configmap a 'bad key=x'
  The ConfigMap "a" is invalid: metadata.labels: Invalid value: "bad key": name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')
  [1]
  $ kubectl label configmap a --list
  $ kubectl annotate configmap a note='some text'
  configmap/a annotated
  $ kubectl annotate configmap a note=other
  error: --overwrite is false but found the following declared annotation(s): 'note' already has a value (some text)
  [1]
  $ kubectl annotate configmap a --list
  note=some text
  $ kubectl annotate configmap a note-
  configmap/a annotated
  $ kubectl label configmap --all all=yes --field-selector metadata.name=a
  error: cannot set --all and --field-selector at the same time
  [1]
  $ kubectl patch configmap a -p '{"data":{"l":"w"}}'
  configmap/a patched
  $ kubectl patch configmap a -p '{"data":{"l":"w"}}'
  configmap/a patched (no change)
  $ kubectl patch configmap a --type=merge -p '{"data":{"l":null}}'
  configmap/a patched
  $ kubectl patch configmap a --type=json -p '[{"op":"test","path":"/data/k","value":"v"},{"op":"replace","path":"/data/k","value":"w"}]'
  configmap/a patched
  $ kubectl patch configmap a --type=json -p '[{"op":"test","path":"/data/k","value":"v"}]'
  The request is invalid: the server rejected our request due to an error in our request
  [1]
  $ kubectl patch configmap a --type=json -p '[{"op":"remove","path":"/data/nothing"}]'
  The request is invalid: the server rejected our request due to an error in our request
  [1]
  $ kubectl patch configmap a --type=json -p '{'
  Error from server (BadRequest): error decoding patch: unexpected end of JSON input (line 1, column 2)
  [1]
  $ kubectl patch configmap a --type=merge -p '{"data":{"k":1}}'
  The request is invalid: patch: Invalid value: {{any}}: json: cannot unmarshal number into Go struct field ConfigMap.data of type string
  [1]
  $ kubectl patch configmap nothing -p '{}'
  Error from server (NotFound): configmaps "nothing" not found
  [1]
  $ kubectl get configmap a -o jsonpath='{.data}'
  {"k":"w"}

  $ kubectl run web --image=nginx --labels=app=web --port=80 --env=A=b
  pod/web created
  $ kubectl wait --for=condition=Ready pod/web --timeout=20s
  pod/web condition met
  $ kubectl wait --for=jsonpath='{.status.phase}'=Running pod/web
  pod/web condition met
  $ kubectl wait --for=jsonpath='{.status.podIP}' pod/web
  pod/web condition met
  $ kubectl wait --for=condition=Never pod/web --timeout=1s 2>&1 | grep -v reflector
  error: timed out waiting for the condition on pods/web
  $ kubectl wait --for=create pod/web
  pod/web condition met
  $ kubectl patch pod web -p '{"spec":{"containers":[{"name":"web","image":"nginx:2"}]}}'
  pod/web patched
  $ kubectl set image pod/web web=nginx:3
  pod/web image updated
  $ kubectl set image pod/web nothing=nginx:3
  error: unable to find container named "nothing"
  [1]
  $ kubectl set env pod/web A=c 2>&1 | head -1
  error: failed to patch env update to pod template: Pod "web" is invalid: spec: Forbidden: pod updates may not change fields other than `spec.containers[*].image`,`spec.initContainers[*].image`,`spec.activeDeadlineSeconds`,`spec.tolerations` (only additions to existing tolerations),`spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it was previously negative)
  $ kubectl set resources pod web --limits=cpu=1 2>&1 | head -1
  error: failed to patch resources update to pod template Pod "web" is invalid: spec: Forbidden: pod updates may not change fields other than `spec.containers[*].image`,`spec.initContainers[*].image`,`spec.activeDeadlineSeconds`,`spec.tolerations` (only additions to existing tolerations),`spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it was previously negative)
  $ kubectl patch pod web --subresource=resize -p '{"spec":{"containers":[{"name":"web","resources":{"requests":{"cpu":"100m"}}}]}}'
  The Pod "web" is invalid: spec: Invalid value: "BestEffort": Pod QOS Class may not change as a result of resizing
  [1]
  $ kubectl patch pod web --subresource=status --type=merge -p '{"status":{"message":"hello"}}'
  pod/web patched
  $ kubectl get pod web --subresource=status -o jsonpath='{.status.message}'
  hello
  $ kubectl patch pod web -p '{"spec":{"nodeName":"other"}}' 2>&1 | head -1
  The Pod "web" is invalid: spec: Forbidden: pod updates may not change fields other than `spec.containers[*].image`,`spec.initContainers[*].image`,`spec.activeDeadlineSeconds`,`spec.tolerations` (only additions to existing tolerations),`spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it was previously negative)
  $ kubectl expose pod web --port=80 --target-port=8080 --name=svc
  service/svc exposed
  $ kubectl get service svc -o jsonpath='{.spec.selector} {.spec.ports[0].targetPort}{"\n"}'
  {"app":"web"} 8080
  $ kubectl set selector service svc app=other
  service/svc selector updated
  $ kubectl create serviceaccount bob
  serviceaccount/bob created
  $ kubectl create role r --verb=get --resource=pods
  role.rbac.authorization.k8s.io/r created
  $ kubectl create rolebinding rb --role=r --user=jane
  rolebinding.rbac.authorization.k8s.io/rb created
  $ kubectl set subject rolebinding rb --user=joe
  rolebinding.rbac.authorization.k8s.io/rb subjects updated
  $ kubectl autoscale pod web --max=3 2>&1 | tail -1
  error: cannot autoscale a Pod: could not find scale subresource for /v1, Resource=pods in discovery information
  $ kubectl scale pod web --replicas=2
  Error from server (NotFound): the server could not find the requested resource
  [1]
  $ kubectl rollout status pod/web
  error: no status viewer has been implemented for Pod
  [1]
  $ kubectl top pods
  error: Metrics API not available
  [1]
  $ kubectl top nodes
  error: Metrics API not available
  [1]

  $ kubectl taint nodes virtual-1 k=v:NoSchedule
  node/virtual-1 tainted
  $ kubectl taint nodes virtual-1 k=v:NoSchedule
  error: node virtual-1 already has k taint(s) with same effect(s) and --overwrite is false
  [1]
  $ kubectl taint nodes virtual-1 k=w:NoSchedule --overwrite
  node/virtual-1 modified
  $ kubectl taint nodes virtual-1 k:NoSchedule-
  node/virtual-1 untainted
  $ kubectl cordon virtual-0
  node/virtual-0 cordoned
  $ kubectl cordon virtual-0
  node/virtual-0 already cordoned
  $ kubectl get node virtual-0
  NAME        STATUS                     ROLES    AGE   VERSION
  virtual-0   Ready,SchedulingDisabled   <none>   {{age}}   {{word}}
  $ kubectl drain virtual-0
  node/virtual-0 already cordoned
  error: unable to drain node "virtual-0" due to error: cannot delete cannot delete Pods that declare no controller (use --force to override): default/web, continuing command...
  There are pending nodes to be drained:
   virtual-0
  cannot delete cannot delete Pods that declare no controller (use --force to override): default/web
  [1]
  $ kubectl drain virtual-0 --force --grace-period=1 --timeout=20s
  node/virtual-0 already cordoned
  Warning: deleting Pods that declare no controller: default/web
  evicting pod default/web
  pod/web evicted
  node/virtual-0 drained
  $ kubectl get pods
  No resources found in default namespace.
  $ kubectl uncordon virtual-0
  node/virtual-0 uncordoned
  $ kubectl uncordon virtual-0
  node/virtual-0 already uncordoned

  $ kubectl create configmap d1; kubectl create configmap d2; kubectl create configmap d3
  configmap/d1 created
  configmap/d2 created
  configmap/d3 created
  $ kubectl delete configmap d1 --dry-run=server
  configmap "d1" deleted from default namespace (server dry run)
  $ kubectl delete configmap d1 --dry-run=client
  configmap "d1" deleted from default namespace (dry run)
  $ kubectl delete configmap d1 nothing
  configmap "d1" deleted from default namespace
  Error from server (NotFound): configmaps "nothing" not found
  [1]
  $ kubectl delete configmap/d2 configmap/d3 --wait=false
  configmap "d2" deleted from default namespace
  configmap "d3" deleted from default namespace
  $ kubectl delete configmap nothing --ignore-not-found
  $ kubectl run slow --image=x --labels=app=slow
  pod/slow created
  $ kubectl wait --for=condition=Ready pod/slow --timeout=20s
  pod/slow condition met
  $ kubectl delete pod slow --now
  pod "slow" deleted from default namespace
  $ kubectl run forced --image=x
  pod/forced created
  $ kubectl delete pod forced --force --grace-period=0
  Warning: Immediate deletion does not wait for confirmation that the running resource has been terminated. The resource may continue to run on the cluster indefinitely.
  pod "forced" force deleted from default namespace
  $ kubectl delete pods -l app=slow
  No resources found
  $ kubectl delete namespace default
  Error from server (Forbidden): namespaces "default" is forbidden: this namespace may not be deleted
  [1]
  $ kubectl create namespace gone
  namespace/gone created
  $ kubectl create configmap x -n gone
  configmap/x created
  $ kubectl delete namespace gone
  namespace "gone" deleted
  $ kubectl get namespace gone
  Error from server (NotFound): namespaces "gone" not found
  [1]
  $ kubectl wait --for=delete pod/slow --timeout=5s
  $ kubectl create configmap fin
  configmap/fin created
  $ kubectl patch configmap fin --type=merge -p '{"metadata":{"finalizers":["example.com/wait"]}}'
  configmap/fin patched
  $ kubectl delete configmap fin --wait=false
  configmap "fin" deleted from default namespace
  $ kubectl get configmap fin -o jsonpath='{.metadata.finalizers} {.metadata.deletionGracePeriodSeconds}{"\n"}'
  ["example.com/wait"] 0
  $ kubectl patch configmap fin --type=merge -p '{"metadata":{"finalizers":["example.com/wait","x"]}}'
  The ConfigMap "fin" is invalid:
  * metadata.finalizers[1]: Invalid value: "x": name is neither a standard finalizer name nor is it fully qualified
  * metadata.finalizers: Forbidden: no new finalizers can be added if the object is being deleted, found new finalizers []string{"x"}
  [1]
  $ kubectl delete configmap fin --timeout=1s 2>&1 | grep -v reflector
  configmap "fin" deleted from default namespace
  error: timed out waiting for the condition on configmaps/fin
  $ kubectl patch configmap fin --type=json -p '[{"op":"remove","path":"/metadata/finalizers"}]'
  configmap/fin patched
  $ kubectl get configmap fin
  Error from server (NotFound): configmaps "fin" not found
  [1]
