What was acknowledged outlives kill -9, and watches resume without gap or repeat

Four writers and a watch go on while the server is killed three times under them.

  $ in_background load python3 $CORACLE_DATA/clients/python_load.py 600
  $ eventually grep -q 'writes 100$' load
@ kill
  $ eventually grep -q 'writes 250$' load
@ kill
  $ eventually grep -q 'writes 400$' load
@ kill
  $ eventually grep -q done load
  $ grep -v writes load
  acknowledged and lost: 0 never asked for: 0
  in order: True each once: True
  the watch broke: True writers did not know: True
  done
