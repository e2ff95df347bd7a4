/* jpull.c -- see jpull.h. State says what may come next; is_object[] is the stack of open brackets. */
#include "format/jpull.h"
#include "base/arena.h"
#include "base/utf8.h"

enum { VALUE, FIRST_VALUE, NEXT_VALUE, FIRST_KEY, NEXT_KEY, COLON, FINISHED, BROKEN };

void jpull_init(struct jpull *p, jpull_read *read, void *ctx)
{
	memset(p, 0, sizeof *p);
	p->read = read;
	p->ctx = ctx;
	p->line = 1;
	p->chunk = mem_resize(NULL, JPULL_CHUNK_BYTES);
	buf_init(&p->scratch, JPULL_TEXT_MAX_BYTES);
	p->state = VALUE;
}

static ssize_t read_str(void *ctx, char *to, size_t cap)
{
	str *s = ctx;
	size_t n = s->n < cap ? s->n : cap;
	if (n > 0)
		memcpy(to, s->p, n);
	*s = str_from(*s, n);
	return (ssize_t)n;
}

void jpull_init_str(struct jpull *p, str *bytes)
{
	jpull_init(p, read_str, bytes);
}

void jpull_done(struct jpull *p)
{
	p->chunk = mem_resize(p->chunk, 0);
	buf_done(&p->scratch);
}

long long jpull_column(const struct jpull *p)
{
	return p->before + (long long)p->at - p->line_start + 1;
}

static enum jpull_kind bad(struct jpull *p, const char *fault)
{
	if (p->fault == NULL)
		p->fault = fault;
	p->state = BROKEN;
	return JPULL_BAD;
}

/* The next byte without taking it, or -1 at the end. */
static int peek(struct jpull *p)
{
	if (p->at < p->n)
		return (unsigned char)p->chunk[p->at];
	if (p->ended)
		return -1;
	p->before += (long long)p->n;
	p->at = p->n = 0;
	ssize_t n = p->read(p->ctx, p->chunk, JPULL_CHUNK_BYTES);
	if (n <= 0) {
		p->ended = true;
		if (n < 0)
			bad(p, N_("the input cannot be read"));
		return -1;
	}
	p->n = (size_t)n;
	return (unsigned char)p->chunk[0];
}

static int skip_blanks(struct jpull *p)
{
	for (;;) {
		int c = peek(p);
		if (c == '\n') {
			p->line++;
			p->line_start = p->before + (long long)p->at + 1;
		} else if (c != ' ' && c != '\t' && c != '\r') {
			return c;
		}
		p->at++;
	}
}

static bool hex4(struct jpull *p, uint32_t *out)
{
	uint32_t v = 0;
	for (int i = 0; i < 4; i++) {
		int c = peek(p);
		int d = c >= '0' && c <= '9'                 ? c - '0'
			: (c | 32) >= 'a' && (c | 32) <= 'f' ? (c | 32) - 'a' + 10
							     : -1;
		if (d < 0)
			return false;
		v = v * 16 + (uint32_t)d;
		p->at++;
	}
	*out = v;
	return true;
}

/* After the backslash. */
static bool escape(struct jpull *p)
{
	static const char from[] = "\"\\/bfnrt", to[] = "\"\\/\b\f\n\r\t";
	int c = peek(p);
	const char *f = c > 0 ? strchr(from, c) : NULL;
	if (c >= 0)
		p->at++;
	if (f) {
		buf_putc(&p->scratch, to[f - from]);
		return true;
	}
	uint32_t u, low;
	if (c != 'u' || !hex4(p, &u))
		return false;
	if (u >= 0xD800 && u < 0xDC00) {
		if (peek(p) != '\\')
			return false;
		p->at++;
		if (peek(p) != 'u')
			return false;
		p->at++;
		if (!hex4(p, &low) || low < 0xDC00 || low > 0xDFFF)
			return false;
		u = 0x10000 + ((u - 0xD800) << 10) + (low - 0xDC00);
	} else if (u >= 0xDC00 && u < 0xE000) {
		return false;
	}
	char bytes[4];
	buf_add(&p->scratch, (str){bytes, utf8_put(u, bytes)});
	return true;
}

static bool plain(unsigned char c)
{
	return c >= 0x20 && c != '"' && c != '\\';
}

/* After the opening quotation mark. Nearly every string lies in one chunk and has no escape: then no byte moves. */
static bool string(struct jpull *p)
{
	buf_clear(&p->scratch);
	bool ascii = true;
	for (;;) {
		int c = peek(p);
		size_t start = p->at;
		unsigned char any = 0;
		while (p->at < p->n && plain((unsigned char)p->chunk[p->at]))
			any |= (unsigned char)p->chunk[p->at++];
		ascii = ascii && any < 0x80;
		str run = {p->chunk + start, p->at - start};
		if (p->at == p->n && c >= 0) {
			buf_add(&p->scratch, run);
			continue;
		}
		c = c < 0 ? -1 : (unsigned char)p->chunk[p->at];
		if (c == '"') {
			p->at++;
			if (p->scratch.n > 0)
				buf_add(&p->scratch, run);
			p->text = p->scratch.n > 0 ? buf_str(&p->scratch) : run;
			if (!buf_ok(&p->scratch))
				return bad(p, N_("a string is too long")), false;
			if (!ascii && !utf8_valid(p->text))
				return bad(p, N_("a string is not UTF-8")), false;
			return true;
		}
		if (c != '\\')
			return bad(p, c < 0 ? N_("a string has no end")
					    : N_("a control character in a string")),
			       false;
		buf_add(&p->scratch, run);
		p->at++;
		if (!escape(p))
			return bad(p, N_("a bad escape in a string")), false;
	}
}

