/* import_people.c -- see import_people.h. */
#include "register/import_people.h"
#include "base/hash.h"
#include "base/map.h"
#include "register/import_undo.h"

static const char Q_VERSION[] = "SELECT \"version\" FROM \"person\" WHERE \"id\" = ?1";

struct known {
	unsigned char digest[16];
	int64_t person, version;
};

struct import_people {
	struct known *list;
	size_t n, cap;
	struct imap by_digest; /* first 64 bits -> place in list + 1 */
};

struct import_people *import_people_new(void)
{
	struct import_people *p = mem_resize(NULL, sizeof *p);
	*p = (struct import_people){0};
	return p;
}

void import_people_free(struct import_people *p)
{
	if (p == NULL)
		return;
	imap_done(&p->by_digest);
	mem_resize(p->list, 0);
	mem_resize(p, 0);
}

void import_people_forget(struct import_people *p)
{
	imap_clear(&p->by_digest);
	p->n = 0;
}

static struct hash digest_of(const struct person_input *in)
{
	const str parts[] = {in->name, in->citizen_id, in->phone, in->sex, in->birth_month};
	struct hasher h;
	hasher_init(&h, HASH_SHA256);
	hasher_add(&h, (str){(const char *)&in->unit, sizeof in->unit});
	for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
		hasher_add(&h, (str){(const char *)&parts[i].n, sizeof parts[i].n});
		hasher_add(&h, parts[i]);
	}
	return hasher_end(&h);
}

static enum rc version_of(struct db *db, int64_t person, int64_t *out, struct err *err)
{
	struct stmt *s;
	bool row;
	TRY(db_prepare(db, Q_VERSION, &s, err));
	stmt_bind_i64(s, 1, person);
	TRY(stmt_step(s, &row, err));
	*out = row ? stmt_i64(s, 0) : 0;
	stmt_reset(s);
	return RC_OK;
}

/* The place of this digest, or where it would stand: another of the same 64 bits moves on. */
static int64_t *place(struct import_people *p, const struct hash *d)
{
	uint64_t k;
	memcpy(&k, d->b, sizeof k);
	for (;; k++) {
		int64_t *at = imap_at(&p->by_digest, k);
		if (*at == 0 || memcmp(p->list[*at - 1].digest, d->b, sizeof p->list->digest) == 0)
			return at;
	}
}

enum rc import_people_resolve(struct job_ctx *c, struct import_people *p, const struct person_input *in,
	int64_t *out_person, bool *out_new, bool *out_changed, struct err *err)
{
	int64_t version;
	struct hash d = digest_of(in);
	int64_t *at = place(p, &d);
	if (*at) {
		const struct known *k = &p->list[*at - 1];
		TRY(version_of(c->db, k->person, &version, err));
		if (version == k->version && version > 0) {
			*out_person = k->person;
			*out_new = *out_changed = false;
			return RC_OK;
		}
	}
	TRY(person_resolve(c, in, out_person, out_new, out_changed, err));
	TRY(version_of(c->db, *out_person, &version, err));
	if (*at == 0) {
		if (p->n == p->cap) {
			p->cap = p->cap ? p->cap * 2 : 256;
			p->list = mem_resize(p->list, p->cap * sizeof *p->list);
		}
		*at = (int64_t)++p->n;
	}
	struct known *k = &p->list[*at - 1];
	memcpy(k->digest, d.b, sizeof k->digest);
	k->person = *out_person;
	k->version = version;
	return RC_OK;
}

enum rc import_people_note(struct job_ctx *c, int64_t import, int64_t person, struct err *err)
{
	int64_t version;
	TRY(version_of(c->db, person, &version, err));
	return import_note_change(
		c, import, model_reg(job_city(c)->model, STR("person")), person, version - 1, version, err);
}
