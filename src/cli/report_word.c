/* report_word.c -- see report_word.h. */
#include "cli/report_word.h"
#include "base/clock.h"
#include "base/file.h"
#include "figure/frozen.h"
#include "format/docx_box.h"
#include "format/json.h"
#include "report/adopt.h"
#include "report/edition.h"
#include "report/refresh.h"
#include <string.h>

static enum rc read_word(struct invocation *in, struct report_wanted *w, str *out, struct err *err)
{
	enum report_format format;
	const char *path = in->argv[1];
	if (w->out == NULL)
		return FAIL(err, RC_INVALID, "say where the document goes: -o OUT.docx");
	TRY(report_format_of(path, &format, err));
	if (format != REPORT_DOCX || !str_ends(str_of(w->out), STR(".docx")))
		return FAIL(err, RC_INVALID, "%s: a Word document (.docx) is read and written here",
			format != REPORT_DOCX ? path : w->out);
	return file_read(in->a, path, REPORT_TEMPLATE_MAX_BYTES, out, err);
}

/* adopt */

static void adopt_json(const struct adopt *ad, const char *path)
{
	struct buf b AUTO(buf_done) = {0};
	struct json j;
	json_init(&j, &b);
	json_object(&j);
	json_put_cstr(&j, "file", path);
	json_put_i64(&j, "open", (int64_t)ad->open_n);
	json_key(&j, "proposals");
	json_array(&j);
	for (size_t i = 0; i < ad->n; i++) {
		const struct adopt_item *it = &ad->items[i];
		json_object(&j);
		json_put_cstr(&j, "kind", adopt_kind_name(it->kind));
		json_put_str(&j, "part", it->part);
		json_put_i64(&j, "paragraph", (int64_t)it->paragraph);
		json_put_str(&j, "text", it->what);
		json_put_str(&j, "context", it->sentence);
		json_put_str(&j, "slot", it->slot);
		json_put_i64(&j, "confidence", it->confidence);
		json_key(&j, "candidates");
		json_array(&j);
		for (size_t k = 0; k < it->near_n; k++) {
			json_object(&j);
			json_put_str(&j, "id", it->near[k].figure->id);
			json_put_str(&j, "label", it->near[k].figure->label);
			json_put_str(&j, "slot", it->near[k].slot);
			json_put_i64(&j, "confidence", it->near[k].confidence);
			json_put_bool(&j, "agrees", it->near[k].agrees);
			json_object_end(&j);
		}
		json_array_end(&j);
		json_object_end(&j);
	}
	json_array_end(&j);
	json_object_end(&j);
	printf("%.*s\n", STR_ARG(buf_str(&b)));
}

static void adopt_tell(const struct adopt *ad, const char *path)
{
	for (size_t i = 0; i < ad->n; i++) {
		const struct adopt_item *it = &ad->items[i];
		printf("%zu\t%.*s\t", it->paragraph, STR_ARG(it->what));
		if (it->kind == ADOPT_OPEN)
			printf(tr("open: no figure is near enough ({{%.*s}})"), STR_ARG(it->slot));
		else
			printf("{{%.*s}} %d%%", STR_ARG(it->slot), it->confidence);
		for (size_t k = it->kind == ADOPT_FIGURE; k < it->near_n; k++)
			printf("%s%.*s", k == (size_t)(it->kind == ADOPT_FIGURE) ? tr("; or ") : ", ",
				STR_ARG(it->near[k].figure->id));
		printf("\n");
	}
	printf(tr("%s: %zu numbers became slots, %zu are open; confirm each before you use it\n"), path,
		ad->n - ad->open_n, ad->open_n);
}

enum rc report_adopt(struct invocation *in, struct cli_reader *c, struct report_wanted *w, struct err *err)
{
	struct report_source source;
	struct lint_figure *figures;
	struct adopt ad = {.a = in->a};
	str bytes, made;
	TRY(read_word(in, w, &bytes, err));
	TRY(asked_resolve(in, c, &w->asked, err));
	struct period last = period_before(in->a, &w->asked.p);
	report_source_init(&source, &c->r, &last, w->asked.org_id);
	enum rc rc = report_source_figures(&source, true, &figures, &ad.figures_n, err);
	report_source_done(&source);
	TRY(rc);
	ad.figures = figures;
	ad.year = date_ymd(w->asked.p.from).year;
	TRY(adopt_docx(&ad, bytes, &made, err));
	TRY(file_write(w->out, made, err));
	if (in->json)
		adopt_json(&ad, w->out);
	else if (!in->quiet)
		adopt_tell(&ad, w->out);
	return ad.open_n ? RC_FOUND : RC_OK;
}

