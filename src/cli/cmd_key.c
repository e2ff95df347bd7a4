/* cmd_key.c -- qinghe key: the keys of a city, on disk and on paper. */
#include "base/clock.h"
#include "base/date.h"
#include "base/file.h"
#include "cli/commands.h"
#include "cli/open.h"
#include "guard/keystore.h"
#include "guard/parcel.h"
#include "guard/seal.h"
#include "guard/shares.h"
#include "register/keys.h"
#include "register/shred.h"
#include <dirent.h>
#include <sodium.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { SHEETS_MAX_BYTES = 64 << 10, PATH_BYTES = 4096 };

struct city_keys { /* an open city and who asks */
	struct city *city;
	struct actor actor;
	struct keystore *store;
};

static enum rc open_keys(const struct invocation *in, struct city_keys *k, struct err *err)
{
	TRY(cli_city(in, true, &k->city, &k->actor, err));
	k->store = seal_store(k->city->seal);
	if (actor_is_operator(&k->actor))
		return RC_OK;
	city_close(k->city);
	return FAIL(err, RC_DENIED, "only the operator, who holds database and key file, may do this");
}

/* ---- the recovery sheet ---- */

static void print_sheet(const struct invocation *in, const struct city *c, const struct share_sheet *s)
{
	printf(tr("%s\n青禾 Qinghe recovery sheet %c of two (A, B)    %.*s\n\n"
		  "Either sheet alone is worth nothing; both together open every sealed value of this city. "
		  "Give\n"
		  "them to two people who do not work together, in sealed envelopes. Each line ends with a "
		  "check\n"
		  "word. To recover: qinghe key recover --shares FILE\n\n"),
		s->letter == 'A' ? "" : "\f", s->letter, STR_ARG(c->name));
	str text = share_text(in->a, s);
	printf("%.*s\n", STR_ARG(text));
	sodium_memzero((void *)(uintptr_t)text.p, text.n);
}

static enum rc key_init(struct invocation *in, struct err *err)
{
	struct city_keys k;
	struct root_key root;
	struct share_sheet sheets[2];
	TRY(open_keys(in, &k, err));
	enum rc rc = keyfile_read(keyfile_path(in->a, in->db_url).p, &root, err);
	if (rc == RC_OK) {
		shares_split(&root.root, sheets);
		rc = keys_note(k.city, &k.actor, "key_sheet", "key_sheet_at",
			arena_fmt(in->a, "set:%s", sheets[0].set), err);
		for (int i = 0; rc == RC_OK && i < 2; i++)
			print_sheet(in, k.city, &sheets[i]);
	}
	sodium_memzero(&root, sizeof root);
	sodium_memzero(sheets, sizeof sheets);
	city_close(k.city);
	return rc;
}

static enum rc root_of_shares(
	const struct invocation *in, const char *path, struct hash *out, struct err *err)
{
	struct share_sheet sheets[2];
	str text;
	TRY(file_read(in->a, path, SHEETS_MAX_BYTES, &text, err));
	enum rc rc = shares_read(text, sheets, err);
	if (rc == RC_OK)
		rc = shares_join(sheets, out, err);
	sodium_memzero(sheets, sizeof sheets);
	sodium_memzero((void *)(uintptr_t)text.p, text.n);
	return rc;
}

/* ---- verify ---- */

static enum rc drill(const struct invocation *in, struct city_keys *k, const char *shares, struct err *err)
{
	struct root_key root;
	struct hash joined;
	TRY(root_of_shares(in, shares, &joined, err));
	enum rc rc = keyfile_read(keyfile_path(in->a, in->db_url).p, &root, err);
	if (rc == RC_OK && !hash_eq(&joined, &root.root))
		rc = FAIL(err, RC_FOUND,
			"these sheets belong to another key: print new ones with “qinghe key init”");
	sodium_memzero(&root, sizeof root);
	sodium_memzero(&joined, sizeof joined);
	TRY(rc);
	return keys_note(k->city, &k->actor, "key_drill", "key_drill_at", (str){NULL, 0}, err);
}

static enum rc left_of(struct city_keys *k, struct arena *a, struct keys_left *out, struct err *err)
{
	struct reader r;
	TRY(reader_open(k->city, a, &k->actor, &r, err));
	enum rc rc = keys_left(&r, out, err);
	reader_close(&r);
	return rc;
}

