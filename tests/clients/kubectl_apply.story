kubectl apply, diff, replace and edit keep what others wrote

  $ cat > a.yaml <<END
  > apiVersion: v1
  > kind: ConfigMap
  > metadata: {name: a}
  > data: {k: v, gone: x}
  > END
  $ kubectl diff -f a.yaml > difference; echo $?; tail -n +4 difference
  1
  @@ -0,0 +1,10 @@
  +apiVersion: v1
  +data:
  +  gone: x
  +  k: v
  +kind: ConfigMap
  +metadata:
  +  creationTimestamp: "{{time}}"
  +  name: a
  +  namespace: default
  +  uid: {{uid}}
  $ kubectl apply -f a.yaml --dry-run=server
  configmap/a created (server dry run)
  $ kubectl apply -f a.yaml --dry-run=client
  configmap/a created (dry run)
  $ kubectl apply -f a.yaml
  configmap/a created
  $ kubectl apply -f a.yaml
  configmap/a unchanged
  $ kubectl get configmap a -o jsonpath='{.metadata.annotations}'
  {"kubectl.kubernetes.io/last-applied-configuration":"{\"apiVersion\":\"v1\",\"data\":{\"gone\":\"x\",\"k\":\"v\"},\"kind\":\"ConfigMap\",\"metadata\":{\"annotations\":{},\"name\":\"a\",\"namespace\":\"default\"}}\n"}
  $ kubectl patch configmap a --type=merge -p '{"data":{"other":"y"}}'
  configmap/a patched
  $ sed -i 's/gone: x/new: z/' a.yaml
  $ kubectl diff -f a.yaml > difference; echo $?; tail -n +4 difference
  1
  @@ -1,7 +1,7 @@
   apiVersion: v1
   data:
  -  gone: x
     k: v
  +  new: z
     other: "y"
   kind: ConfigMap
   metadata:
  $ kubectl apply -f a.yaml
  configmap/a configured
  $ kubectl get configmap a -o jsonpath='{.data}'
  {"k":"v","new":"z","other":"y"}
  $ kubectl apply view-last-applied configmap/a
  apiVersion: v1
  data:
    k: v
    new: z
  kind: ConfigMap
  metadata:
    annotations: {}
    name: a
    namespace: default
  $ kubectl apply set-last-applied -f a.yaml
  configmap/a configured

Server-side.

  $ cat > s.yaml <<END
  > apiVersion: v1
  > kind: ConfigMap
  > metadata: {name: s}
  > data: {k: v, l: w}
  > END
  $ kubectl apply --server-side -f s.yaml
  configmap/s serverside-applied
  $ kubectl apply --server-side -f s.yaml
  configmap/s serverside-applied
  $ sed 's/k: v, l: w/k: w/' s.yaml > t.yaml
  $ kubectl apply --server-side --field-manager=other -f t.yaml
  error: Apply failed with 1 conflict: conflict with "kubectl": .data.k
  Please review the fields above--they currently have other managers. Here
  are the ways you can resolve this warning:
  * If you intend to manage all of these fields, please re-run the apply
    command with the `--force-conflicts` flag.
  * If you do not intend to manage all of the fields, please edit your
    manifest to remove references to the fields that should keep their
    current managers.
  * You may co-own fields by updating your manifest to match the existing
    value; in this case, you'll become the manager if the other manager(s)
    stop managing the field (remove it from their configuration).
  See https://kubernetes.io/docs/reference/using-api/server-side-apply/#conflicts
  [1]
  $ kubectl apply --server-side --field-manager=other -f t.yaml --force-conflicts
  configmap/s serverside-applied
  $ kubectl apply --server-side -f s.yaml
  error: Apply failed with 1 conflict: conflict with "other": .data.k
  Please review the fields above--they currently have other managers. Here
  are the ways you can resolve this warning:
  * If you intend to manage all of these fields, please re-run the apply
    command with the `--force-conflicts` flag.
  * If you do not intend to manage all of the fields, please edit your
    manifest to remove references to the fields that should keep their
    current managers.
  * You may co-own fields by updating your manifest to match the existing
    value; in this case, you'll become the manager if the other manager(s)
    stop managing the field (remove it from their configuration).
  See https://kubernetes.io/docs/reference/using-api/server-side-apply/#conflicts
  [1]
  $ sed -i 's/k: v, //' s.yaml
  $ kubectl apply --server-side -f s.yaml
  configmap/s serverside-applied
  $ kubectl get configmap s -o yaml --show-managed-fields
  apiVersion: v1
  data:
    k: w
    l: w
  kind: ConfigMap
  metadata:
    creationTimestamp: "{{time}}"
    managedFields:
    - apiVersion: v1
      fieldsType: FieldsV1
      fieldsV1:
        f:data:
          f:l: {}
      manager: kubectl
      operation: Apply
      time: "{{time}}"
    - apiVersion: v1
      fieldsType: FieldsV1
      fieldsV1:
        f:data:
          f:k: {}
      manager: other
      operation: Apply
      time: "{{time}}"
    name: s
    namespace: default
    resourceVersion: "{{number}}"
    uid: {{uid}}
  $ kubectl apply --server-side -f a.yaml
  configmap/a serverside-applied
  $ kubectl label configmap s x=y
  configmap/s labeled
  $ kubectl apply --server-side --field-manager=third -f - <<END
  > {apiVersion: v1, kind: ConfigMap, metadata: {name: s, labels: {x: z}}, data: {k: z, l: z}}
  > END
  error: Apply failed with 3 conflicts: conflicts with "kubectl":
  - .data.l
  conflicts with "kubectl-label" using v1:
  - .metadata.labels.x
  conflicts with "other":
  - .data.k
  Please review the fields above--they currently have other managers. Here
  are the ways you can resolve this warning:
  * If you intend to manage all of these fields, please re-run the apply
    command with the `--force-conflicts` flag.
  * If you do not intend to manage all of the fields, please edit your
    manifest to remove references to the fields that should keep their
    current managers.
  * You may co-own fields by updating your manifest to match the existing
    value; in this case, you'll become the manager if the other manager(s)
    stop managing the field (remove it from their configuration).
  See https://kubernetes.io/docs/reference/using-api/server-side-apply/#conflicts
  [1]

