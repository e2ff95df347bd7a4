/* rule_words.c -- see rule_words.h. */
#include "web/rule_words.h"
#include "web/me_rows.h"
#include "web/site_in.h"
#include "web/words.h"

static const struct rule_file_words files[] = {
	{"consent", N_("Texts of consent"),
		N_("To what a person, or for a child under fourteen the guardian, consents online; and whom "
		   "people turn to about their data."),
		N_("Words, version and its day, and whom people turn to are the city's. A text that changes "
		   "gets a new version; who consented to an older one has not consented to the new one's "
		   "words, and that consent counts until it is withdrawn."),
		{{N_("My consents"), "/me/consents"}, {N_("How your data is protected"), "/street/data"},
			{N_("Applying and signing up"), "/apply"}}},
	{"purposes", N_("Purposes and their ground in law"),
		N_("For what personal data may be kept at all, and on which ground of the law; each register "
		   "names one."),
		N_("The grounds are the law's and are only looked at here. A city with another ground lays "
		   "its "
		   "own folder over the declarations (qinghe model apply), with the assessment that the law "
		   "asks for."),
		{{N_("How your data is protected"), "/street/data"}, {N_("My consents"), "/me/consents"}}},
	{"retention", N_("Keeping and deleting"),
		N_("What happens to rows when the time that their register keeps them has run out, what "
		   "holds "
		   "them longer, and between which limits a city sets that time."),
		N_("How long a register keeps is changed on its own page, within the limits below; here only "
		   "the "
		   "years until closed years are archived. What stays of a row, and what holds it, is the "
		   "law's."),
		{{N_("Retention"), "/retention"}, {"qinghe retention run", NULL},
			{"qinghe archive rows", NULL}, {N_("How your data is protected"), "/street/data"}}},
	{"appraisal", N_("Appraisal of the grass roots"),
		N_("The hundred points: what earns them, what caps the grade, where the grades begin and how "
		   "large their share may be."),
		N_("Points, full values, words to judge by, where grades begin and shares are the city's. "
		   "The "
		   "points make 100; study time, votes, likes, forwards, check-ins and installs earn none."),
		{{N_("Appraisal"), "/appraisal"}, {"qinghe appraise", NULL}}},
	{"starters", N_("Rows to begin with"),
		N_("Names that the report speaks of, entered as rows of the whole city when it is made with "
		   "qinghe init --starters."),
		N_("All of it is the city's; names are changed here until they are entered, and later in "
		   "their "
		   "register."),
		{{"qinghe init --starters", NULL}}},
	{"street", N_("What is told to the public in numbers"),
		N_("Which figures are published with the annual report, for which units, and from how many "
		   "on a "
		   "number is told."),
		N_("Changed in the file; thresholds may not be lower for what is more sensitive."),
		{{N_("Open figures"), "/street/figures"}, {N_("Report"), "/report"}}},
	{"deadlines", N_("Clocks"),
		N_("From which event a clock runs, how long, what stops it, and who hears when it runs out."),
		N_("Changed in the file; where the law gives the number, the rule names it."),
		{{N_("Home"), "/"}, {N_("Cases"), NULL}}},
	{"rescue", N_("The finder"),
		N_("Who is covered by whom, and what opens a hit: children no one is caring for."),
		N_("Changed in the file."), {{N_("Finder"), "/finder"}, {"qinghe rescue run", NULL}}},
	{"quality", N_("What looks wrong"),
		N_("What is listed for a person to look at; nothing is changed or refused by it."),
		N_("Changed in the file."), {{"qinghe quality", NULL}}},
	{"coverage", N_("Coverage"), N_("Which units have had nothing, and for how long."),
		N_("Changed in the file."), {{N_("Coverage"), "/coverage"}, {N_("Home"), "/"}}},
	{"files", N_("Room for files"),
		N_("How many megabytes the files that people store may take, all together."),
		N_("The city's; what is in use, qinghe status tells."), {{"qinghe status", NULL}}},
	{"desk", N_("The desk of each role"), N_("What stands on the desk besides what waits for it."),
		N_("Changed in the file."), {{N_("Home"), "/"}}},
};

const struct rule_file_words *rule_file_words(str file)
{
	for (size_t i = 0; i < sizeof files / sizeof *files; i++)
		if (str_is(file, files[i].file))
			return &files[i];
	return NULL;
}

/* ---- keys and values ---- */

struct word {
	const char *id, *words;
};

