/* expr_parse.c -- words and grammar of the expression language:
 *
 *   or       and { "or" and }                  and      not { "and" not }
 *   not      "not" not | predicate             sum      term { ("+" | "-") term }
 *   predicate sum [ ("=" "!=" "<" "<=" ">" ">=") sum | ["not"] "in" "(" literal {"," literal} ")"
 *                 | ["not"] "between" sum "and" sum | "is" ["not"] "null" ]
 *   term     unary { "*" unary }               unary    "-" unary | primary
 *   primary  number | 'text' | true | false | today | path | "(" or ")" | days(or, or) | age(or, or) | month(or)
 *            | year(or) | under(path, 'CODE') | exists(REGISTER by REF [where or])
 *
 * Names are words of a-z, 0-9, _ joined by dots; a text stands in '...', a ' in it is doubled. */
#include "base/utf8.h"
#include "register/expr_in.h"
#include "register/model_load.h"

static struct expr *parse_or(struct expr_parser *p);
static struct expr *parse_sum(struct expr_parser *p);

/* ---- words ---- */

static bool letter(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

static bool digit(char c)
{
	return c >= '0' && c <= '9';
}

/* What people type instead of a sign of the language. */
static const struct {
	const char *wrong, *right;
} SIGNS[] = {{"‘", "'"}, {"’", "'"}, {"“", "'"}, {"”", "'"}, {"\"", "'"}, {"（", "("}, {"）", ")"},
	{"，", ","}, {"、", ","}, {"＝", "="}, {"≠", "!="}, {"＞", ">"}, {"＜", "<"}, {"≥", ">="},
	{"≤", "<="}, {"＋", "+"}, {"－", "-"}, {"＊", "*"}, {"×", "*"}, {"==", "="}, {"<>", "!="},
	{"&&", "and"}, {"||", "or"}, {"&", "and"}, {"|", "or"}, {"!", "not"}, {"/", "*"}, {"%", "*"}};

static void bad_sign(struct expr_parser *p)
{
	str rest = str_from(p->text, p->next);
	for (size_t i = 0; i < sizeof SIGNS / sizeof *SIGNS; i++)
		if (str_starts(rest, str_of(SIGNS[i].wrong))) {
			bool none = rest.p[0] == '/' || rest.p[0] == '%';
			expr_refuse(p, p->next,
				none ? "" : arena_printf(p->a, tr("write %s"), SIGNS[i].right),
				N_("“%s” is no sign of expressions"), SIGNS[i].wrong);
			return;
		}
	size_t n = 1;
	utf8_next(rest, &n);
	expr_refuse(p, p->next, "", N_("“%.*s” is no sign of expressions"), (int)n, rest.p);
}

static void read_text(struct expr_parser *p)
{
	size_t n = 0, i = p->next + 1;
	char *out = arena_alloc(p->a, p->text.n - p->next + 1);
	for (; i < p->text.n; i++) {
		if (p->text.p[i] == '\'' && !(i + 1 < p->text.n && p->text.p[i + 1] == '\''))
			break;
		if (p->text.p[i] == '\'')
			i++;
		out[n++] = p->text.p[i];
	}
	if (i >= p->text.n) {
		expr_refuse(p, p->next, "", N_("this ' is not closed"));
		return;
	}
	p->tok = (struct token){TK_TEXT, {out, n}, p->next};
	p->next = i + 1;
}

static size_t name_end(str s, size_t at)
{
	while (at < s.n && (letter(s.p[at]) || digit(s.p[at]) ||
				   (s.p[at] == '.' && at + 1 < s.n && letter(s.p[at + 1]))))
		at++;
	return at;
}

static size_t sign_bytes(str rest)
{
	static const char *const signs[] = {"!=", "<=", ">=", "=", "<", ">", "+", "-", "*", "(", ")", ","};
	if (str_starts(rest, STR("==")) || str_starts(rest, STR("<>")))
		return 0;
	for (size_t i = 0; i < sizeof signs / sizeof *signs; i++)
		if (str_starts(rest, str_of(signs[i])))
			return strlen(signs[i]);
	return 0;
}

static void advance(struct expr_parser *p)
{
	str s = p->text;
	while (p->next < s.n && strchr(" \t\r\n", s.p[p->next]))
		p->next++;
	size_t from = p->next, end = from;
	if (p->failed || from >= s.n) {
		p->tok = (struct token){TK_END, {"", 0}, s.n};
		return;
	}
	if (s.p[from] == '\'') {
		read_text(p);
		return;
	}
	enum token_kind kind = TK_SIGN;
	if (letter(s.p[from])) {
		kind = TK_NAME;
		end = name_end(s, from);
	} else if (digit(s.p[from])) {
		kind = TK_NUMBER;
		while (end < s.n &&
			(digit(s.p[end]) || (s.p[end] == '.' && end + 1 < s.n && digit(s.p[end + 1]))))
			end++;
	} else {
		end = from + sign_bytes(str_from(s, from));
	}
	if (end == from) {
		bad_sign(p);
		return;
	}
	p->tok = (struct token){kind, {s.p + from, end - from}, from};
	p->next = end;
}

static bool is(const struct expr_parser *p, const char *word)
{
	return !p->failed && (p->tok.kind == TK_NAME || p->tok.kind == TK_SIGN) && str_is(p->tok.text, word);
}

static bool accept(struct expr_parser *p, const char *word)
{
	if (!is(p, word))
		return false;
	advance(p);
	return true;
}

static bool expect(struct expr_parser *p, const char *word)
{
	if (accept(p, word))
		return true;
	if (p->tok.kind == TK_END)
		expr_refuse(p, p->tok.at, "", N_("“%s” is missing at the end"), word);
	else
		expr_refuse(p, p->tok.at, "", N_("“%s” was expected here, not “%.*s”"), word,
			STR_ARG(p->tok.text));
	return false;
}

/* ---- grammar ---- */

static struct expr *literal(struct expr_parser *p)
{
	struct token t = p->tok;
	struct expr *e = NULL;
	bool minus = is(p, "-");
	if (minus) {
		advance(p);
		t = p->tok;
	}
	if (t.kind == TK_NUMBER) {
		e = expr_new(p, X_NUMBER, E_INT, t.at);
	} else if (t.kind == TK_TEXT && !minus) {
		e = expr_new(p, X_TEXT, E_TEXT, t.at);
	} else if (!minus && (is(p, "true") || is(p, "false"))) {
		e = expr_new(p, X_BOOL, E_BOOL, t.at);
		if (e)
			e->number = is(p, "true");
	} else {
		return expr_refuse(p, t.at, "", N_("a number or a text in '…' was expected here"));
	}
	if (e == NULL)
		return NULL;
	e->text = minus ? arena_fmt(p->a, "-%.*s", STR_ARG(t.text)) : t.text;
	e->open_unit = t.kind == TK_NUMBER;
	advance(p);
	return e;
}

static struct expr *parse_exists(struct expr_parser *p, size_t at)
{
	struct token reg = p->tok;
	if (p->in_exists)
		return expr_refuse(p, at, "", N_("one exists( ) inside another is not offered"));
	if (reg.kind != TK_NAME)
		return expr_refuse(p, reg.at, "", N_("the name of a register was expected here"));
	const struct reg *inner = model_reg(p->m, reg.text);
	if (inner == NULL) {
		str near = model_suggest_reg(p->m, reg.text);
		return expr_refuse(p, reg.at,
			near.n ? arena_printf(p->a, tr("did you mean “%.*s”?"), STR_ARG(near)) : "",
			N_("there is no register “%.*s”"), STR_ARG(reg.text));
	}
	advance(p);
	if (!expect(p, "by"))
		return NULL;
	struct token by = p->tok;
	struct expr *e = type_exists(p, at, inner, &by);
	if (e == NULL)
		return NULL;
	advance(p);
	if (accept(p, "where")) {
		const struct reg *outer = p->r;
		p->r = inner;
		p->in_exists = true;
		size_t from = p->tok.at;
		e->a = parse_or(p);
		p->r = outer;
		p->in_exists = false;
		if (e->a && e->a->type != E_BOOL)
			return expr_refuse(p, from, "", N_("a condition was expected here"));
		if (e->a == NULL)
			return NULL;
	}
	return expect(p, ")") ? e : NULL;
}

static struct expr *parse_under(struct expr_parser *p, size_t at)
{
	struct expr *org = parse_sum(p);
	if (org == NULL || !expect(p, ","))
		return NULL;
	struct token code = p->tok;
	if (code.kind != TK_TEXT)
		return expr_refuse(p, code.at, tr("write under(org, 'CODE')"),
			N_("the code of an organisation was expected here"));
	advance(p);
	return expect(p, ")") ? type_under(p, at, org, &code) : NULL;
}

static struct expr *parse_call(struct expr_parser *p, const struct token *name)
{
	static const struct {
		const char *name;
		enum expr_kind kind;
		int arguments;
	} calls[] = {{"days", X_DAYS, 2}, {"age", X_AGE, 2}, {"month", X_MONTH_OF, 1}, {"year", X_YEAR, 1}};
	advance(p); /* the ( */
	if (str_is(name->text, "exists"))
		return parse_exists(p, name->at);
	if (str_is(name->text, "under"))
		return parse_under(p, name->at);
	struct nearest near = {.wrong = name->text};
	nearest_try(&near, STR("exists"));
	nearest_try(&near, STR("under"));
	for (size_t i = 0; i < sizeof calls / sizeof *calls; i++) {
		nearest_try(&near, str_of(calls[i].name));
		if (!str_is(name->text, calls[i].name))
			continue;
		struct expr *a = parse_sum(p), *b = NULL;
		if (a && calls[i].arguments == 2)
			b = expect(p, ",") ? parse_sum(p) : NULL;
		if (a == NULL || (calls[i].arguments == 2 && b == NULL) || !expect(p, ")"))
			return NULL;
		return type_call(p, calls[i].kind, name->at, a, b);
	}
	return expr_refuse(p, name->at,
		near.best.n ? arena_printf(p->a, tr("did you mean “%.*s”?"), STR_ARG(near.best)) : "",
		N_("there is no function “%.*s”"), STR_ARG(name->text));
}

static bool keyword(str s)
{
	static const char *const words[] = {"and", "or", "not", "in", "between", "is", "null", "by", "where"};
	for (size_t i = 0; i < sizeof words / sizeof *words; i++)
		if (str_is(s, words[i]))
			return true;
	return false;
}

static struct expr *parse_name(struct expr_parser *p)
{
	struct token t = p->tok;
	if (is(p, "true") || is(p, "false"))
		return literal(p);
	if (is(p, "null"))
		return expr_refuse(
			p, t.at, tr("write “is null” or “is not null”"), N_("null cannot be compared"));
	if (keyword(t.text))
		return expr_refuse(p, t.at, "", N_("a value was expected here, not “%.*s”"), STR_ARG(t.text));
	advance(p);
	if (is(p, "("))
		return parse_call(p, &t);
	if (!str_is(t.text, "today"))
		return type_path(p, &t);
	if (p->use == EXPR_FIGURE)
		return expr_refuse(p, t.at, "",
			N_("“today” cannot stand in a figure: its value would change with no record "
			   "changed"));
	return expr_new(p, X_TODAY, E_DATE, t.at);
}

static struct expr *parse_primary(struct expr_parser *p)
{
	if (p->failed)
		return NULL;
	if (p->tok.kind == TK_NUMBER || p->tok.kind == TK_TEXT)
		return literal(p);
	if (p->tok.kind == TK_NAME)
		return parse_name(p);
	if (accept(p, "(")) {
		struct expr *e = parse_or(p);
		return e && expect(p, ")") ? e : NULL;
	}
	if (p->tok.kind == TK_END)
		return expr_refuse(p, p->tok.at, "", N_("the expression ends too early"));
	return expr_refuse(
		p, p->tok.at, "", N_("a value was expected here, not “%.*s”"), STR_ARG(p->tok.text));
}

static struct expr *parse_unary(struct expr_parser *p)
{
	size_t at = p->tok.at;
	struct expr *e;
	if (++p->depth > EXPR_DEPTH_MAX)
		return expr_refuse(p, at, "", N_("nested too deeply"));
	if (accept(p, "-"))
		e = type_arithmetic(p, X_NEG, at, parse_unary(p), NULL);
	else
		e = parse_primary(p);
	p->depth--;
	return e;
}

static struct expr *parse_term(struct expr_parser *p)
{
	struct expr *e = parse_unary(p);
	while (e && is(p, "*")) {
		size_t at = p->tok.at;
		advance(p);
		e = type_arithmetic(p, X_MUL, at, e, parse_unary(p));
	}
	return e;
}

static struct expr *parse_sum(struct expr_parser *p)
{
	struct expr *e = parse_term(p);
	while (e && (is(p, "+") || is(p, "-"))) {
		size_t at = p->tok.at;
		enum expr_kind kind = is(p, "+") ? X_ADD : X_SUB;
		advance(p);
		e = type_arithmetic(p, kind, at, e, parse_term(p));
	}
	return e;
}

static struct expr *parse_in(struct expr_parser *p, size_t at, struct expr *a)
{
	struct expr **list = NULL;
	size_t n = 0, cap = 0;
	if (!expect(p, "("))
		return NULL;
	do {
		struct expr *e = literal(p);
		if (e == NULL)
			return NULL;
		list = arena_grow(p->a, list, n, &cap, sizeof *list);
		list[n++] = e;
	} while (accept(p, ","));
	return expect(p, ")") ? type_in(p, at, a, list, n) : NULL;
}

static struct expr *parse_between(struct expr_parser *p, size_t at, struct expr *a)
{
	struct expr *lo = parse_sum(p);
	if (lo == NULL || !expect(p, "and"))
		return NULL;
	struct expr *hi = parse_sum(p);
	return hi ? type_between(p, at, a, lo, hi) : NULL;
}

static struct expr *parse_predicate(struct expr_parser *p)
{
	static const char *const ops[] = {"=", "!=", "<", "<=", ">", ">="};
	struct expr *a = parse_sum(p), *e = NULL;
	size_t at = p->tok.at;
	if (a == NULL)
		return NULL;
	for (size_t i = 0; i < sizeof ops / sizeof *ops; i++)
		if (accept(p, ops[i])) {
			struct expr *b = parse_sum(p);
			return b ? type_compare(p, (enum compare_op)i, at, a, b) : NULL;
		}
	if (accept(p, "is")) {
		bool negated = accept(p, "not");
		e = expect(p, "null") ? type_null(p, at, a) : NULL;
		if (e)
			e->negated = negated;
		return e;
	}
	bool negated = accept(p, "not");
	if (accept(p, "in"))
		e = parse_in(p, at, a);
	else if (accept(p, "between"))
		e = parse_between(p, at, a);
	else
		return negated ? expr_refuse(p, at, "", N_("“in” or “between” was expected after “not”")) : a;
	if (e)
		e->negated = negated;
	return e;
}

static struct expr *parse_not(struct expr_parser *p)
{
	size_t at = p->tok.at;
	struct expr *e;
	if (++p->depth > EXPR_DEPTH_MAX)
		return expr_refuse(p, at, "", N_("nested too deeply"));
	if (accept(p, "not"))
		e = type_logic(p, X_NOT, at, parse_not(p), NULL);
	else
		e = parse_predicate(p);
	p->depth--;
	return e;
}

static struct expr *parse_and(struct expr_parser *p)
{
	struct expr *e = parse_not(p);
	while (e && is(p, "and")) {
		size_t at = p->tok.at;
		advance(p);
		struct expr *b = parse_not(p);
		e = b ? type_logic(p, X_AND, at, e, b) : NULL;
	}
	return e;
}

static struct expr *parse_or(struct expr_parser *p)
{
	struct expr *e = parse_and(p);
	while (e && is(p, "or")) {
		size_t at = p->tok.at;
		advance(p);
		struct expr *b = parse_and(p);
		e = b ? type_logic(p, X_OR, at, e, b) : NULL;
	}
	return e;
}

/* What follows a whole expression: told with what was probably meant. */
static void tail(struct expr_parser *p)
{
	static const char *const words[] = {"and", "or", "in", "is", "between", "not"};
	struct nearest near = {.wrong = p->tok.text};
	char low[16] = {0};
	for (size_t i = 0; i < p->tok.text.n && i < sizeof low - 1; i++)
		low[i] = (char)(p->tok.text.p[i] |
				(p->tok.text.p[i] >= 'A' && p->tok.text.p[i] <= 'Z' ? 32 : 0));
	near.wrong = str_of(low);
	for (size_t i = 0; p->tok.kind == TK_NAME && i < sizeof words / sizeof *words; i++)
		if (str_is(str_of(low), words[i]))
			near.best = str_of(words[i]);
		else
			nearest_try(&near, str_of(words[i]));
	expr_refuse(p, p->tok.at,
		near.best.n ? arena_printf(p->a, tr("did you mean “%.*s”?"), STR_ARG(near.best)) : "",
		N_("“and” or “or” was expected here, not “%.*s”"), STR_ARG(p->tok.text));
}

bool expr_read(struct arena *a, const struct model *m, const struct reg *r, str text, enum expr_use use,
	enum expr_type want, struct expr **out_expr, struct expr_fault *fault)
{
	struct expr_parser p = {
		.a = a, .m = m, .r = r, .use = use, .text = arena_str(a, text), .fault = fault};
	*fault = (struct expr_fault){.message = "", .hint = ""};
	if (text.n > EXPR_TEXT_MAX_BYTES || !utf8_clean(text)) {
		expr_refuse(&p, 0, "", N_("the expression is too long or not UTF-8"));
		return false;
	}
	advance(&p);
	struct expr *e = parse_or(&p);
	if (e && !p.failed && p.tok.kind != TK_END)
		tail(&p);
	e = p.failed ? NULL : type_whole(&p, e, want);
	if (e == NULL)
		return false;
	*out_expr = e;
	return true;
}
