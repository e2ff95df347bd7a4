/* page_guarding.c -- see page_guarding.h. */
#include "web/page_guarding.h"
#include "register/consent_text.h"
#include "register/rule_file.h"
#include "service/casework/clock.h"
#include "templates.h"
#include "web/me_rows.h"
#include "web/page_open.h"
#include "web/pages.h"
#include "web/site_in.h"
#include "web/words.h"

static str level_words(enum sensitivity s)
{
	static const char *const words[] = {[SENS_PUBLIC] = N_("public"),
		[SENS_INTERNAL] = N_("internal"),
		[SENS_PERSONAL] = N_("personal"),
		[SENS_MINOR] = N_("of minors"),
		[SENS_SEALED] = N_("sealed")};
	return str_of(tr(words[s]));
}

static str ground_words(str ground)
{
	static const char *const words[][2] = {{"duty", N_("a duty by law")}, {"contract", N_("a contract")},
		{"emergency", N_("an emergency")}, {"consent", N_("consent")},
		{"public", N_("no personal data")}, {"task", N_("a task of the organisation")}};
	for (size_t i = 0; i < sizeof words / sizeof *words; i++)
		if (str_is(ground, words[i][0]))
			return str_of(tr(words[i][1]));
	return ground;
}

static str separate_words(str separate)
{
	return str_is(separate, "under_14")    ? str_of(tr("under 14 the guardian consents, separately"))
	       : str_is(separate, "sensitive") ? str_of(tr("the person consents, separately"))
					       : STR("");
}

/* The roles that see rows of others, each once. */
static str readers_of(struct page *p, const struct reg *reg)
{
	str said[24], out = {0};
	size_t n = 0;
	for (size_t i = 0; i < reg->read_n; i++)
		for (size_t k = 0; k < reg->read[i].roles_n && n < sizeof said / sizeof *said; k++) {
			str role = reg->read[i].roles[k];
			bool known = str_is(reg->read[i].relation, "own");
			for (size_t m = 0; m < n; m++)
				known = known || str_eq(said[m], role);
			if (known)
				continue;
			said[n++] = role;
			out = arena_fmt(p->a, "%.*s%s%.*s", STR_ARG(out), out.n ? tr(", ") : "",
				STR_ARG(role_words(p, role)));
		}
	return out.n ? out : str_of(tr("nobody but the person"));
}

static str kept_words(struct page *p, str keep)
{
	return str_is(keep, "forever") ? str_of(tr("kept for good")) : keep_words(p, keep);
}

static void purpose_fill(struct page *p, const struct yaml_pair *pair, struct guarded_purpose *g)
{
	const struct model *m = p->site->city->model;
	struct label label = rule_label(&pair->value, "label"), law = rule_label(&pair->value, "law");
	*g = (struct guarded_purpose){.label = label_text(&label),
		.ground = ground_words(rule_text(&pair->value, "ground")),
		.law = label_text(&law),
		.separate = separate_words(rule_text(&pair->value, "separate"))};
	g->rows = NEWS(p->a, m->regs_n, struct guarded_register);
	for (size_t i = 0; i < m->regs_n; i++) {
		const struct reg *reg = &m->regs[i];
		if (reg->sensitivity < SENS_PERSONAL || !str_eq(reg->purpose, pair->key))
			continue;
		g->rows[g->rows_n++] = (struct guarded_register){.label = label_text(&reg->label),
			.holds = label_text(&reg->holds),
			.level = level_words(reg->sensitivity),
			.minors = reg->sensitivity >= SENS_MINOR,
			.keep = kept_words(p, reg->keep),
			.readers = readers_of(p, reg)};
	}
	g->count = arena_fmt(
		p->a, trn("%lld register", "%lld registers", (int64_t)g->rows_n), (long long)g->rows_n);
}

static enum rc purposes_fill(struct page *p, struct guarding_page *g, struct err *err)
{
	struct rule_file f;
	const struct yaml *map;
	TRY(rule_file_open(&f, p->a, p->site->city->model, "rules/purposes.yaml", err));
	TRY(rule_map(&f, "purposes", 500, &map));
	g->purposes = NEWS(p->a, map->n + 1, struct guarded_purpose);
	for (size_t i = 0; i < map->n; i++) {
		purpose_fill(p, &map->pairs[i], &g->purposes[g->purposes_n]);
		g->purposes_n += g->purposes[g->purposes_n].rows_n > 0;
	}
	return RC_OK;
}

