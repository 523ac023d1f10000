/*
 * The way from the net thread to the main thread: packed messages in two buffers. The net thread
 * adds to one while the main thread reads the other; they are swapped when that one is empty. How
 * much of one request may wait is bounded by the account it is booked on.
 */
#ifndef WIRE_HTTP_QUEUE_H
#define WIRE_HTTP_QUEUE_H

#include <pthread.h>

#include "wire/http.h"

/* What one request may have waiting on either side; a message that begins below it still fits. */
enum { HTTP_QUEUE_MAX = 4 << 20 };

/* Bytes of one request in the buffer that is being filled. Zero-initialised; net thread only. */
struct http_account {
	uint64_t round;
	size_t queued;
};

struct http_queue {
	pthread_mutex_t lock;
	/* under the lock */
	struct buf filling;
	uint64_t round;			/* counts the swaps */
	bool signalled, wants_room;
	/* net thread only */
	struct buf staged;
	/* main thread only */
	struct buf reading;
	size_t at;
	uint64_t *open;			/* requests whose end was not taken yet, ascending */
	size_t nopen, cap_open;
	int fd;				/* readable while there is something to read */
};

enum err http_queue_init(struct http_queue *q, struct error *e);
void http_queue_done(struct http_queue *q);

/* Net thread: messages of one request, then all of them into the queue at once. */
void http_queue_stage(struct http_queue *q, const struct http_message *m);
void http_queue_put(struct http_queue *q, struct http_account *a);
/* True: nothing more may be put, and http_queue_take will say when that changes. */
bool http_queue_full(struct http_queue *q, struct http_account *a);

/* Main thread: messages of a request that is not open (any more) are dropped. */
void http_queue_open(struct http_queue *q, uint64_t request);
/* False when it was not open. */
bool http_queue_close(struct http_queue *q, uint64_t request);
/* Sets *room when a request that was told `full` may go on. */
bool http_queue_take(struct http_queue *q, struct http_message *m, bool *room);

#endif
