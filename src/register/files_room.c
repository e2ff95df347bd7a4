/* files_room.c -- see files_room.h. */
#include "register/files_room.h"
#include "base/clock.h"
#include "guard/files.h"
#include "register/rule_file.h"
#include <stdatomic.h>
#include <sys/stat.h>

enum { MOST_MB = 1 << 30 };

enum rc files_room_most(struct arena *a, const struct model *m, int64_t *out_most, struct err *err)
{
	struct rule_file f;
	int64_t mb;
	*out_most = 0;
	if (model_text(m, "rules/files.yaml") == NULL)
		return RC_OK;
	TRY(rule_file_open(&f, a, m, "rules/files.yaml", err));
	TRY(rule_int(&f, &f.root, "most_mb", 1, MOST_MB, &mb));
	*out_most = mb << 20;
	return RC_OK;
}

static enum rc count(void *user, str hash, const char *path, int64_t stored_at_ms, struct err *err)
{
	struct stat st;
	int64_t *used = user;
	(void)hash;
	(void)stored_at_ms;
	(void)err;
	if (stat(path, &st) == 0)
		*used += st.st_size;
	return RC_OK;
}

enum rc files_room_used(struct city *c, int64_t *out_bytes, struct err *err)
{
	struct arena a = {0};
	int64_t used = 0;
	enum rc rc = files_each(files_folder(&a, c->db_url).p, count, &used, err);
	arena_done(&a);
	if (rc == RC_OK) {
		atomic_store(&c->files_bytes, used);
		atomic_store(&c->files_looked_us, clock_mono_us());
		*out_bytes = used;
	}
	return rc;
}

enum rc files_room_take(struct city *c, size_t bytes, struct err *err)
{
	struct arena a = {0};
	int64_t most, used = atomic_load(&c->files_bytes), looked = atomic_load(&c->files_looked_us);
	enum rc rc = files_room_most(&a, c->model, &most, err);
	arena_done(&a);
	if (rc != RC_OK || most == 0)
		return rc;
	if (looked == 0 || clock_mono_us() - looked > FILES_LOOK_S * INT64_C(1000000))
		TRY(files_room_used(c, &used, err));
	if (used + (int64_t)bytes > most)
		return FAIL(err, RC_LIMIT,
			"there is no room for this file: the city's files take %lld MB of the %lld MB that "
			"rules/files.yaml allows; take old ones away, or have more allowed",
			(long long)(used >> 20), (long long)(most >> 20));
	atomic_fetch_add(&c->files_bytes, (int64_t)bytes);
	return RC_OK;
}
