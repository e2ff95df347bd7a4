/* cmd_screen.c -- qinghe screen score INSTRUMENT FILE.csv | list */
#include "base/file.h"
#include "cli/alone.h"
#include "cli/commands.h"
#include "format/csv.h"
#include "format/json.h"
#include "service/screening/instrument.h"
#include <limits.h>
#include <string.h>

struct run {
	struct invocation *in;
	struct instrument scale;
	size_t column[SCORE_ITEMS_MAX];
	bool has_header;
	bool found; /* a sheet that is not valid */
	struct buf out;
};

static str said(struct words w)
{
	return tr_lang() == LANG_EN ? w.en : w.zh;
}

static void put_alarms(struct json *j, const struct run *r, const struct score *s)
{
	json_key(j, "flags");
	json_array(j);
	for (size_t k = 0; k < r->scale.alarms_n; k++)
		if ((s->alarms >> k) & 1)
			json_str(j, r->scale.alarms[k].id);
	if (s->why == SCORE_RISK_UNANSWERED)
		json_str(j,
			arena_fmt(r->in->a, "%.*s_unanswered", STR_ARG(r->scale.items[s->first_unasked].id)));
	json_array_end(j);
}

static void put_json(struct run *r, uint64_t row, const struct score *s)
{
	struct json j;
	json_init(&j, &r->out);
	json_object(&j);
	json_put_i64(&j, "row", (int64_t)row);
	json_key(&j, "total");
	if (s->has_total)
		json_i64(&j, s->total);
	else
		json_null(&j);
	if (r->scale.multiply != 1 && s->has_total)
		json_put_i64(&j, "scaled", (int64_t)s->total * r->scale.multiply);
	json_key(&j, "subscales");
	json_object(&j);
	for (size_t k = 0; k < r->scale.subscales_n; k++) {
		json_key_str(&j, r->scale.subscales[k].id);
		if (s->subscale[k] == INT_MIN)
			json_null(&j);
		else
			json_i64(&j, s->subscale[k]);
	}
	json_object_end(&j);
	json_key(&j, "band");
	if (s->band)
		json_str(&j, s->band->id);
	else
		json_null(&j);
	if (s->band) {
		json_put_str(&j, "band_range", arena_fmt(r->in->a, "%d-%d", s->band->from, s->band->to));
		json_put_str(&j, "band_label", said(s->band->text));
	}
	json_put_i64(&j, "level", s->level);
	put_alarms(&j, r, s);
	json_put_bool(&j, "valid", s->valid);
	json_put_bool(&j, "prorated", s->prorated);
	json_put_i64(&j, "missing", (int64_t)s->missing);
	json_put_cstr(&j, "reason", s->why == SCORE_FINE ? NULL : tr(score_why_text(s->why)));
	json_object_end(&j);
	buf_putc(&r->out, '\n');
}

static void put_text(struct run *r, uint64_t row, const struct score *s)
{
	struct buf *b = &r->out;
	buf_printf(b, "%llu\t", (unsigned long long)row);
	if (s->has_total)
		buf_printf(b, "%d%s\t", s->total, s->prorated ? tr(" (prorated)") : "");
	else
		buf_puts(b, "-\t");
	if (s->band)
		buf_add(b, said(s->band->text));
	buf_putc(b, '\t');
	for (size_t k = 0; k < r->scale.alarms_n; k++)
		if ((s->alarms >> k) & 1) {
			buf_add(b, said(r->scale.alarms[k].text));
			buf_puts(b, tr("; "));
		}
	if (s->why != SCORE_FINE)
		buf_puts(b, tr(score_why_text(s->why)));
	buf_putc(b, '\n');
}

static void flush(struct run *r)
{
	if (r->out.n)
		fwrite(r->out.p, 1, r->out.n, stdout);
	buf_clear(&r->out);
}

/* A first record of nothing but answers is no header: then the columns are the items in order. */
static bool looks_like_answers(const struct instrument *in, const struct csv_record *record)
{
	int8_t v;
	bool any = false;
	if (record->n != in->items_n)
		return false;
	for (size_t i = 0; i < record->n; i++) {
		if (!instrument_answer(record->fields[i], &v) ||
			(v != SCORE_MISSING && (v < in->min || v > in->max)))
			return false;
		any = any || v != SCORE_MISSING;
	}
	return any;
}