static void tell_left(const struct keys_left *left)
{
	char at[INSTANT_TEXT_BYTES];
	if (left->begun_at_ms) {
		instant_text(left->begun_at_ms, at);
		printf(tr("a rotation begun at %s has not come to its end\n"), at);
	}
	if (left->index)
		printf(tr("the indexes are half under a new key, generation %lld\n"), (long long)left->index);
	if (left->old_entries)
		printf(tr("%lld entries of people are still under an older key of the indexes\n"),
			(long long)left->old_entries);
	if (left->begun_at_ms || left->index || left->old_entries)
		printf("%s",
			left->index || left->old_entries
				? tr("unless one is at work just now: qinghe key rotate --index goes on "
				     "where it ended\n")
				: tr("unless one is at work just now: qinghe key rotate does it again\n"));
}

static enum rc key_verify(struct invocation *in, const char *shares, struct err *err)
{
	struct city_keys k;
	int64_t keys = 0, bad = 0;
	struct keystore_state s;
	struct keys_left left;
	TRY(open_keys(in, &k, err));
	enum rc rc = keystore_verify(k.store, &keys, &bad, err);
	if (rc == RC_OK)
		rc = keystore_state(k.store, &s, err);
	if (rc == RC_OK)
		rc = left_of(&k, in->a, &left, err);
	if (rc == RC_OK && shares)
		rc = drill(in, &k, shares, err);
	city_close(k.city);
	TRY(rc);
	int64_t age = (clock_now_ms() - s.generation_at_ms) / 86400000;
	if (in->json)
		printf("{\"keys\":%lld,\"shredded\":%lld,\"generation\":%lld,\"generation_days\":%lld,"
		       "\"suite\":%d,"
		       "\"sheets\":%s,\"rotation_begun_at\":%lld,\"index_next\":%lld,\"index_old\":%lld}\n",
			(long long)s.keys, (long long)s.shredded, (long long)s.generation, (long long)age,
			s.suite, shares ? "true" : "false", (long long)left.begun_at_ms,
			(long long)left.index, (long long)left.old_entries);
	else if (!in->quiet) {
		printf(tr("%lld keys open; %lld were destroyed; generation %lld, %lld days old (due after "
			  "%d)\n"),
			(long long)s.keys, (long long)s.shredded, (long long)s.generation, (long long)age,
			(int)KEYSTORE_ROTATE_DAYS);
		tell_left(&left);
		if (shares)
			printf("%s", tr("the two sheets give this city's key; the drill is in the audit\n"));
	}
	return RC_OK;
}

/* ---- rotate ---- */

static void resealed(void *user, int64_t values)
{
	progress_show(user, values, 0);
}

static enum rc key_rotate(struct invocation *in, const char *suite, bool index, struct err *err)
{
	struct city_keys k;
	struct progress progress;
	struct keys_rotated told;
	bool national = suite && strcmp(suite, "national") == 0;
	if (suite && !national && strcmp(suite, "international") != 0)
		return FAIL(err, RC_INVALID, "--suite is national or international");
	TRY(open_keys(in, &k, err));
	progress_start(&progress, in);
	enum rc rc = keys_rotate(k.city, &k.actor,
		national ? CRYPTO_NATIONAL
		: suite  ? CRYPTO_INTERNATIONAL
			 : 0,
		index, resealed, &progress, &told, err);
	progress_end(&progress);
	city_close(k.city);
	if (rc == RC_OK && in->json)
		printf("{\"keys\":%lld,\"values\":%lld,\"orphans\":%lld,\"indexed\":%lld}\n",
			(long long)told.keys, (long long)told.values, (long long)told.orphans,
			(long long)told.indexed);
	else if (rc == RC_OK && !in->quiet)
		printf(tr("%lld keys wrapped anew, the older generation destroyed; %lld values sealed "
			  "anew\n"),
			(long long)told.keys, (long long)told.values);
	return rc;
}

/* ---- export, import, recover ---- */

static enum rc recovery_of(const struct invocation *in, struct recovery_key *out, struct err *err)
{
	struct root_key root;
	TRY(keyfile_read(keyfile_path(in->a, in->db_url).p, &root, err));
	recovery_key_of(&root, out);
	sodium_memzero(&root, sizeof root);
	return RC_OK;
}

static const char COPY_HEAD[] = "keys-", COPY_TAIL[] = ".parcel";

/* Copies older than a generation lives are taken away: they would bring destroyed keys back. */
static int prune(const char *folder, int64_t now_ms)
{
	DIR *d = opendir(folder);
	int gone = 0;
	for (struct dirent *e; d && (e = readdir(d)) != NULL;) {
		char path[PATH_BYTES];
		struct stat st;
		str name = str_of(e->d_name);
		if (!str_starts(name, str_of(COPY_HEAD)) || !str_ends(name, str_of(COPY_TAIL)) ||
			(size_t)snprintf(path, sizeof path, "%s/%s", folder, e->d_name) >= sizeof path)
			continue;
		if (stat(path, &st) == 0 &&
			now_ms - (int64_t)st.st_mtime * 1000 > KEYSTORE_ROTATE_DAYS * (int64_t)86400000)
			gone += unlink(path) == 0;
	}
	if (d)
		closedir(d);
	return gone;
}

