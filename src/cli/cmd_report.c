/* cmd_report.c -- qinghe report: the report of a unit and period; report lint FILE: what no figure backs; report freeze
 * (report_freeze.c). */
#include "base/file.h"
#include "cli/commands.h"
#include "cli/report_freeze.h"
#include "cli/report_word.h"
#include "format/json.h"
#include "report/letterhead.h"
#include "report/proof.h"
#include "report/withhold.h"
#include <string.h>

static enum rc options(struct invocation *in, struct report_wanted *w, struct err *err)
{
	*w = (struct report_wanted){.letterhead = "none"};
	TRY(asked_options(in, &w->asked, err));
	TRY(opt_text(in, "--template", &w->template, err));
	TRY(opt_text(in, "--letterhead", &w->letterhead, err));
	TRY(opt_text(in, "-o", &w->out, err));
	TRY(opt_text(in, "--bundle", &w->bundle, err));
	opt_flag(in, "--draft", &w->draft);
	opt_flag(in, "--public", &w->public);
	TRY(opt_text(in, "--to", &w->to, err));
	TRY(opt_text(in, "--number", &w->number, err));
	TRY(opt_text(in, "--signer", &w->signer, err));
	enum docx_letterhead_kind kind;
	return letterhead_kind(str_of(w->letterhead), &kind)
		       ? RC_OK
		       : FAIL(err, RC_INVALID, "--letterhead is none, document, letter or brief, not “%s”",
				 w->letterhead);
}

static void tell(const struct invocation *in, const struct template_run *run, const char *path, size_t bytes)
{
	for (size_t i = 0; i < run->notes_n; i++)
		fprintf(stderr, "%.*s\n", STR_ARG(run->notes[i].text));
	if (!in->json) {
		if (strcmp(path, "-") != 0 && !in->quiet)
			printf(tr("%s: %zu bytes, %zu figures, %zu notes\n"), path, bytes, run->used_n,
				run->notes_n);
		return;
	}
	struct buf b AUTO(buf_done) = {0};
	struct json j;
	json_init(&j, &b);
	json_object(&j);
	json_put_cstr(&j, "file", path);
	template_notes_json(&j, run);
	json_key(&j, "figures");
	json_array(&j);
	for (size_t i = 0; i < run->used_n; i++) {
		const struct template_used *u = &run->used[i];
		struct slot_tag_parts tag = {.kind = TAG_VALUE, .ref = u->ref};
		json_object(&j);
		json_put_str(&j, "slot", template_tag(in->a, &tag));
		json_put_str(&j, "printed", u->printed);
		json_key(&j, "value");
		if (u->answer.told && !u->answer.withheld)
			json_i64(&j, u->answer.value);
		else
			json_null(&j);
		json_object_end(&j);
	}
	json_array_end(&j);
	json_object_end(&j);
	printf("%.*s\n", STR_ARG(buf_str(&b)));
}

/* Once more, with small numbers and their partners withheld: the first filling has shown what the report tells. */
static enum rc make_public(const struct invocation *in, const struct report_wanted *w,
	struct report_source *source, struct template_run *run, str text, enum report_format from,
	enum report_format to, str *out_bytes, struct err *err)
{
	size_t n;
	TRY(report_withhold(source, &n, err));
	const struct docx_letterhead *head = run->head;
	template_init(run, in->a, &source->source, w->draft);
	run->head = head;
	run->note = n ? arena_fmt(in->a, "公开版：标%s的数（共%zu个）较小或可据以推算个人情况，不予公布",
				SLOT_WITHHELD, n)
		      : STR("公开版");
	return report_make(run, text, from, to, out_bytes, err);
}

static enum rc make_report(
	const struct invocation *in, struct cli_reader *c, struct report_wanted *w, struct err *err)
{
	enum report_format from, to;
	struct report_source source;
	struct template_run run;
	str text, bytes;
	TRY(report_format_of(w->out, &to, err));
	TRY(asked_resolve(in, c, &w->asked, err));
	TRY(report_template(in->a, c->city, w, &text, &from, err));
	report_source_init(&source, &c->r, &w->asked.p, w->asked.org_id);
	source.public = w->public;
	template_init(&run, in->a, &source.source, w->draft);
	struct docx_letterhead head;
	letterhead_of(&c->r, &w->asked.p, w->asked.org_id, &head);
	(void)letterhead_kind(str_of(w->letterhead), &head.kind);
	head.addressee = str_of(w->to);
	head.number = str_of(w->number);
	head.signer = str_of(w->signer);
	run.head = &head;
	enum rc rc = report_make(&run, text, from, to, &bytes, err);
	if (rc == RC_OK && w->public)
		rc = make_public(in, w, &source, &run, text, from, to, &bytes, err);
	str proof = {0};
	if (rc == RC_OK && w->bundle)
		rc = proof_make(&source, &run, w->public, &proof, err);
	report_source_done(&source);
	TRY(rc);
	TRY(file_write(w->out, bytes, err));
	if (w->bundle)
		TRY(file_write(w->bundle, proof, err));
	tell(in, &run, w->out, bytes.n);
	return run.notes_n > 0 ? RC_FOUND : RC_OK;
}

/* report lint */

