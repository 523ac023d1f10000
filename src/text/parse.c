#include "text/parse.h"

#include "base/mem.h"
#include "text/entity.h"

/* Kept out of parse_add, which needs no frame without it. */
static struct md_op * __attribute__((noinline))
grow_and_add(struct parse *p, enum md_kind kind, unsigned arg)
{
	p->doc->ops = mem_double(p->doc->ops, &p->doc->cap_ops, sizeof *p->doc->ops);
	return parse_add(p, kind, arg);
}

struct md_op *
parse_add(struct parse *p, enum md_kind kind, unsigned arg)
{
	struct md_doc *d = p->doc;

	if (d->nops == d->cap_ops)
		return grow_and_add(p, kind, arg);
	d->ops[d->nops] = (struct md_op){ .kind = (uint8_t)kind, .arg = (uint16_t)arg, .src = p->end };
	return &d->ops[d->nops++];
}

void
parse_close(struct parse *p, enum md_kind kind)
{
	parse_add(p, kind, 0)->flags = MD_CLOSE;
}

size_t
parse_shown(const struct parse *p, size_t at, size_t n)
{
	if (at + n <= p->run->to)
		return n;
	return at < p->run->to ? p->run->to - at : 0;
}

uint32_t
parse_made_at(const struct parse *p)
{
	return (uint32_t)(p->doc->made.n - parse_block(p)->made);
}

void
parse_made_end(struct parse *p, struct md_op *op, uint32_t at)
{
	op->flags |= MD_MADE;
	op->at = at;
	op->len = parse_made_at(p) - at;
}

void
parse_add_made(struct parse *p, enum md_kind kind, struct str text, bool entity)
{
	uint32_t at = parse_made_at(p);

	if (entity)
		entity_add(&p->doc->made, text);
	else
		buf_str(&p->doc->made, text);
	parse_made_end(p, parse_add(p, kind, 0), at);
}

/* Says once in a block that a part of it was taken as plain text. */
static void
note_plain(struct parse *p, uint32_t src)
{
	size_t at = src - p->run->from;

	while (p->plain < p->guard.n && p->guard.ranges[p->plain].to <= at)
		p->plain++;
	if (p->noted || p->raw != RAW_NO || p->plain == p->guard.n || at < p->guard.ranges[p->plain].from)
		return;
	p->noted = true;
	parse_add(p, MD_NOTE, 0);
}

void
parse_begin_text(struct parse *p, enum md_kind kind, uint32_t at, uint32_t len)
{
	struct md_op *op;

	note_plain(p, at);
	if (p->end == 0)
		parse_block(p)->src = at;
	p->end = at;
	op = parse_add(p, kind, 0);
	op->at = at;
	op->len = len;
	p->end = at + len;
}

void
parse_add_source(struct parse *p, enum md_kind kind, uint32_t at, size_t n)
{
	uint32_t len = (uint32_t)parse_shown(p, at, n);

	if (len > 0)
		parse_add_text(p, kind, at, len);
}