static enum rc pack_store(
	struct city_keys *k, const struct recovery_key *key, const char *dest, struct err *err)
{
	struct parcel *p;
	char beside[PATH_BYTES];
	if ((size_t)snprintf(beside, sizeof beside, "%s.copy-%ld", dest, (long)getpid()) >= sizeof beside)
		return FAIL(err, RC_INVALID, "the path %s is too long", dest);
	mode_t before = umask(0077);
	enum rc rc = keystore_copy(k->store, beside, err);
	umask(before);
	if (rc == RC_OK)
		rc = parcel_create(dest, key->public, &p, err);
	if (rc == RC_OK) {
		rc = parcel_add(p, STR("keystore"), str_of(keystore_id(k->store)), err);
		if (rc == RC_OK)
			rc = parcel_add_file(p, STR("keys.db"), beside, err);
		if (rc == RC_OK)
			rc = parcel_end(p, err);
		else
			parcel_drop(p);
	}
	unlink(beside);
	return rc;
}

static enum rc key_export(struct invocation *in, const char *dest, struct err *err)
{
	struct city_keys k;
	struct recovery_key key;
	struct stat st;
	int gone = 0;
	const char *path = dest;
	int64_t now_ms = clock_now_ms();
	bool folder = stat(dest, &st) == 0 && S_ISDIR(st.st_mode);
	if (folder)
		path = arena_printf(in->a, "%s/%s%.*s-%lld%s", dest, COPY_HEAD,
			STR_ARG(date_str(in->a, clock_day_of(now_ms))), (long long)(now_ms / 1000 % 86400),
			COPY_TAIL);
	if (access(path, F_OK) == 0)
		return FAIL(err, RC_CONFLICT, "%s stands already", path);
	TRY(open_keys(in, &k, err));
	enum rc rc = recovery_of(in, &key, err);
	if (rc == RC_OK)
		rc = pack_store(&k, &key, path, err);
	sodium_memzero(&key, sizeof key);
	if (rc == RC_OK)
		rc = keys_note(k.city, &k.actor, "key_export", "key_export_at", (str){NULL, 0}, err);
	city_close(k.city);
	if (rc == RC_OK && folder)
		gone = prune(dest, now_ms);
	if (rc == RC_OK && !in->quiet)
		printf(tr("%s: the key store, sealed to the recovery key. Keep it apart from the backups and "
			  "for at "
			  "most %d days (%d older ones were taken away).\n"),
			path, (int)KEYSTORE_ROTATE_DAYS, gone);
	return rc;
}

static enum rc unpack_store(const struct invocation *in, struct parcel *p, const char *path, struct err *err)
{
	str name;
	uint64_t size;
	for (;;) {
		TRY(parcel_next(p, in->a, &name, &size, err));
		if (name.n == 0)
			return access(path, F_OK) == 0
				       ? RC_OK
				       : FAIL(err, RC_INVALID, "this is no copy of a key store");
		if (str_is(name, "keys.db"))
			TRY(parcel_save(p, path, err));
	}
}

/* What was destroyed since the copy was made stays destroyed: the city's audit knows. */
static enum rc replay(struct invocation *in, const char *path, struct err *err)
{
	struct root_key root;
	struct keystore *store;
	struct db *db;
	int64_t n;
	bool file = !str_starts(str_of(in->db_url), STR("postgres"));
	if (file && access(in->db_url, F_OK) != 0)
		return RC_OK; /* the restore will do it */
	enum rc rc = db_open(in->db_url, DB_READ, &db, err);
	if (rc == RC_NOT_FOUND && !file)
		return RC_OK;
	TRY(rc);
	rc = keyfile_read(keyfile_path(in->a, in->db_url).p, &root, err);
	if (rc == RC_OK)
		rc = keystore_open(path, &root, true, &store, err);
	sodium_memzero(&root, sizeof root);
	if (rc == RC_OK) {
		rc = shred_from_audit(db, store, &n, err);
		keystore_close(store);
	}
	db_close(db);
	return rc;
}

static enum rc key_import(struct invocation *in, const char *src, struct err *err)
{
	struct recovery_key key;
	struct parcel *p;
	const char *path = keystore_path(in->a, keyfile_path(in->a, in->db_url)).p;
	if (access(path, F_OK) == 0)
		return FAIL(err, RC_CONFLICT, "%s stands already", path);
	TRY(recovery_of(in, &key, err));
	enum rc rc = parcel_open(src, &key, &p, err);
	sodium_memzero(&key, sizeof key);
	TRY(rc);
	rc = unpack_store(in, p, path, err);
	parcel_drop(p);
	TRY(rc);
	rc = replay(in, path, err);
	if (rc != RC_OK) {
		unlink(path); /* never a store that could bring somebody back */
		return rc;
	}
	if (!in->quiet)
		printf(tr("%s is back; what was destroyed since stays destroyed\n"), path);
	return RC_OK;
}

