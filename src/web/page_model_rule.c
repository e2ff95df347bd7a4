/* page_model_rule.c -- /model/rules/FILE, /model/rules/FILE/RULE: the rules of model/rules/ one by one: what each says, on which
 * law it rests, what it speaks of and what reads it; and the other way round on the pages of registers and figures. The
 * values that are a city's own are changed by a form, which proposes the file with them in it (page_model_propose.c). */
#include "guard/role.h"
#include "register/consent_text.h"
#include "register/pinyin.h"
#include "templates.h"
#include "web/model_rules.h"
#include "web/page_model.h"
#include "web/pages.h"
#include "web/rule_words.h"
#include "web/site_in.h"
#include "web/words.h"

enum { SECTIONS_MAX = 60, SAYS_SHOWN = 180, BRIEF_KEYS = 3, VALUE_LONG = 50 };
static const char VALUE_PREFIX[] = "v.";

/* ---- looking for words ---- */

bool desk_match(struct page *p, str asked, const struct label *l, const struct label *more, str id)
{
	return asked.n == 0 || str_speaks_of(id, asked) || str_speaks_of(l->zh, asked) ||
	       str_speaks_of(l->en, asked) ||
	       (more && (str_speaks_of(more->zh, asked) || str_speaks_of(more->en, asked))) ||
	       str_speaks_of(pinyin_initials(p->a, l->zh), asked);
}

/* Its words, its law and its values. */
static bool rule_match(struct page *p, str asked, const struct rule *r)
{
	struct label here = {rule_label_words(p, r), r->label.en};
	bool found = desk_match(p, asked, &here, &r->says, r->name) || str_speaks_of(r->law.zh, asked) ||
		     str_speaks_of(r->law.en, asked);
	for (size_t i = 0; !found && i < r->values_n; i++)
		found = str_speaks_of(r->values[i].text, asked) ||
			str_speaks_of(rule_value_words(p, r, &r->values[i]), asked);
	return found;
}

/* ---- a file ---- */

static str file_of(str path)
{
	str name = str_from(path, 6), base = str_head(name, name.n > 5 ? name.n - 5 : 0);
	return str_starts(path, STR("rules/")) && str_ends(name, STR(".yaml")) ? base : STR("");
}

static str short_text(struct page *p, str s)
{
	size_t n = SAYS_SHOWN;
	if (s.n <= n)
		return s;
	while (n > 0 && ((unsigned char)s.p[n] & 0xC0) == 0x80)
		n--;
	return arena_fmt(p->a, "%.*s…", (int)n, s.p);
}

static str law_words(const struct rule *r)
{
	return r->ours ? str_of(tr("the city's own, no law gives it")) : label_text(&r->law);
}

/* A line about it: what it says, or its first values; the law. */
static str brief(struct page *p, const struct rule *r)
{
	str s = short_text(p, label_text(&r->says));
	size_t keys = 0;
	for (size_t i = 0; label_text(&r->says).n == 0 && i < r->values_n; i++) {
		const struct rule_value *v = &r->values[i];
		bool again = i > 0 && str_eq(v->key, v[-1].key);
		if (!again && ++keys > BRIEF_KEYS)
			break;
		str text = short_text(p, rule_value_words(p, r, v));
		s = again ? arena_fmt(p->a, "%.*s%s%.*s", STR_ARG(s), tr(", "), STR_ARG(text))
			  : arena_fmt(p->a, "%.*s%s%.*s%s%.*s", STR_ARG(s), s.n ? tr("; ") : "",
				    STR_ARG(rule_key_words(v->key)), tr(": "), STR_ARG(text));
	}
	str law = law_words(r);
	return law.n && s.n ? arena_fmt(p->a, "%.*s · %.*s", STR_ARG(s), STR_ARG(law)) : law.n ? law : s;
}

