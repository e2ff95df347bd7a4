/* cmd_merkle.c -- qinghe merkle root|prove|consistency|verify: RFC 6962 over a file of leaves in hex. */
#include "base/lines.h"
#include "base/merkle.h"
#include "cli/alone.h"
#include "cli/commands.h"
#include "format/json.h"
#include <string.h>

enum { LEAF_MAX_BYTES = LINES_MAX_BYTES / 2 };

struct job {
	struct invocation *in;
	enum hash_kind kind;
	const char *file;
	const char *queries;
	int64_t index, size, from, to; /* -1: not given */
	struct merkle_tree tree;
	struct arena line; /* what one query line needs */
};

/* Leaves of FILE one by one to `add`. */
static enum rc each_leaf(const struct job *j, int64_t most, void (*add)(void *to, const struct hash *leaf),
	void *to, struct err *err)
{
	struct lines in;
	str line;
	TRY(lines_open(&in, j->file, err));
	char *bytes = arena_alloc(j->in->a, LEAF_MAX_BYTES);
	enum rc rc = RC_OK;
	while ((most < 0 || in.number < most) && (rc = lines_next(&in, &line, err)) == RC_OK) {
		line = str_trim(line);
		if (!hex_parse(line, bytes, line.n / 2)) {
			rc = FAIL(err, RC_INVALID,
				"%s, line %lld: a leaf is written in hex, two digits a byte", j->file,
				(long long)in.number);
			break;
		}
		struct hash leaf = merkle_leaf(j->kind, (str){bytes, line.n / 2});
		add(to, &leaf);
	}
	int64_t n = in.number;
	lines_close(&in);
	if (rc != RC_OK && rc != RC_NOT_FOUND)
		return rc;
	if (n < most)
		return FAIL(err, RC_INVALID, "%s has %lld leaves, %lld are wanted", j->file, (long long)n,
			(long long)most);
	return RC_OK;
}

static void to_edge(void *to, const struct hash *leaf)
{
	merkle_add(to, leaf);
}

static void to_tree(void *to, const struct hash *leaf)
{
	merkle_tree_add(to, leaf);
}

static void print_hash(const struct hash *h)
{
	char text[HEX_BYTES];
	hex_text(h->b, HASH_BYTES, text);
	printf("\"%s\"", text);
}

static void print_root(const struct hash *root)
{
	fputs("{\"root\":", stdout);
	print_hash(root);
	puts("}");
}

static void print_path(const struct merkle_path *p)
{
	fputs("{\"path\":[", stdout);
	for (size_t i = 0; i < p->n; i++) {
		if (i > 0)
			putchar(',');
		print_hash(&p->node[i]);
	}
	puts("]}");
}

static enum rc answer_root(const struct job *j, int64_t size, struct err *err)
{
	uint64_t n = size < 0 ? j->tree.size : (uint64_t)size;
	if (n > j->tree.size)
		return FAIL(err, RC_INVALID, "%s has %lld leaves, %lld are wanted", j->file,
			(long long)j->tree.size, (long long)size);
	struct hash root = merkle_tree_root(&j->tree, n);
	print_root(&root);
	return RC_OK;
}

static enum rc answer_proof(const struct job *j, int64_t index, int64_t size, struct err *err)
{
	struct merkle_path p;
	if (size < 0)
		size = (int64_t)j->tree.size;
	if (index < 0 || !merkle_prove(&j->tree, (uint64_t)index, (uint64_t)size, &p))
		return FAIL(err, RC_INVALID, "no leaf %lld in a tree of %lld leaves (%s has %lld)",
			(long long)index, (long long)size, j->file, (long long)j->tree.size);
	print_path(&p);
	return RC_OK;
}

static enum rc answer_consistency(const struct job *j, int64_t from, int64_t to, struct err *err)
{
	struct merkle_path p;
	if (to < 0)
		to = (int64_t)j->tree.size;
	if (from < 0 || !merkle_consistency(&j->tree, (uint64_t)from, (uint64_t)to, &p))
		return FAIL(err, RC_INVALID, "no tree of %lld leaves inside one of %lld (%s has %lld)",
			(long long)from, (long long)to, j->file, (long long)j->tree.size);
	print_path(&p);
	return RC_OK;
}