static enum rc key_recover(struct invocation *in, const char *shares, const char *suite, struct err *err)
{
	struct root_key root = {
		.suite = suite && strcmp(suite, "national") == 0 ? CRYPTO_NATIONAL : CRYPTO_INTERNATIONAL};
	const char *path = keyfile_path(in->a, in->db_url).p;
	str passphrase;
	if (shares == NULL)
		return FAIL(err, RC_INVALID, "--shares FILE holds the text of both sheets");
	TRY(keyfile_passphrase(in->a, &passphrase, err));
	TRY(root_of_shares(in, shares, &root.root, err));
	enum rc rc = keyfile_write(path, &root, passphrase, err);
	sodium_memzero(&root, sizeof root);
	if (rc == RC_OK && !in->quiet)
		printf(tr("%s is written anew from the two sheets\n"), path);
	return rc;
}

/* ---- the passphrase ---- */

static enum rc key_lock(struct invocation *in, bool lock, struct err *err)
{
	const char *path = keyfile_path(in->a, in->db_url).p;
	struct root_key root;
	str passphrase;
	TRY(keyfile_passphrase(in->a, &passphrase, err));
	if (lock && passphrase.n < 12)
		return FAIL(err, RC_INVALID,
			"$QINGHE_PASSPHRASE_FILE names a file with a passphrase of at least 12 bytes");
	TRY(keyfile_read(path, &root, err));
	enum rc rc = lock && root.locked ? FAIL(err, RC_CONFLICT, "the key file has a passphrase already")
					 : keyfile_replace(path, &root, lock ? passphrase : STR(""), err);
	sodium_memzero(&root, sizeof root);
	return rc;
}

static enum rc run(struct invocation *in, struct err *err)
{
	const char *shares = NULL, *suite = NULL;
	bool index = false;
	TRY(opt_text(in, "--shares", &shares, err));
	TRY(opt_text(in, "--suite", &suite, err));
	opt_flag(in, "--index", &index);
	TRY(opt_done(in, 1, 2, &cmd_key, err));
	const char *what = in->argv[0], *arg = in->argc == 2 ? in->argv[1] : NULL;
	if (strcmp(what, "init") == 0 && !arg)
		return key_init(in, err);
	if (strcmp(what, "verify") == 0 && !arg)
		return key_verify(in, shares, err);
	if (strcmp(what, "rotate") == 0 && !arg)
		return key_rotate(in, suite, index, err);
	if (strcmp(what, "export") == 0 && arg)
		return key_export(in, arg, err);
	if (strcmp(what, "import") == 0 && arg)
		return key_import(in, arg, err);
	if (strcmp(what, "recover") == 0 && !arg)
		return key_recover(in, shares, suite, err);
	if ((strcmp(what, "lock") == 0 || strcmp(what, "unlock") == 0) && !arg)
		return key_lock(in, what[0] == 'l', err);
	return usage_error(&cmd_key, err);
}

const struct command cmd_key = {
	.name = "key",
	.usage = N_("key init | verify [--shares FILE] | rotate [--suite national|international] [--index] | "
		    "export DEST | "
		    "import FILE | recover --shares FILE [--suite S] | lock | unlock"),
	.summary = N_("the keys: recovery sheet, verification, rotation, copies"),
	.help = N_("init prints the recovery sheet: the root key in two shares, for two people.\n"
		   "verify opens every key of the key store and tells of a rotation that was broken off; "
		   "with --shares it proves the two sheets (the yearly "
		   "drill).\n"
		   "rotate wraps every key by a new generation and destroys the older one: at least every 35 "
		   "days. "
		   "What is sealed in another form or suite is sealed anew, while others work. --index: the "
		   "blind "
		   "indexes get a new key too; broken off, the next one goes on where it ended.\n"
		   "export writes the key store, sealed to the recovery key; into a folder it takes copies "
		   "older than "
		   "35 days away. import brings it back.\n"
		   "recover writes the key file anew from both sheets. lock puts the passphrase of "
		   "$QINGHE_PASSPHRASE_FILE on the key file, unlock takes it off.\n"
		   "Example: qinghe key export /mnt/keys\n"
		   "Exit codes: 0 done, 1 something does not hold, 2 not possible, 3 not the operator, 4 "
		   "storage."),
	.run = run,
};