static str rule_href(struct page *p, const struct rule *r)
{
	return arena_fmt(p->a, "/model/rules/%.*s/%.*s", STR_ARG(r->file), STR_ARG(r->name));
}

static size_t uses_n(struct page *p, const struct rule *r)
{
	const struct model *m = p->site->city->model;
	size_t n = 0;
	for (size_t i = 0; i < m->regs_n; i++)
		n += rule_speaks_of_reg(r, &m->regs[i]);
	for (size_t i = 0; i < m->figures_n; i++)
		n += rule_speaks_of_figure(r, &m->figures[i]);
	return n;
}

static void file_rows(struct page *p, struct model_desk *g, const struct rule *list, size_t n, str asked)
{
	struct help_section *s = NULL;
	for (size_t i = 0; i < n; i++) {
		const struct rule *r = &list[i];
		if (!rule_match(p, asked, r))
			continue;
		if ((s == NULL || !str_eq(s->id, r->part)) && g->sections_n < SECTIONS_MAX)
			s = desk_section(p, g, r->part, rule_part_words(r->part), n);
		size_t uses = uses_n(p, r);
		desk_row(s, rule_label_words(p, r), brief(p, r),
			uses ? arena_fmt(p->a,
				       trn("concerns %lld thing", "concerns %lld things", (int64_t)uses),
				       (long long)uses)
			     : STR(""),
			rule_href(p, r));
	}
	g->found_none = asked.n && s == NULL;
}

static str file_label(str file)
{
	const struct rule_file_words *w = rule_file_words(file);
	return w ? str_of(tr(w->label)) : file;
}

static void readers(struct page *p, struct model_desk *g, str file)
{
	const struct rule_file_words *w = rule_file_words(file);
	struct help_section *s =
		desk_section(p, g, STR("readers"), str_of(tr("What reads it")), RULE_READERS_MAX);
	for (size_t i = 0; w && i < RULE_READERS_MAX && w->readers[i].label; i++) {
		bool command = w->readers[i].href == NULL;
		desk_row(s, str_of(tr(w->readers[i].label)), STR(""),
			str_of(command ? tr("command") : tr("page")),
			command ? STR("") : page_href(p, str_of(w->readers[i].href)));
	}
	g->sections_n -= s->rows_n == 0;
}

static void file_crumbs(struct page *p, struct model_desk *g, str file)
{
	shell_fill(p, &g->shell, g->heading, PLACE_NONE, STR(""));
	shell_crumb(p, &g->shell, str_of(tr("Model desk")), page_href(p, STR("/model")));
	if (file.n)
		shell_crumb(
			p, &g->shell, file_label(file), page_hrefs(p, "/model/rules/%.*s", STR_ARG(file)));
}

static enum rc file_show(struct page *p, struct err *err)
{
	struct model_desk g = {.asked = page_input(p, "q"), .searches = true};
	str file = page_arg(p, 0);
	const struct rule_file_words *w = rule_file_words(file);
	struct rule *list;
	size_t n;
	TRY(desk_administrator(p, err));
	TRY(rule_book(p->a, p->site->city->model, file, &list, &n, err));
	g.heading = file_label(file);
	g.lead = w ? str_of(tr(w->lead)) : STR("");
	g.search_at = arena_fmt(p->a, "/model/rules/%.*s", STR_ARG(file));
	if (actor_has_role(&p->r.actor, STR("sysadmin")) &&
		model_rules_known(arena_fmt(p->a, "rules/%.*s.yaml", STR_ARG(file))))
		g.file_href = arena_fmt(p->a, "/model/files/rules/%.*s.yaml", STR_ARG(file));
	g.whose = w ? str_of(tr(w->whose)) : STR("");
	g.sections = NEWS(p->a, SECTIONS_MAX + 2, struct help_section);
	file_rows(p, &g, list, n, g.asked);
	readers(p, &g, file);
	file_crumbs(p, &g, STR(""));
	tpl_model(page_out(p), &g);
	return RC_OK;
}

