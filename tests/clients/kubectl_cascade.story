kubectl delete takes dependents along, waits for them, or leaves them

@ up --no-agent --virtual-nodes 1

  $ cat > family.sh <<'END'
  > kubectl create configmap $1 >/dev/null
  > uid=$(kubectl get configmap $1 -o jsonpath='{.metadata.uid}')
  > for child in $1-a $1-b; do kubectl create -f - >/dev/null <<DOC
  > {apiVersion: v1, kind: Secret, metadata: {name: $child, labels: {of: $1}, ownerReferences: [{apiVersion: v1, kind: ConfigMap, name: $1, uid: $uid, blockOwnerDeletion: true}]}}
  > DOC
  > done
  > END
  $ for owner in back fore orphan; do sh family.sh $owner; done; kubectl get secrets -o name
  secret/back-a
  secret/back-b
  secret/fore-a
  secret/fore-b
  secret/orphan-a
  secret/orphan-b

In the background: the owner goes at once, its dependents soon.

  $ kubectl delete configmap back --cascade=background
  configmap "back" deleted from default namespace
  $ eventually sh -c 'test -z "$(kubectl get secrets -l of=back -o name)"'

In the foreground: the owner goes last.

  $ kubectl patch secret fore-a --type=merge -p '{"metadata":{"finalizers":["example.com/wait"]}}'
  secret/fore-a patched
  $ kubectl delete configmap fore --cascade=foreground --wait=false
  configmap "fore" deleted from default namespace
  $ eventually sh -c 'test "$(kubectl get secrets -l of=fore -o name)" = secret/fore-a'
  $ kubectl get configmap fore -o jsonpath='{.metadata.finalizers}{"\n"}'
  ["foregroundDeletion"]
  $ kubectl patch secret fore-a --type=merge -p '{"metadata":{"finalizers":null}}'
  secret/fore-a patched
  $ kubectl wait --for=delete configmap/fore --timeout=15s >/dev/null
  $ kubectl get secrets -l of=fore
  No resources found in default namespace.

Orphaned: dependents stay, and forget their owner.

  $ kubectl delete configmap orphan --cascade=orphan
  configmap "orphan" deleted from default namespace
  $ eventually sh -c 'kubectl get secret orphan-a -o jsonpath={.metadata.ownerReferences} | wc -c | grep -qx 0'
  $ kubectl get secrets -l of=orphan -o name
  secret/orphan-a
  secret/orphan-b
  $ kubectl get configmap orphan
  Error from server (NotFound): configmaps "orphan" not found
  [1]

An owner that never was.

  $ kubectl create -f - <<END
  > {apiVersion: v1, kind: Secret, metadata: {name: stray, ownerReferences: [{apiVersion: v1, kind: ConfigMap, name: none, uid: 11111111-2222-3333-4444-555555555555}]}}
  > END
  secret/stray created
  $ eventually sh -c '! kubectl get secret stray'
  Error from server (NotFound): secrets "stray" not found
  $ kubectl create -f - <<END
  > {apiVersion: v1, kind: Secret, metadata: {name: wrong, ownerReferences: [{apiVersion: v1, kind: ConfigMap, name: none}]}}
  > END
  The Secret "wrong" is invalid: metadata.ownerReferences.uid: Invalid value: "": must not be empty
  [1]

Events tell what happened to a pod, and namespaces go with all they hold.

  $ kubectl create namespace full; kubectl create configmap c -n full; kubectl run web --image=nginx -n full; kubectl wait --for=condition=Ready pod/web -n full --timeout=20s
  namespace/full created
  configmap/c created
  pod/web created
  pod/web condition met
  $ eventually sh -c "kubectl events -n full --for pod/web | grep -o Successfully.*"
  Successfully assigned full/web to virtual-0
  $ kubectl delete namespace full --timeout=30s
  namespace "full" deleted
  $ kubectl get configmaps,pods,events -n full
  No resources found in full namespace.
