/* What this is: printed by `coracle version` and served at /version. */
#ifndef CORE_VERSION_H
#define CORE_VERSION_H

#define CORACLE_VERSION "0.1.0"
#define KUBERNETES_MAJOR "1"
#define KUBERNETES_MINOR "35"
/* The API that is served, and whose server it is. */
#define KUBERNETES_VERSION "v1.35.0+coracle." CORACLE_VERSION

#endif
