/* report_freeze.c -- see report_freeze.h. */
#include "cli/report_freeze.h"
#include "base/clock.h"
#include "base/file.h"
#include "figure/frozen.h"
#include "format/docx_box.h"
#include "format/json.h"
#include "register/permit.h"
#include "report/edition.h"
#include <string.h>

enum rc report_template(struct arena *a, const struct city *c, const struct report_wanted *w, str *out,
	enum report_format *from, struct err *err)
{
	if (w->template) {
		TRY(report_format_of(w->template, from, err));
		return file_read(a, w->template, REPORT_TEMPLATE_MAX_BYTES, out, err);
	}
	*from = REPORT_MD;
	for (size_t i = 0; i < c->model->texts_n; i++)
		if (str_is(c->model->texts[i].path, "reports/annual.md")) {
			*out = c->model->texts[i].text;
			return RC_OK;
		}
	return FAIL(err, RC_NOT_FOUND, "the model has no reports/annual.md; give --template");
}

struct freezing {
	struct invocation *in;
	struct report_wanted *w;
	struct reader r;
	struct city *city;
	struct edition e;
	struct frozen f;
	size_t notes;
	bool unchanged;
};

static bool add_paragraph(void *user, const struct docx_plain *p)
{
	if (strstr(p->part, "header") == NULL && strstr(p->part, "footer") == NULL) {
		buf_add(user, p->text);
		buf_putc(user, '\n');
	}
	return true;
}

/* The text that is frozen: markdown of our own templates, the paragraphs of a Word document. */
static enum rc plain_text(struct arena *a, struct report_source *source, str template_bytes,
	enum report_format from, str document, str *out, struct err *err)
{
	struct template_run again;
	if (from == REPORT_MD) {
		template_init(&again, a, &source->source, false);
		return report_make(&again, template_bytes, from, REPORT_MD, out, err);
	}
	struct buf b AUTO(buf_done) = {0};
	buf_init(&b, 16 << 20);
	TRY(foreign_docx_plain(a, document, add_paragraph, &b, err));
	*out = arena_str(a, buf_str(&b));
	return RC_OK;
}

static str file_name(const char *path)
{
	const char *slash = strrchr(path, '/');
	return str_of(slash ? slash + 1 : path);
}

static enum rc make(struct freezing *z, struct err *err)
{
	struct arena *a = z->in->a;
	struct asked *asked = &z->w->asked;
	enum report_format from;
	struct report_source source;
	struct template_run run;
	str text;
	TRY(report_template(a, z->city, z->w, &text, &from, err));
	report_source_init(&source, &z->r, &asked->p, asked->org_id);
	template_init(&run, a, &source.source, false);
	enum rc rc = report_make(&run, text, from, REPORT_DOCX, &z->f.document, err);
	if (rc == RC_OK)
		rc = plain_text(a, &source, text, from, z->f.document, &z->e.text, err);
	report_source_done(&source);
	TRY(rc);
	for (size_t i = 0; i < run.notes_n; i++)
		fprintf(stderr, "%.*s\n", STR_ARG(run.notes[i].text));
	z->notes = run.notes_n;
	z->f.period = asked->p.text;
	z->f.org = asked->org_id;
	z->f.template_name = z->w->template ? file_name(z->w->template) : STR("annual.md");
	z->f.template_digest = hash_sha256(text);
	z->f.at_ms = clock_now_ms();
	z->e.city = z->city->name;
	z->e.org = asked->org_code;
	z->e.period = z->f.period;
	z->e.template_name = z->f.template_name;
	z->e.actor = z->r.actor.name;
	z->e.at_ms = z->f.at_ms;
	z->e.template_digest = hex_str(a, z->f.template_digest.b, HASH_BYTES);
	edition_values(a, &run, &z->e);
	return RC_OK;
}