/* ---- one rule ---- */

static void value_rows(struct page *p, struct model_desk *g, const struct rule *r)
{
	struct help_section *s =
		desk_section(p, g, STR("values"), str_of(tr("What it says")), r->values_n + 4);
	if (r->law.zh.n || r->ours)
		desk_row(s, str_of(tr("Source")), law_words(r), STR(""), STR(""));
	for (size_t i = 0; i < r->values_n; i++) {
		const struct rule_value *v = &r->values[i];
		bool zh = str_ends(v->path, STR(".zh")), en = str_ends(v->path, STR(".en"));
		if (v->text.n)
			desk_row(s, rule_key_words(v->key), rule_value_words(p, r, v),
				zh   ? STR("中文")
				: en ? STR("English")
				     : STR(""),
				STR(""));
	}
	if (r->cut)
		s->lead = str_of(tr("There is more of it in the file."));
}

static void speaks_of(struct page *p, struct model_desk *g, const struct rule *r)
{
	const struct model *m = p->site->city->model;
	size_t cap = m->regs_n + m->figures_n + m->roles.n;
	struct help_section *s = desk_section(p, g, STR("speaks"),
		str_of(tr("Registers, fields and figures that it is about")), cap * 2 + 200);
	for (size_t i = 0; i < m->regs_n; i++) {
		const struct reg *reg = &m->regs[i];
		str fields = STR("");
		if (!rule_speaks_of_reg(r, reg))
			continue;
		for (size_t k = 0; k < reg->fields_n; k++)
			if (rule_speaks_of_field(r, reg, &reg->fields[k]))
				fields = arena_fmt(p->a, "%.*s%s%.*s", STR_ARG(fields),
					fields.n ? tr(", ") : "", STR_ARG(label_text(&reg->fields[k].label)));
		desk_row(s, label_text(&reg->label), fields, str_of(tr("register")),
			arena_fmt(p->a, "/model/registers/%.*s", STR_ARG(reg->id)));
	}
	for (size_t i = 0; i < m->figures_n; i++)
		if (rule_speaks_of_figure(r, &m->figures[i]))
			desk_row(s, label_text(&m->figures[i].label), STR(""), str_of(tr("figure")),
				arena_fmt(p->a, "/model/figures/%.*s", STR_ARG(m->figures[i].id)));
	for (size_t i = 0; i < m->roles.n; i++)
		if (rule_speaks_of_role(r, m->role_list[i].id))
			desk_row(s, role_label(&m->role_list[i]), STR(""), str_of(tr("role")), STR(""));
	g->sections_n -= s->rows_n == 0;
}

/* Of a text of consent: how many stand on this version; what a new one leaves as it is. */
static enum rc consents_stand(struct page *p, struct model_desk *g, const struct rule *r, struct err *err)
{
	struct consent_text *list;
	size_t n;
	const struct reg *reg = page_reg(p, "consent");
	if (!str_is(r->file, "consent") || !str_is(r->part, "texts") || reg == NULL)
		return RC_OK;
	TRY(consent_texts(p->a, p->site->city->model, &list, &n, err));
	for (size_t i = 0; i < n; i++)
		if (str_eq(list[i].purpose, r->id)) {
			struct help_section *s =
				desk_section(p, g, STR("stands"), str_of(tr("What stands on it")), 1);
			desk_row(s, str_of(tr("Version as it is kept")),
				str_of(tr("Consents name it; a consent to an older version counts until it "
					  "is withdrawn.")),
				list[i].version, STR(""));
		}
	return RC_OK;
}