static bool digits(struct jpull *p)
{
	bool any = false;
	for (int c; (c = peek(p)) >= '0' && c <= '9'; any = true) {
		buf_putc(&p->scratch, (char)c);
		p->at++;
	}
	return any;
}

static bool take_if(struct jpull *p, char a, char b)
{
	int c = peek(p);
	if (c != a && c != b)
		return false;
	buf_putc(&p->scratch, (char)c);
	p->at++;
	return true;
}

static enum jpull_kind number(struct jpull *p)
{
	buf_clear(&p->scratch);
	take_if(p, '-', '-');
	bool ok = take_if(p, '0', '0') || digits(p);
	if (ok && take_if(p, '.', '.'))
		ok = digits(p);
	if (ok && take_if(p, 'e', 'E')) {
		take_if(p, '+', '-');
		ok = digits(p);
	}
	p->text = buf_str(&p->scratch);
	return ok && buf_ok(&p->scratch) ? JPULL_NUMBER : bad(p, N_("a bad number"));
}

static enum jpull_kind word(struct jpull *p, const char *rest, enum jpull_kind kind)
{
	for (; *rest; rest++, p->at++)
		if (peek(p) != *rest)
			return bad(p, N_("a word that JSON does not have"));
	return kind;
}

static void after_value(struct jpull *p)
{
	if (p->depth == 0)
		p->state = FINISHED;
	else
		p->state = p->is_object[p->depth - 1] ? NEXT_KEY : NEXT_VALUE;
}

static enum jpull_kind open_bracket(struct jpull *p, bool object)
{
	if (p->depth == JPULL_DEPTH_MAX)
		return bad(p, N_("nested too deep"));
	p->is_object[p->depth++] = object;
	p->state = object ? FIRST_KEY : FIRST_VALUE;
	return object ? JPULL_OBJECT : JPULL_ARRAY;
}

static enum jpull_kind close_bracket(struct jpull *p)
{
	bool object = p->is_object[--p->depth];
	p->at++;
	after_value(p);
	return object ? JPULL_OBJECT_END : JPULL_ARRAY_END;
}

static enum jpull_kind value(struct jpull *p, int c)
{
	enum jpull_kind kind;
	if (c == '-' || (c >= '0' && c <= '9')) {
		kind = number(p);
	} else {
		if (c >= 0)
			p->at++;
		switch (c) {
		case '{':
			return open_bracket(p, true);
		case '[':
			return open_bracket(p, false);
		case '"':
			kind = string(p) ? JPULL_STRING : JPULL_BAD;
			break;
		case 't':
			kind = word(p, "rue", JPULL_TRUE);
			break;
		case 'f':
			kind = word(p, "alse", JPULL_FALSE);
			break;
		case 'n':
			kind = word(p, "ull", JPULL_NULL);
			break;
		default:
			return bad(p, c < 0 ? N_("the input ends too early") : N_("a value is wanted here"));
		}
	}
	if (kind != JPULL_BAD)
		after_value(p);
	return kind;
}

static enum jpull_kind key(struct jpull *p, int c)
{
	if (c != '"')
		return bad(p, N_("a name in quotation marks is wanted here"));
	p->at++;
	p->state = COLON;
	return string(p) ? JPULL_KEY : JPULL_BAD;
}

enum jpull_kind jpull_next(struct jpull *p)
{
	if (p->state == BROKEN)
		return JPULL_BAD;
	p->text = (str){NULL, 0};
	int c = skip_blanks(p);
	if (p->state == BROKEN)
		return JPULL_BAD;
	if (p->state == FINISHED)
		return c < 0 ? JPULL_END : bad(p, N_("something stands behind the value"));
	if (p->state == COLON) {
		if (c != ':')
			return bad(p, N_("a colon is wanted here"));
		p->at++;
		return value(p, skip_blanks(p));
	}
	if ((c == ']' && (p->state == FIRST_VALUE || p->state == NEXT_VALUE)) ||
		(c == '}' && (p->state == FIRST_KEY || p->state == NEXT_KEY)))
		return close_bracket(p);
	if (p->state == NEXT_VALUE || p->state == NEXT_KEY) {
		if (c != ',')
			return bad(p, N_("a comma or a closing bracket is wanted here"));
		p->at++;
		c = skip_blanks(p);
	}
	if (p->state == FIRST_KEY || p->state == NEXT_KEY)
		return key(p, c);
	return value(p, c);
}

bool jpull_skip(struct jpull *p, enum jpull_kind kind)
{
	int depth = p->depth - 1;
	if (kind == JPULL_BAD)
		return false;
	if (kind != JPULL_OBJECT && kind != JPULL_ARRAY)
		return true;
	while (p->depth > depth)
		if (jpull_next(p) == JPULL_BAD)
			return false;
	return true;
}

enum rc jpull_fail(const struct jpull *p, const char *name, struct err *err)
{
	return FAIL(err, RC_INVALID, "%s, line %lld, column %lld: %s", name, p->line, jpull_column(p),
		tr(p->fault ? p->fault : N_("not what is expected here")));
}