/* Fields of a query line */

static int64_t int_of(const struct json_v *o, const char *name)
{
	int64_t v = -1;
	return json_get_i64(o, name, &v) ? v : -1;
}

static bool hash_at(const struct json_v *o, const char *name, struct hash *out)
{
	return hex_parse(json_get_str(o, name), out->b, HASH_BYTES);
}

static enum rc answer_query(struct job *j, const struct json_v *o, struct err *err)
{
	str op = json_get_str(o, "op");
	if (str_is(op, "root"))
		return answer_root(j, int_of(o, "size"), err);
	if (str_is(op, "prove"))
		return answer_proof(j, int_of(o, "index"), int_of(o, "size"), err);
	if (str_is(op, "consistency"))
		return answer_consistency(j, int_of(o, "from"), int_of(o, "to"), err);
	return FAIL(err, RC_INVALID, "\"op\" is root, prove or consistency, not “%.*s”", STR_ARG(op));
}

static bool path_of(const struct json_v *o, struct hash path[MERKLE_PATH_MAX], size_t *out_n)
{
	const struct json_v *v = json_get(o, "path");
	if (v == NULL || v->kind != JSON_ARRAY || v->n > MERKLE_PATH_MAX)
		return false;
	for (size_t i = 0; i < v->n; i++)
		if (v->items[i].kind != JSON_STRING || !hex_parse(v->items[i].text, path[i].b, HASH_BYTES))
			return false;
	*out_n = v->n;
	return true;
}

/* "leaf" is the leaf's bytes in hex, of any length. */
static bool claim_holds(struct job *j, const struct json_v *o)
{
	struct hash path[MERKLE_PATH_MAX], a, b;
	size_t n;
	if (!path_of(o, path, &n))
		return false;
	const struct json_v *leaf = json_get(o, "leaf");
	if (leaf == NULL) {
		int64_t from = int_of(o, "from"), to = int_of(o, "to");
		return from >= 0 && to >= 0 && hash_at(o, "root_from", &a) && hash_at(o, "root_to", &b) &&
		       merkle_verify_consistency(j->kind, (uint64_t)from, (uint64_t)to, &a, &b, path, n);
	}
	char *bytes = arena_alloc(&j->line, leaf->text.n / 2);
	int64_t index = int_of(o, "index"), size = int_of(o, "size");
	if (leaf->kind != JSON_STRING || !hex_parse(leaf->text, bytes, leaf->text.n / 2) || index < 0 ||
		size < 0 || !hash_at(o, "root", &b))
		return false;
	a = merkle_leaf(j->kind, (str){bytes, leaf->text.n / 2});
	return merkle_verify_inclusion(j->kind, (uint64_t)index, (uint64_t)size, &a, &b, path, n);
}

static enum rc answer_claim(struct job *j, const struct json_v *o, struct err *err)
{
	(void)err;
	bool ok = claim_holds(j, o);
	puts(ok ? "{\"valid\":true}" : "{\"valid\":false}");
	return ok ? RC_OK : RC_FOUND;
}

/* Every line of an .ndjson file to `answer`; RC_FOUND of one line does not stop the rest. */
static enum rc each_query(struct job *j, const char *path,
	enum rc (*answer)(struct job *, const struct json_v *, struct err *), struct err *err)
{
	struct lines in;
	str line;
	enum rc rc, all = RC_OK;
	TRY(lines_open(&in, path, err));
	while ((rc = lines_next(&in, &line, err)) == RC_OK) {
		if (str_trim(line).n == 0)
			continue;
		struct json_v *o;
		arena_reset(&j->line);
		rc = json_read(&j->line, line, 0, &o, err);
		if (rc == RC_OK)
			rc = answer(j, o, err);
		if (rc == RC_FOUND) {
			all = RC_FOUND;
		} else if (rc != RC_OK) {
			rc = err_at(err, rc, "%s, line %lld", path, (long long)in.number);
			break;
		}
	}
	lines_close(&in);
	return rc == RC_NOT_FOUND ? all : rc;
}