static enum rc one_record(void *ctx, const struct csv_record *record, struct err *err)
{
	struct run *r = ctx;
	int8_t answers[SCORE_ITEMS_MAX];
	struct score s;
	if (record->number == 1) {
		r->has_header = !looks_like_answers(&r->scale, record);
		if (r->has_header)
			return instrument_columns(&r->scale, record->fields, record->n, r->column, err);
		for (size_t i = 0; i < r->scale.items_n; i++)
			r->column[i] = i;
	}
	if (record->n == 1 && str_trim(record->fields[0]).n == 0 && r->scale.items_n > 1)
		return RC_OK; /* an empty line */
	for (size_t i = 0; i < r->scale.items_n; i++) {
		str cell = r->column[i] < record->n ? record->fields[r->column[i]] : (str){NULL, 0};
		if (!instrument_answer(cell, &answers[i]))
			answers[i] = INT8_MAX; /* no option has this value */
	}
	score_sheet(&r->scale, answers, &s);
	r->found = r->found || !s.valid;
	if (r->in->json)
		put_json(r, record->number, &s);
	else
		put_text(r, record->number, &s);
	if (r->out.n > 1 << 16)
		flush(r);
	return RC_OK;
}

static enum rc load_scale(struct invocation *in, const char *name, struct instrument *out, struct err *err)
{
	if (!str_ends(str_of(name), STR(".yaml")))
		return instrument_shipped(in->a, name, out, err);
	str text;
	TRY(file_read(in->a, name, 1 << 20, &text, err));
	return instrument_read(in->a, text, name, out, err);
}

struct wish {
	struct invocation *in;
	const char *name, *path;
};

static enum rc score(void *arg, int out, struct err *err)
{
	const struct wish *w = arg;
	struct invocation *in = w->in;
	const char *name = w->name, *path = w->path;
	struct run r = {.in = in};
	(void)out;
	struct csv_info info;
	str bytes;
	TRY(load_scale(in, name, &r.scale, err));
	TRY(file_read(in->a, path, CSV_FILE_MAX_BYTES, &bytes, err));
	enum rc rc = csv_look(bytes, &info, err);
	if (rc == RC_OK)
		rc = csv_read(bytes, &info, one_record, &r, err);
	flush(&r);
	buf_done(&r.out);
	if (!r.scale.licence_checked && !in->quiet)
		fprintf(stderr, tr("note: the licence of %.*s has not been checked yet: %.*s\n"),
			STR_ARG(r.scale.id), STR_ARG(r.scale.licence));
	if (rc != RC_OK)
		return err_at(err, rc, "%s", path);
	return r.found ? RC_FOUND : RC_OK;
}

static enum rc run(struct invocation *in, struct err *err)
{
	TRY(opt_done(in, 1, 3, &cmd_screen, err));
	if (strcmp(in->argv[0], "list") == 0 && in->argc == 1) {
		str rest = instrument_list(in->a);
		while (rest.n > 0) {
			str id = str_trim(str_cut(rest, ',', &rest));
			struct instrument scale;
			TRY(instrument_shipped(in->a, arena_cstr(in->a, id), &scale, err));
			printf("%.*s\t%.*s\t%zu\t%.*s\n", STR_ARG(id), STR_ARG(said(scale.title)),
				scale.items_n, STR_ARG(scale.licence));
		}
		return RC_OK;
	}
	if (strcmp(in->argv[0], "score") != 0 || in->argc != 3)
		return usage_error(&cmd_screen, err);
	struct wish w = {in, in->argv[1], in->argv[2]};
	const char *const reads[] = {w.path, str_ends(str_of(w.name), STR(".yaml")) ? w.name : NULL, NULL};
	return alone(reads, NULL, score, &w, err);
}

const struct command cmd_screen = {
	.name = "screen",
	.usage = N_("screen score INSTRUMENT FILE.csv [--json] | list"),
	.summary = N_("score screening sheets by an instrument's own rules"),
	.help = N_("INSTRUMENT is one of `screen list`, or a .yaml file of your own. FILE.csv has one sheet "
		   "a row; columns are "
		   "found by item id, number or prefix (q1, 1, PHQ1). Empty cells and NA are missing and "
		   "never become 0.\n"
		   "--json: one line a row: "
		   "{\"row\",\"total\",\"subscales\",\"band\",\"flags\",\"valid\",...}. A score is a reason "
		   "to talk, never a label.\n"
		   "Example: qinghe screen score phq9 sheets.csv --json\n"
		   "Exit codes: 0 done, 1 some sheets are not valid, 2 bad input."),
	.run = run,
};
