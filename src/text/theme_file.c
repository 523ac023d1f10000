#include "text/theme.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"

enum { MAX_FILE = 65536 };

static const struct {
	const char *name;
	uint8_t attr;
} attributes[] = {
	{ "bold", ATTR_BOLD },
	{ "italic", ATTR_ITALIC },
	{ "underline", ATTR_UNDERLINE },
	{ "strike", ATTR_STRIKE },
	{ "reverse", ATTR_REVERSE },
	{ "dim", ATTR_DIM },
};

static const char *const colours[16] = { "black", "red", "green", "yellow", "blue", "magenta",
	"cyan", "white", "bright-black", "bright-red", "bright-green", "bright-yellow", "bright-blue",
	"bright-magenta", "bright-cyan", "bright-white" };

static bool
hex_colour(struct str s, uint32_t *out)
{
	uint32_t v = 0;

	if (s.n != 7 || s.p[0] != '#')
		return false;
	for (size_t i = 1; i < 7; i++) {
		char c = s.p[i];

		if (c >= '0' && c <= '9')
			v = v << 4 | (uint32_t)(c - '0');
		else if ((c | 0x20) >= 'a' && (c | 0x20) <= 'f')
			v = v << 4 | (uint32_t)((c | 0x20) - 'a' + 10);
		else
			return false;
	}
	*out = v;
	return true;
}

static bool
parse_colour(struct str s, struct colour *out)
{
	uint64_t number;

	*out = (struct colour){ 0 };
	if (str_eq(s, STR("default")))
		return true;
	out->kind = COLOUR_RGB;
	if (hex_colour(s, &out->value))
		return true;
	out->kind = COLOUR_PALETTE;
	for (uint32_t i = 0; i < 16; i++) {
		if (str_eq(s, str_from(colours[i]))) {
			out->value = i;
			return true;
		}
	}
	if (!str_to_u64(s, &number) || number > 255)
		return false;
	out->value = (uint32_t)number;
	return true;
}

/* "#5fafff/blue": where there are few colours the second. */
static bool
parse_paint(struct str s, struct paint *out)
{
	struct str second;

	if (!parse_colour(str_cut(s, '/', &second), &out->exact))
		return false;
	if (second.p == NULL) {
		out->plain = out->exact;
		return true;
	}
	return parse_colour(second, &out->plain) && out->plain.kind != COLOUR_RGB &&
	    out->plain.value < 16;
}

static uint8_t
parse_attribute(struct str word)
{
	for (size_t i = 0; i < sizeof attributes / sizeof attributes[0]; i++)
		if (str_eq(word, str_from(attributes[i].name)))
			return attributes[i].attr;
	return 0;
}

static enum err
parse_look(struct theme_role *r, struct str value, struct error *e)
{
	struct paint *paint = &r->fg;

	*r = (struct theme_role){ .given = true };
	while ((value = str_trim(value)).n > 0) {
		struct str word = str_cut(value, ' ', &value);
		uint8_t attr = parse_attribute(word);

		if (attr != 0)
			r->attr |= attr;
		else if (str_eq(word, STR("on")))
			paint = &r->bg;
		else if (!parse_paint(word, paint))
			return error_set(e, ERR_USAGE, "'%.*s' is no colour and no attribute; colours are "
			    "names, 0 to 255 and #rrggbb", STR_ARG(word));
	}
	return ERR_OK;
}

static enum err
parse_setting(struct theme *t, struct str key, struct str value, struct error *e)
{
	enum role role;
	struct str rest;

	if (str_eq(key, STR("name"))) {
		snprintf(t->name, sizeof t->name, "%.*s", STR_ARG(value));
		return ERR_OK;
	}
	if (str_eq(key, STR("ground"))) {
		struct str kind = str_cut(value, ' ', &rest);

		t->light = str_eq(kind, STR("light"));
		if ((!t->light && !str_eq(kind, STR("dark"))) || !hex_colour(str_trim(rest), &t->ground))
			return error_set(e, ERR_USAGE, "ground is 'dark #rrggbb' or 'light #rrggbb'");
		return ERR_OK;
	}
	if (!role_by_name(key, &role))
		return error_set(e, ERR_USAGE, "no role is called '%.*s'", STR_ARG(key));
	return parse_look(&t->roles[role], value, e);
}

static void
inherit(struct theme *t)
{
	for (int i = 0; i < ROLE_COUNT; i++) {
		enum role from = (enum role)i;

		while (!t->roles[from].given && from != ROLE_TEXT)
			from = role_parent(from);
		t->roles[i] = t->roles[from];
		t->roles[i].given = from == (enum role)i;
	}
}

enum err
theme_parse(struct theme *t, struct str text, struct error *e)
{
	unsigned number = 0;

	*t = (struct theme){ 0 };
	while (text.n > 0) {
		struct str line = str_cut(text, '\n', &text);
		struct str value, key;
		enum err err;

		number++;
		line = str_trim(str_head(line, str_find_byte(line, ';')));
		if (line.n == 0)
			continue;
		key = str_trim(str_cut(line, '=', &value));
		if (value.p == NULL)
			return error_set(e, ERR_USAGE, "line %u: '=' is missing behind '%.*s'", number,
			    STR_ARG(key));
		err = parse_setting(t, key, str_trim(value), e);
		if (err != ERR_OK)
			return error_in(e, "line %u", number);
	}
	inherit(t);
	return ERR_OK;
}

static enum err
load_file(struct theme *t, const char *path, struct error *e)
{
	struct buf text = { 0 };
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	enum err err = ERR_OK;

	if (fd < 0)
		return error_set(e, ERR_USAGE, "theme %s: %s", path, strerror(errno));
	if (!buf_read_fd(&text, fd, MAX_FILE))
		err = error_set(e, ERR_USAGE, "theme %s: %s", path, strerror(errno));
	else if (theme_parse(t, buf_view(&text), e) != ERR_OK)
		err = error_in(e, "theme %s", path);
	close(fd);
	buf_done(&text);
	return err;
}

enum err
theme_load(struct theme *t, const char *name, const char *user_dir, struct error *e)
{
	struct buf path = { 0 };
	enum err err;

	if (strcmp(name, "default") == 0) {
		*t = *theme_builtin();
		return ERR_OK;
	}
	if (strchr(name, '/') != NULL)
		return load_file(t, name, e);
	buf_printf(&path, "%s/%s.theme", user_dir != NULL ? user_dir : PKGTHEMEDIR, name);
	if (user_dir != NULL && access(buf_cstr(&path), F_OK) != 0) {
		buf_clear(&path);
		buf_printf(&path, "%s/%s.theme", PKGTHEMEDIR, name);
	}
	err = load_file(t, buf_cstr(&path), e);
	buf_done(&path);
	return err;
}
