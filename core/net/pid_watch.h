/* A process that is not ours: told of its end by the kernel, and signalled without mistaking
 * another one for it (pidfd_open(2), Linux 5.3).
 *
 * Thread: the loop's; not on a simulated loop. */
#ifndef CORE_NET_PID_WATCH_H
#define CORE_NET_PID_WATCH_H

#include <stdbool.h>
#include <sys/types.h>

#include "core/net/loop.h"

struct pid_watch;

/* NULL when there is no such process any more. ended(), which may be NULL, is called once,
 * never from inside this call. */
struct pid_watch *pid_watch_open(struct loop *loop, pid_t pid, void (*ended)(void *context),
                                 void *context);
void pid_watch_signal(struct pid_watch *watch,
                      int signal);             /* Harmless after its end, and for NULL. */
void pid_watch_close(struct pid_watch *watch); /* Takes NULL. */

/* When a process started, in the kernel's ticks: with its number it names one process for
 * as long as the machine runs. 0 when there is none. */
uint64_t process_start_time(pid_t pid);

#endif
