The Go client's informers fill by WatchList, protobuf goes both ways, and a Lease elects one leader

@ needs CLIENT_GO there is no Go 1.25 here to build its client with

  $ $CLIENT_GO inform
  synced true add/first
  stale: true
  add/second update/second update/second delete/first
  cached map[k:w l:x]
  by watch list: true protobuf bodies: 5
  $ $CLIENT_GO meta
  synced true map[kubernetes.io/metadata.name:default]
  $ $CLIENT_GO election 2>/dev/null
  one leads
  held by one news 0
  two leads
  held by two transitions 1