static const struct word keys[] = {{"version", N_("Version")}, {"most_mb", N_("Megabytes at most")},
	{"since", N_("In force since")}, {"text", N_("Text")}, {"name", N_("Name")},
	{"phone", N_("Telephone")}, {"address", N_("Address")}, {"ground", N_("Ground in law")},
	{"separate", N_("Separate consent")}, {"after", N_("What stays when the time has run out")},
	{"keep_fields", N_("Fields that stay")}, {"logs_months", N_("Months that logs are kept")},
	{"sharing_years", N_("Years that notes of sharing are kept")}, {"of", N_("Of the register")},
	{"when", N_("While")}, {"covers", N_("Rows that it holds")}, {"register", N_("Register")},
	{"registers", N_("Registers")}, {"fields", N_("Fields")}, {"opens", N_("Opens")},
	{"keeps", N_("Leaves alone")}, {"after_years", N_("Years after which it may leave")},
	{"at_least", N_("At least")}, {"at_most", N_("At most")}, {"weight", N_("Points")},
	{"judgement", N_("What two persons look at")}, {"figure", N_("Figure")}, {"rate", N_("Rate")},
	{"full_at", N_("Value that earns all points")}, {"cap", N_("No better grade than")},
	{"from", N_("From")}, {"band", N_("Grade")}, {"among", N_("Among the units of a")},
	{"item", N_("Item")}, {"course", N_("Course for weak items")},
	{"follow_up_days", N_("Days until it is looked at again")}, {"say", N_("In words")},
	{"kind", N_("Kind")}, {"where", N_("Rows that count")}, {"days", N_("Days")},
	{"minutes", N_("Minutes")}, {"count", N_("How days are counted")},
	{"remind", N_("Days before that are reminded")}, {"to", N_("Whose task")},
	{"escalate", N_("Who hears when it ran out")}, {"stops", N_("What ends it")},
	{"pause", N_("Stands still while")}, {"urgency", N_("Urgency")}, {"refer", N_("Referred to")},
	{"person", N_("Person")}, {"id", N_("Name for programs")}, {"figures", N_("Figures")},
	{"units", N_("Kinds of unit")}, {"thresholds", N_("Told from so many on")},
	{"zero_hides", N_("A zero is not told either")},
	{"works_from", N_("Works are listed from so many entries on")},
	{"weak_item", N_("An item is weak below so many per cent")},
	{"appeal_days", N_("Days for an appeal")}, {"for_kinds", N_("Who takes part")},
	{"boxes", N_("Boxes")}, {"start", N_("Rows that are begun")},
	{"open", N_("Rows that are told by number")}, {"silent_after", N_("Silent after so many days")},
	{"public", N_("public")}, {"internal", N_("internal")}, {"personal", N_("personal")},
	{"minor", N_("of minors")}, {"sealed", N_("sealed")}, {"on", N_("The date that counts")},
	{"extend", N_("Extended by")}, {"needs", N_("Needs")}, {"level", N_("Level")},
	{"uncovered", N_("Without")}, {"closes", N_("Closes the way")}, {"again", N_("Set anew by")},
	{"by", N_("Reference")}};

static const struct word parts[] = {{"texts", N_("Texts")},
	{"contact", N_("Whom people turn to about their data")}, {"purposes", N_("Purposes")},
	{"default", N_("For all other registers")}, {"registers", N_("What stays as a skeleton")},
	{"holds", N_("What holds rows longer")}, {"limits", N_("Limits of the time that a register keeps")},
	{"on_withdrawal", N_("When a consent is withdrawn")}, {"archive", N_("Closed years")},
	{"for_kinds", N_("Who takes part")}, {"eligible", N_("Who is graded")}, {"items", N_("Items")},
	{"vetoes", N_("Vetoes")}, {"bands", N_("Grades")}, {"shares", N_("Largest shares")},
	{"weak_item", N_("When an item is weak")}, {"course", N_("Courses for weak items")},
	{"appeal_days", N_("Days for an appeal")}, {"rows", N_("Rows")}, {"units", N_("Units with a column")},
	{"thresholds", N_("Told from so many on")}, {"zero_hides", N_("Where a zero is not told either")},
	{"figures", N_("Figures that are published")},
	{"works_from", N_("From how many entries works are listed")}, {"deadlines", N_("Clocks")},
	{"rules_list", N_("What is looked for")}, {"population", N_("Who is looked at")},
	{"carers", N_("Who cares")}, {"visits", N_("Visits")}, {"listed", N_("Who must be seen")},
	{"triggers", N_("What opens a hit")}, {"desks", N_("Roles")},
	{"activities", N_("Activities that cover")}, {"silent_after", N_("When a unit is silent")},
	{"shades", N_("Shades of the map")}, {"schools", N_("Schools")}, {"in_groups_of", N_("Gathered by")}};

static const struct word values[] = {{"delete", N_("nothing: the row is deleted")},
	{"skeleton", N_("only what counts, without a name")}, {"duty", N_("a duty by law")},
	{"contract", N_("a contract")}, {"emergency", N_("an emergency")}, {"consent", N_("consent")},
	{"public", N_("no personal data")}, {"task", N_("a task of the organisation")},
	{"under_14", N_("under 14 the guardian consents, separately")},
	{"sensitive", N_("the person consents, separately")}, {"calendar", N_("calendar days")},
	{"working", N_("working days")}, {"now", N_("at once")}, {"high", N_("high")},
	{"normal", N_("normal")}, {"internal", N_("internal")}, {"personal", N_("personal")},
	{"minor", N_("of minors")}, {"sealed", N_("sealed")}, {"true", N_("yes")}, {"false", N_("no")},
	{"ours", N_("the city's own")}, {"forever", N_("for good")}};

