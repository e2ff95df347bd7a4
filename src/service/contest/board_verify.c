/* board_verify.c -- see board_verify.h. Deliberately alone: nothing of the rest of the program is included. */
#include "service/contest/board_verify.h"
#include <fcntl.h>
#include <inttypes.h>
#include <openssl/evp.h>
#include <sodium.h>
#include <stdarg.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

enum { CHOICES_MAX = 1000, ID_MAX = 64, MESSAGE_MAX = 4096 };

struct slice {
	const char *p, *end;
};

struct voter {
	uint64_t last; /* entry + 1 of the last ballot */
	int64_t at;
};

struct entry {
	uint32_t voter, choice; /* choice CHOICES_MAX: an annulment, or a ballot that does not count */
	bool is_ballot, gone;
};

struct state {
	struct board_how *how;
	struct board_verdict *verdict;
	FILE *out;
	const char *text, *end, *at;
	uint64_t line;
	struct slice contest, choices[CHOICES_MAX];
	size_t choices_n;
	int64_t opens, closes, last_head_at;
	uint64_t roll_n, entries_n, covered;
	unsigned char (*roll)[32];
	struct voter *voters;
	struct entry *entries;
	unsigned char roll_root[32], plan[32], peak[64][32];
	struct slice plan_line;
	bool closed, tallied;
	EVP_MD_CTX *sha;
	const EVP_MD *sha256;
};

/* Messages */

static void fault(struct state *s, const char *chinese, const char *english, ...)
	__attribute__((format(printf, 3, 4)));
static void fault(struct state *s, const char *chinese, const char *english, ...)
{
	if (++s->verdict->faults > BOARD_FAULTS_TOLD)
		return;
	va_list args;
	va_start(args, english);
	fprintf(s->out, s->how->chinese ? "第 %" PRIu64 " 行：" : "line %" PRIu64 ": ", s->line);
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
	vfprintf(s->out, s->how->chinese ? chinese : english, args);
#pragma GCC diagnostic pop
	fputc('\n', s->out);
	va_end(args);
}

/* Reading a line of the one form it may have */

static bool next_line(struct state *s, struct slice *out)
{
	if (s->at == s->end)
		return false;
	const char *lf = memchr(s->at, '\n', (size_t)(s->end - s->at));
	*out = (struct slice){s->at, lf ? lf : s->end};
	s->at = lf ? lf + 1 : s->end;
	s->line++;
	return true;
}

static bool eat(struct slice *t, const char *word)
{
	size_t n = strlen(word);
	if ((size_t)(t->end - t->p) < n || memcmp(t->p, word, n) != 0)
		return false;
	t->p += n;
	return true;
}

static bool eat_number(struct slice *t, int64_t *out)
{
	const char *from = t->p;
	int64_t v = 0;
	for (; t->p < t->end && *t->p >= '0' && *t->p <= '9'; t->p++) {
		if (v > (INT64_MAX - 9) / 10)
			return false;
		v = v * 10 + (*t->p - '0');
	}
	if (t->p == from || (*from == '0' && t->p - from > 1))
		return false;
	*out = v;
	return true;
}

static int hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static bool eat_hex(struct slice *t, unsigned char *out, size_t n)
{
	if ((size_t)(t->end - t->p) < 2 * n)
		return false;
	for (size_t i = 0; i < n; i++, t->p += 2) {
		int high = hex_digit(t->p[0]), low = hex_digit(t->p[1]);
		if (high < 0 || low < 0)
			return false;
		out[i] = (unsigned char)(high * 16 + low);
	}
	return true;
}

static bool eat_id(struct slice *t, struct slice *out)
{
	const char *from = t->p;
	for (; t->p < t->end; t->p++) {
		char c = *t->p;
		bool letter = (c | 32) >= 'a' && (c | 32) <= 'z';
		if (!letter && !(c >= '0' && c <= '9') && c != '_' && c != '-' && c != '.')
			break;
	}
	*out = (struct slice){from, t->p};
	return t->p > from && t->p - from <= ID_MAX;
}

/* The inside of a JSON text, left as it is written. */
static bool eat_text(struct slice *t, struct slice *out)
{
	const char *from = t->p;
	for (; t->p < t->end && *t->p != '"'; t->p++) {
		if ((unsigned char)*t->p < 0x20)
			return false;
		if (*t->p == '\\' && ++t->p == t->end)
			return false;
	}
	*out = (struct slice){from, t->p};
	return t->p < t->end;
}

