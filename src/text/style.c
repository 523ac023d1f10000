#include "text/style.h"

bool
style_eq(struct style a, struct style b)
{
	return a.role == b.role && a.attr == b.attr && a.fg == b.fg && a.bg == b.bg;
}
