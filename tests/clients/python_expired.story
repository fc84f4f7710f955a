The Python client gets 410 when history has moved on, and lists anew

@ server --history-bytes 20000

  $ python3 $CORACLE_DATA/clients/python_client.py expired
  410 Expired: too old resource version: 1 (104)
  from a new list: ADDED s