static bool same(struct slice a, struct slice b)
{
	return a.end - a.p == b.end - b.p && memcmp(a.p, b.p, (size_t)(a.end - a.p)) == 0;
}

/* SHA-256 and the log's root */

static void hash3(struct state *s, unsigned char tag, const void *a, size_t an, const void *b, size_t bn,
	unsigned char out[32])
{
	EVP_DigestInit_ex(s->sha, s->sha256, NULL);
	EVP_DigestUpdate(s->sha, &tag, 1);
	EVP_DigestUpdate(s->sha, a, an);
	EVP_DigestUpdate(s->sha, b, bn);
	EVP_DigestFinal_ex(s->sha, out, NULL);
}

/* Leaf number n (from 0) joins the peaks: two of equal height become one. */
static void add_leaf(struct state *s, uint64_t n, const void *bytes, size_t bytes_n)
{
	unsigned char h[32];
	int level = 0;
	hash3(s, 0, bytes, bytes_n, "", 0, h);
	for (; (n >> level) & 1; level++)
		hash3(s, 1, s->peak[level], 32, h, 32, h);
	memcpy(s->peak[level], h, 32);
}

static void root_of(struct state *s, uint64_t n, unsigned char out[32])
{
	bool any = false;
	if (n == 0) {
		EVP_Digest("", 0, out, NULL, s->sha256, NULL);
		return;
	}
	for (int level = 0; level < 64; level++) {
		if (!((n >> level) & 1))
			continue;
		if (any)
			hash3(s, 1, s->peak[level], 32, out, 32, out);
		else
			memcpy(out, s->peak[level], 32);
		any = true;
	}
}

/* Parts of the board */

static bool read_choices(struct state *s, struct slice *t)
{
	do {
		struct slice *c = &s->choices[s->choices_n];
		if (s->choices_n == CHOICES_MAX || !eat(t, "\"") || !eat_id(t, c) || !eat(t, "\""))
			return false;
		for (size_t i = 0; i < s->choices_n; i++)
			if (same(s->choices[i], *c))
				return false;
		s->choices_n++;
	} while (eat(t, ","));
	return true;
}

static bool read_head_line(struct state *s)
{
	struct slice t;
	int64_t roll;
	if (!next_line(s, &t))
		return false;
	s->plan_line = t;
	if (!eat(&t, "{\"board\":\"v1\",\"contest\":\"") || !eat_id(&t, &s->contest) ||
		!eat(&t, "\",\"opens\":") || !eat_number(&t, &s->opens) || !eat(&t, ",\"closes\":") ||
		!eat_number(&t, &s->closes) || !eat(&t, ",\"choices\":[") || !read_choices(s, &t) ||
		!eat(&t, "],\"roll\":") || !eat_number(&t, &roll) || !eat(&t, ",\"roll_root\":\"") ||
		!eat_hex(&t, s->roll_root, 32) || !eat(&t, "\",\"key\":\"") ||
		!eat_hex(&t, s->verdict->key, 32) || !eat(&t, "\"}") || t.p != t.end || s->opens > s->closes)
		return false;
	s->roll_n = (uint64_t)roll;
	return true;
}

static void check_key(struct state *s)
{
	unsigned char pinned[32];
	const char *hex = s->how->key_hex;
	if (hex == NULL)
		return;
	struct slice t = {hex, hex + strlen(hex)};
	if (!eat_hex(&t, pinned, 32) || t.p != t.end || memcmp(pinned, s->verdict->key, 32) != 0)
		fault(s, "签名密钥不是指定的密钥", "the board's key is not the one that was pinned");
}

static void check_roll(struct state *s)
{
	unsigned char root[32];
	uint64_t n = 0;
	for (; n < s->roll_n; n++) {
		struct slice t;
		const char *before = s->at;
		if (!next_line(s, &t) || !eat(&t, "{\"credential\":\"") || !eat_hex(&t, s->roll[n], 32) ||
			!eat(&t, "\"}") || t.p != t.end) {
			fault(s, "名册应有 %" PRIu64 " 个凭证，只有 %" PRIu64 " 个",
				"the roll should have %" PRIu64 " credentials, it has %" PRIu64, s->roll_n,
				n);
			s->at = before;
			s->line -= s->at != s->end;
			break;
		}
		if (n > 0 && memcmp(s->roll[n - 1], s->roll[n], 32) >= 0)
			fault(s, "凭证未按升序排列或重复", "a credential out of order, or twice");
		add_leaf(s, n, s->roll[n], 32);
	}
	s->roll_n = s->verdict->roll = n;
	root_of(s, n, root);
	if (memcmp(root, s->roll_root, 32) != 0)
		fault(s, "名册与公布的根值不符", "the roll does not have the root that was published");
}

