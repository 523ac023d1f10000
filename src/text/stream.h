/*
 * A markdown text that grows, as blocks that are always those of one parse of the whole text. What
 * no later byte can change is settled and not parsed again; md4c itself is asked where that is.
 */
#ifndef TEXT_STREAM_H
#define TEXT_STREAM_H

#include "text/fence.h"
#include "text/hold.h"
#include "text/past.h"
#include "text/seam.h"

/* Zero-initialised is the empty text. The fields belong to stream.c. */

struct md_stream {
	struct md_doc settled, now;	/* the blocks: settled, then what may still change */
	struct md_past past;		/* `now` as it was before the last update */
	struct md_seam *seams;		/* in the first block of `now`, each deeper in than the one before */
	size_t nseams, cap_seams;
	size_t unseamed;		/* length of what stood behind the last when none was found */
	bool dangling;			/* behind what is open there is but a line that may go on with it */
	bool sought;			/* the last update did nothing but look for one: the text is still to be read */
	size_t open;			/* where the text begins that may still change */
	size_t seen, scanned;		/* lines up to here were looked at; the next does not end up to there */
	size_t tried;			/* last place where it was tried to settle */
	size_t failed;			/* length of the open text when it could not be settled */
	struct guard_state guard;	/* at `open` */
	struct guard_state after;	/* where the text ended when it was parsed last */
	bool blank;			/* the last line that was looked at is blank */
	bool definitions;		/* nothing is settled any more */
	struct md_fence fence;		/* the text ends in it */
	struct hold_begun begun;	/* in the last leaf */
	bool held;			/* not all of the text is shown */
	size_t n, known;		/* length of the text, and before the last update */
	size_t parsed, again;		/* bytes, for the last update, and of them parsed before */
	unsigned mismatches;		/* texts whose settled blocks were not those of one parse */
};

void md_stream_done(struct md_stream *m);
void md_stream_clear(struct md_stream *m);
/*
 * `source` begins with what it was at the last update. `growing`: more may come; with `hold` the
 * last line is shown as text/hold says.
 */
struct md_kept md_stream_update(struct md_stream *m, struct str source, bool growing, bool hold);
size_t md_stream_count(const struct md_stream *m);
struct md_view md_stream_view(const struct md_stream *m, size_t i, struct str source);

#endif
