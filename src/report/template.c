/* template.c -- see template.h. Parsing, then printing, then the five calls of the host. */
#include "report/template.h"
#include "base/utf8.h"
#include <assert.h>
#include <inttypes.h>
#include <stdio.h>

void template_init(struct template_run *t, struct arena *a, const struct slot_source *source, bool draft)
{
	*t = (struct template_run){.a = a, .source = source, .draft = draft};
}

/* Full-width forms that a Chinese keyboard gives, and blanks around a sign. */
static str narrow(struct arena *a, str s)
{
	char *out = NEWS(a, s.n + 1, char);
	size_t n = 0;
	for (size_t at = 0, len; at < s.n; at += len) {
		uint32_t c = utf8_next(str_from(s, at), &len);
		if (c > 0xFF00 && c < 0xFF5F) {
			out[n++] = (char)(c - 0xFEE0);
		} else {
			memcpy(out + n, s.p + at, len);
			n += len;
		}
	}
	/* year + 1 is year+1 */
	size_t m = 0;
	for (size_t i = 0; i < n; i++) {
		bool sign = out[i] == ' ' &&
			    ((m > 0 && strchr("+-", out[m - 1])) || (i + 1 < n && strchr("+-", out[i + 1])));
		if (!sign)
			out[m++] = out[i];
	}
	return str_trim((str){out, m});
}

static bool name_ok(str s)
{
	for (size_t i = 0; i < s.n; i++)
		if ((unsigned char)s.p[i] <= ' ' || strchr("{}|@#/<>\"'&=", s.p[i]))
			return false;
	return s.n > 0;
}

static bool parse_ref(str s, struct slot_ref *out)
{
	str rest, id = str_trim(str_cut(s, '@', &rest));
	bool more = id.n < str_trim(s).n;
	struct slot_ref r = {.id = id};
	if (!name_ok(id))
		return false;
	while (more) {
		str whole = rest, q = str_trim(str_cut(whole, '@', &rest));
		int64_t year;
		more = str_find_byte(whole, '@') != SIZE_MAX;
		if (str_is(q, "prev")) {
			r.when = SLOT_PREV;
		} else if (q.n == 4 && str_i64(q, &year) && year >= 1900 && year <= 2200) {
			r.when = SLOT_YEAR;
			r.year = (int)year;
		} else if (str_starts(q, STR("org:")) && name_ok(str_from(q, 4))) {
			r.org = str_from(q, 4);
		} else {
			return false;
		}
	}
	*out = r;
	return true;
}

static bool word(str *s, const char *w)
{
	size_t n = strlen(w);
	if (!str_starts(*s, str_of(w)) || (s->n > n && (unsigned char)s->p[n] > ' '))
		return false;
	*s = str_trim(str_from(*s, n));
	return true;
}

bool template_parse(struct arena *a, str inside, struct slot_tag_parts *out)
{
	str s = narrow(a, inside);
	struct slot_tag_parts p = {.kind = TAG_VALUE};
	if (str_is(s, "/if") || str_is(s, "/each")) {
		out->kind = str_is(s, "/if") ? TAG_END_IF : TAG_END_EACH;
		return true;
	}
	if (word(&s, "#if")) {
		p.kind = TAG_IF;
		if (word(&s, "not"))
			p.kind = TAG_IF_NOT;
	} else if (word(&s, "#each")) {
		p.kind = TAG_EACH;
	} else if (s.n > 5 && word(&s, "full")) {
		p.kind = TAG_FULL;
	}
	size_t bar = p.kind == TAG_VALUE ? str_find_byte(s, '|') : SIZE_MAX;
	if (bar != SIZE_MAX) {
		p.rule = str_trim(str_from(s, bar + 1));
		s = str_trim(str_head(s, bar));
		if (p.rule.n == 0)
			return false;
	}
	if (!parse_ref(s, &p.ref))
		return false;
	*out = p;
	return true;
}

str template_tag(struct arena *a, const struct slot_tag_parts *p)
{
	struct buf b;
	buf_init(&b, SLOTS_TAG_MAX_BYTES);
	buf_add(&b, p->kind == TAG_FULL ? STR("full ") : (str){0});
	buf_add(&b, p->ref.id);
	if (p->ref.when == SLOT_PREV)
		buf_puts(&b, "@prev");
	else if (p->ref.when == SLOT_YEAR)
		buf_printf(&b, "@%d", p->ref.year);
	if (p->ref.org.n > 0)
		buf_printf(&b, "@org:%.*s", STR_ARG(p->ref.org));
	if (p->rule.n > 0)
		buf_printf(&b, "|%.*s", STR_ARG(p->rule));
	str s = arena_str(a, buf_str(&b));
	buf_done(&b);
	return s;
}

