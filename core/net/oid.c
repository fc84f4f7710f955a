#include "core/net/oid.h"

#define X(name, bytes) const struct slice name = {bytes, sizeof(bytes) - 1};
OIDS(X)
#undef X
