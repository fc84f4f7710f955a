#!/usr/bin/env python3
"""Writers and a watcher that outlive the server: python_load.py COUNT.

Four threads create objects until COUNT were acknowledged; one watch follows from before the first,
and resumes where it was whenever it breaks. At the end: what was acknowledged is there as it was, and
the watch has told of each object that is there once, in order. "writes N" tells how far it is."""
import sys
import threading
import time

import urllib3
from kubernetes import client, config, watch
from kubernetes.client.rest import ApiException

WRITERS = 4
TROUBLES = (urllib3.exceptions.HTTPError, ApiException, OSError)


class Load:
    def __init__(self, core, count):
        self.core, self.count, self.lock = core, count, threading.Lock()
        self.acknowledged, self.unknown, self.breaks = {}, set(), 0
        self.told, self.done = [], threading.Event()

    def write(self, writer):
        number = 0
        while not self.done.is_set():
            number += 1
            name = f"w{writer}-{number}"
            body = client.V1ConfigMap(metadata=client.V1ObjectMeta(name=name, labels={"load": "y"}))
            try:
                made = self.core.create_namespaced_config_map("default", body)
            except TROUBLES:
                self.unknown.add(name)
                time.sleep(0.02)
                continue
            with self.lock:
                self.acknowledged[name] = made.metadata.resource_version
                written = len(self.acknowledged)
                if written % 50 == 0:
                    print("writes", written, flush=True)
                if written >= self.count:
                    self.done.set()

    def follow(self, revision, last):
        """Watches from a revision until it has heard of what last() names."""
        while True:
            try:
                for event in watch.Watch().stream(self.core.list_namespaced_config_map, "default",
                                                  label_selector="load", timeout_seconds=1,
                                                  resource_version=revision):
                    meta = event["object"].metadata
                    revision = meta.resource_version
                    self.told.append((event["type"], meta.name, int(revision)))
            except TROUBLES as error:
                if getattr(error, "status", 0) == 410:
                    raise
                self.breaks += 1
                time.sleep(0.02)
            if int(revision) >= last():
                return


def main():
    config.load_kube_config()
    settings = client.Configuration.get_default_copy()
    settings.retries = False
    core = client.CoreV1Api(client.ApiClient(settings))
    load = Load(core, int(sys.argv[1]))
    start = core.list_namespaced_config_map("default").metadata.resource_version
    final = []

    def last():
        return max(final) if final else sys.maxsize

    follower = threading.Thread(target=load.follow, args=(start, last))
    writers = [threading.Thread(target=load.write, args=(number,)) for number in range(WRITERS)]
    for thread in [follower, *writers]:
        thread.start()
    for thread in writers:
        thread.join()
    there = {item.metadata.name: item.metadata.resource_version
             for item in core.list_namespaced_config_map("default", label_selector="load").items}
    final += [int(revision) for revision in there.values()]
    follower.join()

    lost = [name for name, revision in load.acknowledged.items() if there.get(name) != revision]
    strange = set(there) - set(load.acknowledged) - load.unknown
    revisions = [revision for _, _, revision in load.told]
    told = {name: str(revision) for _, name, revision in load.told}
    print("acknowledged and lost:", len(lost), "never asked for:", len(strange))
    print("in order:", revisions == sorted(set(revisions)), "each once:",
          len(told) == len(load.told) and told == there)
    print("the watch broke:", load.breaks > 0, "writers did not know:", bool(load.unknown))
    print("done")


main()