static enum rc texts_fill(struct page *p, struct guarding_page *g, struct err *err)
{
	struct consent_text *list;
	size_t n;
	TRY(consent_texts(p->a, p->site->city->model, &list, &n, err));
	g->texts = NEWS(p->a, n + 1, struct street_row);
	for (size_t i = 0; i < n; i++)
		g->texts[g->texts_n++] = (struct street_row){.title = label_text(&list[i].label),
			.sub = label_text(&list[i].text),
			.note = list[i].since.n
					? arena_fmt(p->a, tr("%.*s, since %.*s"), STR_ARG(list[i].version),
						  STR_ARG(date_words(p, list[i].since)))
					: list[i].version};
	return RC_OK;
}

static enum rc numbers_fill(struct page *p, struct guarding_page *g, struct err *err)
{
	static const char *const words[COMPLIANCE_NUMBERS] = {
		[COMPLIANCE_READS] = N_("Readings of minors' records, each noted before it was shown"),
		[COMPLIANCE_REFUSALS] = N_("Acts refused for want of a right"),
		[COMPLIANCE_EMERGENCIES] = N_("Readings in an emergency, reviewed afterwards"),
		[COMPLIANCE_REQUESTS] = N_("Requests to see, correct or delete one's data"),
		[COMPLIANCE_LATE] = N_("of these answered late"),
		[COMPLIANCE_DESTROYED] =
			N_("People whose key was destroyed, so that nothing opens their data")};
	struct public_table *all;
	size_t n;
	TRY(open_tables(p, &all, &n, err));
	if (n == 0)
		return RC_OK;
	g->numbers_title = arena_fmt(p->a, tr("In numbers, %.*s"), STR_ARG(all[0].period));
	g->numbers = NEWS(p->a, COMPLIANCE_NUMBERS, struct street_fact);
	for (size_t i = 0; i < COMPLIANCE_NUMBERS; i++) {
		int64_t v = all[0].guarded.n[i];
		g->numbers[g->numbers_n++] = (struct street_fact){.label = str_of(tr(words[i])),
			.text = v == COMPLIANCE_HIDDEN
					? arena_fmt(p->a, tr("under %d"), (int)COMPLIANCE_TELL_FROM)
					: arena_fmt(p->a, "%lld", (long long)v)};
	}
	return RC_OK;
}

/* The days in which a request is answered. */
static enum rc answered_in(struct page *p, str *out, struct err *err)
{
	struct clock_rules *rules = NEW(p->a, struct clock_rules);
	TRY(clock_rules_read(p->a, p->site->city->model, rules, err));
	for (size_t i = 0; i < rules->n; i++)
		if (str_is(rules->list[i].id, "data_request"))
			*out = arena_fmt(p->a, trn("%lld day", "%lld days", (int64_t)rules->list[i].days),
				(long long)rules->list[i].days);
	return RC_OK;
}

static enum rc guarding(struct page *p, struct err *err)
{
	struct guarding_page g = {0};
	street_fill(p, &g.street, str_of(tr("How your data is protected")), STREET_NONE);
	g.intro = str_of(
		tr("This page is written by the program from the rules that it obeys: what is kept about "
		   "people, for what, on which ground, how long, and who may read it."));
	g.street.about = g.intro;
	g.organ = publish_org(&p->r, p->site->city->root_org);
	TRY(contact_words(p, &g.contact, err));
	TRY(purposes_fill(p, &g, err));
	TRY(texts_fill(p, &g, err));
	TRY(answered_in(p, &g.answered_in, err));
	TRY(numbers_fill(p, &g, err));
	tpl_street_guarding(page_out(p), &g);
	return RC_OK;
}

const struct route routes_street_data[] = {
	{"GET", "/street/data", guarding, ACCESS_PUBLIC, CSRF_READ_ONLY, no_inputs,
		ROUTE_SLOW | ROUTE_HTML_ONLY},
	{0},
};
