/* Signals by name: "SIGTERM", "TERM", "15", "SIGRTMIN+3". Pure. */
#ifndef KUBELET_SIGNAL_NAME_H
#define KUBELET_SIGNAL_NAME_H

int signal_of_name(const char *name); /* 0: there is none of that name. */

#endif
