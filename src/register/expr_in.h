/* expr_in.h -- inside of the expression language (expr*.c) and what the model loader needs of it. Nobody else's.
 *
 * Parsing and typing go together: each node gets its type when it is made (expr_type.c), literals get theirs from the
 * other side of the comparison. A whole number has a unit: money counts fen, hours minutes, decimals 10^-scale; a
 * literal beside it is read in people's units (yuan, hours) and must come out whole. */
#pragma once
#include "register/expr.h"

enum { EXPR_TEXT_MAX_BYTES = 8192, EXPR_DEPTH_MAX = 64, EXPR_NODES_MAX = 1000, PATH_STEPS_MAX = 4 };

struct expr_fault {
	size_t at; /* byte offset in the text */
	const char *message, *hint;
};
void expr_fault_set(struct arena *a, struct expr_fault *f, size_t at, const char *hint, const char *format,
	...) PRINTF_LIKE(5, 6);

bool expr_read(struct arena *a, const struct model *m, const struct reg *r, str text, enum expr_use use,
	enum expr_type want, struct expr **out_expr, struct expr_fault *fault);
bool path_read(struct arena *a, const struct model *m, const struct reg *r, str text, struct path *out_path,
	struct expr_fault *fault);
int64_t expr_factor(const struct expr *e); /* 100 for money, 60 for hours, 1 for plain numbers */
/* The register that a path of type E_REF leads to, or NULL. */
const struct reg *path_target(const struct model *m, const struct path *p);

enum unit { U_PLAIN, U_MONEY, U_HOURS, U_DECIMAL };

enum expr_kind {
	X_NUMBER, /* text as written, number in units */
	X_TEXT,   /* text */
	X_DAY,    /* text '2025-03-05' standing for a date */
	X_MONTH,  /* text '2025-03' */
	X_BOOL,   /* number 0/1 */
	X_TODAY,
	X_PATH,
	X_COMPARE, /* op, a, b */
	X_BETWEEN, /* a, list[0], list[1]; negated */
	X_IN,      /* a, list; negated */
	X_NULL,    /* a is null; negated */
	X_AND,
	X_OR,
	X_NOT,
	X_SPAN, /* a - b: two instants, in minutes */
	X_ADD,
	X_SUB,
	X_MUL,
	X_NEG,
	X_DAYS,
	X_AGE,
	X_MONTH_OF,
	X_YEAR,  /* a, b */
	X_UNDER, /* a, text = code */
	X_EXISTS /* inner, path = the reference back, a = condition or NULL */
};

enum compare_op { OP_EQ, OP_NE, OP_LT, OP_LE, OP_GT, OP_GE };

struct expr {
	enum expr_kind kind;
	enum expr_type type;
	enum unit unit;
	int scale;      /* U_DECIMAL */
	bool open_unit; /* made of number literals only: takes the other side's unit */
	bool negated;
	enum compare_op op;
	size_t at; /* byte offset in the text */
	struct expr *a, *b, **list;
	size_t list_n;
	struct path path;
	str text;
	int64_t number;
	const struct reg *inner;
};

/* ---- parser state, shared by expr_parse.c and expr_type.c ---- */
enum token_kind { TK_END, TK_NAME, TK_NUMBER, TK_TEXT, TK_SIGN };

struct token {
	enum token_kind kind;
	str text; /* name, number, sign as written; of a text its value */
	size_t at;
};

struct expr_parser {
	struct arena *a;
	const struct model *m;
	const struct reg *r; /* of the scope: inside exists the inner register */
	enum expr_use use;
	str text;
	size_t next;
	struct token tok;
	int depth, nodes;
	bool in_exists, failed;
	struct expr_fault *fault;
};

/* All return NULL (and note the fault) where the operands do not fit. NULL operands give NULL. */
struct expr *type_path(struct expr_parser *p, const struct token *t);
struct expr *type_compare(
	struct expr_parser *p, enum compare_op op, size_t at, struct expr *a, struct expr *b);
struct expr *type_between(struct expr_parser *p, size_t at, struct expr *a, struct expr *lo, struct expr *hi);
struct expr *type_in(struct expr_parser *p, size_t at, struct expr *a, struct expr **list, size_t n);
struct expr *type_null(struct expr_parser *p, size_t at, struct expr *a);
struct expr *type_logic(
	struct expr_parser *p, enum expr_kind kind, size_t at, struct expr *a, struct expr *b);
struct expr *type_arithmetic(
	struct expr_parser *p, enum expr_kind kind, size_t at, struct expr *a, struct expr *b);
struct expr *type_call(struct expr_parser *p, enum expr_kind kind, size_t at, struct expr *a, struct expr *b);
struct expr *type_under(struct expr_parser *p, size_t at, struct expr *a, const struct token *code);
struct expr *type_exists(struct expr_parser *p, size_t at, const struct reg *inner, const struct token *by);
/* The whole: a condition, or a value of the type wanted. */
struct expr *type_whole(struct expr_parser *p, struct expr *e, enum expr_type want);
struct expr *expr_new(struct expr_parser *p, enum expr_kind kind, enum expr_type type, size_t at);
struct expr *expr_refuse(struct expr_parser *p, size_t at, const char *hint, const char *format, ...)
	PRINTF_LIKE(4, 5);
