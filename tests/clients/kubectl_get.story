kubectl get prints every form, chooses and sorts

@ up --no-agent --virtual-nodes 2

  $ kubectl create configmap a --from-literal=k=v
  configmap/a created
  $ kubectl label configmap a tier=front
  configmap/a labeled
  $ kubectl create namespace other
  namespace/other created
  $ kubectl create secret generic a --from-literal=k=v
  secret/a created
  $ kubectl label secret a tier=front
  secret/a labeled
  $ kubectl create secret generic b --from-literal=k=1 --from-literal=y=2
  secret/b created
  $ kubectl create secret generic c -n other
  secret/c created

The forms of one object.

  $ kubectl get configmap a
  NAME   DATA   AGE
  a      1      {{age}}
  $ kubectl get cm/a -o wide
  NAME   DATA   AGE
  a      1      {{age}}
  $ kubectl get configmap a -o json
  {
      "apiVersion": "v1",
      "data": {
          "k": "v"
      },
      "kind": "ConfigMap",
      "metadata": {
          "creationTimestamp": "{{time}}",
          "labels": {
              "tier": "front"
          },
          "name": "a",
          "namespace": "default",
          "resourceVersion": "{{number}}",
          "uid": "{{uid}}"
      }
  }
  $ kubectl get configmap a -o yaml
  apiVersion: v1
  data:
    k: v
  kind: ConfigMap
  metadata:
    creationTimestamp: "{{time}}"
    labels:
      tier: front
    name: a
    namespace: default
    resourceVersion: "{{number}}"
    uid: {{uid}}
  $ kubectl get configmap a -o kyaml
  ---
  {
    apiVersion: "v1",
    data: {
      k: "v",
    },
    kind: "ConfigMap",
    metadata: {
      creationTimestamp: "{{time}}",
      labels: {
        tier: "front",
      },
      name: "a",
      namespace: "default",
      resourceVersion: "{{number}}",
      uid: "{{uid}}",
    },
  }
  $ kubectl get configmap a -o name
  configmap/a
  $ kubectl get configmap a -o jsonpath='{.data.k}{"\n"}'
  v
  $ kubectl get configmap a -o jsonpath-as-json='{.data}'
  [
      {
          "k": "v"
      }
  ]
  $ kubectl get configmap a -o go-template='{{.metadata.name}}={{.data.k}}{{"\n"}}'
  a=v
  $ kubectl get configmap a -o custom-columns=NAME:.metadata.name,K:.data.k,NONE:.data.z
  NAME   K     NONE
  a      v     <none>
  $ kubectl get configmap a --no-headers
  a     1     {{age}}
  $ kubectl get configmap a --show-kind
  NAME          DATA   AGE
  configmap/a   1      {{age}}
  $ kubectl get configmap a --show-labels
  NAME   DATA   AGE   LABELS
  a      1      {{age}}    tier=front
  $ kubectl get configmap a -L tier,other
  NAME   DATA   AGE   TIER    OTHER
  a      1      {{age}}    front
  $ kubectl get configmap a -o yaml --show-managed-fields
  apiVersion: v1
  data:
    k: v
  kind: ConfigMap
  metadata:
    creationTimestamp: "{{time}}"
    labels:
      tier: front
    managedFields:
    - apiVersion: v1
      fieldsType: FieldsV1
      fieldsV1:
        f:data:
          .: {}
          f:k: {}
      manager: kubectl-create
      operation: Update
      time: "{{time}}"
    - apiVersion: v1
      fieldsType: FieldsV1
      fieldsV1:
        f:metadata:
          f:labels:
            .: {}
            f:tier: {}
      manager: kubectl-label
      operation: Update
      time: "{{time}}"
    name: a
    namespace: default
    resourceVersion: "{{number}}"
    uid: {{uid}}
  $ kubectl get configmap a -o jsonpath='{.metadata.uid}'
  {{uid}}

