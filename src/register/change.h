/* change.h -- the one door for upward effects: who wants to know of changes to records attaches here.
 * Figures subtract what touched rows counted before and add what they count at the batch's end; services react to
 * states. All calls come on the writer, inside the batch's transaction. */
#pragma once
#include "register/city.h"

struct change {
	const struct reg *reg;
	int64_t id;
	enum { CHANGE_ADD, CHANGE_SET, CHANGE_MOVE_STATE, CHANGE_DELETE } kind;
	uint64_t fields[2]; /* bit set of changed field indexes (CHANGE_ADD: all) */
	bool org_changed, state_changed;
};

struct change_observer {
	void *user;
	/* Before the row is written (not for CHANGE_ADD): the old row still stands. */
	enum rc (*before)(void *user, struct db *db, const struct change *c, struct err *err);
	/* After the row is written. For an import slice: called once per run of new ids, [id, id + n). */
	enum rc (*after)(void *user, struct db *db, const struct change *c, int64_t n, struct err *err);
	/* Before an organisation moves in the tree; rows of these organisations from this day on count elsewhere. */
	enum rc (*before_tree)(
		void *user, struct db *db, const int64_t *orgs, size_t n, int32_t from, struct err *err);
	enum rc (*batch_begin)(void *user, struct db *db, struct err *err);
	enum rc (*before_commit)(void *user, struct db *db, struct err *err);
	void (*batch_abandoned)(void *user);
	void (*closed)(void *user); /* the city closes: free what is yours */
};

enum { CHANGE_OBSERVERS_MAX = 8 };
struct change_hooks {
	struct change_observer list[CHANGE_OBSERVERS_MAX];
	int n;
};
void change_attach(struct city *c, const struct change_observer *o);
