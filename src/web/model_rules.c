/* model_rules.c -- see model_rules.h. */
#include "web/model_rules.h"
#include "figure/coverage.h"
#include "service/casework/clock.h"
#include "service/quality/rules.h"
#include "service/rescue/rules.h"
#include "web/home_plan.h"

static enum rc deadlines(struct page *p, const struct model *m, struct err *err)
{
	struct clock_rules *r = NEW(p->a, struct clock_rules);
	return clock_rules_read(p->a, m, r, err);
}

static enum rc rescue(struct page *p, const struct model *m, struct err *err)
{
	struct rescue_rules r;
	return rescue_rules_read(p->a, m, &r, err);
}

static enum rc quality(struct page *p, const struct model *m, struct err *err)
{
	struct quality_rules r;
	return quality_rules_read(p->a, m, &r, err);
}

static enum rc coverage(struct page *p, const struct model *m, struct err *err)
{
	struct cover_rules r;
	return cover_rules_read(p->a, m, &r, err);
}

static enum rc desk(struct page *p, const struct model *m, struct err *err)
{
	struct home_plan plan;
	return home_plan_read(p->a, m, &p->r.actor, &plan, err);
}

static const struct {
	const char *path;
	enum rc (*read)(struct page *p, const struct model *m, struct err *err);
} readers[] = {{"rules/deadlines.yaml", deadlines}, {"rules/rescue.yaml", rescue},
	{"rules/quality.yaml", quality}, {"rules/coverage.yaml", coverage}, {"rules/desk.yaml", desk}};

bool model_rules_known(str path)
{
	for (size_t i = 0; i < sizeof readers / sizeof *readers; i++)
		if (str_is(path, readers[i].path))
			return true;
	return false;
}

enum rc model_rules_hold(struct page *p, str path, const struct model *m, struct err *err)
{
	for (size_t i = 0; i < sizeof readers / sizeof *readers; i++)
		if (str_is(path, readers[i].path))
			return readers[i].read(p, m, err);
	return RC_OK;
}