static void lint_json(const struct invocation *in, const struct lint *l)
{
	struct buf b AUTO(buf_done) = {0};
	struct json j;
	json_init(&j, &b);
	json_array(&j);
	for (size_t i = 0; i < l->n; i++) {
		const struct lint_finding *f = &l->findings[i];
		json_object(&j);
		json_put_cstr(&j, "kind", lint_kind_name(f->kind));
		json_put_str(&j, "part", f->part);
		json_put_i64(&j, "paragraph", (int64_t)f->paragraph);
		json_put_str(&j, "text", f->what);
		json_put_str(&j, "context", f->sentence);
		if (f->slot.n > 0) {
			json_put_str(&j, "slot", f->slot);
			json_put_str(&j, "prints", f->prints);
		}
		json_key(&j, "near");
		json_array(&j);
		for (size_t k = 0; k < f->near_n; k++) {
			json_object(&j);
			json_put_str(&j, "id", f->near[k].figure->id);
			json_put_str(&j, "label", f->near[k].figure->label);
			json_put_str(&j, "printed", f->near[k].figure->printed);
			json_put_bool(&j, "agrees", f->near[k].agrees);
			json_object_end(&j);
		}
		json_array_end(&j);
		json_put_str(&j, "message", lint_text(in->a, f));
		json_object_end(&j);
	}
	json_array_end(&j);
	printf("%.*s\n", STR_ARG(buf_str(&b)));
}

static enum rc lint_file(
	const struct invocation *in, struct cli_reader *c, struct report_wanted *w, struct err *err)
{
	enum report_format format;
	struct report_source source;
	struct lint l = {.a = in->a};
	struct lint_figure *figures;
	str bytes;
	const char *path = in->argv[1];
	TRY(report_format_of(path, &format, err));
	if (format != REPORT_DOCX && format != REPORT_MD && format != REPORT_XLSX)
		return FAIL(err, RC_INVALID, "%s: lint reads .docx, .xlsx or .md", path);
	TRY(asked_resolve(in, c, &w->asked, err));
	TRY(file_read(in->a, path, REPORT_TEMPLATE_MAX_BYTES, &bytes, err));
	report_source_init(&source, &c->r, &w->asked.p, w->asked.org_id);
	l.source = &source.source;
	enum rc rc = report_source_figures(&source, false, &figures, &l.figures_n, err);
	l.figures = figures;
	if (rc == RC_OK && format != REPORT_MD)
		rc = lint_docx(&l, bytes, err);
	else if (rc == RC_OK)
		lint_markdown(&l, bytes);
	report_source_done(&source);
	TRY(rc);
	if (in->json)
		lint_json(in, &l);
	for (size_t i = 0; !in->json && i < l.n; i++)
		printf("%zu\t%s\t%.*s\n", l.findings[i].paragraph, lint_kind_name(l.findings[i].kind),
			STR_ARG(lint_text(in->a, &l.findings[i])));
	return l.n > 0 ? RC_FOUND : RC_OK;
}

static enum rc run(struct invocation *in, struct err *err)
{
	struct report_wanted w;
	struct cli_reader c;
	TRY(options(in, &w, err));
	const char *verb = in->argc > 0 ? in->argv[0] : "";
	bool lint = strcmp(verb, "lint") == 0, freeze = strcmp(verb, "freeze") == 0;
	bool adopt = strcmp(verb, "adopt") == 0, refresh = strcmp(verb, "refresh") == 0;
	bool file = lint || adopt || refresh;
	TRY(opt_done(in, file ? 2 : freeze, file ? 2 : freeze, &cmd_report, err));
	if (freeze)
		return report_freeze(in, &w, err);
	if (!file && w.out == NULL)
		return FAIL(err, RC_INVALID, "say where the report goes: -o report.docx");
	TRY(cli_reader(in, &c, err));
	enum rc rc = lint      ? lint_file(in, &c, &w, err)
		     : adopt   ? report_adopt(in, &c, &w, err)
		     : refresh ? report_refresh(in, &c, &w, err)
			       : make_report(in, &c, &w, err);
	cli_done(&c);
	return rc;
}

const struct command cmd_report = {
	.name = "report",
	.usage = N_(
		"report (--year Y | --period P) [--org CODE] [--template T.docx|T.xlsx|T.md] [--draft] -o "
		"OUT.docx|xlsx|pdf|html|md [--public] [--bundle B.zip] [--letterhead document|letter|brief] "
		"[--to ADDRESSEE] [--number NO] [--signer NAME]\n"
		"       qinghe report freeze (--year Y | --period P) [--org CODE] [--template T] [-o "
		"OUT.docx]\n"
		"       qinghe report lint FILE.docx|FILE.xlsx|FILE.md (--year Y | --period P) [--org CODE]\n"
		"       qinghe report adopt LAST.docx --year Y -o TEMPLATE.docx [--org CODE]\n"
		"       qinghe report refresh EDITED.docx [--year Y | --period P] [--org CODE] -o OUT.docx"),
	.summary = N_("the report, its numbers out of the records; and what a text says that none backs"),
	.help = N_(
		"Without --template the model's annual report is written, in the layout of official "
		"documents.\n"
		"--draft marks gaps 【待补：...】 and lists them; without it a gap is an error and nothing "
		"is written.\n"
		"--bundle writes the evidence behind the figures, signed. --public makes a public copy: "
		"small "
		"numbers of people's\n"
		"records and their partners print as ＊, the header says so; a bundle beside it has no "
		"rows.\n"
		"freeze keeps values and text as a numbered edition and lists what changed since the last.\n"
		"lint lists numerals without a slot, changed slots, claims about all, with the nearest "
		"figures.\n"
		"adopt makes a template of last year's text: each number becomes a slot that you confirm, or "
		"an "
		"open one.\n"
		"refresh puts today's numbers into a report that others have edited, and lists those typed "
		"by "
		"hand.\n"
		"Example: qinghe report --year 2025 -o report.docx\n"
		"Exit codes: 0 done, 1 done with notes or findings, 2 a fault of the template or a gap, 3 "
		"not your unit."),
	.foreign = true,
	.run = run,
};