/* Notes and gaps. */

static str place(struct arena *a, const struct slot_where *w)
{
	size_t n = w->text.n < 36 ? w->text.n : 36;
	while (n < w->text.n && n > 0 && ((unsigned char)w->text.p[n] & 0xC0) == 0x80)
		n--;
	if (w->part[0])
		return arena_fmt(a, tr("%s, paragraph %zu (“%.*s”)"), w->part, w->paragraph, (int)n,
			w->text.p ? w->text.p : "");
	return arena_fmt(a, tr("paragraph %zu (“%.*s”)"), w->paragraph, (int)n, w->text.p ? w->text.p : "");
}

static void note(
	struct template_run *t, enum template_note_kind kind, str slot, const struct slot_where *w, str text)
{
	/* A text box stands twice in a file; one note is enough. */
	for (size_t i = 0; i < t->notes_n; i++)
		if (t->notes[i].kind == kind && str_eq(t->notes[i].slot, slot) &&
			str_eq(t->notes[i].text, text))
			return;
	t->notes = arena_grow(t->a, t->notes, t->notes_n, &t->notes_cap, sizeof *t->notes);
	str bare = text, at = place(t->a, w);
	if (str_starts(text, at)) {
		bare = str_from(text, at.n);
		bare = str_trim(str_from(bare, str_starts(bare, STR("：")) ? strlen("：") : 1));
	}
	t->notes[t->notes_n++] =
		(struct template_note){kind, slot, str_of(w->part), w->paragraph, text, bare};
}

struct asked {
	struct template_run *t;
	struct slot_tag_parts tag;
	str inside, before, after;
	const struct slot_where *where;
};

/* A gap: a fault, or in a draft a mark. */
static enum rc gap(struct asked *q, str label, str why, struct slot_fill *out, struct err *err)
{
	str at = place(q->t->a, q->where);
	if (!q->t->draft)
		return FAIL(err, RC_INVALID, "%.*s: {{%.*s}} %.*s", STR_ARG(at), STR_ARG(q->inside),
			STR_ARG(why));
	out->text = arena_fmt(q->t->a, "【待补：%.*s】", STR_ARG(label.n ? label : q->tag.ref.id));
	note(q->t, NOTE_GAP, q->inside, q->where,
		arena_fmt(q->t->a, tr("%.*s: {{%.*s}} %.*s"), STR_ARG(at), STR_ARG(q->inside), STR_ARG(why)));
	return RC_OK;
}

static bool is_cell(str rule)
{
	return str_is(rule, "cell") || str_starts(rule, STR("cell "));
}

static void used(struct asked *q, const struct slot_answer *ans, str printed)
{
	struct template_run *t = q->t;
	t->used = arena_grow(t->a, t->used, t->used_n, &t->used_cap, sizeof *t->used);
	t->used[t->used_n++] = (struct template_used){q->tag.ref, printed, *ans, is_cell(q->tag.rule)};
}

static void give(struct asked *q, const struct slot_answer *ans, str text, struct slot_fill *out)
{
	out->text = text;
	out->tag = template_tag(q->t->a, &q->tag);
	out->label = ans->label;
	used(q, ans, text);
}

/* A zero in a row of a list states a fact; only a sentence is asked about it. */
static bool in_list(const struct template_run *t)
{
	for (size_t d = 0; d < t->depth; d++)
		if (t->stack[d].each)
			return true;
	return false;
}

/* Findings speak the reader's language, whatever the text's. */
static str label_of(const struct slot_answer *ans)
{
	return tr_lang() == LANG_EN && ans->label_en.n ? ans->label_en : ans->label;
}

static void note_printed(struct asked *q, const struct slot_answer *ans, enum round_note n)
{
	struct arena *a = q->t->a;
	if (n == ROUND_FINE || n == ROUND_INEXACT || in_list(q->t))
		return;
	str at = place(a, q->where);
	if (n == ROUND_ZERO)
		note(q->t, NOTE_ZERO, q->inside, q->where,
			arena_fmt(a,
				tr("%.*s: %.*s is zero; was it not carried out? Drop the sentence or state "
				   "it"),
				STR_ARG(at), STR_ARG(label_of(ans))));
	else if (n == ROUND_BELOW_STEP || n == ROUND_TOO_FAR)
		note(q->t, NOTE_BELOW_STEP, q->inside, q->where,
			arena_fmt(a, tr("%.*s: %.*s is too small for “%.*s” and is printed exactly"),
				STR_ARG(at), STR_ARG(label_of(ans)), STR_ARG(q->tag.rule)));
}

