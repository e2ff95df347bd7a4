/* model_rules.c -- see model_rules.h. */
#include "web/model_rules.h"
#include "figure/coverage.h"
#include "register/consent_text.h"
#include "register/files_room.h"
#include "register/purposes.h"
#include "register/retain_rules.h"
#include "register/starters.h"
#include "report/street_rules.h"
#include "service/appraisal/rules.h"
#include "service/casework/clock.h"
#include "service/quality/rules.h"
#include "service/rescue/rules.h"
#include "web/home_plan.h"
#include "web/site_in.h"

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

static enum rc consent(struct page *p, const struct model *m, struct err *err)
{
	return consent_texts_follow(p->a, p->site->city->model, m, err);
}

static enum rc purposes(struct page *p, const struct model *m, struct err *err)
{
	return purposes_check(p->a, m, err);
}

static enum rc retention(struct page *p, const struct model *m, struct err *err)
{
	return retain_rules_check(p->a, m, err);
}

static enum rc appraisal(struct page *p, const struct model *m, struct err *err)
{
	return appraisal_rules_read(p->a, m, NEW(p->a, struct appraisal_rules), err);
}

static enum rc starters(struct page *p, const struct model *m, struct err *err)
{
	return starters_check(p->a, m, err);
}

static enum rc street(struct page *p, const struct model *m, struct err *err)
{
	return street_rules_read(p->a, m, NEW(p->a, struct street_rules), err);
}

static enum rc files_room(struct page *p, const struct model *m, struct err *err)
{
	int64_t most;
	return files_room_most(p->a, m, &most, err);
}

/* looked: the grounds in law are looked at alone; a city changes them by a folder of its own. */
static const struct {
	const char *path;
	enum rc (*read)(struct page *p, const struct model *m, struct err *err);
	bool looked;
} readers[] = {{"rules/deadlines.yaml", deadlines, false}, {"rules/rescue.yaml", rescue, false},
	{"rules/quality.yaml", quality, false}, {"rules/coverage.yaml", coverage, false},
	{"rules/desk.yaml", desk, false}, {"rules/consent.yaml", consent, false},
	{"rules/purposes.yaml", purposes, true}, {"rules/retention.yaml", retention, false},
	{"rules/appraisal.yaml", appraisal, false}, {"rules/starters.yaml", starters, false},
	{"rules/street.yaml", street, false}, {"rules/files.yaml", files_room, false}};

bool model_rules_known(str path)
{
	for (size_t i = 0; i < sizeof readers / sizeof *readers; i++)
		if (str_is(path, readers[i].path))
			return !readers[i].looked;
	return false;
}

enum rc model_rules_hold(struct page *p, str path, const struct model *m, struct err *err)
{
	for (int others = 0; others < 2; others++)
		for (size_t i = 0; i < sizeof readers / sizeof *readers; i++)
			if (str_is(path, readers[i].path) == !others && model_text(m, readers[i].path))
				TRY(readers[i].read(p, m, err));
	return RC_OK;
}