static uint64_t find_voter(const struct state *s, const unsigned char key[32])
{
	uint64_t low = 0, high = s->roll_n;
	while (low < high) {
		uint64_t mid = low + (high - low) / 2;
		int d = memcmp(key, s->roll[mid], 32);
		if (d == 0)
			return mid;
		if (d < 0)
			high = mid;
		else
			low = mid + 1;
	}
	return s->roll_n;
}

static void witness(struct state *s)
{
	unsigned char root[32];
	for (size_t i = 0; i < s->how->witness_n; i++) {
		struct board_witness *w = &s->how->witness[i];
		if (w->size != s->entries_n || w->seen)
			continue;
		w->seen = true;
		root_of(s, s->entries_n, root);
		if (memcmp(root, w->root, 32) != 0)
			fault(s, "与见证人保存的第 %" PRIu64 " 条处的根值不符",
				"the root at %" PRIu64 " entries is not the one a witness kept", w->size);
	}
}

static void take_entry(struct state *s, struct entry e, const char *leaf, int leaf_n)
{
	s->entries[s->entries_n] = e;
	add_leaf(s, s->entries_n, leaf, (size_t)leaf_n);
	s->entries_n++;
	witness(s);
}

static void take_ballot(struct state *s, struct slice t)
{
	unsigned char key[32], sig[64];
	struct slice choice, all = t;
	int64_t at;
	char message[MESSAGE_MAX];
	struct entry e = {.choice = CHOICES_MAX, .is_ballot = true};
	uint64_t number = s->entries_n;
	if (!eat(&t, "{\"ballot\":\"") || !eat_hex(&t, key, 32) || !eat(&t, "\",\"choice\":\"") ||
		!eat_id(&t, &choice) || !eat(&t, "\",\"at\":") || !eat_number(&t, &at) ||
		!eat(&t, ",\"sig\":\"") || !eat_hex(&t, sig, 64) || !eat(&t, "\"}") || t.p != t.end) {
		fault(s, "第 %" PRIu64 " 条选票格式有误", "ballot %" PRIu64 " has not the form of a ballot",
			number);
		return;
	}
	/* v1|CONTEST|PK|CHOICE|MS and for the leaf |SIG; the hex is copied from the line */
	int n = snprintf(message, sizeof message, "v1|%.*s|%.64s|%.*s|%" PRId64,
		(int)(s->contest.end - s->contest.p), s->contest.p, all.p + 11, (int)(choice.end - choice.p),
		choice.p, at);
	bool ok = crypto_sign_verify_detached(sig, (unsigned char *)message, (unsigned long long)n, key) == 0;
	int leaf_n = n + snprintf(message + n, sizeof message - (size_t)n, "|%.128s", t.p - 2 - 128);
	uint64_t voter = find_voter(s, key);
	size_t c = 0;
	while (c < s->choices_n && !same(s->choices[c], choice))
		c++;
	if (!ok)
		fault(s, "第 %" PRIu64 " 条选票签名不成立", "ballot %" PRIu64 ": the signature does not hold",
			number);
	else if (voter == s->roll_n)
		fault(s, "第 %" PRIu64 " 条选票的凭证不在名册中",
			"ballot %" PRIu64 ": its credential is not on the roll", number);
	else if (c == s->choices_n)
		fault(s, "第 %" PRIu64 " 条选票的选项不存在", "ballot %" PRIu64 ": there is no such choice",
			number);
	else if (at < s->opens || at > s->closes || s->closed)
		fault(s, "第 %" PRIu64 " 条选票不在投票时间之内",
			"ballot %" PRIu64 ": not cast while the vote was open", number);
	else if (s->voters[voter].last > 0 && at <= s->voters[voter].at)
		fault(s, "第 %" PRIu64 " 条选票不晚于同一凭证的前一张",
			"ballot %" PRIu64 ": not later than the credential's ballot before (played again?)",
			number);
	else {
		e.voter = (uint32_t)voter;
		e.choice = (uint32_t)c;
		s->voters[voter] = (struct voter){number + 1, at};
	}
	s->verdict->ballots++;
	take_entry(s, e, message, leaf_n);
}

