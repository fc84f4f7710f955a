kubectl get prints every form

  $ kubectl create configmap a --from-literal=k=v
  configmap/a created
  $ kubectl get cm a
  NAME   DATA   AGE
  a      1      {{age}}
  $ kubectl get cm b
  Error from server (NotFound): configmaps "b" not found
  [1]