static enum rc with_tree(struct job *j, const char *verb, struct err *err)
{
	TRY(each_leaf(j, -1, to_tree, &j->tree, err));
	if (j->queries)
		return each_query(j, j->queries, answer_query, err);
	if (strcmp(verb, "prove") == 0)
		return answer_proof(j, j->index, j->size, err);
	return answer_consistency(j, j->from, j->to, err);
}

static enum rc answer(void *arg, int out, struct err *err)
{
	struct job *j = arg;
	const char *verb = j->in->argv[0];
	(void)out;
	if (strcmp(verb, "verify") == 0) {
		enum rc rc = each_query(j, j->queries ? j->queries : j->file, answer_claim, err);
		arena_done(&j->line);
		return rc;
	}
	if (strcmp(verb, "root") == 0 &&
		j->queries == NULL) { /* the right edge is enough: any number of leaves */
		struct merkle m;
		merkle_init(&m, j->kind);
		TRY(each_leaf(j, j->size, to_edge, &m, err));
		struct hash root = merkle_root(&m);
		print_root(&root);
		return RC_OK;
	}
	merkle_tree_init(&j->tree, j->kind);
	enum rc rc = with_tree(j, verb, err);
	merkle_tree_done(&j->tree);
	arena_done(&j->line);
	return rc;
}

static enum rc run(struct invocation *in, struct err *err)
{
	struct job j = {.in = in, .index = -1, .size = -1, .from = -1, .to = -1};
	const char *hash = "sha256";
	TRY(opt_i64(in, "--index", &j.index, err));
	TRY(opt_i64(in, "--size", &j.size, err));
	TRY(opt_i64(in, "--from", &j.from, err));
	TRY(opt_i64(in, "--to", &j.to, err));
	TRY(opt_text(in, "--queries", &j.queries, err));
	TRY(opt_text(in, "--hash", &hash, err));
	TRY(opt_done(in, 1, 2, &cmd_merkle, err));
	if (strcmp(hash, "sha256") != 0 && strcmp(hash, "sm3") != 0)
		return FAIL(err, RC_INVALID, "--hash is sha256 or sm3, not “%s”", hash);
	j.kind = strcmp(hash, "sm3") == 0 ? HASH_SM3 : HASH_SHA256;
	const char *verb = in->argv[0];
	j.file = in->argc > 1 ? in->argv[1] : "-";
	if (strcmp(verb, "root") != 0 && strcmp(verb, "prove") != 0 && strcmp(verb, "consistency") != 0 &&
		strcmp(verb, "verify") != 0)
		return usage_error(&cmd_merkle, err);
	return alone((const char *const[]){j.file, j.queries, NULL}, NULL, answer, &j, err);
}

const struct command cmd_merkle = {
	.name = "merkle",
	.usage = N_("merkle root FILE [--size N] | prove FILE --index I [--size N] | consistency FILE --from "
		    "M [--to N] | "
		    "verify [FILE] [--queries Q.ndjson] [--hash sha256|sm3]"),
	.summary = N_("roots and proofs of an append-only log (RFC 6962)"),
	.help = N_("FILE holds one leaf a line in hex; an empty line is the empty leaf; - is standard input. "
		   "Indexes "
		   "count from 0, sizes from 1.\n"
		   "Answers are one JSON object a line: {\"root\"} or {\"path\":[...]}. --queries answers "
		   "every line of a "
		   "file: {\"op\":\"root\",\"size\"}, {\"op\":\"prove\",\"index\",\"size\"} or "
		   "{\"op\":\"consistency\",\"from\",\"to\"}.\n"
		   "verify reads {\"leaf\",\"index\",\"size\",\"root\",\"path\"} or "
		   "{\"from\",\"to\",\"root_from\",\"root_to\",\"path\"} lines and answers {\"valid\":true} "
		   "or false each.\n"
		   "Example: qinghe merkle prove leaves.hex --index 3 --size 8\n"
		   "Exit codes: 0 done, 1 a claim does not hold, 2 bad input."),
	.run = run,
};