/* The measure word at the head of `after` that goes with `instead`. */
static void replace_unit(struct asked *q, const struct slot_answer *ans, struct slot_fill *out)
{
	static const char *const persons[] = {"名", "人", "位"};
	str after = q->after;
	if (ans->instead_unit.n == 0 || str_starts(after, ans->instead_unit))
		return;
	out->instead = ans->instead_unit;
	if (ans->unit.n > 0 && str_starts(after, ans->unit)) {
		out->eat = ans->unit.n;
		return;
	}
	for (size_t i = 0; i < sizeof persons / sizeof *persons; i++)
		if (str_starts(after, str_of(persons[i]))) {
			out->eat = strlen(persons[i]);
			return;
		}
}

static enum rc rule_of(struct asked *q, const struct slot_answer *ans, enum round_rule *out, struct err *err)
{
	if (q->tag.rule.n == 0)
		*out = ROUND_EXACT;
	else if (str_is(q->tag.rule, "print"))
		*out = ans->print;
	else if (!round_rule_parse(q->tag.rule, out))
		return FAIL(err, RC_INVALID, "%.*s: {{%.*s}}: there is no way of writing “%.*s”",
			STR_ARG(place(q->t->a, q->where)), STR_ARG(q->inside), STR_ARG(q->tag.rule));
	if (!round_rule_fits(*out, ans->kind))
		return FAIL(err, RC_INVALID, "%.*s: {{%.*s}}: 万元 is for money, this counts %.*s",
			STR_ARG(place(q->t->a, q->where)), STR_ARG(q->inside), STR_ARG(ans->unit));
	return RC_OK;
}

static enum rc print_instead(
	struct asked *q, const struct slot_answer *ans, struct slot_fill *out, struct err *err)
{
	struct slot_answer as_told = *ans;
	enum round_rule rule;
	if (ans->kind != ROUND_FEN)
		as_told.kind = ROUND_COUNT;
	TRY(rule_of(q, &as_told, &rule, err));
	struct printed p = round_print(ans->instead, as_told.kind, rule);
	give(q, ans, arena_str(q->t->a, str_of(p.text)), out);
	replace_unit(q, ans, out);
	str at = place(q->t->a, q->where);
	note(q->t, NOTE_INSTEAD, q->inside, q->where,
		arena_fmt(q->t->a, tr("%.*s: %.*s cannot be told in %.*s (%.*s); %s %.*s stand in its place"),
			STR_ARG(at), STR_ARG(label_of(ans)), STR_ARG(ans->unit), STR_ARG(ans->why), p.text,
			STR_ARG(ans->instead_unit)));
	note_printed(q, ans, p.note);
	return RC_OK;
}

static enum rc ask(struct asked *q, const struct slot_ref *ref, struct slot_answer *out, struct err *err)
{
	*out = (struct slot_answer){0};
	enum rc rc = q->t->source->figure(q->t->source->user, q->t->a, ref, out, err);
	if (rc == RC_OK)
		return RC_OK;
	str at = place(q->t->a, q->where);
	return err_at(err, rc, "%.*s: {{%.*s}}", STR_ARG(at), STR_ARG(q->inside));
}

/* 同比. */

static char worst_grade(const struct slot_answer *ans)
{
	for (int g = SLOT_GRADES - 1; g >= 0; g--)
		if (ans->grades[g] != 0)
			return (char)('A' + g);
	return 0;
}

static const char *not_comparable(const struct slot_answer *now, const struct slot_answer *before)
{
	if (!before->known || !before->told)
		return N_("last year cannot be told");
	if (!str_eq(now->digest, before->digest))
		return N_("its definition is another than last year's");
	if (worst_grade(now) != worst_grade(before))
		return N_("its evidence is of another grade than last year's");
	if (before->value <= 0)
		return N_("last year was zero");
	return NULL;
}

static bool says_compared(str before)
{
	static const char *const words[] = {
		"同比", "比上年", "较上年", "比去年", "较去年", "比上年同期", "较上年同期"};
	for (size_t i = 0; i < sizeof words / sizeof *words; i++)
		if (str_ends(before, str_of(words[i])))
			return true;
	return false;
}

