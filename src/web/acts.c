/* acts.c -- what each form that can do several things does (route.h): the words that its act may be. Whatever else comes is
 * refused before the page is asked, so that no page takes an unknown word for the other one of two. tests/flow/acts.tsv
 * says, for each of them, who may. */
#include "web/route.h"
#include <string.h>

#define OF_A_FORM "save draft drop take:"

static const struct {
	const char *path, *words;
} acts[] = {
	{"/accounts/{person}", "code disable enable factor session sessions device token grant end"},
	{"/apply/{register}", OF_A_FORM},
	{"/authorisations/decide", "approve refuse revoke"},
	{"/break-glass/review", "justified unjustified"},
	{"/collections/{id}", "issue submit nil return copied merge send close"},
	{"/handover/{sheet}", "give take off"},
	{"/import/{token}", "read map mend go undo"},
	{"/jot", "onsite"},
	{"/me/consents", "give withdraw"},
	{"/mine/signup", "ask leave"},
	{"/model/changes/{id}", "apply accept reject undo"},
	{"/model/registers/{register}", "field label keep protect"},
	{"/notices/{id}", "issue read acknowledge"},
	{"/onsite/{register}/{id}", "new close"},
	{"/r/{register}", OF_A_FORM},
	{"/r/{register}/bulk", "do"},
	{"/r/{register}/new", OF_A_FORM},
	{"/r/{register}/twin", OF_A_FORM},
	{"/r/{register}/{id}", OF_A_FORM},
	{"/r/{register}/{id}/asks", "save add up# down# drop#"},
	{"/r/{register}/{id}/case", "add end open share"},
	{"/r/{register}/{id}/do/{move}", OF_A_FORM},
	{"/r/{register}/{id}/edit", OF_A_FORM},
	{"/report/{year}",
		"begin revise head send withdraw check check_only cosign sign_off return publish take_down "
		"void keep comment resolve reopen text use| full| drop guard| state| write| punctuate annex| "
		"annex_out|"},
	{"/requests", "grant refuse uphold change"},
};

const char *route_acts(const struct route *r)
{
	for (size_t i = 0; i < sizeof acts / sizeof *acts; i++)
		if (strcmp(r->path, acts[i].path) == 0)
			return acts[i].words;
	return NULL;
}

bool act_known(const char *words, str act)
{
	str rest = words ? str_of(words) : (str){NULL, 0};
	while (rest.n > 0) {
		str word = str_cut(rest, ' ', &rest);
		char last = word.p[word.n - 1];
		int64_t n;
		if (last == '#' ? str_starts(act, str_head(word, word.n - 1)) &&
					  str_i64(str_from(act, word.n - 1), &n) && n > 0
			: last == ':' || last == '|' ? str_starts(act, word)
						     : str_eq(act, word))
			return true;
	}
	return false;
}