static void edits(struct page *p, struct model_desk *g, const struct rule *r)
{
	const struct rule_file_words *w = rule_file_words(r->file);
	g->whose = w ? str_of(tr(w->whose)) : STR("");
	if (!actor_has_role(&p->r.actor, STR("sysadmin")) ||
		!model_rules_known(arena_fmt(p->a, "rules/%.*s.yaml", STR_ARG(r->file))))
		return;
	g->file_href = arena_fmt(p->a, "/model/files/rules/%.*s.yaml", STR_ARG(r->file));
	g->values = NEWS(p->a, r->values_n + 1, struct model_rule_field);
	for (size_t i = 0; i < r->values_n; i++) {
		const struct rule_value *v = &r->values[i];
		if (!rule_is_ours(r, v))
			continue;
		str name = arena_fmt(p->a, "%s%.*s", VALUE_PREFIX, STR_ARG(v->path));
		bool sent = pairs_has(&p->form, name.p);
		bool zh = str_ends(v->path, STR(".zh")), en = str_ends(v->path, STR(".en"));
		g->values[g->values_n++] = (struct model_rule_field){.name = name,
			.label = arena_fmt(p->a, "%.*s%s", STR_ARG(rule_key_words(v->key)),
				zh   ? tr(", in Chinese")
				: en ? tr(", in English")
				     : ""),
			.value = sent ? pairs_get(&p->form, name.p) : v->text,
			.area = v->text.n > VALUE_LONG};
	}
}

static enum rc rule_of(
	struct page *p, struct rule **list, size_t *n, const struct rule **out, struct err *err)
{
	TRY(rule_book(p->a, p->site->city->model, page_arg(p, 0), list, n, err));
	*out = rule_named(*list, *n, page_arg(p, 1));
	return *out ? RC_OK
		    : FAIL(err, RC_NOT_FOUND, "rules/%.*s.yaml has no rule “%.*s”", STR_ARG(page_arg(p, 0)),
			      STR_ARG(page_arg(p, 1)));
}

static enum rc rule_page(struct page *p, struct model_desk *g, const struct rule *r, struct err *err)
{
	g->heading = rule_label_words(p, r);
	g->lead = arena_fmt(p->a, "rules/%.*s.yaml:%d · %.*s", STR_ARG(r->file), r->line, STR_ARG(r->name));
	g->action = rule_href(p, r);
	g->sections = NEWS(p->a, 8, struct help_section);
	value_rows(p, g, r);
	TRY(consents_stand(p, g, r, err));
	speaks_of(p, g, r);
	readers(p, g, r->file);
	edits(p, g, r);
	file_crumbs(p, g, r->file);
	tpl_model(page_out(p), g);
	return RC_OK;
}

static enum rc rule_show(struct page *p, struct err *err)
{
	struct model_desk g = {0};
	const struct rule *r;
	struct rule *list;
	size_t n;
	TRY(desk_administrator(p, err));
	TRY(rule_of(p, &list, &n, &r, err));
	return rule_page(p, &g, r, err);
}

/* The file with the values of the form in it. From its end, so that what stands before keeps its place. */
static enum rc body_with(struct page *p, const struct rule *r, struct model_proposal *x, struct err *err)
{
	x->body = x->before;
	for (size_t i = r->values_n; i-- > 0;) {
		const struct rule_value *v = &r->values[i];
		const char *name = arena_printf(p->a, "%s%.*s", VALUE_PREFIX, STR_ARG(v->path));
		str sent = str_trim(pairs_get(&p->form, name));
		if (!pairs_has(&p->form, name) || !rule_is_ours(r, v) || str_eq(sent, v->text))
			continue;
		TRY(rule_put(p->a, x->body, v, sent, &x->body, err));
		x->what = STR("+");
	}
	if (x->what.n == 0)
		return FAIL(err, RC_INVALID, "nothing was changed in it");
	x->what = arena_fmt(p->a, tr("%.*s: “%.*s” changed"), STR_ARG(file_label(r->file)),
		STR_ARG(rule_label_words(p, r)));
	return RC_OK;
}

