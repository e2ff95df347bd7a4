/* model.h -- the loaded declarations: registers, figures, and the texts of rules and templates.
 *
 * Loaded once (model_load) from the embedded model/ with a city's folder laid over it file by file, checked whole,
 * then immutable and shared by all threads. Everything lives in the model's own arena. The language itself is
 * described in docs/declaring.md; this is its shape in memory. All str ids are ASCII snake_case.
 *
 * Faults carry file:line:column, a caret line, and a suggestion; model_load reports all of them, not the first. */
#pragma once
#include "base/arena.h"
#include "base/err.h"
#include "base/map.h"
#include "guard/role.h"
#include <stdint.h>

enum {
	MODEL_REGISTERS_MAX = 400,
	MODEL_FIGURES_MAX = 800,
	REG_FIELDS_MAX = 80,
	REG_FIGURES_MAX = 60 /* of one register that share one mask */
};

struct expr; /* expr.h */

struct label {
	str zh, en;
};
str label_text(const struct label *l); /* in the thread's language */

/* Where a thing is declared. */
struct mark {
	const char *file;
	int line, column;
};

enum field_type {
	T_TEXT,         /* TEXT */
	T_INTEGER,      /* INTEGER */
	T_DECIMAL,      /* INTEGER, scaled by 10^scale */
	T_MONEY,        /* INTEGER, fen */
	T_HOURS,        /* INTEGER, minutes */
	T_COUNT,        /* INTEGER >= 0: the attendance `n` and its like */
	T_DATE,         /* TEXT YYYY-MM-DD */
	T_MONTH,        /* TEXT YYYY-MM */
	T_TIME,         /* INTEGER, ms UTC */
	T_BOOL,         /* INTEGER 0/1 */
	T_CHOICE,       /* TEXT, the choice's id */
	T_REF,          /* INTEGER, id in `to` */
	T_REFS,         /* TEXT ",3,17," ids in `to`, ascending unless the field is ordered */
	T_PERSON,       /* INTEGER, id in person */
	T_ORG,          /* INTEGER, id in org */
	T_ORGS,         /* TEXT ",3,17," ids in org, ascending */
	T_REGION,       /* TEXT, six to twelve digits */
	T_FILE,         /* sealed: the reference to a stored file (attach.h) */
	T_PHONE,        /* sealed text */
	T_CITIZEN_ID,   /* sealed text */
	T_CREDIT_CODE,  /* TEXT */
	T_SEALED,       /* sealed text */
	T_SEALED_STRUCT /* sealed JSON */
};
/* How a type is kept: as integer, text, or sealed bytes (a field with `sealed` is bytes whatever its type). */
enum storage { STORE_INT, STORE_TEXT, STORE_SEALED };

struct choice {
	str id;
	struct label label;
	str *also;
	size_t also_n;
};

enum bound_kind { BOUND_NONE, BOUND_VALUE, BOUND_TODAY };
struct bound {
	enum bound_kind kind;
	int64_t value; /* in storage units; dates as day number */
};

struct reg;

struct field {
	str id;
	struct label label, help;
	enum field_type type;
	int at; /* index in reg->fields */
	bool required, unique, ditto;
	bool custody; /* only the case's own people open it: case_note.h */
	bool ordered; /* refs, orgs: in the order written, which means something (wishes); else ascending */
	bool sealed;  /* declared, or by type */
	bool duty;    /* names whoever holds the duty: goes over with it (duty.h) */
	str to;       /* ref, refs: register id */
	const struct reg *to_reg;
	struct choice *choices;
	size_t choices_n;
	str *also; /* accepted headers besides id and labels */
	size_t also_n;
	struct bound min, max;
	int scale;        /* decimal */
	int max_chars;    /* text: 0 = 4000 */
	str default_text; /* as written; empty: none */
	struct mark mark;
};
enum storage field_storage(const struct field *f);
const char *field_type_name(enum field_type t); /* as declared: text, ref, ... */

struct state {
	str id;
	struct label label;
};

struct move {
	str id;
	struct label label;
	str *from; /* state ids */
	size_t from_n;
	str to;
	str *by; /* role ids */
	size_t by_n;
	const struct field *
		*needs; /* fields that must be given or stand; `reason` is asked besides where declared */
	size_t needs_n;
	bool needs_reason;
	str not_by; /* a move of this register: who made it on a row does not make this one (a review); empty: none */
	const struct field *stamps; /* date field set to today, or NULL */
	struct mark mark;
};

