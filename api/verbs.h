/* get, list, watch, create, update, patch, delete: for any kind. */
#ifndef API_VERBS_H
#define API_VERBS_H

#include "api/request.h"

/* Serves a request for a resource whose kind is known. */
void verb_serve(struct request *request);

/* One each; verb_serve() picks. */
void verb_get(struct request *request);
void verb_list(struct request *request);
void verb_watch(struct request *request);
void verb_create(struct request *request);
void verb_update(struct request *request);
void verb_patch(struct request *request);
void verb_delete(struct request *request);
void verb_delete_collection(struct request *request);

#endif
