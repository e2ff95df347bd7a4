/* settle.c -- see settle.h. */
#include "report/settle.h"
#include "base/clock.h"
#include "register/record.h"
#include "report/make.h"
#include "report/proof.h"
#include "report/public_table.h"
#include "report/withhold.h"

static str code_of(struct reader *r, int64_t org)
{
	const struct reg *reg = model_reg(r->city->model, STR("org"));
	const struct field *f = reg ? reg_field(reg, STR("code")) : NULL;
	struct record *rec;
	if (f && record_get(r, reg, org, &rec, NULL) == RC_OK && rec->values[f->at].kind == V_TEXT)
		return rec->values[f->at].t;
	return arena_fmt(r->a, "#%lld", (long long)org);
}

struct settling {
	struct report_source source;
	str body;
	bool public;
	int64_t revision;
	const struct docx_letterhead *head;
};

static void begin(struct settling *z, struct template_run *run, struct settled *out)
{
	template_init(run, z->source.r->a, &z->source.source, false);
	run->head = z->head;
	if (z->public)
		run->note = out->withheld
				    ? arena_fmt(run->a,
					      "公开版：标%s的数（共%zu个）较小或可据以推算个人情况，不予公布",
					      SLOT_WITHHELD, out->withheld)
				    : STR("公开版");
}

static enum rc make_table(struct settling *z, struct settled *out, struct err *err)
{
	struct reader *r = z->source.r;
	const struct period *p = &z->source.period;
	struct public_table table, before;
	if (!z->public || z->source.org != r->city->root_org || !period_whole_year(p) ||
		model_text(r->city->model, "rules/street.yaml") == NULL)
		return RC_OK;
	enum rc rc = public_table_known(r, p->text, &before, err);
	if (rc != RC_OK && rc != RC_NOT_FOUND)
		return rc;
	TRY(public_table_make(r, p, z->source.org, &z->source, rc == RC_OK ? &before : NULL, &table, err));
	table.revision = z->revision;
	out->table.body = public_table_json(r->a, &table);
	out->has_table = true;
	return RC_OK;
}

static enum rc make(struct settling *z, struct settled *out, struct err *err)
{
	struct template_run run, again;
	if (z->public) {
		begin(z, &run, out);
		TRY(report_make(&run, z->body, REPORT_MD, REPORT_MD, &out->edition.text, err));
		TRY(report_withhold(&z->source, &out->withheld, err));
	}
	begin(z, &run, out);
	TRY(report_make(&run, z->body, REPORT_MD, REPORT_DOCX, &out->report.document, err));
	begin(z, &again, out);
	TRY(report_make(&again, z->body, REPORT_MD, REPORT_MD, &out->edition.text, err));
	edition_values(run.a, &run, &out->edition);
	return proof_make(&z->source, &run, z->public, &out->bundle.document, err);
}

/* A bundle's row in the log of editions: nothing but its digest. */
static str bundle_body(struct arena *a, const struct settled *s)
{
	struct hash h = hash_sha256(s->bundle.document);
	struct edition e = s->edition;
	e.text = arena_fmt(a, "sha256:%.*s", STR_ARG(hex_str(a, h.b, HASH_BYTES)));
	e.values = NULL;
	e.n = 0;
	return edition_json(a, &e);
}

enum rc settle(struct reader *r, const struct period *p, int64_t org, str body, bool public, int64_t revision,
	const struct docx_letterhead *head, struct settled *out, struct err *err)
{
	struct settling z = {.body = body, .public = public, .revision = revision, .head = head};
	struct arena *a = r->a;
	*out = (struct settled){0};
	report_source_init(&z.source, r, p, org);
	z.source.public = public;
	enum rc rc = make(&z, out, err);
	if (rc == RC_OK)
		rc = make_table(&z, out, err);
	report_source_done(&z.source);
	TRY(rc);
	struct hash digest = hash_sha256(body);
	out->report.template_digest = out->bundle.template_digest = out->table.template_digest = digest;
	struct edition *e = &out->edition;
	e->city = r->city->name;
	e->org = code_of(r, org);
	e->period = p->text;
	e->template_name = public ? STR("desk:public") : STR("desk");
	e->actor = r->actor.name;
	e->at_ms = clock_now_ms();
	e->revision = revision;
	e->template_digest = hex_str(a, digest.b, HASH_BYTES);
	out->report.body = edition_json(a, e);
	out->bundle.body = bundle_body(a, out);
	return RC_OK;
}