static void take_annulment(struct state *s, struct slice t)
{
	int64_t index, at;
	struct slice reason;
	char message[MESSAGE_MAX];
	uint64_t number = s->entries_n;
	if (!eat(&t, "{\"annul\":") || !eat_number(&t, &index) || !eat(&t, ",\"at\":") ||
		!eat_number(&t, &at) || !eat(&t, ",\"reason\":\"") || !eat_text(&t, &reason) ||
		!eat(&t, "\"}") || t.p != t.end || reason.end - reason.p > MESSAGE_MAX - 256) {
		fault(s, "第 %" PRIu64 " 条剔除记录格式有误", "annulment %" PRIu64 " has not the form of one",
			number);
		return;
	}
	if (reason.p == reason.end)
		fault(s, "第 %" PRIu64 " 条剔除没有理由", "annulment %" PRIu64 " gives no reason", number);
	if ((uint64_t)index >= number || !s->entries[index].is_ballot || s->entries[index].gone)
		fault(s, "第 %" PRIu64 " 条剔除的不是选票或已被剔除",
			"annulment %" PRIu64 ": what it annuls is no ballot, or annulled already", number);
	else
		s->entries[index].gone = true;
	int n = snprintf(message, sizeof message, "v1|%.*s|annul|%" PRId64 "|%" PRId64 "|%.*s",
		(int)(s->contest.end - s->contest.p), s->contest.p, index, at, (int)(reason.end - reason.p),
		reason.p);
	s->verdict->annulled++;
	take_entry(s, (struct entry){.choice = CHOICES_MAX}, message, n);
}

static void take_head(struct state *s, struct slice t, bool close)
{
	int64_t size, at;
	unsigned char root[32], mine[32], sig[64];
	char message[512];
	if (!eat(&t, close ? "{\"close\":" : "{\"head\":") || !eat_number(&t, &size) ||
		!eat(&t, ",\"root\":\"") || !eat_hex(&t, root, 32) || !eat(&t, "\",\"at\":") ||
		!eat_number(&t, &at) || !eat(&t, ",\"sig\":\"") || !eat_hex(&t, sig, 64) || !eat(&t, "\"}") ||
		t.p != t.end) {
		fault(s, "日志头格式有误", "a head that has not the form of one");
		return;
	}
	int n = snprintf(
		message, sizeof message, "v1|%.*s|", (int)(s->contest.end - s->contest.p), s->contest.p);
	for (size_t i = 0; i < 32; i++)
		n += snprintf(message + n, sizeof message - (size_t)n, "%02x", s->plan[i]);
	n += snprintf(
		message + n, sizeof message - (size_t)n, "|%s|%" PRId64 "|", close ? "close" : "head", size);
	for (size_t i = 0; i < 32; i++)
		n += snprintf(message + n, sizeof message - (size_t)n, "%02x", root[i]);
	n += snprintf(message + n, sizeof message - (size_t)n, "|%" PRId64, at);
	root_of(s, s->entries_n, mine);
	if ((uint64_t)size != s->entries_n)
		fault(s, "日志头写 %" PRId64 " 条，实有 %" PRIu64 " 条",
			"the head says %" PRId64 " entries, there are %" PRIu64, size, s->entries_n);
	else if (memcmp(root, mine, 32) != 0)
		fault(s, "日志头的根值不符：前 %" PRIu64 " 条中有改动",
			"the head's root does not fit: something among the first %" PRIu64
			" entries was changed",
			s->entries_n);
	if (crypto_sign_verify_detached(
		    sig, (unsigned char *)message, (unsigned long long)n, s->verdict->key) != 0)
		fault(s, "日志头签名不成立", "the head's signature does not hold");
	if (close && s->closed)
		fault(s, "重复的截止记录", "closed a second time");
	if (close && at != s->closes)
		fault(s, "截止时间与公布的不符", "not closed at the time that was published");
	s->closed = s->closed || close;
	s->covered = s->entries_n;
	s->verdict->heads++;
}

