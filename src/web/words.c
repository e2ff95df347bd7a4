/* words.c -- see words.h. */
#include "web/words.h"
#include "base/clock.h"
#include "base/date.h"
#include "base/utf8.h"
#include "register/consent_text.h"
#include "register/permit.h"
#include "service/rescue/rules.h"
#include "web/site_in.h"
#include "web/tpl.h"

/* States by the word of the glossary: what is good and final is done, what waits for somebody is wait, what came back is
 * info, what is void or closed off is idle. */
struct chip state_chip(const struct reg *reg, str state)
{
	static const struct {
		const char *id, *look;
	} looks[] = {{"accepted", "done"}, {"valid", "done"}, {"completed", "done"}, {"closed", "done"},
		{"sent", "done"}, {"locked", "done"}, {"active", "done"}, {"in_force", "done"},
		{"open", "info"}, {"returned", "info"}, {"reopened", "info"}, {"disputed", "late"},
		{"rejected", "late"}, {"submitted", "wait"}, {"pending", "wait"}, {"planned", "wait"},
		{"accepted_case", "wait"}};
	const struct state *s = reg_state(reg, state);
	struct chip c = {s ? label_text(&s->label) : state, ""};
	for (size_t i = 0; i < sizeof looks / sizeof *looks; i++)
		if (str_is(state, looks[i].id))
			c.look = looks[i].look;
	return c;
}

bool move_leads_on(const struct move *m)
{
	static const char *const moves[] = {
		"void", "cancel", "withdraw", "reverse", "return", "reject", "dispute"};
	static const char *const states[] = {
		"void", "cancelled", "rejected", "disputed", "withdrawn", "returned"};
	bool back = false;
	for (size_t i = 0; i < sizeof moves / sizeof *moves; i++)
		back = back || str_is(m->id, moves[i]);
	for (size_t i = 0; i < sizeof states / sizeof *states; i++)
		back = back || str_is(m->to, states[i]);
	return !back;
}

str date_words(struct page *p, str iso)
{
	int32_t day;
	struct buf b = {0};
	if (date_parse(iso, &day) && date_ymd(day).year == date_ymd(p->period.from).year &&
		p->period.from <= day && day < p->period.to) {
		struct ymd d = date_ymd(day);
		if (tr_lang() == LANG_ZH)
			return arena_fmt(p->a, "%d月%d日", d.month, d.day);
		tpl_date(&b, iso);
		if (b.n > 5)
			b.n -= 5; /* " 2025" */
	} else {
		tpl_date(&b, iso);
	}
	str s = arena_str(p->a, buf_str(&b));
	buf_done(&b);
	return s;
}

str instant_words(struct page *p, int64_t at_ms)
{
	char text[INSTANT_TEXT_BYTES];
	int32_t day = clock_day_of(at_ms);
	instant_text(at_ms, text);
	str time = arena_str(p->a, (str){text + 11, 5});
	if (day == clock_today())
		return arena_fmt(
			p->a, tr_lang() == LANG_ZH ? "%s%.*s" : "%s %.*s", tr("today"), STR_ARG(time));
	return arena_fmt(p->a, tr_lang() == LANG_ZH ? "%.*s%.*s" : "%.*s %.*s",
		STR_ARG(date_words(p, date_str(p->a, day))), STR_ARG(time));
}

static str masked(struct page *p, str name)
{
	struct buf b = {0};
	tpl_mask(&b, name);
	str s = arena_str(p->a, buf_str(&b));
	buf_done(&b);
	return s;
}

/* Names stand open to those whose role reads people; others need only the number of them. */
bool page_reads_people(struct page *p)
{
	return permit_reach(model_reg(p->site->city->model, STR("person")), &p->r.actor) >= REACH_SUBTREE;
}

static str list_words(struct page *p, const struct field *f, str ids)
{
	struct buf b = {0};
	const struct reg *reg = f->to_reg ? f->to_reg : model_reg(p->site->city->model, STR("org"));
	while (ids.n > 0) {
		int64_t id;
		str one = str_cut(ids, ',', &ids);
		if (!str_i64(one, &id))
			continue;
		buf_puts(&b, b.n ? (tr_lang() == LANG_ZH ? "、" : ", ") : "");
		buf_add(&b, page_label(p, reg, id));
	}
	str s = arena_str(p->a, buf_str(&b));
	buf_done(&b);
	return s;
}