struct check {
	struct expr *when;
	struct label say;
	bool warn;
	struct mark mark;
};

struct grade_rule {
	char letter;       /* 'A'..'D' */
	struct expr *when; /* NULL: true */
};

enum sensitivity { SENS_PUBLIC, SENS_INTERNAL, SENS_PERSONAL, SENS_MINOR, SENS_SEALED };

/* read:/write: relation -> roles. */
struct permission {
	str relation; /* own, subtree, case */
	str *roles;
	size_t roles_n;
};

/* Fields by role: `show:` (what the role is shown) and `edit:` (what it may write); bits of field indexes. */
struct role_fields {
	str role;
	uint64_t set[2];
};

/* Who stands in `field` works, as `role`, on the row's case while the condition holds. */
struct member_rule {
	str role;
	const struct field *field;
	struct expr *when;
};

/* public: rows that anybody may read (publish.h), and what they are to the street's pages. */
struct reg_public {
	str as; /* event, article, post, contest, stage, entry, vote, edition */
	str *states;
	size_t states_n;
	struct expr *when; /* NULL: all in those states */
	uint64_t shown[2]; /* fields; the owner unit's name is always told */
	const struct field *last_day, *at, *place, *kind,
		*text; /* what a calendar or feed needs; NULL: none */
};

/* door: rows that anybody may leave without an account, and what he who keeps the code is told of his. */
struct reg_door {
	uint64_t takes[2], tells[2];
	const struct field *code; /* sealed, unique */
	const struct field *told; /* set to today, or now */
	const struct field *due;  /* set by the register's clock of rules/deadlines.yaml; NULL: none */
};

/* apply: rows that a person leaves about himself, or a guardian about the child (apply.h). */
struct reg_apply {
	const struct field
		*to; /* what is applied for: a reference to a register without people; NULL: nothing */
	str when;    /* of the rows of `to` that are open, as written; empty: all */
	const struct field *until; /* of those rows: the last day; NULL: none */
	bool within;               /* only rows whose unit stands above the person's own */
	uint64_t takes[2];         /* fields that are asked */
	const struct field
		*wishes; /* one of them, refs: chosen in order from the rows that fulfil `choose` */
	str choose;
	const struct field *asks,
		*into; /* questions: the text of columns in `to`, and the sealed field of the answers */
	const struct field *dated;  /* set to today */
	const struct field *agreed; /* set to the day of the guardian's consent in force */
	const struct move *then;    /* made at once; NULL: the row stays in its first state */
};

struct reg {
	str id;
	struct label label, holds, help;
	str system;                        /* S8, C3 */
	str group;                         /* rail: org study pioneer volunteer ... */
	int at;                            /* index in model->regs; stable only within one load */
	const struct field *cohosts;       /* belongs: [org, cohosts] */
	str happens;                       /* dotted path */
	const struct field *happens_field; /* where it is a field of this register */
	const struct field *person;
	const struct field **key; /* natural key; NULL with key_row */
	size_t key_n;
	bool key_row;
	bool key_org; /* the owner unit belongs to the key as well (`org` among the key's ids) */
	enum sensitivity sensitivity;
	str purpose;
	str keep; /* as written: 6y, forever, "after: skeleton" */
	struct field *fields;
	size_t fields_n;
	const struct field *n_field; /* attendance: the field `n`, or NULL */
	struct state *states;
	size_t states_n;
	str import_state;
	struct move *moves;
	size_t moves_n;
	struct check *checks;
	size_t checks_n;
	struct grade_rule *grades;
	size_t grades_n;
	const struct field *
		*list; /* list columns; system columns (org, state) are NULL entries named in list_ids */
	str *list_ids;
	size_t list_n;
	struct permission *read, *write;
	size_t read_n, write_n;
	/* Access (model_access.c). The row itself and the rows that `cases` refer to stand for its case. */
	bool case_row;
	const struct field **cases;
	size_t cases_n;
	struct member_rule *members;
	size_t members_n;
	const struct field *guardian; /* rows make this field's person the guardian of `person` */
	struct expr *guardian_when;
	const struct field
		*guardian_proof; /* set: the link was verified, its two people stand from then on */
	struct role_fields *show, *edit;
	size_t show_n, edit_n;
	uint64_t withheld[2]; /* told to nobody on the strength of a person's right to a copy */
	uint64_t shared[2];   /* what an agreement with a department may name; none: it is never shared */
	const struct reg_public *open; /* NULL: none of it is public */
	const struct reg_door *door;   /* NULL: nobody leaves rows from the street */
	const struct reg_apply *apply; /* NULL: residents do not apply here */
	bool consent_row; /* rows (or the fields of `consent`) are stored only with a consent in force */
	uint64_t consent[2];
	struct mark mark;
	struct hash_text {
		char hex[65];
	} digest; /* of the declaration, canonical */
};

