Helm installs, upgrades, rolls back and uninstalls a chart

@ up --no-agent --virtual-nodes 1

  $ helm version --template '{{.Version}}' | cut -d. -f1
  v4
  $ mkdir -p web/templates; cat > web/Chart.yaml <<END
  > apiVersion: v2
  > name: web
  > version: 0.1.0
  > END
  $ cat > web/values.yaml <<END
  > greeting: hello
  > image: nginx
  > END
  $ cat > web/templates/all.yaml <<'END'
  > apiVersion: v1
  > kind: ConfigMap
  > metadata: {name: {{.Release.Name}}-settings, labels: {release: {{.Release.Name}}}}
  > data: {greeting: {{.Values.greeting}}}
  > ---
  > apiVersion: v1
  > kind: Secret
  > metadata: {name: {{.Release.Name}}-key}
  > stringData: {key: {{.Values.greeting}}}
  > ---
  > apiVersion: v1
  > kind: Service
  > metadata: {name: {{.Release.Name}}}
  > spec: {selector: {app: {{.Release.Name}}}, ports: [{port: 80}]}
  > ---
  > apiVersion: v1
  > kind: Pod
  > metadata: {name: {{.Release.Name}}, labels: {app: {{.Release.Name}}}}
  > spec: {containers: [{name: web, image: {{.Values.image}}}]}
  > END
  $ cat > web/templates/hooks.yaml <<'END'
  > apiVersion: v1
  > kind: ConfigMap
  > metadata:
  >   name: {{.Release.Name}}-before
  >   annotations: {helm.sh/hook: pre-install, helm.sh/hook-delete-policy: before-hook-creation}
  > data: {when: before}
  > ---
  > apiVersion: v1
  > kind: Pod
  > metadata:
  >   name: {{.Release.Name}}-after
  >   annotations:
  >     helm.sh/hook: post-install
  >     helm.sh/hook-delete-policy: hook-succeeded
  >     virtual.coracle.dev/run-time: 100ms
  > spec: {restartPolicy: Never, containers: [{name: once, image: busybox, command: [sh, -c, "true"]}]}
  > END
  $ helm lint web | tail -1
  1 chart(s) linted, 0 chart(s) failed
  $ helm install shop web --wait --timeout 60s
  NAME: shop
  LAST DEPLOYED: {{any}}
  NAMESPACE: default
  STATUS: deployed
  REVISION: 1
  DESCRIPTION: Install complete
  TEST SUITE: None
  $ kubectl get configmap,secret,service,pod -l 'app!=x' -o name | sort
  configmap/kube-root-ca.crt
  configmap/shop-before
  configmap/shop-settings
  pod/shop
  secret/sh.helm.release.v1.shop.v1
  secret/shop-key
  service/kubernetes
  service/shop
  $ kubectl get secret -l owner=helm
  NAME                         TYPE                 DATA   AGE
  sh.helm.release.v1.shop.v1   helm.sh/release.v1   1      {{age}}
  $ helm list
  NAME NAMESPACE REVISION UPDATED                                 STATUS   CHART     APP VERSION
  shop default   1        {{any}} deployed web-0.1.0
  $ helm status shop | head -7
  NAME: shop
  LAST DEPLOYED: {{any}}
  NAMESPACE: default
  STATUS: deployed
  REVISION: 1
  DESCRIPTION: Install complete
  RESOURCES:
  $ helm get values shop --all
  COMPUTED VALUES:
  greeting: hello
  image: nginx
  $ helm get manifest shop | grep kind
  kind: Secret
  kind: ConfigMap
  kind: Service
  kind: Pod
  $ helm install shop web
  level=ERROR msg="release name check failed" error="cannot reuse a name that is still in use"
  Error: INSTALLATION FAILED: release name check failed: cannot reuse a name that is still in use
  [1]
  $ helm upgrade shop web --set greeting=bye --wait --timeout 60s
  Release "shop" has been upgraded. Happy Helming!
  NAME: shop
  LAST DEPLOYED: {{any}}
  NAMESPACE: default
  STATUS: deployed
  REVISION: 2
  DESCRIPTION: Upgrade complete
  TEST SUITE: None
  $ kubectl get configmap shop-settings -o jsonpath='{.data.greeting}{"\n"}'
  bye
  $ kubectl get configmap shop-settings -o jsonpath='{.metadata.managedFields[*].manager} {.metadata.managedFields[*].operation}{"\n"}'
  helm Apply
  $ helm upgrade shop web --set image=nginx:2 --wait --timeout 60s --reuse-values
  Release "shop" has been upgraded. Happy Helming!
  NAME: shop
  LAST DEPLOYED: {{any}}
  NAMESPACE: default
  STATUS: deployed
  REVISION: 3
  DESCRIPTION: Upgrade complete
  TEST SUITE: None
  $ kubectl get pod shop -o jsonpath='{.spec.containers[0].image}{"\n"}'
  nginx:2
  $ helm history shop
  REVISION UPDATED                  STATUS     CHART     APP VERSION DESCRIPTION
  1        {{any}} superseded web-0.1.0             Install complete
  2        {{any}} superseded web-0.1.0             Upgrade complete
  3        {{any}} deployed   web-0.1.0             Upgrade complete
  $ helm rollback shop 1 --wait --timeout 60s
  Rollback was a success! Happy Helming!
  $ kubectl get configmap shop-settings -o jsonpath='{.data.greeting}{"\n"}'
  hello
  $ kubectl get pod shop -o jsonpath='{.spec.containers[0].image}{"\n"}'
  nginx
  $ helm history shop
  REVISION UPDATED                  STATUS     CHART     APP VERSION DESCRIPTION
  1        {{any}} superseded web-0.1.0             Install complete
  2        {{any}} superseded web-0.1.0             Upgrade complete
  3        {{any}} superseded web-0.1.0             Upgrade complete
  4        {{any}} deployed   web-0.1.0             Rollback to 1
  $ helm upgrade --install shop web --dry-run=server | head -3
  Release "shop" has been upgraded. Happy Helming!
  NAME: shop
  LAST DEPLOYED: {{any}}
  $ helm uninstall shop --wait --timeout 60s
  release "shop" uninstalled
  $ kubectl get configmap,secret,service,pod -o name | sort
  configmap/kube-root-ca.crt
  configmap/shop-before
  service/kubernetes
  $ helm template shop web --no-hooks | kubectl apply -f -
  secret/shop-key created
  configmap/shop-settings created
  service/shop created
  pod/shop created
  $ helm template shop web --no-hooks | kubectl apply --server-side -f - 2>&1 | head -3
  secret/shop-key serverside-applied
  configmap/shop-settings serverside-applied
  service/shop serverside-applied
  $ helm template shop web --no-hooks | kubectl delete -f -
  secret "shop-key" deleted from default namespace
  configmap "shop-settings" deleted from default namespace
  service "shop" deleted from default namespace
  pod "shop" deleted from default namespace
  $ sed -i 's/kind: Service/kind: Deployment/; s/v1$/v1/' web/templates/all.yaml; helm install bad web
  Error: INSTALLATION FAILED: unable to build kubernetes objects from release manifest: resource mapping not found for name: "bad" namespace: "" from "": no matches for kind "Deployment" in version "v1"
  ensure CRDs are installed first
  [1]
