kubectl get --watch prints each change

  $ kubectl create configmap a --from-literal=k=v
  configmap/a created
  $ in_background seen kubectl get configmap a --watch
  $ in_background events kubectl get configmap a --watch --output-watch-events
  $ in_background json kubectl get configmap a --watch-only -o jsonpath="{.data.k};"
  $ eventually grep -q a seen; eventually grep -q a events
  $ kubectl patch configmap a --type=merge -p '{"data":{"k":"w","z":"1"}}'
  configmap/a patched
  $ eventually grep -q MODIFIED events; eventually grep -q ' 2 ' seen
  $ kubectl delete configmap a
  configmap "a" deleted from default namespace
  $ eventually grep -q DELETED events
  $ cat seen
  NAME   DATA   AGE
  a      1      {{age}}
  a      2      {{age}}
  a      2      {{age}}
  $ cat events
  EVENT      NAME   DATA   AGE
  ADDED      a      1      {{age}}
  MODIFIED   a      2      {{age}}
  DELETED    a      2      {{age}}
  $ cat json
  w;w;
  $ end_background
  $ kubectl get pods --watch --request-timeout=1s
