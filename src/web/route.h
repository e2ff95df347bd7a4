/* route.h -- one address of the site, declared before it runs.
 * Each page file holds a `static const struct route` table ending in an empty row and hands it to routes.c. Nothing has
 * a default: a row without access, csrf or inputs is a fault that a test finds.
 *
 * Path: /r/{register}/{id}; a placeholder takes one component (its value is page_arg), the fixed words win over it.
 * Every GET page answers JSON too, by `.json` or by Accept; ROUTE_HTML_ONLY says that it has none.
 * Inputs: what may stand in the query (GET) or in the form (POST), each with its validator. An undeclared name in a
 * form is refused; in a query it is passed over (links carry strangers' trackers). A bad value is 400 (query) or told
 * at its field (form). org, period, lang and after are understood everywhere (site.c). */
#pragma once
#include "base/arena.h"
#include "base/err.h"
#include "base/str.h"

struct page;

enum access {
	ACCESS_UNSET,
	ACCESS_PUBLIC, /* anybody */
	ACCESS_DOOR, /* a session, also one that still waits for a code, a second factor or a new password */
	ACCESS_SIGNED_IN, /* an account or a token; what it may see, the declarations and permit.h say */
	ACCESS_OFFICE /* besides: it holds an office's role somewhere, not a citizen's alone. Figures and reports of units: no row says whose they are */
};

enum csrf {
	CSRF_UNSET,
	CSRF_READ_ONLY, /* GET and HEAD: writes nothing */
	CSRF_ORIGIN,    /* same origin by Origin or Sec-Fetch-Site (before there is a session) */
	CSRF_TOKEN      /* same origin and the session's token in the form; a bearer token needs none */
};

enum {
	ROUTE_QUICK = 0,
	ROUTE_SLOW = 1,      /* runs on a worker: may take over 20 ms */
	ROUTE_HTML_ONLY = 2, /* has no JSON */
	ROUTE_BARE = 4,      /* public, and looks neither at who asks nor into the database */
	ROUTE_FIELDS = 8,    /* besides its inputs, names that a register declares: the page looks at each */
	ROUTE_JSON = 16,     /* a write that takes application/json as well as a form */
	ROUTE_UPLOAD = 32,   /* takes multipart/form-data with a file (page_file) */
	ROUTE_FILE = 64      /* hands out many rows at once (a file, a trace): metered (meter.h) */
};

enum input_kind {
	INPUT_TEXT,    /* up to max characters */
	INPUT_ID,      /* a whole number > 0 */
	INPUT_WORD,    /* ASCII letters, digits, _ . - */
	INPUT_ADDRESS, /* an address of this site: begins with one /, no blank, control character or backslash */
	INPUT_SECRET, /* a password or code: never shown again, never logged */
	INPUT_FLAG,   /* 1 or absent */
	INPUT_ACT /* which of several things one form does: a word of acts.c, and nothing else is looked at */
};

struct input {
	const char *name;
	enum input_kind kind;
	int max; /* characters; 0: 200 */
	bool required;
};

struct route {
	const char *method, *path;
	enum rc (*run)(struct page *p, struct err *err);
	enum access access;
	enum csrf csrf;
	const struct input *inputs; /* ends with a NULL name; no_inputs where there are none */
	int flags;
};

extern const struct input no_inputs[];

/* What the form of a route can do (acts.c): words apart by blanks; of one that ends in : or | more follows it (take:FIELD), of one in # a
 * number above zero (up3).
 * NULL: it does one thing. */
const char *route_acts(const struct route *r);
bool act_known(const char *words, str act);

/* All tables; ends with NULL. */
extern const struct route *const route_tables[];

/* The route of method and path (without .json); arguments in the order of the path. *out_allowed: methods that the path
 * has, where only the method is wrong (405). */
enum { ROUTE_ARGS_MAX = 3 };
const struct route *route_find(
	str method, str path, str args[ROUTE_ARGS_MAX], const char **out_allowed, struct arena *a);
/* What a program's token must be good for (token.h) on this route; 0: programs do not come here. */
int route_scope(const struct route *r);
const char *route_access_name(enum access a);
const char *route_csrf_name(enum csrf c);
const char *route_input_name(enum input_kind k);
/* NULL when the text fits the input, else what is wrong with it. */
const char *input_fault(const struct input *in, str value);
