/* model.c -- see model.h; the work is in model_*.c (model_load.h tells the order). */
#include "register/model_load.h"
#include <stdlib.h>

str label_text(const struct label *l)
{
	str s = tr_lang() == LANG_ZH ? l->zh : l->en;
	return s.n ? s : l->zh;
}

enum storage field_storage(const struct field *f)
{
	if (f->sealed)
		return STORE_SEALED;
	switch (f->type) {
	case T_INTEGER:
	case T_DECIMAL:
	case T_MONEY:
	case T_HOURS:
	case T_COUNT:
	case T_TIME:
	case T_BOOL:
	case T_REF:
	case T_PERSON:
	case T_ORG:
		return STORE_INT;
	case T_PHONE:
	case T_CITIZEN_ID:
	case T_SEALED:
	case T_SEALED_STRUCT:
	case T_FILE:
		return STORE_SEALED;
	case T_TEXT:
	case T_DATE:
	case T_MONTH:
	case T_CHOICE:
	case T_REFS:
	case T_ORGS:
	case T_REGION:
	case T_CREDIT_CODE:
		break;
	}
	return STORE_TEXT;
}

const struct reg *model_reg(const struct model *m, str id)
{
	return map_get(&m->reg_by_id, id);
}

const struct model_text *model_text(const struct model *m, const char *path)
{
	for (size_t i = 0; i < m->texts_n; i++)
		if (str_is(m->texts[i].path, path))
			return &m->texts[i];
	return NULL;
}

const struct figure *model_figure(const struct model *m, str id)
{
	return map_get(&m->figure_by_id, id);
}

const struct field *reg_field(const struct reg *r, str id)
{
	for (size_t i = 0; i < r->fields_n; i++)
		if (str_eq(r->fields[i].id, id))
			return &r->fields[i];
	return NULL;
}

const struct state *reg_state(const struct reg *r, str id)
{
	for (size_t i = 0; i < r->states_n; i++)
		if (str_eq(r->states[i].id, id))
			return &r->states[i];
	return NULL;
}

const struct move *reg_move(const struct reg *r, str id)
{
	for (size_t i = 0; i < r->moves_n; i++)
		if (str_eq(r->moves[i].id, id))
			return &r->moves[i];
	return NULL;
}

const struct choice *field_choice(const struct field *f, str id)
{
	for (size_t i = 0; i < f->choices_n; i++)
		if (str_eq(f->choices[i].id, id))
			return &f->choices[i];
	return NULL;
}

str model_suggest_reg(const struct model *m, str id)
{
	struct nearest near = {.wrong = id};
	for (size_t i = 0; i < m->regs_n; i++) {
		if (str_eq(m->regs[i].label.zh, id) || str_eq(m->regs[i].label.en, id))
			return m->regs[i].id;
		nearest_try(&near, m->regs[i].id);
	}
	return near.best;
}

str reg_suggest_field(const struct reg *r, str id)
{
	struct nearest near = {.wrong = id};
	for (size_t i = 0; i < r->fields_n; i++) {
		const struct field *f = &r->fields[i];
		if (str_eq(f->label.zh, id) || str_eq(f->label.en, id))
			return f->id;
		for (size_t k = 0; k < f->also_n; k++)
			if (str_eq(f->also[k], id))
				return f->id;
		nearest_try(&near, f->id);
	}
	static const char *const system[] = {
		"id", "org", "state", "version", "source", "entered_at", "changed_at"};
	for (size_t i = 0; i < sizeof system / sizeof *system; i++)
		nearest_try(&near, str_of(system[i]));
	return near.best;
}

str model_fault_text(struct arena *a, const struct model_fault *f)
{
	str head = arena_fmt(a, "%s:%d:%d: %s", f->mark.file, f->mark.line, f->mark.column, f->message);
	str caret = yaml_caret(a, str_of(f->source), f->mark.column);
	str body =
		f->source[0] ? arena_fmt(a, "\n    %s\n    %.*s", f->source, STR_ARG(caret)) : (str){"", 0};
	if (f->hint[0])
		return arena_fmt(a, "%.*s%.*s\n    %s", STR_ARG(head), STR_ARG(body), f->hint);
	return arena_fmt(a, "%.*s%.*s", STR_ARG(head), STR_ARG(body));
}

/* ---- loading ---- */

static enum rc parse_files(struct load *l, struct err *err)
{
	for (size_t i = 0; i < l->sources_n; i++) {
		struct source *s = &l->sources[i];
		struct yaml_fault *faults;
		size_t n = 0;
		l->at = s;
		if (!str_ends(s->path, STR(".yaml")))
			continue;
		enum rc rc = yaml_read(l->a, s->text, &s->root, &faults, &n, err);
		if (rc != RC_OK && rc != RC_INVALID)
			return rc;
		s->read = rc == RC_OK;
		for (size_t k = 0; k < n; k++)
			fault_mark(
				l, faults[k].line, faults[k].column, faults[k].hint, "%s", faults[k].message);
		if (s->read && s->root.kind != YAML_MAP) {
			s->read = false;
			fault_at(l, &s->root, "", N_("“key: value” pairs were expected here"));
		}
	}
	return RC_OK;
}

static void keep_texts(struct load *l)
{
	struct model *m = l->m;
	m->texts = NEWS(l->a, l->sources_n + 1, struct model_text);
	for (size_t i = 0; i < l->sources_n; i++) {
		const struct source *s = &l->sources[i];
		if (path_in(s->path, "registers/") || path_in(s->path, "figures/"))
			continue;
		m->texts[m->texts_n++] = (struct model_text){s->path, s->text};
	}
}

static int by_place(const void *a, const void *b)
{
	const struct mark *x = &((const struct model_fault *)a)->mark,
			  *y = &((const struct model_fault *)b)->mark;
	int d = strcmp(x->file, y->file);
	return d ? d : x->line != y->line ? x->line - y->line : x->column - y->column;
}

static enum rc verdict(struct load *l, struct model_fault **out_faults, size_t *out_faults_n, struct err *err)
{
	if (l->faults_n)
		qsort(l->faults, l->faults_n, sizeof *l->faults, by_place);
	if (out_faults)
		*out_faults = l->faults;
	if (out_faults_n)
		*out_faults_n = l->faults_n;
	if (l->faults_n == 0)
		return RC_OK;
	const struct model_fault *f = &l->faults[0];
	return FAIL(err, RC_INVALID, "%s:%d:%d: %s (faults in all: %zu)", f->mark.file, f->mark.line,
		f->mark.column, f->message, l->faults_n);
}

enum rc model_load(struct arena *a, const char *dir, bool alone, struct model **out_model,
	struct model_fault **out_faults, size_t *out_faults_n, struct err *err)
{
	struct load l = {.a = a, .m = NEW(a, struct model)};
	l.m->a = a;
	TRY(model_files(&l, dir, alone, err));
	if (l.sources_n == 0)
		return FAIL(err, RC_INVALID, "%s holds no declarations", dir ? dir : "model/");
	TRY(parse_files(&l, err));
	roles_read(&l);
	registers_read(&l);
	registers_link(&l);
	figures_read(&l);
	keep_texts(&l);
	enum rc rc = verdict(&l, out_faults, out_faults_n, err);
	if (rc != RC_OK) {
		model_done(l.m);
		return rc;
	}
	model_digests(&l);
	*out_model = l.m;
	return RC_OK;
}

void model_done(struct model *m)
{
	if (m == NULL)
		return;
	map_done(&m->reg_by_id);
	map_done(&m->figure_by_id);
}
