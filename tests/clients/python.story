The Python client creates, watches, applies, pages and counts

@ up --no-agent --virtual-nodes 1

  $ python3 $CORACLE_DATA/clients/python_client.py crud
  created a {'k': 'v'}
  again: 409 Conflict
  replaced {'k': 'v', 'l': 'w'}
  stale: 409 Conflict
  patched {'l': 'w'}
  patched {'l': 'w', 'z': '1'}
  missing: 404 Not Found
  deleted Success configmaps a
  pod Running Burstable virtual-0 {'cpu': '100m'}
  nodes ['110']
  $ python3 $CORACLE_DATA/clients/python_client.py watch
  ADDED/a ADDED/b MODIFIED/a DELETED/b
  from the second on: MODIFIED DELETED
  $ python3 $CORACLE_DATA/clients/python_client.py apply
  409 Apply failed with 1 conflict: conflict with "one": .data.k
  2 ['two']
  $ python3 $CORACLE_DATA/clients/python_client.py discovery
  ['Lease', 'Node', 'Pod', 'PodGroup', 'Role']
  PodGroup scheduling.k8s.io/v1beta1 list
  Lease coordination.k8s.io/v1 list
  $ python3 $CORACLE_DATA/clients/python_client.py list
  25 names True at 1 revision
  bad token: 400 Bad Request
  $ python3 $CORACLE_DATA/clients/python_client.py at-once
  counted 40
