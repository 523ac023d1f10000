/* How the server does: /healthz for supervisors, /metrics in the text format of Prometheus. */
#ifndef SERVE_METRICS_H
#define SERVE_METRICS_H

#include "serve/server.h"

void metrics_health(struct server *s, struct request *r, struct str rest);
void metrics_handle(struct server *s, struct request *r, struct str rest);

#endif