static enum rc print_change(
	struct asked *q, const struct slot_answer *now, struct slot_fill *out, struct err *err)
{
	struct slot_ref ref = q->tag.ref;
	struct slot_answer before;
	struct arena *a = q->t->a;
	if (ref.when == SLOT_PREV)
		return FAIL(err, RC_INVALID, "%.*s: {{%.*s}}: 同比 compares with @prev already",
			STR_ARG(place(a, q->where)), STR_ARG(q->inside));
	if (ref.when == SLOT_YEAR)
		ref.year--;
	else
		ref.when = SLOT_PREV;
	TRY(ask(q, &ref, &before, err));
	if (before.withheld) {
		give(q, now, STR(SLOT_WITHHELD), out);
		return RC_OK;
	}
	const char *why = not_comparable(now, &before);
	if (!why) {
		struct printed p = round_change(now->value, before.value);
		str until;
		bool runs = ref.when == SLOT_PREV &&
			    q->t->source->text(q->t->source->user, a, STR("period.until"), &until) &&
			    until.n > 0;
		give(q, now,
			arena_fmt(a, "%s%s",
				says_compared(q->before) ? ""
				: runs                   ? "比上年同期"
							 : "同比",
				p.text),
			out);
		return RC_OK;
	}
	struct printed n = round_print(now->value, now->kind, ROUND_EXACT);
	struct printed b = round_print(before.value, before.kind, ROUND_EXACT);
	bool told = before.known && before.told;
	give(q, now,
		told ? arena_fmt(a, "本年%s%.*s、上年%s%.*s", n.text, STR_ARG(now->unit), b.text,
			       STR_ARG(before.unit))
		     : arena_fmt(a, "本年%s%.*s、上年无可比数", n.text, STR_ARG(now->unit)),
		out);
	note(q->t, NOTE_NOT_COMPARED, q->inside, q->where,
		arena_fmt(a, tr("%.*s: %.*s is not compared, since %s; both values stand"),
			STR_ARG(place(a, q->where)), STR_ARG(now->label), tr(why)));
	return RC_OK;
}

static enum rc print_rate(
	struct asked *q, const struct slot_answer *ans, struct slot_fill *out, struct err *err)
{
	if (ans->over <= 0 || ans->of < 0)
		return gap(q, ans->label,
			str_of(tr("has nothing to be a share of (the denominator is zero)")), out, err);
	struct printed p =
		q->tag.kind == TAG_FULL ? round_full(ans->of, ans->over) : round_rate(ans->of, ans->over);
	give(q, ans, arena_str(q->t->a, str_of(p.text)), out);
	note_printed(q, ans, p.note);
	return RC_OK;
}

/* Of a table: what can be told, with its unit where that is another than the column's; else a dash. Never a note. */
static enum rc print_cell(
	struct asked *q, const struct slot_answer *ans, struct slot_fill *out, struct err *err)
{
	struct arena *a = q->t->a;
	struct asked as = *q;
	enum round_rule rule;
	as.tag.rule = str_trim(str_from(q->tag.rule, strlen("cell")));
	if (ans->told) {
		TRY(rule_of(&as, ans, &rule, err));
		struct printed p = round_print(ans->value, ans->kind, rule);
		/* Below 万元 it is yuan, and says so: the column's head is of neither. */
		bool yuan = ans->kind == ROUND_FEN && rule != ROUND_EXACT && p.note == ROUND_BELOW_STEP;
		give(q, ans, arena_fmt(a, "%s%s", p.text, yuan ? "元" : ""), out);
	} else if (ans->has_instead) {
		struct printed p = round_print(ans->instead, ROUND_COUNT, ROUND_EXACT);
		give(q, ans, arena_fmt(a, "%s%.*s", p.text, STR_ARG(ans->instead_unit)), out);
	} else if (ans->has_rate && ans->over > 0) {
		struct printed p = round_rate(ans->of, ans->over);
		give(q, ans, arena_str(a, str_of(p.text)), out);
	} else {
		give(q, ans, STR("—"), out);
	}
	return RC_OK;
}