static bool eat_count(struct slice *t, const char *word, uint64_t want, bool *equal)
{
	int64_t v;
	if (!eat(t, word) || !eat_number(t, &v))
		return false;
	*equal = *equal && (uint64_t)v == want;
	return true;
}

static void take_tally(struct state *s, struct slice t)
{
	static uint64_t votes[CHOICES_MAX];
	char word[ID_MAX + 8];
	bool form = eat(&t, "{\"tally\":{"), equal = true;
	memset(votes, 0, sizeof votes);
	for (uint64_t v = 0; v < s->roll_n; v++) {
		const struct voter *voter = &s->voters[v];
		if (voter->last == 0 || s->entries[voter->last - 1].gone)
			continue;
		votes[s->entries[voter->last - 1].choice]++;
		s->verdict->voters++;
	}
	for (size_t c = 0; c < s->choices_n && form; c++) {
		snprintf(word, sizeof word, "%s\"%.*s\":", c ? "," : "",
			(int)(s->choices[c].end - s->choices[c].p), s->choices[c].p);
		form = eat_count(&t, word, votes[c], &equal);
	}
	form = form && eat_count(&t, "},\"voters\":", s->verdict->voters, &equal) &&
	       eat_count(&t, ",\"ballots\":", s->verdict->ballots, &equal) &&
	       eat_count(&t, ",\"annulled\":", s->verdict->annulled, &equal) && eat(&t, "}") && t.p == t.end;
	if (!form)
		fault(s, "计票结果格式有误", "a tally that has not the form of one");
	else if (!equal)
		fault(s, "计票结果与选票不符", "the tally is not what the ballots add up to");
	s->tallied = true;
}

static void check_lines(struct state *s)
{
	struct slice t;
	while (next_line(s, &t)) {
		struct slice head = t;
		if (s->tallied)
			fault(s, "计票结果之后还有内容", "something stands behind the tally");
		else if (eat(&head, "{\"ballot\":"))
			take_ballot(s, t);
		else if (eat(&head, "{\"annul\":"))
			take_annulment(s, t);
		else if (eat(&head, "{\"head\":"))
			take_head(s, t, false);
		else if (eat(&head, "{\"close\":"))
			take_head(s, t, true);
		else if (eat(&head, "{\"tally\":"))
			take_tally(s, t);
		else
			fault(s, "不认识的行", "a line of no known form");
	}
	if (!s->closed)
		fault(s, "没有截止记录", "the vote was never closed");
	if (!s->tallied)
		fault(s, "没有计票结果", "there is no tally");
	if (s->covered != s->entries_n)
		fault(s, "最后的日志头没有覆盖全部记录", "the last head does not cover every entry");
	for (size_t i = 0; i < s->how->witness_n; i++)
		if (!s->how->witness[i].seen)
			fault(s, "见证人的日志头有 %" PRIu64 " 条，本文件没有那么多",
				"a witness saw %" PRIu64 " entries, the board has fewer",
				s->how->witness[i].size);
}

/* Memory: sized by the number of lines, given back as a whole. */

