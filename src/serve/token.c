#include "serve/token.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

enum { TOKEN_BYTES = 32, TOKEN_MIN = 32, TOKEN_MAX = 65536 };

static enum err
make_token(const char *path, struct buf *out, struct error *e)
{
	unsigned char random[TOKEN_BYTES];
	int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
	bool ok;

	if (fd < 0)
		return error_set(e, ERR_FAILED, "make the token %s: %s", path, strerror(errno));
	ok = getrandom(random, sizeof random, 0) == (ssize_t)sizeof random;
	for (size_t i = 0; i < sizeof random; i++)
		buf_printf(out, "%02x", random[i]);
	ok = ok && write(fd, out->p, out->n) == (ssize_t)out->n && fsync(fd) == 0;
	close(fd);
	if (ok)
		return ERR_OK;
	unlink(path);
	return error_set(e, ERR_FAILED, "write the token %s: %s", path, strerror(errno));
}

static bool
is_secret(struct str s)
{
	for (size_t i = 0; i < s.n; i++)
		if (s.p[i] < 0x21 || s.p[i] > 0x7e)
			return false;
	return s.n >= TOKEN_MIN;
}

/* Cuts the next line off `rest`; false at the end. Empty ones are none. */
static bool
next_token(struct str *rest, struct str *token, struct str *user)
{
	while (rest->p != NULL) {
		struct str line = str_trim(str_cut(*rest, '\n', rest));

		*token = str_cut(line, ' ', user);
		*user = user->p != NULL ? str_trim(*user) : STR_NONE;
		if (token->n > 0)
			return true;
	}
	return false;
}

static bool
are_secrets(struct str tokens)
{
	struct str token, user;
	bool some = false;

	for (; next_token(&tokens, &token, &user); some = true)
		if (!is_secret(token))
			return false;
	return some;
}

enum err
token_read(const char *path, struct buf *out, struct error *e)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
	struct stat st;
	bool ok;

	if (fd < 0 && errno == ENOENT)
		return make_token(path, out, e);
	if (fd < 0)
		return error_set(e, ERR_FAILED, "open the token %s: %s", path, strerror(errno));
	ok = fstat(fd, &st) == 0 && S_ISREG(st.st_mode) && (st.st_mode & 077) == 0 &&
	    st.st_uid == geteuid();
	if (!ok) {
		close(fd);
		return error_set(e, ERR_FAILED,
		    "%s: a token is a file that only you can read; chmod 600 it", path);
	}
	ok = buf_read_fd(out, fd, TOKEN_MAX);
	close(fd);
	if (!ok || !are_secrets(buf_view(out)))
		return error_set(e, ERR_FAILED, "%s: a token is at least %d visible characters",
		    path, TOKEN_MIN);
	return ERR_OK;
}

static bool
same(struct str given, struct str token)
{
	unsigned char differs = given.n != token.n;

	for (size_t i = 0; i < given.n; i++)
		differs |= (unsigned char)(given.p[i] ^ token.p[i % token.n]);
	return differs == 0;
}

bool
token_matches(struct str authorization, struct str tokens, struct str *user)
{
	struct str given, scheme = str_cut(authorization, ' ', &given), token, whose;
	bool found = false;

	if (!str_eq_nocase(scheme, STR("Bearer")) || given.p == NULL)
		return false;
	given = str_trim(given);
	/* All of them, whichever it is. */
	while (next_token(&tokens, &token, &whose)) {
		if (!same(given, token))
			continue;
		found = true;
		*user = whose;
	}
	return found;
}