static enum rc print_figure(struct asked *q, struct slot_fill *out, struct err *err)
{
	struct slot_answer ans;
	enum round_rule rule;
	struct arena *a = q->t->a;
	TRY(ask(q, &q->tag.ref, &ans, err));
	if (!ans.known)
		return gap(q, q->tag.ref.id, str_of(tr("is no slot that this city knows")), out, err);
	if (ans.withheld) {
		give(q, &ans, STR(SLOT_WITHHELD), out);
		return RC_OK;
	}
	if (q->tag.kind == TAG_FULL) {
		if (ans.has_rate)
			return print_rate(q, &ans, out, err);
		return gap(q, ans.label, str_of(tr("has no rate behind it (full:)")), out, err);
	}
	if (is_cell(q->tag.rule))
		return print_cell(q, &ans, out, err);
	bool change = str_is(q->tag.rule, "同比");
	if (ans.told) {
		if (change)
			return print_change(q, &ans, out, err);
		TRY(rule_of(q, &ans, &rule, err));
		struct printed p = round_print(ans.value, ans.kind, rule);
		give(q, &ans, arena_str(a, str_of(p.text)), out);
		note_printed(q, &ans, p.note);
		return RC_OK;
	}
	if (ans.has_instead && !change)
		return print_instead(q, &ans, out, err);
	if (ans.has_rate && !change)
		return print_rate(q, &ans, out, err);
	return gap(q, ans.label, ans.why.n ? ans.why : str_of(tr("cannot be told")), out, err);
}

/* Texts and rows. */

static str ordinal(struct arena *a, size_t n)
{
	static const char *const digits[] = {"", "一", "二", "三", "四", "五", "六", "七", "八", "九"};
	if (n < 10)
		return str_of(digits[n]);
	if (n < 20)
		return arena_fmt(a, "十%s", digits[n % 10]);
	if (n < 100)
		return arena_fmt(a, "%s十%s", digits[n / 10], digits[n % 10]);
	return arena_fmt(a, "%zu", n);
}

static bool row_text(struct template_run *t, str name, str *out)
{
	for (size_t d = t->depth; d-- > 0;) {
		const struct template_block *b = &t->stack[d];
		if (!b->each)
			continue;
		const struct slot_row *row = &b->list.rows[b->i];
		for (size_t i = 0; i < row->n; i++)
			if (str_eq(row->fields[i].name, name)) {
				*out = row->fields[i].text;
				return true;
			}
		if (str_is(name, "no") || str_is(name, "nth")) {
			*out = str_is(name, "no") ? arena_fmt(t->a, "%zu", b->i + 1)
						  : ordinal(t->a, b->i + 1);
			return true;
		}
	}
	return false;
}

/* year+1, or a text as it is. */
static bool plain_text(struct template_run *t, str name, str *out)
{
	size_t sign = str_find_byte(name, '+');
	if (sign == SIZE_MAX)
		sign = str_find_byte(name, '-');
	int64_t base, by;
	if (sign == SIZE_MAX)
		return t->source->text(t->source->user, t->a, name, out);
	str text, head = str_trim(str_head(name, sign)), tail = str_trim(str_from(name, sign + 1));
	if (!str_i64(tail, &by) || by < 0 || by > 99 ||
		!t->source->text(t->source->user, t->a, head, &text) || !str_i64(text, &base))
		return false;
	*out = arena_fmt(t->a, "%" PRId64, name.p[sign] == '+' ? base + by : base - by);
	return true;
}

static bool any_text(struct template_run *t, const struct slot_tag_parts *tag, str *out)
{
	if (tag->ref.when != SLOT_THIS || tag->ref.org.n > 0 || tag->kind == TAG_FULL)
		return false;
	return row_text(t, tag->ref.id, out) || plain_text(t, tag->ref.id, out);
}

/* 清河市 before 市 is 清河市: a place's own last word is not said twice. */
static void once_only(struct asked *q, struct slot_fill *out)
{
	static const char *const words[] = {"市", "县", "区", "州", "盟"};
	for (size_t i = 0; i < sizeof words / sizeof *words; i++)
		if (str_starts(q->tag.ref.id, STR("name.")) && str_ends(out->text, str_of(words[i])) &&
			str_starts(q->after, str_of(words[i])))
			out->eat = strlen(words[i]);
}

static void scope_to_row(struct template_run *t, struct slot_ref *ref)
{
	for (size_t d = t->depth; d-- > 0 && ref->org.n == 0;)
		if (t->stack[d].each)
			ref->org = t->stack[d].list.rows[t->stack[d].i].org;
}

/* The host. */