Lists.

  $ kubectl get secret
  NAME   TYPE     DATA   AGE
  a      Opaque   1      {{age}}
  b      Opaque   2      {{age}}
  $ kubectl get secret -o name
  secret/a
  secret/b
  $ kubectl get secret -o yaml
  apiVersion: v1
  items:
  - apiVersion: v1
    data:
      k: dg==
    kind: Secret
    metadata:
      creationTimestamp: "{{time}}"
      labels:
        tier: front
      name: a
      namespace: default
      resourceVersion: "{{number}}"
      uid: {{uid}}
    type: Opaque
  - apiVersion: v1
    data:
      k: MQ==
      "y": Mg==
    kind: Secret
    metadata:
      creationTimestamp: "{{time}}"
      name: b
      namespace: default
      resourceVersion: "{{number}}"
      uid: {{uid}}
    type: Opaque
  kind: List
  metadata:
    resourceVersion: ""
  $ kubectl get secret --chunk-size=1 -o name
  secret/a
  secret/b
  $ kubectl get secret -A --field-selector metadata.namespace!=kube-system -o name
  secret/a
  secret/b
  secret/c
  $ kubectl get secret a b
  NAME   TYPE     DATA   AGE
  a      Opaque   1      {{age}}
  b      Opaque   2      {{age}}
  $ kubectl get secret/a ns/other
  NAME       TYPE     DATA   AGE
  secret/a   Opaque   1      {{age}}

  NAME              STATUS   AGE
  namespace/other   Active   {{age}}
  $ kubectl get secret -l tier=front
  NAME   TYPE     DATA   AGE
  a      Opaque   1      {{age}}
  $ kubectl get secret -l 'tier!=front' -o name
  secret/b
  $ kubectl get secret -l 'tier in (back,front),!x' -o name
  secret/a
  $ kubectl get secret -l 'tier=nothing'
  No resources found in default namespace.
  $ kubectl get secret --field-selector metadata.name=b
  NAME   TYPE     DATA   AGE
  b      Opaque   2      {{age}}
  $ kubectl get secret --sort-by=.metadata.name -o name
  secret/a
  secret/b
  $ kubectl get secret --sort-by='{.data.k}'
  NAME   TYPE     DATA   AGE
  b      Opaque   2      {{age}}
  a      Opaque   1      {{age}}
  $ kubectl get pods
  No resources found in default namespace.
  $ kubectl get pods -A
  No resources found
  $ kubectl get nodes -o wide
  NAME        STATUS   ROLES    AGE   VERSION                 INTERNAL-IP   EXTERNAL-IP   OS-IMAGE   KERNEL-VERSION   CONTAINER-RUNTIME
  virtual-0   Ready    <none>   {{age}}    {{word}}   198.18.0.1    <none>        virtual    virtual          virtual://0.1.0
  virtual-1   Ready    <none>   {{age}}    {{word}}   198.18.0.2    <none>        virtual    virtual          virtual://0.1.0

What is wrong.

  $ kubectl get secret nothing
  Error from server (NotFound): secrets "nothing" not found
  [1]
  $ kubectl get secret nothing --ignore-not-found
  $ kubectl get secret a nothing
  NAME   TYPE     DATA   AGE
  a      Opaque   1      {{age}}
  Error from server (NotFound): secrets "nothing" not found
  [1]
  $ kubectl get things
  error: the server doesn't have a resource type "things"
  [1]
  $ kubectl get secret -n nowhere
  No resources found in nowhere namespace.
  $ kubectl get secret -l 'a=b=c'
  Error from server (BadRequest): Unable to find "/v1, Resource=secrets" that match label selector "a=b=c", field selector "": found '=', expected: ',' or 'end of string'
  [1]
  $ kubectl get secret --field-selector data.k=v
  Error from server (BadRequest): Unable to find "/v1, Resource=secrets" that match label selector "", field selector "data.k=v": field label not supported: data.k
  [1]
  $ kubectl get pods --field-selector spec.foo=1
  Error from server (BadRequest): Unable to find "/v1, Resource=pods" that match label selector "", field selector "spec.foo=1": field label not supported: spec.foo
  [1]
  $ kubectl get --raw /api/v1/nothing
  Error from server (NotFound): the server could not find the requested resource
  [1]
  $ kubectl get --raw /nothing
  Error from server (NotFound): the server could not find the requested resource
  [1]
  $ kubectl get --raw /api/v1/namespaces/default/secrets/a
  {"apiVersion":"v1","kind":"Secret","metadata":{"managedFields":[{"manager":"kubectl-create","operation":"Update","apiVersion":"v1","time":"{{time}}","fieldsType":"FieldsV1","fieldsV1":{"f:data":{".":{},"f:k":{}},"f:type":{}}},{"manager":"kubectl-label","operation":"Update","apiVersion":"v1","time":"{{time}}","fieldsType":"FieldsV1","fieldsV1":{"f:metadata":{"f:labels":{".":{},"f:tier":{}}}}}],"name":"a","namespace":"default","uid":"{{uid}}","creationTimestamp":"{{time}}","resourceVersion":"{{number}}","labels":{"tier":"front"}},"data":{"k":"dg=="},"type":"Opaque"}