static void *reserve(size_t bytes)
{
	void *p = mmap(NULL, bytes ? bytes : 1, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	return p == MAP_FAILED ? NULL : p;
}

static uint64_t count_lines(const struct state *s)
{
	uint64_t n = 1;
	for (const char *p = s->text; (p = memchr(p, '\n', (size_t)(s->end - p))) != NULL; p++)
		n++;
	return n;
}

static int verify_text(struct state *s)
{
	uint64_t lines = count_lines(s);
	if (!read_head_line(s) || s->roll_n > lines) {
		fprintf(s->out, s->how->chinese ? "这不是投票公告板文件（第一行不符）\n"
						: "this is no bulletin board (its first line)\n");
		return 2;
	}
	s->roll = reserve(lines * sizeof *s->roll);
	s->voters = reserve(lines * sizeof *s->voters);
	s->entries = reserve(lines * sizeof *s->entries);
	s->sha = EVP_MD_CTX_new();
	EVP_MD *sha256 = EVP_MD_fetch(NULL, "SHA256", NULL);
	s->sha256 = sha256;
	int rc = 4;
	if (s->roll && s->voters && s->entries && s->sha && s->sha256 && sodium_init() >= 0) {
		EVP_Digest(s->plan_line.p, (size_t)(s->plan_line.end - s->plan_line.p), s->plan, NULL,
			s->sha256, NULL);
		check_key(s);
		check_roll(s);
		memset(s->peak, 0, sizeof s->peak);
		witness(s);
		check_lines(s);
		rc = s->verdict->faults ? 1 : 0;
	}
	s->verdict->entries = s->entries_n;
	EVP_MD_CTX_free(s->sha);
	EVP_MD_free(sha256);
	munmap(s->roll, lines * sizeof *s->roll);
	munmap(s->voters, lines * sizeof *s->voters);
	munmap(s->entries, lines * sizeof *s->entries);
	return rc;
}

static void conclude(const struct state *s, int rc)
{
	const struct board_verdict *v = s->verdict;
	fprintf(s->out,
		s->how->chinese
			? "%s：名册 %" PRIu64 " 人，选票 %" PRIu64 " 张，剔除 %" PRIu64
			  " 张，有效投票人 %" PRIu64 " 名，日志头 %" PRIu64 " 个；问题 %" PRIu64 " 处\n"
			: "%s: %" PRIu64 " on the roll, %" PRIu64 " ballots, %" PRIu64 " annulled, %" PRIu64
			  " voters, %" PRIu64 " heads; %" PRIu64 " faults\n",
		s->how->chinese ? (rc == 0 ? "成立" : "不成立") : (rc == 0 ? "holds" : "does not hold"),
		v->roll, v->ballots, v->annulled, v->voters, v->heads, v->faults);
	fputs(s->how->chinese ? "签名密钥 " : "key ", s->out);
	for (size_t i = 0; i < 32; i++)
		fprintf(s->out, "%02x", v->key[i]);
	fputc('\n', s->out);
}

int board_verify(const char *path, struct board_how *how, FILE *out, struct board_verdict *verdict)
{
	static struct state s;
	struct stat st;
	*verdict = (struct board_verdict){0};
	s = (struct state){.how = how, .verdict = verdict, .out = out};
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0 || fstat(fd, &st) != 0 || !S_ISREG(st.st_mode) || st.st_size == 0) {
		fprintf(out, how->chinese ? "无法读取 %s\n" : "%s cannot be read\n", path);
		if (fd >= 0)
			close(fd);
		return 4;
	}
	size_t n = (size_t)st.st_size;
	void *text = mmap(NULL, n, PROT_READ, MAP_PRIVATE, fd, 0);
	close(fd);
	if (text == MAP_FAILED)
		return 4;
	s.text = s.at = text;
	s.end = s.text + n;
	int rc = verify_text(&s);
	if (rc < 2)
		conclude(&s, rc);
	munmap(text, n);
	return rc;
}

bool board_witness_read(const char *text, struct board_witness *out)
{
	struct slice t = {text, text + strlen(text)};
	struct board_witness w = {0};
	int64_t size;
	if (!eat_number(&t, &size) || !eat(&t, ":") || !eat_hex(&t, w.root, 32) || t.p != t.end)
		return false;
	w.size = (uint64_t)size;
	*out = w;
	return true;
}

#ifdef BOARD_VERIFY_MAIN
#include <stdlib.h>

static int usage(void)
{
	fputs("qinghe-board-verify BOARD.ndjson [--key HEX] [--head SIZE:ROOT]... [--lang zh|en]\n"
	      "0 holds, 1 does not hold, 2 no board, 4 cannot be read\n",
		stderr);
	return 2;
}

int main(int argc, char **argv)
{
	static struct board_witness heads[BOARD_WITNESS_MAX];
	const char *lang = getenv("LANG"), *path = NULL;
	struct board_how how = {.witness = heads, .chinese = !lang || strncmp(lang, "en", 2) != 0};
	struct board_verdict verdict;
	for (int i = 1; i < argc; i++) {
		bool more = i + 1 < argc;
		if (strcmp(argv[i], "--key") == 0 && more)
			how.key_hex = argv[++i];
		else if (strcmp(argv[i], "--lang") == 0 && more)
			how.chinese = strcmp(argv[++i], "en") != 0;
		else if (strcmp(argv[i], "--head") == 0 && more && how.witness_n < BOARD_WITNESS_MAX) {
			if (!board_witness_read(argv[++i], &heads[how.witness_n++]))
				return usage();
		} else if (argv[i][0] != '-' && path == NULL)
			path = argv[i];
		else
			return usage();
	}
	return path ? board_verify(path, &how, stdout, &verdict) : usage();
}
#endif
