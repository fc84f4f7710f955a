/* The two sockets of container programs: crun's, which passes a terminal; conmon's, to attach. */
#ifndef KUBELET_CRUN_SOCKET_H
#define KUBELET_CRUN_SOCKET_H

#include "core/status.h"

/* For --console-socket; the path is short, as a socket's must be. */
MUST_USE int console_socket_open(const char *path, int *listener, struct status *status);
/* Any thread; blocks until crun has passed its terminal, which is given, or has gone (-1):
 * shutdown(2) of the listener ends the wait. */
int console_socket_receive(int listener);
/* A connection to the conmon of the container in a folder; -1. */
int attach_socket_open(const char *folder, struct status *status);

#endif
