/* page_retention.c -- see page_retention.h. */
#include "web/page_retention.h"
#include "base/clock.h"
#include "base/date.h"
#include "guard/house.h"
#include "guard/role.h"
#include "register/retain.h"
#include "templates.h"
#include "web/pages.h"
#include "web/site_in.h"

static const str LOOKERS[] = {{"secadmin", 8}, {"auditadmin", 10}, {"city_staff", 10}, {"leader", 6}};

static enum rc retention(struct page *p, struct err *err)
{
	struct retention_page g = {0};
	struct retain_line *lines;
	struct retain_past *past;
	size_t n;
	int64_t at;
	TRY(role_check(&p->r.actor, LOOKERS, sizeof LOOKERS / sizeof *LOOKERS, err));
	TRY(house_retention_at(p->r.db, &at, err));
	if (at)
		g.next = date_words(p, date_str(p->a, clock_day_of(at)));
	TRY(retain_lines(p->r.db, p->site->city, p->a, &lines, &n, err));
	g.rows = NEWS(p->a, n + 1, struct retention_row);
	for (size_t i = 0; i < n; i++)
		g.rows[g.rows_n++] = (struct retention_row){.label = label_text(&lines[i].reg->label),
			.keep = keep_words(p, lines[i].reg->keep),
			.before = date_words(p, date_str(p->a, lines[i].before)),
			.becomes = str_of(str_is(lines[i].reg->id, "person")
						  ? tr("forgotten once nothing leads to them")
					  : lines[i].skeleton ? tr("only what counts stays, without names")
							      : tr("deleted")),
			.rows = lines[i].rows};
	TRY(retain_runs(p->r.db, p->a, &past, &n, err));
	g.past = NEWS(p->a, n + 1, struct retention_past);
	for (size_t i = 0; i < n; i++)
		g.past[g.past_n++] = (struct retention_past){.day = date_words(p, past[i].day),
			.deleted = past[i].deleted,
			.skeletons = past[i].skeletons,
			.held = past[i].held,
			.keys = past[i].keys};
	shell_fill(p, &g.shell, str_of(tr("Retention")), PLACE_ME, STR(""));
	tpl_retention(page_out(p), &g);
	return RC_OK;
}

const struct route routes_retention[] = {
	{"GET", "/retention", retention, ACCESS_OFFICE, CSRF_READ_ONLY, no_inputs,
		ROUTE_SLOW | ROUTE_HTML_ONLY},
	{0},
};