static enum rc rule_sent(struct page *p, struct err *err)
{
	struct model_proposal x = {.reg = page_reg(p, "model_change"), .why = page_input(p, "why")};
	struct model_desk g = {0};
	const struct rule *r;
	struct rule *list;
	size_t n;
	bool kept = false;
	TRY(desk_may_propose(p, err));
	TRY(rule_of(p, &list, &n, &r, err));
	x.path = x.of = arena_fmt(p->a, "rules/%.*s.yaml", STR_ARG(r->file));
	if (!model_rules_known(x.path))
		return FAIL(err, RC_NOT_FOUND,
			"%.*s is not changed here; lay a folder over the declarations: qinghe model apply",
			STR_ARG(x.path));
	TRY(change_source(p->a, p->r.db, x.path, &x.before, err));
	const struct model_text *stands = model_text(p->site->city->model, arena_cstr(p->a, x.path));
	enum rc rc = desk_inputs_hold(p, err);
	if (rc == RC_OK && (stands == NULL || !str_eq(stands->text, x.before)))
		return FAIL(err, RC_CONFLICT, "the declarations were changed meanwhile: look at this again");
	if (rc == RC_OK)
		rc = body_with(p, r, &x, err);
	if (rc == RC_OK)
		rc = desk_try(p, &x, &g, &kept, err);
	TRY(desk_told(p, &g, rc, err));
	if (kept)
		return RC_OK;
	g.why = x.why;
	return rule_page(p, &g, r, err);
}

/* ---- the other way round ---- */

/* Visits every rule of every file of the model; a file that cannot be read is passed over. */
static void each_rule(struct page *p, const struct model *m,
	void (*visit)(struct page *p, void *user, const struct rule *r), void *user)
{
	for (size_t i = 0; i < m->texts_n; i++) {
		str file = file_of(m->texts[i].path);
		struct rule *list;
		size_t n;
		struct err err;
		if (file.n == 0 || rule_book(p->a, m, file, &list, &n, &err) != RC_OK)
			continue;
		for (size_t k = 0; k < n; k++)
			visit(p, user, &list[k]);
	}
}

struct gathering {
	struct help_section *s;
	const struct reg *reg;
	const struct figure *f;
	str asked;
	size_t cap;
};

static void row_put(struct page *p, struct gathering *x, const struct rule *r, str text)
{
	if (x->s->rows_n < x->cap)
		desk_row(x->s, rule_label_words(p, r), text, file_label(r->file), rule_href(p, r));
}

static void speaking(struct page *p, void *user, const struct rule *r)
{
	struct gathering *x = user;
	if (x->reg ? rule_speaks_of_reg(r, x->reg) : rule_speaks_of_figure(r, x->f))
		row_put(p, x, r, brief(p, r));
}

void desk_rules_of(struct page *p, struct model_desk *g, const struct reg *reg, const struct figure *f)
{
	struct gathering x = {.reg = reg, .f = f, .cap = 200};
	x.s = desk_section(p, g, STR("rules"), str_of(tr("Rules that speak of it")), x.cap);
	each_rule(p, p->site->city->model, speaking, &x);
	g->sections_n -= x.s->rows_n == 0;
}

static void matching(struct page *p, void *user, const struct rule *r)
{
	struct gathering *x = user;
	if (rule_match(p, x->asked, r))
		row_put(p, x, r, brief(p, r));
}

void desk_rules_found(struct page *p, struct model_desk *g, str asked)
{
	struct gathering x = {.asked = asked, .cap = 200};
	x.s = desk_section(p, g, STR("rules"), str_of(tr("Rules")), x.cap);
	each_rule(p, p->site->city->model, matching, &x);
	g->sections_n -= x.s->rows_n == 0;
}

/* ---- what a change alters ---- */

static bool same(const struct rule *x, const struct rule *y)
{
	bool good = x->values_n == y->values_n && str_eq(x->label.zh, y->label.zh) &&
		    str_eq(x->label.en, y->label.en) && str_eq(x->law.zh, y->law.zh) &&
		    str_eq(x->law.en, y->law.en);
	for (size_t i = 0; good && i < x->values_n; i++)
		good = str_eq(x->values[i].path, y->values[i].path) &&
		       str_eq(x->values[i].text, y->values[i].text);
	return good;
}

