#!/usr/bin/env python3
"""The Python client against the server: python_client.py WHAT. Prints what it saw; a story knows what
that must be."""
import sys
import threading

from kubernetes import client, config, dynamic, watch
from kubernetes.client.rest import ApiException
from kubernetes.dynamic.exceptions import ConflictError


def config_map(name, data, labels=None):
    return client.V1ConfigMap(metadata=client.V1ObjectMeta(name=name, labels=labels), data=data)


def refusal(call, *arguments, **options):
    """The code and reason with which a call is refused."""
    try:
        call(*arguments, **options)
        return "accepted"
    except ApiException as error:
        return f"{error.status} {error.reason}"


def crud(core):
    """Create, read, replace, patch, delete; typed objects hold what a strict model requires."""
    made = core.create_namespaced_config_map("default", config_map("a", {"k": "v"}))
    print("created", made.metadata.name, made.data)
    print("again:", refusal(core.create_namespaced_config_map, "default", config_map("a", {})))
    made.data["l"] = "w"
    replaced = core.replace_namespaced_config_map("a", "default", made)
    print("replaced", replaced.data)
    print("stale:", refusal(core.replace_namespaced_config_map, "a", "default", made))
    print("patched", core.patch_namespaced_config_map("a", "default", {"data": {"k": None}}).data)
    patch = [{"op": "add", "path": "/data/z", "value": "1"}]
    print("patched", core.patch_namespaced_config_map("a", "default", patch).data)
    print("missing:", refusal(core.read_namespaced_config_map, "b", "default"))
    gone = core.delete_namespaced_config_map("a", "default")
    print("deleted", gone.status, gone.details.kind, gone.details.name)
    pod = client.V1Pod(
        metadata=client.V1ObjectMeta(name="web", labels={"app": "web"}),
        spec=client.V1PodSpec(containers=[client.V1Container(
            name="web", image="nginx",
            resources=client.V1ResourceRequirements(requests={"cpu": "100m"}))]))
    core.create_namespaced_pod("default", pod)
    for event in watch.Watch().stream(core.list_namespaced_pod, "default", timeout_seconds=20):
        if event["object"].status.phase == "Running":
            break
    pod = core.read_namespaced_pod("web", "default")
    print("pod", pod.status.phase, pod.status.qos_class, pod.spec.node_name,
          pod.spec.containers[0].resources.requests)
    print("nodes", [node.status.capacity["pods"] for node in core.list_node().items])
    core.delete_namespaced_pod("web", "default", grace_period_seconds=0)


def watching(core):
    """A watch goes on at the revision that it is given."""
    start = core.list_namespaced_config_map("default", label_selector="w").metadata
    for name in ["a", "b"]:
        core.create_namespaced_config_map("default", config_map(name, {"n": "1"}, {"w": "y"}))
    core.patch_namespaced_config_map("a", "default", {"data": {"n": "2"}})
    core.delete_namespaced_config_map("b", "default")
    options = {"label_selector": "w", "timeout_seconds": 1}
    seen = [(event["type"], event["object"].metadata.name, event["object"].metadata.resource_version)
            for event in watch.Watch().stream(core.list_namespaced_config_map, "default",
                                              resource_version=start.resource_version, **options)]
    print(" ".join(f"{kind}/{name}" for kind, name, _ in seen))
    rest = [event["type"] for event in watch.Watch().stream(
        core.list_namespaced_config_map, "default", resource_version=seen[1][2], **options)]
    print("from the second on:", " ".join(rest))


def expired(core):
    """A revision that has left history is refused with 410; a new list goes on from there."""
    for number in range(400):
        core.create_namespaced_config_map("default", config_map(f"e{number}", {"k": "x" * 1000}))
        try:
            if number % 20 == 0:
                for _ in watch.Watch().stream(core.list_namespaced_secret, "default",
                                              resource_version="1", timeout_seconds=1):
                    pass
        except ApiException as error:
            print(error.status, error.reason)
            break
    fresh = core.list_namespaced_secret("default").metadata.resource_version
    core.create_namespaced_secret("default", client.V1Secret(
        metadata=client.V1ObjectMeta(name="s"), string_data={"k": "v"}))
    for event in watch.Watch().stream(core.list_namespaced_secret, "default",
                                      resource_version=fresh, timeout_seconds=10):
        print("from a new list:", event["type"], event["object"].metadata.name)
        break


def apply(api):
    """Server-side apply through the dynamic client, with a conflict."""
    resource = dynamic.DynamicClient(api).resources.get(api_version="v1", kind="ConfigMap")
    body = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "s"}, "data": {"k": "1"}}
    resource.server_side_apply(namespace="default", body=body, field_manager="one")
    body["data"]["k"] = "2"
    try:
        resource.server_side_apply(namespace="default", body=body, field_manager="two")
    except ConflictError as error:
        print(error.status, error.summary().splitlines()[-1][-60:])
    forced = resource.server_side_apply(namespace="default", body=body, field_manager="two",
                                        force_conflicts=True)
    print(forced.data.k, [entry.manager for entry in forced.metadata.managedFields])


def discovery(api):
    """The dynamic client finds every kind by discovery, and lists what can be listed."""
    found = dynamic.DynamicClient(api)
    kinds = {resource.kind for resource in found.resources.search() if "list" in (resource.verbs or [])}
    print(sorted(kind for kind in kinds if kind in {"Pod", "PodGroup", "Lease", "Role", "Node"}))
    for kind, version in [("PodGroup", "scheduling.k8s.io/v1beta1"), ("Lease", None)]:
        resource = found.resources.get(kind=kind, api_version=version)
        print(kind, resource.group_version, type(resource.get().items).__name__)


def listing(core):
    """Pages at one revision, while others write."""
    for number in range(25):
        core.create_namespaced_config_map("default", config_map(f"p{number:02}", {}, {"p": "y"}))
    names, revisions, token = [], set(), None
    for last in range(24, 0, -1):
        page = core.list_namespaced_config_map("default", label_selector="p", limit=10,
                                               _continue=token)
        names += [item.metadata.name for item in page.items]
        revisions.add(page.metadata.resource_version)
        core.delete_namespaced_config_map(f"p{last:02}", "default")
        token = page.metadata._continue
        if not token:
            break
    print(len(names), "names", names == sorted(set(names)), "at", len(revisions), "revision")
    print("bad token:", refusal(core.list_namespaced_config_map, "default", _continue="nonsense"))


def at_once(core):
    """Eight threads raise one counter by optimistic locking: no update is lost."""
    core.create_namespaced_config_map("default", config_map("counter", {"n": "0"}))

    def raise_it():
        for _ in range(5):
            while True:
                current = core.read_namespaced_config_map("counter", "default")
                current.data["n"] = str(int(current.data["n"]) + 1)
                if refusal(core.replace_namespaced_config_map, "counter", "default",
                           current) == "accepted":
                    break

    threads = [threading.Thread(target=raise_it) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    print("counted", core.read_namespaced_config_map("counter", "default").data["n"])


def main():
    config.load_kube_config()
    api, core = client.ApiClient(), client.CoreV1Api()
    {"crud": lambda: crud(core), "watch": lambda: watching(core),
     "expired": lambda: expired(core), "apply": lambda: apply(api),
     "discovery": lambda: discovery(api), "list": lambda: listing(core),
     "at-once": lambda: at_once(core)}[sys.argv[1]]()


main()
