The JavaScript client writes, and its informer sees each change once

  $ node $CORACLE_DATA/clients/js_client.mjs
  again: 409 AlreadyExists
  add first 1, add second 1, update second 2, delete first 1
  cached: second
  applied by js
  PodList 0
  missing: 404 NotFound