static str uses_words(struct page *p, const struct rule *r)
{
	const struct model *m = p->site->city->model;
	const struct rule_file_words *w = rule_file_words(r->file);
	str words = STR("");
	for (size_t i = 0; i < m->regs_n; i++)
		if (rule_speaks_of_reg(r, &m->regs[i]))
			words = arena_fmt(p->a, "%.*s%s%s %.*s", STR_ARG(words), words.n ? tr(", ") : "",
				tr("register"), STR_ARG(label_text(&m->regs[i].label)));
	for (size_t i = 0; i < m->figures_n; i++)
		if (rule_speaks_of_figure(r, &m->figures[i]))
			words = arena_fmt(p->a, "%.*s%s%s %.*s", STR_ARG(words), words.n ? tr(", ") : "",
				tr("figure"), STR_ARG(label_text(&m->figures[i].label)));
	for (size_t i = 0; w && i < RULE_READERS_MAX && w->readers[i].label; i++)
		words = arena_fmt(
			p->a, "%.*s%s%s", STR_ARG(words), words.n ? tr(", ") : "", tr(w->readers[i].label));
	return words;
}

struct beside {
	struct help_section *s;
	const struct model *other;
	const char *mark;
	bool gone; /* looking for what the other model has no more */
};

static void differs(struct page *p, void *user, const struct rule *r)
{
	struct beside *x = user;
	struct rule *list;
	size_t n;
	struct err err;
	const struct rule *was = rule_book(p->a, x->other, r->file, &list, &n, &err) == RC_OK
					 ? rule_named(list, n, r->name)
					 : NULL;
	if ((x->gone ? was != NULL : was && same(was, r)) || x->s->rows_n >= 100)
		return;
	desk_row(x->s, rule_label_words(p, r), uses_words(p, r),
		str_of(x->gone ? tr("gone")
			: was  ? tr("changed")
			       : tr("new")),
		was ? rule_href(p, r) : STR(""));
}

void desk_rules_changed(struct page *p, struct model_desk *g, const struct model *after)
{
	const struct model *now = p->site->city->model;
	struct beside x = {.other = now};
	bool any = false;
	for (size_t i = 0; i < after->texts_n; i++) {
		const struct model_text *was = model_text(now, arena_cstr(p->a, after->texts[i].path));
		any = any || (file_of(after->texts[i].path).n &&
				     (was == NULL || !str_eq(was->text, after->texts[i].text)));
	}
	if (!any)
		return;
	x.s = desk_section(p, g, STR("rules"), str_of(tr("Rules that change, and what rests on them")), 101);
	each_rule(p, after, differs, &x);
	x.other = after;
	x.gone = true;
	each_rule(p, now, differs, &x);
	g->sections_n -= x.s->rows_n == 0;
}

static const struct input asked_inputs[] = {{"q", INPUT_TEXT, 60, false}, {0}};
static const struct input rule_inputs[] = {{"why", INPUT_TEXT, 300, true}, {0}};

const struct route routes_model_rule[] = {
	{"GET", "/model/rules/{file}", file_show, ACCESS_OFFICE, CSRF_READ_ONLY, asked_inputs,
		ROUTE_SLOW | ROUTE_HTML_ONLY},
	{"GET", "/model/rules/{file}/{rule}", rule_show, ACCESS_OFFICE, CSRF_READ_ONLY, no_inputs,
		ROUTE_SLOW | ROUTE_HTML_ONLY},
	{"POST", "/model/rules/{file}/{rule}", rule_sent, ACCESS_OFFICE, CSRF_TOKEN, rule_inputs,
		ROUTE_SLOW | ROUTE_FIELDS},
	{0},
};