static const char *word_of(const struct word *list, size_t n, str id)
{
	for (size_t i = 0; i < n; i++)
		if (str_is(id, list[i].id))
			return list[i].words;
	return NULL;
}

str rule_key_words(str key)
{
	const char *w = word_of(keys, sizeof keys / sizeof *keys, key);
	return w ? str_of(tr(w)) : key;
}

str rule_part_words(str part)
{
	const char *w = word_of(parts, sizeof parts / sizeof *parts, part);
	return w ? str_of(tr(w)) : rule_key_words(part);
}

/* The choice of a field of that name, where the rule writes rows down; kinds of units are those of org. */
static str choice_words(const struct model *m, const struct rule *r, const struct rule_value *v)
{
	bool kinds = str_is(r->part, "for_kinds");
	const struct reg *reg = kinds                         ? model_reg(m, STR("org"))
				: str_is(r->file, "starters") ? model_reg(m, r->id)
							      : NULL;
	const struct field *f = reg ? reg_field(reg, kinds ? STR("kind") : v->key) : NULL;
	const struct choice *c = f ? field_choice(f, v->text) : NULL;
	return c ? label_text(&c->label) : STR("");
}

str rule_value_words(struct page *p, const struct rule *r, const struct rule_value *v)
{
	const struct model *m = p->site->city->model;
	bool closed = str_is(v->key, "ground") || str_is(v->key, "separate") || str_is(v->key, "after") ||
		      str_is(v->key, "count") || str_is(v->key, "sensitivities") ||
		      str_is(v->key, "urgency") || str_is(v->key, "closes");
	const char *w = closed ? word_of(values, sizeof values / sizeof *values, v->text) : NULL;
	const struct reg *reg = model_reg(m, v->text), *of = model_reg(m, r->id);
	const struct figure *f = model_figure(m, v->text);
	str choice = choice_words(m, r, v);
	if (w)
		return str_of(tr(w));
	if (choice.n)
		return choice;
	if (str_is(v->key, "at_least") || (str_is(v->key, "at_most") && str_is(r->file, "retention")))
		return keep_words(p, v->text);
	if (f)
		return label_text(&f->label);
	if (reg)
		return label_text(&reg->label);
	if (of && reg_field(of, v->text))
		return label_text(&reg_field(of, v->text)->label);
	if (model_role(m, v->text))
		return role_label(model_role(m, v->text));
	return v->text;
}

str rule_label_words(struct page *p, const struct rule *r)
{
	const struct model *m = p->site->city->model;
	if (r->label.zh.n)
		return label_text(&r->label);
	if (str_eq(r->part, r->id))
		return rule_part_words(r->part);
	if (str_is(r->file, "consent") && str_is(r->part, "texts")) {
		struct rule *list;
		size_t n;
		struct err err;
		str name = arena_fmt(p->a, "purposes.%.*s", STR_ARG(r->id));
		const struct rule *x = rule_book(p->a, m, STR("purposes"), &list, &n, &err) == RC_OK
					       ? rule_named(list, n, name)
					       : NULL;
		if (x && x->label.zh.n)
			return label_text(&x->label);
	}
	const struct reg *reg = model_reg(m, r->id);
	const struct figure *f = model_figure(m, r->id);
	if (reg)
		return label_text(&reg->label);
	if (f)
		return label_text(&f->label);
	if (model_role(m, r->id))
		return role_label(model_role(m, r->id));
	return r->id;
}

/* ---- what a city changes ---- */

static const struct {
	const char *file, *part, *keys;
} ours[] = {{"consent", "texts", "version since text"}, {"consent", "contact", "name phone address"},
	{"retention", "archive", "after_years"}, {"appraisal", "items", "weight full_at judgement"},
	{"appraisal", "bands", "from"}, {"appraisal", "shares", "at_most"},
	{"appraisal", "weak_item", "weak_item"}, {"appraisal", "appeal_days", "appeal_days"},
	{"appraisal", "course", "follow_up_days"}, {"starters", "rows", "name"},
	{"files", "most_mb", "most_mb"}};

static bool among(str words, str one)
{
	while (words.n > 0)
		if (str_eq(str_cut(words, ' ', &words), one))
			return true;
	return false;
}

bool rule_is_ours(const struct rule *r, const struct rule_value *v)
{
	for (size_t i = 0; i < sizeof ours / sizeof *ours; i++)
		if (str_is(r->file, ours[i].file) && str_is(r->part, ours[i].part) &&
			among(str_of(ours[i].keys), v->key))
			return true;
	return false;
}
