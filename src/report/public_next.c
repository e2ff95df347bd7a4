/* public_next.c -- see public_next.h. */
#include "report/public_next.h"

static bool little(const struct public_next *t, int64_t by)
{
	return by != 0 && by < t->threshold && -by < t->threshold;
}

/* total - the told parts, then and now: what the rest of the line moved by. Both totals and every told part must have been
 * told before as well, else nobody can subtract. */
struct line {
	int64_t by;
	bool known;
};

static void line_add(const struct public_next *t, struct line *l, size_t at, int sign)
{
	if (t->now[at] == PUBLIC_NEXT_HIDDEN && sign < 0)
		return; /* among the hidden ones */
	if (t->now[at] == PUBLIC_NEXT_HIDDEN || t->was[at] == PUBLIC_NEXT_HIDDEN)
		l->known = false;
	else
		l->by += sign * (t->now[at] - t->was[at]);
}

static bool units_moved_little(const struct public_next *t, size_t figure)
{
	struct line l = {0, true};
	line_add(t, &l, figure * t->units, 1);
	for (size_t u = 1; u < t->units; u++)
		line_add(t, &l, figure * t->units + u, -1);
	return t->units > 1 && l.known && little(t, l.by);
}

static bool parts_moved_little(const struct public_next *t, size_t figure, size_t unit)
{
	struct line l = {0, true};
	bool any = false;
	line_add(t, &l, figure * t->units + unit, 1);
	for (size_t k = 0; k < t->figures; k++)
		if (t->whole[k] == (int)figure) {
			any = true;
			line_add(t, &l, k * t->units + unit, -1);
		}
	return any && l.known && little(t, l.by);
}

bool public_moved_little(const struct public_next *t)
{
	for (size_t i = 0; i < t->figures * t->units; i++)
		if (t->was[i] != PUBLIC_NEXT_HIDDEN && little(t, t->counts[i] - t->was[i]))
			return true;
	for (size_t i = 0; i < t->figures; i++) {
		if (units_moved_little(t, i))
			return true;
		for (size_t u = 0; u < t->units; u++)
			if (parts_moved_little(t, i, u))
				return true;
	}
	return false;
}
