/* The files of a ConfigMap, Secret, projected or downward API volume, from what it names. Pure.
 *
 * Upstream: pkg/volume/{configmap,secret,projected,downwardapi}. */
#ifndef KUBELET_PROJECTION_H
#define KUBELET_PROJECTION_H

#include "kubelet-lite/atomic_writer.h"
#include "kubelet-lite/environment.h"
#include "kubelet-lite/object_set.h"

bool projection_is(const struct json *volume); /* Whether a volume is of these kinds. */
/* Adds what its files are made of. */
void projection_want(const struct json *pod, const struct json *volume, struct object_set *set);
/* The files, in arena. */
MUST_USE int projection_files(const struct downward *downward, const struct json *volume,
                              const struct object_set *set, struct arena *arena,
                              const struct atomic_file **files, struct status *status);

#endif
