/* shares.c -- see shares.h. Proquints: D. S. Wilkerson, "A Proposal for Proquints" (2009). */
#include "guard/shares.h"
#include <ctype.h>
#include <sodium.h>
#include <stdio.h>

enum { LINES = 4, LINE_BYTES = 8, WORD_CHARS = 11 };

static void proquint(unsigned v, char *out)
{
	static const char consonants[] = "bdfghjklmnprstvz", vowels[] = "aiou";
	out[0] = consonants[v >> 12 & 15];
	out[1] = vowels[v >> 10 & 3];
	out[2] = consonants[v >> 6 & 15];
	out[3] = vowels[v >> 4 & 3];
	out[4] = consonants[v & 15];
}

static void check_word(const struct share_sheet *s, int line, char out[WORD_CHARS + 1])
{
	char head[40];
	int n = snprintf(head, sizeof head, "qinghe share %c %s %d", s->letter, s->set, line);
	const str parts[] = {{head, (size_t)n}, {(const char *)s->b + (size_t)line * LINE_BYTES, LINE_BYTES}};
	struct hash h = hash_join(HASH_SHA256, parts, 2);
	proquint((unsigned)h.b[0] << 8 | h.b[1], out);
	out[5] = '-';
	proquint((unsigned)h.b[2] << 8 | h.b[3], out + 6);
	out[WORD_CHARS] = 0;
}

/* Of the key and of this drawing: the same key drawn again makes another set. */
static void set_of(const struct hash *root, const unsigned char *a, char out[9])
{
	const str parts[] = {
		STR("qinghe share set"), {(const char *)root->b, HASH_BYTES}, {(const char *)a, HASH_BYTES}};
	struct hash h = hash_join(HASH_SHA256, parts, 3);
	hex_text(h.b, 4, out);
}

void shares_split(const struct hash *root, struct share_sheet out[2])
{
	out[0].letter = 'A';
	out[1].letter = 'B';
	randombytes_buf(out[0].b, HASH_BYTES);
	for (int i = 0; i < HASH_BYTES; i++)
		out[1].b[i] = out[0].b[i] ^ root->b[i];
	set_of(root, out[0].b, out[0].set);
	memcpy(out[1].set, out[0].set, sizeof out[0].set);
}

str share_text(struct arena *a, const struct share_sheet *s)
{
	char *text = arena_printf(a, "%c %s\n", s->letter, s->set);
	for (int line = 0; line < LINES; line++) {
		char word[WORD_CHARS + 1], hex[2 * LINE_BYTES + 1];
		hex_text(s->b + (size_t)line * LINE_BYTES, LINE_BYTES, hex);
		check_word(s, line, word);
		text = arena_printf(a, "%s%d  %.4s %.4s %.4s %.4s  %s\n", text, line + 1, hex, hex + 4,
			hex + 8, hex + 12, word);
	}
	return str_of(text);
}

/* The line without blanks, in small letters. */
static size_t tight(str line, char *out, size_t cap)
{
	size_t n = 0;
	for (size_t i = 0; i < line.n && n + 1 < cap; i++)
		if (!isspace((unsigned char)line.p[i]))
			out[n++] = (char)tolower((unsigned char)line.p[i]);
	out[n] = 0;
	return n;
}

static bool is_heading(const char *t, size_t n, struct share_sheet *s)
{
	unsigned char set[4];
	if (n != 9 || (t[0] != 'a' && t[0] != 'b') || !hex_parse((str){t + 1, 8}, set, sizeof set))
		return false;
	s->letter = (char)(t[0] - 32);
	memcpy(s->set, t + 1, sizeof s->set); /* with its NUL */
	return true;
}

static enum rc read_line(struct share_sheet *s, const char *t, size_t n, int want, struct err *err)
{
	char word[WORD_CHARS + 1];
	bool good = n == 1 + 2 * LINE_BYTES + WORD_CHARS && t[0] == '1' + want &&
		    hex_parse((str){t + 1, 2 * LINE_BYTES}, s->b + want * LINE_BYTES, LINE_BYTES);
	if (good)
		check_word(s, want, word);
	if (!good || memcmp(word, t + 1 + 2 * LINE_BYTES, WORD_CHARS) != 0)
		return FAIL(err, RC_INVALID, "sheet %c, line %d does not hold: compare it with the paper",
			s->letter, want + 1);
	return RC_OK;
}

enum rc shares_read(str text, struct share_sheet out[2], struct err *err)
{
	int sheet = -1, line = LINES;
	char t[128];
	while (text.n > 0) {
		size_t n = tight(str_cut(text, '\n', &text), t, sizeof t);
		struct share_sheet head;
		if (line == LINES && sheet < 1 && is_heading(t, n, &head)) {
			out[++sheet] = head;
			line = 0;
		} else if (line < LINES && n > 0) {
			TRY(read_line(&out[sheet], t, n, line, err));
			line++;
		}
	}
	sodium_memzero(t, sizeof t);
	if (sheet < 1 || line < LINES)
		return FAIL(err, RC_INVALID, "both sheets are needed, each with its heading and four lines");
	return RC_OK;
}

enum rc shares_join(const struct share_sheet sheets[2], struct hash *out_root, struct err *err)
{
	struct hash root;
	char set[9];
	const struct share_sheet *a = sheets[0].letter == 'A' ? &sheets[0] : &sheets[1];
	for (int i = 0; i < HASH_BYTES; i++)
		root.b[i] = sheets[0].b[i] ^ sheets[1].b[i];
	set_of(&root, a->b, set);
	if (sheets[0].letter == sheets[1].letter || strcmp(sheets[0].set, sheets[1].set) != 0 ||
		strcmp(set, a->set) != 0)
		return FAIL(err, RC_INVALID,
			"these two sheets do not belong together: one A and one B of one set");
	*out_root = root;
	sodium_memzero(&root, sizeof root);
	return RC_OK;
}