enum grain_kind { G_ROW, G_SUM, G_DISTINCT, G_STOCK, G_BALANCE, G_LAST, G_MEDIAN, G_RATE };

struct figure {
	str id; /* "vol.attend", companion "vol.attend.people" */
	struct label label, definition;
	str system;
	int at;                      /* index in model->figures */
	const struct figure *parent; /* of a companion */
	const struct reg *of;        /* NULL for a rate */
	struct expr *where;          /* NULL: all rows */
	str on; /* dotted path of the date; the register's happens by default; empty for stocks */
	enum grain_kind grain;
	str grain_path; /* sum: field; distinct: ref path; balance, last: field; stock: ref path or empty */
	struct expr *grain_expr;  /* median */
	str stock_from, stock_to; /* paths; stock_to_last: `to` names the last day */
	bool stock_to_last;
	bool stock_during; /* in force on any day of the period (`during: true`), not on its last day */
	str last_per;
	const struct figure *rate_of, *rate_over;
	/* Figures whose rows are rows of this one, each row in one of them: they add up to it, or with parts_rest to no more.
	 * whole: what this one is such a part of. */
	const struct figure **parts;
	size_t parts_n;
	bool parts_rest;
	const struct figure *whole;
	str unit;
	str print;                           /* 万, 万余, 百余 ...; empty: exact */
	str full;                            /* rate id */
	bool never_appraise, money, minutes; /* unit of the value: fen, minutes */
	bool distinct_person;                /* the grain's reference is a person: rule R4 binds */
	const struct figure **companions;
	size_t companions_n;
	int plan_year; /* 0: none */
	int64_t plan_at_least;
	struct mark mark;
	struct hash_text digest; /* of definition and all it rests on */
};

/* A file of rules/, imports/, reports/, instruments/ as text, for its own reader. */
struct model_text {
	str path, text; /* "rules/rescue.yaml" */
};

struct model {
	struct arena *a;
	struct reg *regs;
	size_t regs_n;
	struct figure *figures; /* companions stand among them */
	size_t figures_n;
	struct model_text *texts;
	size_t texts_n;
	struct role_kinds roles; /* roles/: in the order declared */
	struct role_kind *role_list;
	struct map reg_by_id, figure_by_id;
	str digest; /* hex, of everything */
};

struct model_fault {
	struct mark mark;
	const char *message; /* in the thread's language */
	const char *source;  /* the line it stands in */
	const char *hint;    /* or "" */
};

/* "file:line:column: message", the line, a caret under the place, the hint: four lines for a terminal. */
str model_fault_text(struct arena *a, const struct model_fault *f);

/* A role that declarations may name (guard/role.h says what a kind is); NULL when absent. */
const struct role_kind *model_role(const struct model *m, str id);
str role_label(const struct role_kind *k); /* in the thread's language */

/* dir: a city's folder laid over the embedded model, or NULL. alone: only dir, without the embedded one (tests, and
 * `model check DIR` of a full folder). With faults: RC_INVALID, err tells the first and the number, *out_faults has all
 * (may be NULL); *out_model is then untouched. */
MUST_USE enum rc model_load(struct arena *a, const char *dir, bool alone, struct model **out_model,
	struct model_fault **out_faults, size_t *out_faults_n, struct err *err);

/* Releases the two tables of ids (the rest is the arena's); NULL allowed. */
void model_done(struct model *m);

const struct reg *model_reg(const struct model *m, str id); /* NULL when absent */
const struct figure *model_figure(const struct model *m, str id);
const struct model_text *model_text(const struct model *m, const char *path); /* NULL when absent */
const struct field *reg_field(const struct reg *r, str id);
/* What a role without an entry in `show:` is shown: all that is not sealed, the name, and in registers below `minor` the
 * sealed fields too. Adds to set. */
void reg_ordinary(const struct reg *r, uint64_t set[2]);
const struct state *reg_state(const struct reg *r, str id);
const struct move *reg_move(const struct reg *r, str id);
const struct choice *field_choice(const struct field *f, str id);
/* The nearest id for "did you mean", or {NULL,0}. */
str model_suggest_reg(const struct model *m, str id);
str reg_suggest_field(const struct reg *r, str id);
