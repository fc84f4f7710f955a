/* What a container had to say at its end: its termination message, or the end of its log.
 *
 * Upstream: pkg/kubelet/kuberuntime (getTerminationMessage), at most 4096 bytes of the message,
 * or 80 lines and 2048 bytes of the log. Thread: any; blocks. */
#ifndef KUBELET_LAST_WORDS_H
#define KUBELET_LAST_WORDS_H

#include "core/buffer.h"

/* Appends. log_path may be NULL: the log is not asked. */
void last_words_read(const char *message_path, const char *log_path, struct buffer *text);
/* The text of a log in CRI's format, without times and streams, its last lines only. Pure. */
void last_words_of_log(struct slice log, struct buffer *text);

#endif