static enum rc host_kind(
	void *user, str inside, bool closed, const struct slot_where *w, enum slot_kind *out, struct err *err)
{
	struct template_run *t = user;
	struct slot_tag_parts p;
	if (!closed)
		return FAIL(err, RC_INVALID, "%.*s: the slot {{%.*s is not closed", STR_ARG(place(t->a, w)),
			STR_ARG(inside));
	if (!template_parse(t->a, inside, &p))
		return FAIL(err, RC_INVALID, "%.*s: {{%.*s}} is not a slot", STR_ARG(place(t->a, w)),
			STR_ARG(inside));
	*out = p.kind == TAG_END_IF || p.kind == TAG_END_EACH                   ? SLOT_CLOSE
	       : p.kind == TAG_IF || p.kind == TAG_IF_NOT || p.kind == TAG_EACH ? SLOT_OPEN
										: SLOT_VALUE;
	return RC_OK;
}

static bool host_pair(void *user, str open, str close)
{
	struct template_run *t = user;
	struct slot_tag_parts p, q;
	return template_parse(t->a, open, &p) && template_parse(t->a, close, &q) &&
	       (p.kind == TAG_EACH) == (q.kind == TAG_END_EACH);
}

static enum rc holds(struct asked *q, bool *out, struct err *err)
{
	struct template_run *t = q->t;
	str text;
	if (any_text(t, &q->tag, &text)) {
		*out = str_trim(text).n > 0;
		return RC_OK;
	}
	struct slot_answer ans;
	struct slot_list list = {0};
	scope_to_row(t, &q->tag.ref);
	TRY(ask(q, &q->tag.ref, &ans, err));
	if (ans.known) {
		*out = ans.withheld      ? true
		       : ans.told        ? ans.value != 0
		       : ans.has_instead ? ans.instead != 0
					 : ans.has_rate && ans.over > 0;
		return RC_OK;
	}
	TRY(t->source->list(t->source->user, t->a, q->tag.ref.id, &list, err));
	if (!list.known)
		return FAIL(err, RC_INVALID, "%.*s: {{%.*s}}: no figure, text or list is called so",
			STR_ARG(place(t->a, q->where)), STR_ARG(q->inside));
	*out = list.n > 0;
	return RC_OK;
}

static enum rc host_enter(void *user, str inside, const struct slot_where *w, size_t *out, struct err *err)
{
	struct template_run *t = user;
	struct asked q = {.t = t, .inside = inside, .where = w};
	struct template_block b = {0};
	bool parsed = template_parse(t->a, inside, &q.tag);
	assert(parsed && t->depth < SLOTS_DEPTH_MAX);
	if (q.tag.kind == TAG_EACH) {
		TRY(t->source->list(t->source->user, t->a, q.tag.ref.id, &b.list, err));
		if (!b.list.known)
			return FAIL(err, RC_INVALID, "%.*s: {{%.*s}}: there is no list “%.*s”",
				STR_ARG(place(t->a, w)), STR_ARG(inside), STR_ARG(q.tag.ref.id));
		b.each = true;
		*out = b.list.n;
	} else {
		bool yes = false;
		TRY(holds(&q, &yes, err));
		*out = yes == (q.tag.kind == TAG_IF);
	}
	t->stack[t->depth++] = b;
	return RC_OK;
}

static enum rc host_step(void *user, size_t i, struct err *err)
{
	struct template_run *t = user;
	(void)err;
	assert(t->depth > 0);
	t->stack[t->depth - 1].i = i;
	return RC_OK;
}

static void host_leave(void *user)
{
	struct template_run *t = user;
	assert(t->depth > 0);
	t->depth--;
}

static enum rc host_fill(void *user, str inside, str before, str after, const struct slot_where *w,
	struct slot_fill *out, struct err *err)
{
	struct template_run *t = user;
	struct asked q = {.t = t, .inside = inside, .before = before, .after = after, .where = w};
	bool parsed = template_parse(t->a, inside, &q.tag);
	assert(parsed);
	if (any_text(t, &q.tag, &out->text)) {
		if (out->text.n == 0 && !row_text(t, q.tag.ref.id, &out->text))
			return gap(&q, q.tag.ref.id, str_of(tr("is not recorded yet")), out, err);
		once_only(&q, out);
		if (q.tag.rule.n > 0)
			return FAIL(err, RC_INVALID, "%.*s: {{%.*s}} is a text and has no way of writing",
				STR_ARG(place(t->a, w)), STR_ARG(inside));
		return RC_OK;
	}
	scope_to_row(t, &q.tag.ref);
	return print_figure(&q, out, err);
}

struct slot_host template_host(struct template_run *t)
{
	return (struct slot_host){
		t, host_kind, host_pair, host_enter, host_step, host_leave, host_fill, NULL};
}
