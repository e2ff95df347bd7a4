/* model_words.c -- words that declarations may or may not use: roles, relations, names of moves, reserved ids. */
#include "register/model_load.h"
#include <stdlib.h>

#define LABEL(zh, en) \
	{ \
		{(zh), sizeof(zh) - 1}, \
		{ \
			(en), sizeof(en) - 1 \
		} \
	}

/* glossary: Roles. */
static const struct role_name ROLES[] = {
	{"branch_secretary", LABEL("团支部书记", "Branch secretary")},
	{"county_staff", LABEL("团干部（县级）", "County staff")},
	{"city_staff", LABEL("团干部（市级）", "City staff")},
	{"leader", LABEL("分管领导", "Leader")},
	{"site_lead", LABEL("活动现场负责人", "Site lead")},
	{"host", LABEL("宣讲接待单位", "Host")},
	{"case_worker", LABEL("承办人", "Case worker")},
	{"mediator", LABEL("调解员", "Mediator")},
	{"lawyer", LABEL("律师", "Lawyer")},
	{"counsellor", LABEL("咨询师", "Counsellor")},
	{"school_counsellor", LABEL("学校心理教师", "School counsellor")},
	{"helper", LABEL("结对帮扶人", "Helper")},
	{"child_worker", LABEL("儿童主任", "Village child worker")},
	{"finance_clerk", LABEL("经办人", "Finance clerk")},
	{"finance_approver", LABEL("复核人", "Approver")},
	{"judge", LABEL("评委", "Judge")},
	{"employer", LABEL("用人单位", "Employer")},
	{"partner_contact", LABEL("协同单位联络员", "Partner contact")},
	{"media_editor", LABEL("网宣编辑", "Media editor")},
	{"sysadmin", LABEL("系统管理员", "System administrator")},
	{"secadmin", LABEL("安全管理员", "Security administrator")},
	{"auditadmin", LABEL("审计管理员", "Audit administrator")},
	{"auditor", LABEL("外部审计人员", "External auditor")},
	{"self", LABEL("本人", "Self")},
	{"guardian", LABEL("监护人", "Guardian")},
};

const struct role_name *model_roles(size_t *out_n)
{
	*out_n = sizeof ROLES / sizeof *ROLES;
	return ROLES;
}

const struct role_name *model_role(str id)
{
	for (size_t i = 0; i < sizeof ROLES / sizeof *ROLES; i++)
		if (str_is(id, ROLES[i].id))
			return &ROLES[i];
	return NULL;
}

/* Reserved in SQLite or PostgreSQL, or words of the expression language: no id may be one. Sorted. */
static const char *const RESERVED[] = {"add", "all", "alter", "analyse", "analyze", "and", "any", "array",
	"as", "asc", "asymmetric", "authorization", "autoincrement", "between", "binary", "both", "case",
	"cast", "check", "collate", "collation", "column", "commit", "concurrently", "constraint", "create",
	"cross", "ctid", "current_catalog", "current_date", "current_role", "current_schema", "current_time",
	"current_timestamp", "current_user", "default", "deferrable", "delete", "desc", "distinct", "do",
	"drop", "else", "end", "escape", "except", "exists", "false", "fetch", "for", "foreign", "freeze",
	"from", "full", "glob", "grant", "group", "having", "if", "ilike", "in", "index", "indexed",
	"initially", "inner", "insert", "intersect", "into", "is", "isnull", "join", "lateral", "leading",
	"left", "like", "limit", "localtime", "localtimestamp", "match", "natural", "not", "nothing",
	"notnull", "null", "offset", "oid", "on", "only", "or", "order", "outer", "overlaps", "placing",
	"pragma", "primary", "raise", "references", "regexp", "returning", "right", "rollback", "row",
	"rowid", "select", "session_user", "set", "similar", "some", "symmetric", "table", "tablesample",
	"then", "to", "today", "trailing", "transaction", "true", "union", "unique", "update", "user",
	"using", "values", "variadic", "verbose", "when", "where", "window", "with"};

static int compare(const void *key, const void *item)
{
	return str_cmp(*(const str *)key, str_of(*(const char *const *)item));
}

bool id_free(struct load *l, str id, int line, int column)
{
	if (!bsearch(&id, RESERVED, sizeof RESERVED / sizeof *RESERVED, sizeof *RESERVED, compare))
		return true;
	fault_mark(l, line, column, tr("take a longer word"),
		N_("“%.*s” is a word of SQL or of expressions and cannot be an id"), STR_ARG(id));
	return false;
}
