/*
 * Where a link really goes. Only http, https and mailto may be opened; the host that is shown is
 * the one a browser would connect to, in ASCII, whatever the text of the link claims.
 */
#ifndef TEXT_LINK_H
#define TEXT_LINK_H

#include "base/buf.h"
#include "text/host.h"

enum link_kind {
	LINK_INERT,		/* never opened: another scheme, relative, or broken */
	LINK_WEB,
	LINK_MAIL		/* opened after a question */
};

enum { LINK_URL_MAX = 2083 };

struct link {
	enum link_kind kind;
	bool userinfo;		/* names somebody before the host: shown as a warning, not opened */
	size_t nhost;
	char host[HOST_MAX];	/* what is shown: the host, for mail the domain */
};

/* Reads a destination; false when it is inert. */
bool link_read(struct link *l, struct str url);
struct str link_host(const struct link *l);
/*
 * What is handed to a browser: ASCII, with the host that is shown, everything that RFC 3986 does not
 * allow percent-encoded. False when the destination is inert or becomes longer than LINK_URL_MAX.
 */
bool link_url(struct str url, struct buf *out);
/* True when a link of this text needs its host beside it; *lies when the text names another host. */
bool link_needs_host(const struct link *l, struct str text, bool *lies);

#endif