static enum rc freeze_job(struct job_ctx *c, void *arg, struct err *err)
{
	struct freezing *z = arg;
	struct frozen last;
	struct edition before;
	struct arena *a = z->in->a;
	z->unchanged = false;
	enum rc rc = frozen_latest(a, c->db, z->f.period, z->f.org, z->f.template_name, &last, err);
	z->f.revision = z->e.revision = rc == RC_OK ? last.revision + 1 : 1;
	if (rc == RC_OK) {
		TRY(edition_read(a, last.body, &before, err));
		z->unchanged = !edition_compare(a, &before, &z->e) &&
			       hash_eq(&last.template_digest, &z->f.template_digest);
		if (z->unchanged) {
			z->f.revision = z->e.revision = last.revision;
			z->f.head = last.head;
		}
	} else if (rc != RC_NOT_FOUND) {
		return rc;
	}
	c->action = STR("report:freeze");
	c->subject = arena_fmt(c->a, "edition:%.*s:%lld:%lld", STR_ARG(z->f.period), (long long)z->f.org,
		(long long)z->f.revision);
	if (z->unchanged)
		return RC_OK;
	z->f.body = edition_json(a, &z->e);
	return frozen_add(c, &z->f, err);
}

static void tell(const struct freezing *z)
{
	char head[HEX_BYTES];
	hex_text(z->f.head.b, HASH_BYTES, head);
	if (z->in->json) {
		struct buf b AUTO(buf_done) = {0};
		struct json j;
		json_init(&j, &b);
		json_object(&j);
		json_put_i64(&j, "revision", z->e.revision);
		json_put_bool(&j, "unchanged", z->unchanged);
		json_put_cstr(&j, "head", head);
		json_key(&j, "changes");
		json_array(&j);
		for (size_t i = 0; i < z->e.changes_n && !z->unchanged; i++) {
			json_object(&j);
			json_put_str(&j, "slot", z->e.changes[i].slot);
			json_put_str(&j, "before", z->e.changes[i].before);
			json_put_str(&j, "after", z->e.changes[i].after);
			json_object_end(&j);
		}
		json_array_end(&j);
		json_object_end(&j);
		printf("%.*s\n", STR_ARG(buf_str(&b)));
		return;
	}
	if (z->unchanged)
		printf(tr("nothing has changed since revision %lld\n"), (long long)z->e.revision);
	else
		printf(tr("frozen as revision %lld, head %s\n"), (long long)z->e.revision, head);
	for (size_t i = 0; i < z->e.changes_n && !z->unchanged; i++)
		printf("%.*s\t%.*s\t%.*s\n", STR_ARG(z->e.changes[i].slot), STR_ARG(z->e.changes[i].before),
			STR_ARG(z->e.changes[i].after));
}

/* An edition is written by those who write the unit's reports, wherever it is frozen. */
static enum rc may_freeze(const struct freezing *z, int64_t org, struct err *err)
{
	static const uint64_t none[2];
	const struct reg *reg = model_reg(z->city->model, STR("report_edition"));
	if (reg == NULL)
		return RC_OK;
	struct record rec = {.reg = reg,
		.org = org,
		.state = reg->states_n ? reg->states[0].id : STR("valid"),
		.values = NEWS(z->in->a, reg->fields_n + 1, struct value)};
	return permit_write(z->r.tree, &z->r.actor, &rec, none, true, err);
}

static enum rc freeze(struct freezing *z, const struct actor *actor, struct err *err)
{
	struct cli_reader c = {.city = z->city, .r = z->r};
	TRY(asked_resolve(z->in, &c, &z->w->asked, err));
	TRY(may_freeze(z, z->w->asked.org_id, err));
	TRY(make(z, err));
	TRY(city_run(z->city, actor, z->in->a, (str){NULL, 0}, freeze_job, z, err));
	if (z->w->out)
		TRY(file_write(z->w->out, z->f.document, err));
	tell(z);
	return z->notes > 0 ? RC_FOUND : RC_OK;
}

enum rc report_freeze(struct invocation *in, struct report_wanted *w, struct err *err)
{
	struct freezing z = {.in = in, .w = w};
	struct actor actor;
	if (w->draft)
		return FAIL(err, RC_INVALID, "a draft cannot be frozen; fill its gaps first");
	TRY(cli_city(in, true, &z.city, &actor, err));
	enum rc rc = reader_open(z.city, in->a, &actor, &z.r, err);
	if (rc == RC_OK) {
		rc = freeze(&z, &actor, err);
		reader_close(&z.r);
	}
	city_close(z.city);
	return rc;
}
