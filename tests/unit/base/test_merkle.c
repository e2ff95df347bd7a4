/* The log against RFC 6962's vectors, against its own naive definition, and against every small damage.
 * The transparency-dev test data is unpacked by tar into a temporary folder. */
#include "base/merkle.h"
#include "base/rand.h"
#include "tests.h"
#include <dirent.h>
#include <json-c/json.h>
#include <sys/stat.h>
#include <sys/wait.h>

static const char *const eight[] = {
	"", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f"};
static const char *const roots[] = {"e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
	"6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
	"fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
	"aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
	"d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
	"4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
	"76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
	"ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
	"5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328"};

static struct hash hex_hash(const char *text)
{
	struct hash h;
	assert_true(hex_parse(str_of(text), h.b, HASH_BYTES));
	return h;
}

static struct hash leaf_of(uint64_t i)
{
	return merkle_leaf(HASH_SHA256, (str){(const char *)&i, sizeof i});
}

/* RFC 6962's definition, word for word. */
static struct hash naive_root(enum hash_kind kind, const struct hash *leaf, size_t n)
{
	if (n == 0)
		return merkle_empty(kind);
	if (n == 1)
		return leaf[0];
	size_t k = 1;
	while (k * 2 < n)
		k *= 2;
	struct hash l = naive_root(kind, leaf, k), r = naive_root(kind, leaf + k, n - k);
	return merkle_node(kind, &l, &r);
}

static void the_eight_leaf_set_has_the_published_roots(void **state)
{
	(void)state;
	struct merkle m;
	struct merkle_tree t;
	merkle_init(&m, HASH_SHA256);
	merkle_tree_init(&t, HASH_SHA256);
	for (size_t n = 0; n <= 8; n++) {
		struct hash want = hex_hash(roots[n]), a = merkle_root(&m), b = merkle_tree_root(&t, n);
		assert_true(hash_eq(&want, &a));
		assert_true(hash_eq(&want, &b));
		if (n == 8)
			break;
		char bytes[16];
		assert_true(hex_parse(str_of(eight[n]), bytes, strlen(eight[n]) / 2));
		struct hash leaf = merkle_leaf(HASH_SHA256, (str){bytes, strlen(eight[n]) / 2});
		merkle_add(&m, &leaf);
		merkle_tree_add(&t, &leaf);
	}
	merkle_tree_done(&t);
	merkle_tree_done(NULL);
}

static void the_edge_the_tree_and_the_definition_agree_at_every_size(void **state)
{
	(void)state;
	enum { N = 300 };
	struct hash leaf[N];
	for (int kind = HASH_SHA256; kind <= HASH_SM3; kind++) {
		struct merkle m;
		struct merkle_tree t;
		merkle_init(&m, (enum hash_kind)kind);
		merkle_tree_init(&t, (enum hash_kind)kind);
		for (size_t i = 0; i < N; i++) {
			leaf[i] = leaf_of(i);
			merkle_add(&m, &leaf[i]);
			merkle_tree_add(&t, &leaf[i]);
			struct hash want = naive_root((enum hash_kind)kind, leaf, i + 1),
				    got = merkle_root(&m);
			assert_true(hash_eq(&want, &got));
		}
		for (size_t n = 0; n <= N; n++) {
			struct hash want = naive_root((enum hash_kind)kind, leaf, n),
				    got = merkle_tree_root(&t, n);
			assert_true(hash_eq(&want, &got));
		}
		merkle_tree_done(&t);
	}
}

static void make(struct merkle_tree *t, uint64_t n)
{
	merkle_tree_init(t, HASH_SHA256);
	for (uint64_t i = 0; i < n; i++) {
		struct hash leaf = leaf_of(i);
		merkle_tree_add(t, &leaf);
	}
}

static void every_inclusion_proof_up_to_70_leaves_holds_and_only_for_its_place(void **state)
{
	(void)state;
	struct merkle_tree t;
	struct merkle_path p;
	make(&t, 70);
	for (uint64_t n = 1; n <= 70; n++) {
		struct hash root = merkle_tree_root(&t, n);
		for (uint64_t i = 0; i < n; i++) {
			struct hash leaf = leaf_of(i);
			assert_true(merkle_prove(&t, i, n, &p));
			assert_true(merkle_verify_inclusion(HASH_SHA256, i, n, &leaf, &root, p.node, p.n));
			for (uint64_t j = 0; j < n; j++)
				if (j != i)
					assert_false(merkle_verify_inclusion(
						HASH_SHA256, j, n, &leaf, &root, p.node, p.n));
		}
	}
	assert_false(merkle_prove(&t, 70, 70, &p));
	assert_false(merkle_prove(&t, 3, 3, &p));
	assert_false(merkle_prove(&t, 3, 71, &p));
	merkle_tree_done(&t);
}

static void every_consistency_proof_up_to_70_leaves_holds(void **state)
{
	(void)state;
	struct merkle_tree t;
	struct merkle_path p;
	make(&t, 70);
	for (uint64_t n = 1; n <= 70; n++) {
		struct hash root = merkle_tree_root(&t, n);
		for (uint64_t m = 1; m <= n; m++) {
			struct hash from = merkle_tree_root(&t, m);
			assert_true(merkle_consistency(&t, m, n, &p));
			assert_true(merkle_verify_consistency(HASH_SHA256, m, n, &from, &root, p.node, p.n));
			if (m < n) {
				assert_false(merkle_verify_consistency(
					HASH_SHA256, m, n, &root, &from, p.node, p.n));
				assert_false(merkle_verify_consistency(
					HASH_SHA256, m, n, &from, &from, p.node, p.n));
			}
		}
	}
	assert_true(merkle_consistency(&t, 0, 9, &p));
	assert_int_equal(p.n, 0);
	assert_false(merkle_consistency(&t, 9, 8, &p));
	assert_false(merkle_consistency(&t, 9, 71, &p));
	merkle_tree_done(&t);
}

/* Calls check for every proof that differs from p by one bit, one element less or one element more. */
static int damages(
	const struct merkle_path *p, bool (*holds)(const struct merkle_path *q, void *arg), void *arg)
{
	int tried = 0;
	for (size_t i = 0; i < p->n; i++)
		for (int bit = 0; bit < 256; bit++, tried++) {
			struct merkle_path q = *p;
			q.node[i].b[bit / 8] ^= (unsigned char)(1 << bit % 8);
			assert_false(holds(&q, arg));
		}
	for (size_t i = 0; i < p->n; i++, tried++) {
		struct merkle_path q = *p;
		memmove(&q.node[i], &q.node[i + 1], (q.n - i - 1) * sizeof q.node[0]);
		q.n--;
		assert_false(holds(&q, arg));
	}
	for (size_t i = 0; i <= p->n; i++, tried++) {
		struct merkle_path q = *p;
		memmove(&q.node[i + 1], &q.node[i], (q.n - i) * sizeof q.node[0]);
		q.node[i] = i > 0 ? q.node[i - 1] : leaf_of(7);
		q.n++;
		assert_false(holds(&q, arg));
	}
	return tried;
}

struct claim {
	uint64_t a, b;
	struct hash x, y;
};

static bool included(const struct merkle_path *q, void *arg)
{
	const struct claim *c = arg;
	return merkle_verify_inclusion(HASH_SHA256, c->a, c->b, &c->x, &c->y, q->node, q->n);
}

static bool consistent(const struct merkle_path *q, void *arg)
{
	const struct claim *c = arg;
	return merkle_verify_consistency(HASH_SHA256, c->a, c->b, &c->x, &c->y, q->node, q->n);
}

static void every_damaged_proof_is_refused(void **state)
{
	(void)state;
	struct merkle_tree t;
	struct merkle_path p;
	int tried = 0;
	make(&t, 17);
	for (uint64_t n = 1; n <= 17; n++)
		for (uint64_t i = 0; i < n; i++) {
			struct claim in = {i, n, leaf_of(i), merkle_tree_root(&t, n)};
			assert_true(merkle_prove(&t, i, n, &p));
			tried += damages(&p, included, &in);
			struct claim con = {i + 1, n, merkle_tree_root(&t, i + 1), merkle_tree_root(&t, n)};
			assert_true(merkle_consistency(&t, i + 1, n, &p));
			tried += damages(&p, consistent, &con);
		}
	assert_true(tried > 200000);
	merkle_tree_done(&t);
}

static void every_subtree_of_33_leaves_proves_its_own_leaves(void **state)
{
	(void)state;
	struct hash leaf[33];
	for (uint64_t i = 0; i < 33; i++)
		leaf[i] = leaf_of(i);
	for (uint64_t start = 0; start < 33; start++)
		for (uint64_t end = start + 1; end <= 33; end++) {
			uint64_t c = 1;
			while (c < end - start)
				c *= 2;
			struct hash sub = naive_root(HASH_SHA256, leaf + start, end - start);
			bool fits = start % c == 0;
			struct merkle_tree t;
			struct merkle_path p;
			merkle_tree_init(&t, HASH_SHA256);
			for (uint64_t i = start; i < end; i++)
				merkle_tree_add(&t, &leaf[i]);
			assert_true(merkle_prove(&t, 0, end - start, &p));
			assert_int_equal(merkle_verify_subtree_leaf(HASH_SHA256, start, start, end,
						 &leaf[start], &sub, p.node, p.n),
				fits);
			merkle_tree_done(&t);
		}
}

static void sizes_near_the_end_of_64_bits_do_no_harm(void **state)
{
	(void)state;
	struct hash h = leaf_of(1), path[65];
	for (int i = 0; i < 65; i++)
		path[i] = leaf_of((uint64_t)i);
	for (size_t n = 0; n <= 65; n++) {
		assert_false(
			merkle_verify_inclusion(HASH_SHA256, UINT64_MAX - 1, UINT64_MAX, &h, &h, path, n));
		assert_false(merkle_verify_inclusion(HASH_SHA256, 0, UINT64_MAX, &h, &h, path, n));
		assert_false(merkle_verify_consistency(HASH_SHA256, 1, UINT64_MAX, &h, &h, path, n));
		assert_false(merkle_verify_consistency(
			HASH_SHA256, (UINT64_C(1) << 63) + 1, UINT64_MAX, &h, &h, path, n));
		assert_false(merkle_verify_subtree(HASH_SHA256, 1, UINT64_MAX, UINT64_MAX, &h, &h, path, n));
	}
}

static void a_million_leaves_fit_in_the_edge(void **state)
{
	(void)state;
	struct merkle m;
	merkle_init(&m, HASH_SHA256);
	struct hash leaf = leaf_of(0);
	for (int i = 0; i < 1000000; i++) {
		memcpy(leaf.b, &i, sizeof i);
		merkle_add(&m, &leaf);
	}
	assert_int_equal(m.size, 1000000);
	char text[HEX_BYTES];
	struct hash root = merkle_root(&m);
	hex_text(root.b, HASH_BYTES, text);
	struct hash *all = malloc(1000000 * sizeof *all);
	for (int i = 0; i < 1000000; i++) {
		all[i] = leaf_of(0);
		memcpy(all[i].b, &i, sizeof i);
	}
	struct hash want = naive_root(HASH_SHA256, all, 1000000);
	free(all);
	assert_true(hash_eq(&want, &root));
	assert_true(sizeof m < 4096);
}

/* transparency-dev's files */

static size_t base64(const char *text, unsigned char *out, size_t cap)
{
	static const char digit[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
	uint32_t v = 0;
	int bits = 0;
	size_t n = 0;
	for (; text && *text && *text != '='; text++) {
		const char *d = strchr(digit, *text);
		assert_non_null(d);
		v = v << 6 | (uint32_t)(d - digit);
		bits += 6;
		if (bits >= 8 && n < cap)
			out[n++] = (unsigned char)(v >> (bits -= 8));
	}
	return n;
}

/* A hash from a field. Some files hold "don't care" there: a text that is no hash stands for the hash of itself (equal
 * texts stay equal); false tells of it, and inclusion refuses it at the door. */
static bool hash_field(json_object *v, struct hash *out)
{
	unsigned char bytes[128];
	size_t n = base64(json_object_get_string(v), bytes, sizeof bytes);
	if (n == HASH_BYTES)
		memcpy(out->b, bytes, HASH_BYTES);
	else
		*out = hash_sha256((str){(char *)bytes, n});
	return n == HASH_BYTES;
}

static bool field_hash(json_object *o, const char *name, struct hash *out)
{
	json_object *v = NULL;
	return json_object_object_get_ex(o, name, &v) && hash_field(v, out);
}

static uint64_t field_u64(json_object *o, const char *name)
{
	json_object *v = NULL;
	return json_object_object_get_ex(o, name, &v) ? json_object_get_uint64(v) : 0;
}

static bool accepts(const char *path)
{
	json_object *o = json_object_from_file(path), *proof = NULL;
	assert_non_null(o);
	struct hash nodes[200], leaf = {{0}}, root = {{0}}, root1 = {{0}}, root2 = {{0}};
	bool ok = true;
	size_t n = 0;
	if (json_object_object_get_ex(o, "proof", &proof) && proof)
		for (; n < json_object_array_length(proof); n++)
			ok = hash_field(json_object_array_get_idx(proof, n), &nodes[n]) && ok;
	if (strstr(path, "inclusion/")) {
		ok = field_hash(o, "leafHash", &leaf) && field_hash(o, "root", &root) && ok;
	} else {
		field_hash(o, "root1", &root1);
		field_hash(o, "root2", &root2);
		ok = true;
	}
	uint64_t start = field_u64(o, "start"), end = field_u64(o, "end"), size = field_u64(o, "size");
	if (ok && strstr(path, "subtreeinclusion"))
		ok = merkle_verify_subtree_leaf(
			HASH_SHA256, field_u64(o, "leafIdx"), start, end, &leaf, &root, nodes, n);
	else if (ok && strstr(path, "inclusion"))
		ok = merkle_verify_inclusion(HASH_SHA256, field_u64(o, "leafIdx"), field_u64(o, "treeSize"),
			&leaf, &root, nodes, n);
	else if (ok && strstr(path, "subtreeconsistency"))
		ok = merkle_verify_subtree(HASH_SHA256, start, end, size, &root1, &root2, nodes, n);
	else if (ok)
		ok = merkle_verify_consistency(
			HASH_SHA256, field_u64(o, "size1"), field_u64(o, "size2"), &root1, &root2, nodes, n);
	json_object *want = NULL;
	assert_true(json_object_object_get_ex(o, "wantErr", &want));
	if (ok == json_object_get_boolean(want))
		fail_msg("%s: %s", path, ok ? "accepted" : "refused");
	json_object_put(o);
	return ok;
}

static void walk(const char *folder, int count[2])
{
	DIR *dir = opendir(folder);
	assert_non_null(dir);
	for (struct dirent *e; (e = readdir(dir));) {
		char path[1024];
		struct stat st;
		snprintf(path, sizeof path, "%s/%s", folder, e->d_name);
		if (e->d_name[0] == '.' || stat(path, &st) != 0)
			continue;
		if (S_ISDIR(st.st_mode))
			walk(path, count);
		else if (strstr(path, ".json"))
			count[accepts(path)]++;
	}
	closedir(dir);
}

static void all_transparency_dev_cases_have_their_verdict(void **state)
{
	(void)state;
	struct arena a = {0};
	const char *tar = shared_data(&a, "voting-merkle/transparency-dev-merkle-testdata.tar.gz");
	if (tar == NULL) {
		arena_done(&a);
		skip();
	}
	char folder[] = "/tmp/qinghe-merkle-XXXXXX";
	assert_non_null(mkdtemp(folder));
	pid_t pid = fork();
	if (pid == 0) {
		execlp("tar", "tar", "xzf", tar, "-C", folder, (char *)NULL);
		_exit(127);
	}
	int status = 0, count[2] = {0, 0};
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
	walk(folder, count);
	print_message("# %d valid proofs accepted, %d invalid refused\n", count[1], count[0]);
	assert_int_equal(count[0] + count[1], 518);
	pid = fork();
	if (pid == 0) {
		execlp("rm", "rm", "-rf", folder, (char *)NULL);
		_exit(127);
	}
	waitpid(pid, &status, 0);
	arena_done(&a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_eight_leaf_set_has_the_published_roots),
		cmocka_unit_test(the_edge_the_tree_and_the_definition_agree_at_every_size),
		cmocka_unit_test(every_inclusion_proof_up_to_70_leaves_holds_and_only_for_its_place),
		cmocka_unit_test(every_consistency_proof_up_to_70_leaves_holds),
		cmocka_unit_test(every_damaged_proof_is_refused),
		cmocka_unit_test(every_subtree_of_33_leaves_proves_its_own_leaves),
		cmocka_unit_test(sizes_near_the_end_of_64_bits_do_no_harm),
		cmocka_unit_test(a_million_leaves_fit_in_the_edge),
		cmocka_unit_test(all_transparency_dev_cases_have_their_verdict),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
