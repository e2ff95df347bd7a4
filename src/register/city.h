/* city.h -- an open city: its database, model, keys and organisation tree, as commands, pages and jobs see it.
 *
 * One struct city a process. The writer's hooks keep the tree cache and observers (change.h) in step; each reading
 * thread has a struct reader with its own connection. */
#pragma once
#include "guard/job.h"
#include "register/model.h"
#include "register/tree.h"

struct seal;

/* A year of a register whose rows are in the archive (archive.h). */
struct closed_year {
	const struct reg *reg;
	int year;
};

struct city {
	struct arena a; /* the city's own lifetime: model, tree */
	const char *db_url;
	struct model *model;
	struct seal *seal;
	struct writer *writer; /* NULL when opened for reading only */
	struct tree *tree; /* the current one: the writer's thread and the command line use it as it stands */
	struct tree_slot *trees; /* those still held by readers of other threads */
	/* Writer's: load again at the next batch; this batch put a new one; organisations were added since. */
	bool tree_stale, tree_put, tree_behind;
	struct change_hooks *changes; /* change.h */
	struct reg_plan *plans;       /* plan.h, by reg->at */
	struct closed_year *closed;   /* the writer's; read again at the next batch where it is stale */
	size_t closed_n;
	bool closed_stale;
	str name, region; /* 临澜市, 3399 */
	int64_t root_org;
	bool keyless;                                 /* city_open_figures */
	_Atomic int64_t files_bytes, files_looked_us; /* files_room.h */
};

struct reader {
	struct city *city;
	struct db *db;
	struct arena *a; /* the request's */
	struct actor actor;
	struct tree *tree; /* held until reader_close */
	struct read_log *
		log; /* read_log.h: notes the rows of minors that were shown; NULL: nobody is shown anything */
};

/* Make an empty city: database, key file, tables of the model, root organisation 共青团NAME委员会.
 * model_dir: laid over the built-in model and remembered. seed: not 0 makes demo keys (seal.h). */
struct city_new {
	str name, region;
	const char *model_dir;
	uint64_t demo_seed;
	bool national; /* SM3 and SM4 (keyfile.h: CRYPTO_NATIONAL) */
};
MUST_USE enum rc city_init(const char *db_url, const struct city_new *n, struct err *err);
/* write: also opens the writer. Applies migrations of the program and refuses a newer city. */
MUST_USE enum rc city_open(const char *db_url, bool write, struct city **out_city, struct err *err);
/* For figures alone, without the city's keys: nothing sealed is read, no record shown (plans is NULL). */
MUST_USE enum rc city_open_figures(const char *db_url, struct city **out_city, struct err *err);
void city_close(struct city *c);

/* A reader on the calling thread: own connection, snapshot taken; close ends both. */
MUST_USE enum rc reader_open(
	struct city *c, struct arena *a, const struct actor *actor, struct reader *out, struct err *err);
void reader_close(struct reader *r);

/* Other threads than the writer's hold the tree that they walk (web's workers set reader.tree so). */
struct tree *city_tree_hold(struct city *c);
void city_tree_drop(struct city *c, struct tree *t);
/* The writer's tree, with the organisations that this batch added: loaded again when it is behind. */
MUST_USE enum rc city_tree_now(struct city *c, struct db *db, struct err *err);
void city_tree_put(
	struct city *c, struct tree *t); /* writer's thread: a new current tree, owned by the city */

/* Run a job of this actor to its durable end. */
MUST_USE enum rc city_run(struct city *c, const struct actor *actor, struct arena *a, str key,
	enum rc (*run)(struct job_ctx *ctx, void *arg, struct err *err), void *arg, struct err *err);
/* The same, taken back once it is done (job.h: dry). */
MUST_USE enum rc city_run_dry(struct city *c, const struct actor *actor, struct arena *a,
	enum rc (*run)(struct job_ctx *ctx, void *arg, struct err *err), void *arg, struct err *err);
static inline struct city *job_city(struct job_ctx *c)
{
	return c->user;
}
