// The JavaScript client against the server: create, patch, refuse, and an informer that sees it all.
const path = `${process.env.CLIENT_JS}/node_modules/@kubernetes/client-node/dist/index.js`;
const k8s = await import(path);

const config = new k8s.KubeConfig();
config.loadFromDefault();
const core = config.makeApiClient(k8s.CoreV1Api);
const namespace = 'default';

const seen = [];
let waiting = () => {};
function heard(what, object) {
  seen.push(`${what} ${object.metadata.name} ${object.data?.n ?? ''}`.trim());
  waiting();
}

// Resolves once that many changes were heard.
function after(count) {
  return new Promise((resolve) => {
    waiting = () => { if (seen.length >= count) resolve(); };
    waiting();
  });
}

async function refusal(call) {
  try {
    await call();
    return 'accepted';
  } catch (error) {
    return `${error.code} ${JSON.parse(error.body).reason}`;
  }
}

const body = (name) => ({ metadata: { name, labels: { js: 'y' } }, data: { n: '1' } });

await core.createNamespacedConfigMap({ namespace, body: body('first') });
const list = () => core.listNamespacedConfigMap({ namespace, labelSelector: 'js' });
const informer = k8s.makeInformer(config, `/api/v1/namespaces/${namespace}/configmaps`, list, 'js');
informer.on('add', (object) => heard('add', object));
informer.on('update', (object) => heard('update', object));
informer.on('delete', (object) => heard('delete', object));
let running = true;
informer.on('error', (error) => { if (running) console.log('error', error.message); });
await informer.start();
await after(1);

await core.createNamespacedConfigMap({ namespace, body: body('second') });
await after(2);
console.log('again:', await refusal(() => core.createNamespacedConfigMap({ namespace, body: body('second') })));
await core.patchNamespacedConfigMap(
  { name: 'second', namespace, body: { data: { n: '2' } } },
  k8s.setHeaderOptions('Content-Type', k8s.PatchStrategy.StrategicMergePatch));
await after(3);
await core.deleteNamespacedConfigMap({ name: 'first', namespace });
await after(4);
console.log(seen.join(', '));
console.log('cached:', informer.list(namespace).map((object) => object.metadata.name).join(' '));
running = false;
await informer.stop();

const objects = k8s.KubernetesObjectApi.makeApiClient(config);
const applied = await objects.patch(
  { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'applied', namespace }, data: { k: 'v' } },
  undefined, undefined, 'js', true, k8s.PatchStrategy.ServerSideApply);
console.log('applied by', applied.metadata.managedFields[0].manager);
const pods = await core.listPodForAllNamespaces();
console.log(pods.kind, pods.items.length);
console.log('missing:', await refusal(() => core.readNamespacedPod({ name: 'none', namespace })));
process.exit(0);