/* What a rule of the finder is called; of one that the model no longer has, its id. */
static str rescue_rule_words(struct page *p, str id)
{
	if (p->rescue == NULL) {
		p->rescue = NEW(p->a, struct rescue_rules);
		struct err unread = {0};
		if (rescue_rules_read(p->a, p->site->city->model, p->rescue, &unread) != RC_OK)
			*p->rescue = (struct rescue_rules){0};
	}
	const struct rescue_trigger *t = rescue_trigger_of(p->rescue, id);
	return t ? label_text(&t->label) : id;
}

/* What a consent was asked for, in the words of its text. */
static str consent_words(struct page *p, str purpose)
{
	struct consent_text *list;
	size_t n;
	if (consent_texts(p->a, p->site->city->model, &list, &n, NULL) != RC_OK)
		return purpose;
	for (size_t i = 0; i < n; i++)
		if (str_eq(list[i].purpose, purpose))
			return label_text(&list[i].label);
	return purpose;
}

str value_words(struct page *p, const struct record *rec, const struct field *f)
{
	const struct value *v = &rec->values[f->at];
	const struct model *m = p->site->city->model;
	if (v->kind == V_NULL)
		return STR("");
	if (f->type == T_REF)
		return page_label(p, f->to_reg, v->i);
	if (f->type == T_ORG)
		return page_label(p, model_reg(m, STR("org")), v->i);
	if (f->type == T_REFS || f->type == T_ORGS)
		return list_words(p, f, v->t);
	if (f->type == T_DATE)
		return date_words(p, v->t);
	if (f->type == T_TIME)
		return instant_words(p, v->i);
	if (f->type == T_MONEY)
		return arena_fmt(
			p->a, tr_lang() == LANG_ZH ? "%.*s元" : "¥%.*s", STR_ARG(value_text(p->a, f, v)));
	if (f->type == T_TEXT && str_is(f->id, "rule") && str_is(rec->reg->id, "rescue_hit"))
		return rescue_rule_words(p, v->t);
	if (f->type == T_TEXT && str_is(f->id, "register_id") && model_reg(m, v->t))
		return label_text(&model_reg(m, v->t)->label);
	if (f->type == T_TEXT && str_is(f->id, "purpose_id"))
		return consent_words(p, v->t);
	if (f->type != T_PERSON)
		return value_text(p->a, f, v);
	bool hide = rec->reg->sensitivity >= SENS_MINOR || !page_reads_people(p);
	if (!hide || v->i == p->r.actor.person)
		return page_label(p, model_reg(m, STR("person")), v->i);
	str name = record_label_masked(&p->r, model_reg(m, STR("person")), v->i);
	return str_starts(name, STR("#")) ? name : masked(p, name);
}

str record_title(struct page *p, const struct record *rec)
{
	static const char *const names[] = {"name", "title", "theme", "issue", "code"};
	for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
		const struct field *f = reg_field(rec->reg, str_of(names[i]));
		/* A code that not every row has is one to verify by, no name. */
		if (f && str_is(f->id, "code") && !f->required && !f->unique)
			continue;
		if (f && rec->values[f->at].kind != V_NULL)
			return value_words(p, rec, f);
	}
	if (rec->reg->person && rec->values[rec->reg->person->at].kind == V_INT)
		return value_words(p, rec, rec->reg->person);
	return arena_fmt(p->a, "%.*s #%lld", STR_ARG(label_text(&rec->reg->label)), (long long)rec->id);
}

str keep_words(struct page *p, str keep)
{
	int64_t n;
	char unit = keep.n ? keep.p[keep.n - 1] : 0;
	if (keep.n < 2 || !str_i64(str_head(keep, keep.n - 1), &n))
		return keep;
	return arena_fmt(p->a,
		unit == 'y'   ? trn("%lld year", "%lld years", n)
		: unit == 'm' ? trn("%lld month", "%lld months", n)
			      : trn("%lld day", "%lld days", n),
		(long long)n);
}

enum rc contact_words(struct page *p, str *out, struct err *err)
{
	struct consent_contact c;
	TRY(consent_contact(p->a, p->site->city->model, &c, err));
	str parts[] = {label_text(&c.name), c.phone, label_text(&c.address)};
	*out = STR("");
	for (size_t i = 0; i < sizeof parts / sizeof *parts; i++)
		if (parts[i].n)
			*out = arena_fmt(
				p->a, "%.*s%s%.*s", STR_ARG(*out), out->n ? " · " : "", STR_ARG(parts[i]));
	return RC_OK;
}
