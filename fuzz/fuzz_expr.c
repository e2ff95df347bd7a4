/* fuzz_expr.c -- any text as an expression over our own model: refused, or typed, spelt and compiled; its canonical
 * spelling must be an expression again, and its own spelling. */
#include "register/expr.h"
#include "register/schema.h"
#include <assert.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct arena model_arena;
static struct model *model;

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena a = {0};
	struct expr *e, *again;
	if (model == NULL && model_load(&model_arena, NULL, false, &model, NULL, NULL, NULL) != RC_OK)
		return 0;
	if (size < 2)
		return 0;
	const struct reg *r = &model->regs[data[0] % model->regs_n];
	enum expr_use use = data[1] & 1 ? EXPR_FREE : EXPR_FIGURE;
	str text = arena_str(&a, (str){(const char *)data + 2, size - 2});
	if (expr_parse(&a, model, r, text, use, E_BOOL, &e, NULL) == RC_OK) {
		str spelt = expr_text(&a, e);
		enum rc rc = expr_parse(&a, model, r, spelt, use, E_BOOL, &again, NULL);
		assert(rc == RC_OK && str_eq(expr_text(&a, again), spelt));
		struct query q;
		query_init(&q, &a, model, r, NULL);
		if (use == EXPR_FIGURE) /* free ones may ask for a seal */
			query_expr(&q, e);
		query_from(&q);
	}
	arena_done(&a);
	return 0;
}
