/* routes.c -- the site's addresses, gathered; see route.h. */
#include "base/utf8.h"
#include "guard/token.h"
#include "web/pages.h"
#include "web/route.h"

const struct input no_inputs[] = {{0}};

const struct route *const route_tables[] = {
	routes_accounts,
	routes_answer,
	routes_apply,
	routes_appraisal,
	routes_asks,
	routes_asset,
	routes_authorise,
	routes_board,
	routes_case,
	routes_certificate,
	routes_award,
	routes_collection,
	routes_consent,
	routes_coverage,
	routes_factor,
	routes_figure,
	routes_file,
	routes_find,
	routes_finder,
	routes_form,
	routes_handover,
	routes_help,
	routes_here,
	routes_home,
	routes_import,
	routes_invite,
	routes_join,
	routes_jot,
	routes_jot_done,
	routes_links,
	routes_list,
	routes_list_who,
	routes_me,
	routes_metrics,
	routes_mine,
	routes_survey,
	routes_model,
	routes_model_change,
	routes_model_new,
	routes_model_propose,
	routes_model_rule,
	routes_move,
	routes_mydata,
	routes_notice,
	routes_onsite,
	routes_openapi,
	routes_photo,
	routes_pin,
	routes_record,
	routes_register,
	routes_report,
	routes_report_word,
	routes_requests,
	routes_retention,
	routes_scope,
	routes_sign_in,
	routes_street,
	routes_street_articles,
	routes_street_ask,
	routes_street_contests,
	routes_street_data,
	routes_street_editions,
	routes_street_events,
	routes_street_figures,
	routes_street_posts,
	routes_token,
	routes_trace,
	routes_twin,
	NULL,
};

/* The next component of what begins with a slash. */
static str component(str *rest)
{
	str s = str_from(*rest, 1);
	size_t n = str_find_byte(s, '/');
	*rest = n == SIZE_MAX ? (str){NULL, 0} : str_from(s, n);
	return n == SIZE_MAX ? s : str_head(s, n);
}

/* Does the path fit the pattern? Fixed components are told in *out_fixed, arguments in args. */
static bool fits(const char *pattern, str path, str args[ROUTE_ARGS_MAX], int *out_fixed)
{
	str want = str_of(pattern);
	int n = 0;
	*out_fixed = 0;
	if (!str_starts(path, STR("/")))
		return false;
	while (want.n > 0 && path.n > 0) {
		str w = component(&want), p = component(&path);
		if (str_starts(w, STR("{"))) {
			if (p.n == 0 || n == ROUTE_ARGS_MAX)
				return false;
			args[n++] = p;
		} else if (str_eq(w, p)) {
			++*out_fixed;
		} else {
			return false;
		}
	}
	return want.n == 0 && path.n == 0;
}

const struct route *route_find(
	str method, str path, str args[ROUTE_ARGS_MAX], const char **out_allowed, struct arena *a)
{
	const struct route *best = NULL;
	const char *allowed = "";
	int best_fixed = -1;
	for (size_t t = 0; route_tables[t]; t++)
		for (const struct route *r = route_tables[t]; r->path; r++) {
			str found[ROUTE_ARGS_MAX] = {{0}};
			int fixed;
			if (!fits(r->path, path, found, &fixed))
				continue;
			if (!str_is(method, r->method)) {
				allowed =
					arena_printf(a, "%s%s%s", allowed, allowed[0] ? ", " : "", r->method);
			} else if (fixed > best_fixed) {
				best = r;
				best_fixed = fixed;
				memcpy(args, found, sizeof found);
			}
		}
	*out_allowed = allowed;
	return best;
}

/* Pages of records are registers, pages of numbers figures; whatever is not named here is for people. */
static const struct {
	const char *head;
	bool figures;
} programs[] = {{"/r/", false}, {"/registers", false}, {"/figures", true}, {"/report/", true}};

int route_scope(const struct route *r)
{
	bool writes = r->csrf != CSRF_READ_ONLY;
	for (size_t i = 0; i < sizeof programs / sizeof *programs; i++)
		if (str_starts(str_of(r->path), str_of(programs[i].head)))
			return programs[i].figures ? (writes ? TOKEN_FIGURES_WRITE : TOKEN_FIGURES_READ)
						   : (writes ? TOKEN_REGISTERS_WRITE : TOKEN_REGISTERS_READ);
	return 0;
}

const char *route_access_name(enum access a)
{
	return a == ACCESS_PUBLIC      ? "public"
	       : a == ACCESS_DOOR      ? "door"
	       : a == ACCESS_SIGNED_IN ? "signed_in"
	       : a == ACCESS_OFFICE    ? "office"
				       : "";
}

const char *route_csrf_name(enum csrf c)
{
	return c == CSRF_READ_ONLY ? "read_only"
	       : c == CSRF_ORIGIN  ? "origin"
	       : c == CSRF_TOKEN   ? "token"
				   : "";
}

const char *route_input_name(enum input_kind k)
{
	static const char *const names[] = {[INPUT_TEXT] = "text",
		[INPUT_ID] = "id",
		[INPUT_WORD] = "word",
		[INPUT_ADDRESS] = "address",
		[INPUT_SECRET] = "secret",
		[INPUT_FLAG] = "flag",
		[INPUT_ACT] = "act"};
	return names[k];
}

static bool is_word(str s)
{
	for (size_t i = 0; i < s.n; i++) {
		char c = s.p[i];
		if (!((c >= '0' && c <= '9') || ((c | 32) >= 'a' && (c | 32) <= 'z') || c == '_' ||
			    c == '.' || c == '-'))
			return false;
	}
	return true;
}

/* /figures?org=37: one slash at its head, and nothing that a browser drops or turns on its way (/<TAB>/elsewhere,
 * /\elsewhere) or that would end a header. */
static bool is_own_address(str s)
{
	if (s.n == 0 || s.p[0] != '/' || (s.n > 1 && s.p[1] == '/'))
		return false;
	for (size_t i = 0; i < s.n; i++)
		if ((unsigned char)s.p[i] <= 0x20 || s.p[i] == 0x7F || s.p[i] == '\\')
			return false;
	return true;
}

const char *input_fault(const struct input *in, str value)
{
	int64_t n;
	if (value.n == 0)
		return in->required ? tr("This is needed.") : NULL;
	if (utf8_count(value) > (size_t)(in->max ? in->max : 200))
		return tr("This is too long.");
	switch (in->kind) {
	case INPUT_ID:
		return str_i64(value, &n) && n > 0 ? NULL : tr("This must be a number.");
	case INPUT_WORD:
		return is_word(value) ? NULL : tr("Only letters, digits, dot, dash and underscore.");
	case INPUT_ADDRESS:
		return is_own_address(value) ? NULL : tr("This is not an address of this site.");
	case INPUT_FLAG:
		return str_is(value, "1") ? NULL : tr("This must be 1 or absent.");
	case INPUT_ACT: /* by its words: site.c */
	case INPUT_TEXT:
	case INPUT_SECRET:
		return NULL;
	}
	return NULL;
}