/* refresh */

static void refresh_json(const struct invocation *in, const struct refresh *r, const char *path)
{
	struct buf b AUTO(buf_done) = {0};
	struct json j;
	json_init(&j, &b);
	json_object(&j);
	json_put_cstr(&j, "file", path);
	json_put_i64(&j, "controls", (int64_t)r->controls_n);
	json_key(&j, "changed");
	json_array(&j);
	for (size_t i = 0; i < r->n; i++) {
		const struct refresh_change *x = &r->changes[i];
		json_object(&j);
		json_put_str(&j, "part", x->part);
		json_put_i64(&j, "paragraph", (int64_t)x->paragraph);
		json_put_str(&j, "slot", x->slot);
		json_put_str(&j, "before", x->before);
		json_key(&j, "after");
		if (x->told)
			json_str(&j, x->after);
		else
			json_null(&j);
		json_put_bool(&j, "by_hand", x->by_hand);
		if (!x->told)
			json_put_str(&j, "why", x->why);
		json_object_end(&j);
	}
	json_array_end(&j);
	json_key(&j, "typed");
	json_array(&j);
	for (size_t i = 0; i < r->typed_n; i++) {
		const struct lint_finding *f = &r->typed[i];
		json_object(&j);
		json_put_str(&j, "part", f->part);
		json_put_i64(&j, "paragraph", (int64_t)f->paragraph);
		json_put_str(&j, "text", f->what);
		json_put_str(&j, "context", f->sentence);
		json_put_str(&j, "message", lint_text(in->a, f));
		json_object_end(&j);
	}
	json_array_end(&j);
	json_object_end(&j);
	printf("%.*s\n", STR_ARG(buf_str(&b)));
}

static void refresh_tell(const struct invocation *in, const struct refresh *r, const char *path)
{
	for (size_t i = 0; i < r->n; i++) {
		const struct refresh_change *x = &r->changes[i];
		if (x->told)
			printf("%zu\t{{%.*s}}\t%.*s → %.*s%s\n", x->paragraph, STR_ARG(x->slot),
				STR_ARG(x->before), STR_ARG(x->after),
				x->by_hand ? tr("  (changed by hand)") : "");
		else
			printf("%zu\t{{%.*s}}\t%.*s  (%.*s)\n", x->paragraph, STR_ARG(x->slot),
				STR_ARG(x->before), STR_ARG(x->why));
	}
	for (size_t i = 0; i < r->typed_n; i++)
		printf("%zu\t%.*s\n", r->typed[i].paragraph, STR_ARG(lint_text(in->a, &r->typed[i])));
	printf(tr("%s: %zu controls, %zu renewed, %zu numbers typed outside of them\n"), path, r->controls_n,
		r->n, r->typed_n);
}

/* Without --year the document's own: the first year that it names. */
static bool first_year(void *user, const struct docx_plain *d)
{
	struct asked *asked = user;
	struct numeral m;
	static char year[24];
	for (size_t at = 0; numeral_next(d->text, at, &m); at = m.at + m.n)
		if (m.kind == NUMERAL_YEAR) {
			snprintf(year, sizeof year, "%lld", (long long)(m.stated / 100));
			asked->year = year;
			return false;
		}
	return true;
}

enum rc report_refresh(struct invocation *in, struct cli_reader *c, struct report_wanted *w, struct err *err)
{
	struct report_source source;
	struct lint_figure *figures;
	struct editions editions = {0};
	struct refresh r = {.a = in->a, .known = editions_print, .user = &editions};
	str bytes, made;
	TRY(read_word(in, w, &bytes, err));
	if (!w->asked.year && !w->asked.period)
		TRY(foreign_docx_plain(in->a, bytes, first_year, &w->asked, err));
	TRY(asked_resolve(in, c, &w->asked, err));
	TRY(editions_read(in->a, c->r.db, w->asked.p.text, w->asked.org_id, &editions, err));
	report_source_init(&source, &c->r, &w->asked.p, w->asked.org_id);
	r.source = &source.source;
	enum rc rc = report_source_figures(&source, false, &figures, &r.figures_n, err);
	r.figures = figures;
	if (rc == RC_OK)
		rc = refresh_docx(&r, bytes, &made, err);
	report_source_done(&source);
	TRY(rc);
	TRY(file_write(w->out, made, err));
	if (in->json)
		refresh_json(in, &r, w->out);
	else if (!in->quiet)
		refresh_tell(in, &r, w->out);
	bool found = r.typed_n > 0;
	for (size_t i = 0; i < r.n; i++)
		found = found || r.changes[i].by_hand || !r.changes[i].told;
	return found ? RC_FOUND : RC_OK;
}
