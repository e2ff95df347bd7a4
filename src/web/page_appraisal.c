/* page_appraisal.c -- see page_appraisal.h. */
#include "web/page_appraisal.h"
#include "base/date.h"
#include "service/appraisal/appraise_json.h"
#include "templates.h"
#include "web/pages.h"
#include "web/site_in.h"

static str joined(struct page *p, str before, str more)
{
	return before.n ? arena_fmt(p->a, "%.*s · %.*s", STR_ARG(before), STR_ARG(more)) : more;
}

static str points_text(struct page *p, int64_t hundredths)
{
	int rest = (int)(hundredths % APPRAISAL_POINT);
	long long whole = (long long)(hundredths / APPRAISAL_POINT);
	return rest == 0        ? arena_fmt(p->a, "%lld", whole)
	       : rest % 10 == 0 ? arena_fmt(p->a, "%lld.%d", whole, rest / 10)
				: arena_fmt(p->a, "%lld.%02d", whole, rest);
}

static void point_fill(struct page *p, const struct appraisal_rules *rules, const struct appraisal_unit *u,
	size_t at, struct appraisal_point *out)
{
	const struct appraisal_item *item = &rules->items[at];
	const struct appraisal_mark *m = &u->marks[at];
	out->label = label_text(&item->label);
	out->look = !m->known ? "m" : appraisal_weak(rules, u, at) ? "weak" : "";
	if (item->figure)
		out->href = page_hrefs(p, "/figures/%.*s?org=%.*s&period=%.*s", STR_ARG(item->figure->id),
			STR_ARG(u->code), STR_ARG(p->period.text));
	str points = m->known ? points_text(p, m->points) : STR("—");
	out->points = arena_fmt(p->a, "%.*s/%lld", STR_ARG(points), (long long)item->weight);
	out->title = m->why;
}

static str remarks(struct page *p, const struct appraisal_rules *rules, const struct appraisal_unit *u)
{
	str text = STR("");
	for (size_t v = 0; v < rules->vetoes_n; v++)
		if (u->vetoes >> v & 1)
			text = joined(p, text,
				arena_fmt(p->a, tr("veto: %.*s"),
					STR_ARG(label_text(&rules->vetoes[v].label))));
	if (u->fell)
		text = joined(p, text, str_of(tr("the school's share of the higher grade is used up")));
	if (u->share_open)
		text = joined(p, text, str_of(tr("the school's share of this grade has not been looked at")));
	return text;
}

static void row_fill(struct page *p, const struct appraisal_rules *rules, const struct appraisal_unit *u,
	struct appraisal_row *row)
{
	bool graded = u->band != APPRAISAL_UNGRADED;
	*row = (struct appraisal_row){.name = u->name,
		.href = page_hrefs(p, "/r/org/%lld", (long long)u->id),
		.score = graded ? points_text(p, u->score) : STR(""),
		.band = graded ? label_text(&rules->band_labels[u->band]) : str_of(tr("not yet")),
		.look = graded && u->band == 0 ? "done" : "",
		.remarks = remarks(p, rules, u),
		.points = NEWS(p->a, rules->items_n, struct appraisal_point)};
	for (size_t i = 0; i < rules->items_n; i++)
		point_fill(p, rules, u, i, &row->points[row->points_n++]);
}

static void put_json(
	struct page *p, const struct appraisal_rules *rules, const struct appraisal_unit *list, size_t n)
{
	struct json j = page_json(p);
	json_array(&j);
	for (size_t i = 0; i < n; i++)
		appraisal_put_json(&j, rules, &list[i]);
	json_array_end(&j);
}

static void page_fill(struct page *p, const struct appraisal_rules *rules, const struct appraisal_unit *list,
	size_t n, int year, struct appraisal_page *out)
{
	size_t graded = 0;
	out->rows = NEWS(p->a, n + 1, struct appraisal_row);
	for (size_t i = 0; i < n; i++) {
		graded += list[i].missing == 0;
		for (size_t k = 0; k < rules->items_n; k++)
			out->courses = out->courses || appraisal_weak(rules, &list[i], k);
		row_fill(p, rules, &list[i], &out->rows[out->rows_n++]);
	}
	out->heading = arena_fmt(p->a, tr("Appraisal of %d"), year);
	out->summary = arena_fmt(p->a, tr("%zu units take part, %zu have all their items"), n, graded);
	out->results_href = page_href(p, STR("/r/appraisal_result"));
	out->scores_href = page_href(p, STR("/r/appraisal_score"));
}

static enum rc appraisal(struct page *p, struct err *err)
{
	struct appraisal_rules *rules = NEW(p->a, struct appraisal_rules);
	struct appraisal_page g = {0};
	struct appraisal_unit *list;
	size_t n;
	int year = date_ymd(p->period.from).year;
	TRY(appraisal_rules_read(p->a, p->site->city->model, rules, err));
	TRY(appraise(&p->r, rules, year, p->org, &list, &n, err));
	if (p->json) {
		put_json(p, rules, list, n);
		return RC_OK;
	}
	page_fill(p, rules, list, n, year, &g);
	shell_fill(p, &g.shell, g.heading, PLACE_REGISTERS, STR("appraisal"));
	shell_crumb(p, &g.shell, group_label(STR("appraisal")), page_href(p, STR("/registers/appraisal")));
	tpl_appraisal(page_out(p), &g);
	return RC_OK;
}

const struct route routes_appraisal[] = {
	{"GET", "/appraisal", appraisal, ACCESS_OFFICE, CSRF_READ_ONLY, no_inputs, ROUTE_SLOW},
	{0},
};
