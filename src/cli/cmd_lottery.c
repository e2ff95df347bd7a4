/* cmd_lottery.c -- qinghe lottery --seed HEX --list FILE [--public NUMBER] [--commit] */
#include "base/lines.h"
#include "cli/alone.h"
#include "cli/commands.h"
#include "format/json.h"
#include "service/placement/lottery.h"
#include <string.h>

static enum rc read_list(struct arena *a, const char *path, str **out, size_t *out_n, struct err *err)
{
	struct lines in;
	str line, *list = NULL;
	size_t n = 0, cap = 0;
	enum rc rc;
	TRY(lines_open(&in, path, err));
	while ((rc = lines_next(&in, &line, err)) == RC_OK) {
		line = str_trim(line);
		if (line.n == 0)
			continue;
		list = arena_grow(a, list, n, &cap, sizeof *list);
		list[n++] = arena_str(a, line);
	}
	lines_close(&in);
	*out = list;
	*out_n = n;
	return rc == RC_NOT_FOUND ? RC_OK : rc;
}

static void put_hash(struct json *j, const char *key, const struct hash *h)
{
	char text[HEX_BYTES];
	hex_text(h->b, HASH_BYTES, text);
	json_put_cstr(j, key, text);
}

static void print_json(const struct lottery *l, const char *public_number, bool commit)
{
	struct buf b = {0};
	struct json j;
	buf_init(&b, 0);
	json_init(&j, &b);
	json_object(&j);
	put_hash(&j, "list", &l->list);
	put_hash(&j, "commitment", &l->commitment);
	if (!commit) {
		json_put_cstr(&j, "public", public_number);
		put_hash(&j, "key", &l->key);
		json_key(&j, "order");
		json_array(&j);
		for (size_t i = 0; i < l->n; i++) {
			json_object(&j);
			json_put_i64(&j, "number", (int64_t)i + 1);
			json_put_str(&j, "entry", l->order[i].entry);
			put_hash(&j, "ticket", &l->order[i].ticket);
			json_object_end(&j);
		}
		json_array_end(&j);
	}
	json_object_end(&j);
	fwrite(b.p, 1, b.n, stdout);
	putchar('\n');
	buf_done(&b);
}

/* What the child is to do (alone.h). */
struct wish {
	struct invocation *in;
	const char *list, *public;
	str seed;
	bool commit;
};

static enum rc draw(void *arg, int out, struct err *err)
{
	const struct wish *w = arg;
	str *list;
	size_t n;
	struct lottery l;
	char text[HEX_BYTES];
	(void)out;
	TRY(read_list(w->in->a, w->list, &list, &n, err));
	TRY(lottery_draw(w->in->a, w->seed, str_of(w->public), list, n, &l, err));
	if (w->in->json) {
		print_json(&l, w->public, w->commit);
		return RC_OK;
	}
	if (w->commit) {
		hex_text(l.list.b, HASH_BYTES, text);
		printf("%s\t%s\n", tr("list digest"), text);
		hex_text(l.commitment.b, HASH_BYTES, text);
		printf("%s\t%s\n", tr("commitment"), text);
		return RC_OK;
	}
	for (size_t i = 0; i < l.n; i++)
		printf("%zu\t%.*s\n", i + 1, STR_ARG(l.order[i].entry));
	return RC_OK;
}

static enum rc run(struct invocation *in, struct err *err)
{
	const char *seed_hex = NULL, *list_path = NULL, *public_number = "";
	bool commit = false;
	TRY(opt_text(in, "--seed", &seed_hex, err));
	TRY(opt_text(in, "--list", &list_path, err));
	TRY(opt_text(in, "--public", &public_number, err));
	opt_flag(in, "--commit", &commit);
	TRY(opt_done(in, 0, 0, &cmd_lottery, err));
	if (seed_hex == NULL || list_path == NULL)
		return usage_error(&cmd_lottery, err);
	char seed[LOTTERY_SEED_MAX_BYTES];
	size_t seed_n = strlen(seed_hex) / 2;
	if (seed_n > sizeof seed || !hex_parse(str_of(seed_hex), seed, seed_n))
		return FAIL(err, RC_INVALID, "the seed is 16 to 64 bytes in hex, two digits a byte");
	struct wish w = {in, list_path, public_number, {seed, seed_n}, commit};
	return alone((const char *const[]){list_path, NULL}, NULL, draw, &w, err);
}

const struct command cmd_lottery = {
	.name = "lottery",
	.usage = N_("lottery --seed HEX --list FILE [--public NUMBER] [--commit] [--json]"),
	.summary = N_("a public order that anyone can recompute"),
	.help = N_("FILE has one entry a line. The order follows from seed, public number and the set of "
		   "entries; "
		   "docs/lottery.md tells how to recompute it with sha256sum.\n"
		   "--commit prints the list's digest and the commitment to the seed, to be published before "
		   "the draw.\n"
		   "Example: qinghe lottery --seed 00112233445566778899aabbccddeeff --public 385 --list "
		   "list.txt\n"
		   "Exit codes: 0 done, 2 bad input."),
	.run = run,
};