Prune.

  $ mkdir set; sed 's/name: a/name: p1, labels: {set: one}/' a.yaml > set/p1.yaml; sed 's/name: a/name: p2, labels: {set: one}/' a.yaml > set/p2.yaml
  $ kubectl apply -f set --prune -l set=one --prune-allowlist=core/v1/ConfigMap
  configmap/p1 created
  configmap/p2 created
  $ rm set/p2.yaml; kubectl apply -f set --prune -l set=one --prune-allowlist=core/v1/ConfigMap
  configmap/p1 unchanged
  configmap/p2 pruned

Replace, edit.

  $ kubectl get configmap a -o yaml > r.yaml; sed -i 's/k: v/k: replaced/' r.yaml
  $ kubectl replace -f r.yaml
  configmap/a replaced
  $ kubectl replace -f r.yaml
  Error from server (Conflict): error when replacing "r.yaml": Operation cannot be fulfilled on configmaps "a": the object has been modified; please apply your changes to the latest version and try again
  [1]
  $ kubectl replace --force -f r.yaml
  configmap "a" deleted from default namespace
  configmap/a replaced
  $ kubectl replace -f - <<END
  > {apiVersion: v1, kind: ConfigMap, metadata: {name: nothing}}
  > END
  Error from server (NotFound): error when replacing "STDIN": configmaps "nothing" not found
  [1]
  $ cat > editor <<'END'
  > #!/bin/sh
  > sed -i 's/k: replaced/k: edited/' "$1"
  > END
  $ chmod +x editor; KUBE_EDITOR=./editor kubectl edit configmap a
  configmap/a edited
  $ kubectl get configmap a -o jsonpath='{.data.k}'
  edited
  $ KUBE_EDITOR=true kubectl edit configmap a
  Edit cancelled, no changes made.
  $ cat > editor <<'END'
  > #!/bin/sh
  > sed -i 's/name: a$/name: b/' "$1"
  > END
  $ KUBE_EDITOR=./editor kubectl edit configmap a
  A copy of your changes has been stored to "{{any}}/kubectl-edit-{{number}}.yaml"
  error: At least one of apiVersion, kind and name was changed
  [1]
  $ kubectl create -f a.yaml --validate=strict
  Error from server (AlreadyExists): error when creating "a.yaml": configmaps "a" already exists
  [1]
  $ kubectl apply -f - <<END
  > {apiVersion: v1, kind: ConfigMap, metadata: {name: z, nmae: b}, dta: {}}
  > END
  Error from server (BadRequest): error when creating "STDIN": ConfigMap in version "v1" cannot be handled as a ConfigMap: strict decoding error: unknown field "dta", unknown field "metadata.nmae"
  [1]
  $ kubectl apply --validate=warn -f - <<END
  > {apiVersion: v1, kind: ConfigMap, metadata: {name: z, nmae: b}, dta: {}}
  > END
  Warning: unknown field "dta"
  Warning: unknown field "metadata.nmae"
  configmap/z created
  $ kubectl apply --validate=ignore -f - <<END
  > {apiVersion: v1, kind: ConfigMap, metadata: {name: ign, nmae: b}, dta: {}}
  > END
  configmap/ign created
  $ kubectl apply -f - <<END
  > {apiVersion: v1, kind: ConfigMap, metadata: {name: Bad_Name}, data: {"a b": "x"}}
  > END
  The ConfigMap "Bad_Name" is invalid:
  * metadata.name: Invalid value: "Bad_Name": a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')
  * data[a b]: Invalid value: "a b": a valid config key must consist of alphanumeric characters, '-', '_' or '.' (e.g. 'key.name',  or 'KEY_NAME',  or 'key-name', regex used for validation is '[-._a-zA-Z0-9]+')
  [1]
  $ kubectl apply -f - <<END
  > {apiVersion: apps/v1, kind: Deployment, metadata: {name: x}}
  > END
  error: resource mapping not found for name: "x" namespace: "" from "STDIN": no matches for kind "Deployment" in version "apps/v1"
  ensure CRDs are installed first
  [1]

  $ printf 'resources: [a.yaml]\nnamePrefix: x-\n' > kustomization.yaml; kubectl apply -k .
  configmap/x-a created
