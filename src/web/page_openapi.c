/* page_openapi.c -- /openapi.json (3.1): every address of the route table, and for each register that the reader may see the
 * shape of its rows, of what may be written and of its moves, from the declaration. Schemas of the other answers stand in
 * assets/openapi.schemas.json; which answer has which, in `answers` below. A test asks every address and holds the answers
 * against it. */
#include "base/embed.h"
#include "register/permit.h"
#include "web/pages.h"
#include "web/site_in.h"

/* Answers in JSON; what stands in none of these lines answers pages. */
static const struct {
	const char *method, *path, *schema;
} answers[] = {
	{"GET", "/", "Desk"},
	{"GET", "/registers", "Registers"},
	{"GET", "/registers/{group}", "Registers"},
	{"GET", "/figures", "Figures"},
	{"GET", "/figures/{figure}", "Figure"},
	{"GET", "/figures/{figure}/trace", "Trace"},
	{"GET", "/report/{year}", "Report"},
	{"GET", "/report/{year}/difference", "ReportDifference"},
	{"GET", "/find", "Found"},
	{"POST", "/find", "Found"},
	{"GET", "/coverage", "Coverage"},
	{"GET", "/appraisal", "Appraisal"},
	{"GET", "/collections", "Collections"},
	{"GET", "/collections/{id}", "Collection"},
	{"GET", "/notices", "Notices"},
	{"GET", "/notices/{id}", "Notice"},
	{"GET", "/me/data/copy", "MyData"},
	{"GET", "/street/figures", "OpenFigures"},
	{"GET", "/healthz", "Health"},
};

static const char *schema_of(const struct route *r)
{
	for (size_t i = 0; i < sizeof answers / sizeof *answers; i++)
		if (strcmp(answers[i].method, r->method) == 0 && strcmp(answers[i].path, r->path) == 0)
			return answers[i].schema;
	return NULL;
}

static void put_ref(struct json *j, str name)
{
	struct buf b = {0};
	buf_printf(&b, "#/components/schemas/%.*s", STR_ARG(name));
	json_object(j);
	json_put_str(j, "$ref", buf_str(&b));
	json_object_end(j);
	buf_done(&b);
}

/* ---- responses ---- */

static void put_answer(
	struct json *j, const char *status, const char *description, const char *type, str schema)
{
	json_key(j, status);
	json_object(j);
	json_put_cstr(j, "description", description);
	if (type) {
		json_key(j, "content");
		json_object(j);
		json_key(j, type);
		json_object(j);
		if (schema.n > 0) {
			json_key(j, "schema");
			put_ref(j, schema);
		}
		json_object_end(j);
		json_object_end(j);
	}
	json_object_end(j);
}

static void put_responses(struct json *j, const char *status, str schema)
{
	json_key(j, "responses");
	json_object(j);
	if (schema.n > 0)
		put_answer(j, status, "as asked", "application/json", schema);
	else
		put_answer(j, status, "a page, a file, or the way to one", "text/html", STR(""));
	if (schema.n == 0)
		put_answer(j, "303", "on to another address", NULL, STR(""));
	put_answer(j, "default", "what went wrong", "application/problem+json", STR("Problem"));
	json_object_end(j);
}

/* ---- parameters ---- */

static void put_parameter(struct json *j, str name, const char *in, bool required, const char *type)
{
	json_object(j);
	json_put_str(j, "name", name);
	json_put_cstr(j, "in", in);
	json_put_bool(j, "required", required);
	json_key(j, "schema");
	json_object(j);
	json_put_cstr(j, "type", type);
	json_object_end(j);
	json_object_end(j);
}

static void path_parameters(struct json *j, str path)
{
	while (path.n > 0) {
		str rest, head = str_cut(path, '{', &rest);
		str name = str_cut(rest, '}', &path);
		(void)head;
		if (name.n > 0)
			put_parameter(j, name, "path", true,
				str_is(name, "id") || str_is(name, "year") ? "integer" : "string");
	}
}

static void common_parameters(struct json *j)
{
	static const char *const names[] = {"org", "period", "lang"};
	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		put_parameter(j, str_of(names[i]), "query", false, "string");
}

static void operation_begin(struct json *j, const char *method, str path, const char *summary)
{
	struct buf b = {0};
	char name[8];
	size_t n = 0;
	for (; method[n] && n < sizeof name - 1; n++)
		name[n] = (char)(method[n] | 0x20);
	name[n] = 0;
	json_key(j, name);
	json_object(j);
	buf_puts(&b, name);
	for (size_t i = 0; i < path.n; i++)
		if (path.p[i] != '{' && path.p[i] != '}')
			buf_putc(&b, path.p[i] == '/' || path.p[i] == '-' ? '_' : path.p[i]);
	json_put_str(j, "operationId", buf_str(&b));
	if (summary[0])
		json_put_cstr(j, "summary", summary);
	buf_done(&b);
}

/* ---- the addresses of the route table ---- */

/* The acts of a form; where one takes more after it (take:FIELD), what begins so cannot be listed. */
static void put_words(struct json *j, const char *words)
{
	if (words == NULL || strpbrk(words, ":|"))
		return;
	json_key(j, "enum");
	json_array(j);
	for (str rest = str_of(words); rest.n > 0;)
		json_str(j, str_cut(rest, ' ', &rest));
	json_array_end(j);
}

static void put_form(struct json *j, const struct route *r)
{
	json_key(j, "requestBody");
	json_object(j);
	json_key(j, "content");
	json_object(j);
	json_key(j, "application/x-www-form-urlencoded");
	json_object(j);
	json_key(j, "schema");
	json_object(j);
	json_put_cstr(j, "type", "object");
	json_key(j, "properties");
	json_object(j);
	for (const struct input *in = r->inputs; in->name; in++) {
		json_key(j, in->name);
		json_object(j);
		json_put_cstr(j, "type", "string");
		put_words(j, in->kind == INPUT_ACT ? route_acts(r) : NULL);
		json_object_end(j);
	}
	json_object_end(j);
	json_object_end(j);
	json_object_end(j);
	json_object_end(j);
	json_object_end(j);
}

static void put_route(struct json *j, const struct route *r)
{
	bool get = strcmp(r->method, "GET") == 0;
	const char *schema = schema_of(r);
	operation_begin(j, r->method, str_of(r->path), "");
	json_key(j, "parameters");
	json_array(j);
	path_parameters(j, str_of(r->path));
	for (const struct input *in = r->inputs; get && in->name; in++)
		put_parameter(j, str_of(in->name), "query", in->required,
			in->kind == INPUT_ID ? "integer" : "string");
	if (get && r->access != ACCESS_PUBLIC)
		common_parameters(j);
	json_array_end(j);
	if (!get)
		put_form(j, r);
	if (r->access == ACCESS_PUBLIC) {
		json_key(j, "security");
		json_array(j);
		json_array_end(j);
	}
	put_responses(j, "200", schema ? str_of(schema) : STR(""));
	json_object_end(j);
}

/* Two rows of the table may share a path: its operations stand together, where the path comes first. */
static void put_routes(struct json *j)
{
	for (size_t t = 0; route_tables[t]; t++)
		for (const struct route *r = route_tables[t]; r->path; r++) {
			bool before = false;
			for (size_t u = 0; u <= t; u++)
				for (const struct route *q = route_tables[u]; q->path && (u < t || q < r);
					q++)
					before = before || strcmp(q->path, r->path) == 0;
			if (before)
				continue;
			json_key(j, r->path);
			json_object(j);
			for (size_t u = t; route_tables[u]; u++)
				for (const struct route *q = u == t ? r : route_tables[u]; q->path; q++)
					if (strcmp(q->path, r->path) == 0)
						put_route(j, q);
			json_object_end(j);
		}
}

/* ---- registers ---- */

static void put_types(struct json *j, const char *one, const char *two)
{
	json_key(j, "type");
	json_array(j);
	json_cstr(j, one);
	if (two)
		json_cstr(j, two);
	json_cstr(j, "null");
	json_array_end(j);
}

/* As it is read; written, a text as people write it does as well. */
static void put_field(struct json *j, const struct field *f, bool written)
{
	bool whole = field_storage(f) == STORE_INT && f->type != T_BOOL;
	struct field bare = *f;
	bare.sealed = false;
	whole = whole || (f->sealed && field_storage(&bare) == STORE_INT && f->type != T_BOOL);
	json_key_str(j, f->id);
	json_object(j);
	json_put_str(j, "title", label_text(&f->label));
	if (f->help.zh.n > 0)
		json_put_str(j, "description", label_text(&f->help));
	if (f->type == T_CHOICE && !written) {
		json_key(j, "enum");
		json_array(j);
		for (size_t i = 0; i < f->choices_n; i++)
			json_str(j, f->choices[i].id);
		json_null(j);
		json_array_end(j);
	} else if (f->type == T_BOOL) {
		put_types(j, "boolean", written ? "string" : NULL);
	} else if (whole) {
		put_types(j, "integer", written ? "string" : NULL);
	} else {
		put_types(j, "string", written && (f->type == T_REFS || f->type == T_ORGS) ? "array" : NULL);
		if (f->type == T_DATE && !written)
			json_put_cstr(j, "format", "date");
	}
	json_object_end(j);
}

static void put_integer(struct json *j, const char *name)
{
	json_key(j, name);
	json_object(j);
	json_put_cstr(j, "type", "integer");
	json_object_end(j);
}

static void put_row_schema(struct json *j, const struct reg *reg)
{
	static const char *const ints[] = {
		"id", "org", "version", "entered_by", "entered_at", "changed_by", "changed_at"};
	json_key_str(j, reg->id);
	json_object(j);
	json_put_str(j, "title", label_text(&reg->label));
	json_put_cstr(j, "type", "object");
	json_put_bool(j, "additionalProperties", false);
	json_key(j, "required");
	json_array(j);
	for (size_t i = 0; i < sizeof ints / sizeof *ints; i++)
		json_cstr(j, ints[i]);
	json_cstr(j, "state");
	for (size_t i = 0; i < reg->fields_n; i++)
		json_str(j, reg->fields[i].id);
	json_array_end(j);
	json_key(j, "properties");
	json_object(j);
	for (size_t i = 0; i < sizeof ints / sizeof *ints; i++)
		put_integer(j, ints[i]);
	json_key(j, "state");
	json_raw(j, STR("{\"type\":\"string\"}"));
	json_key(j, "source");
	json_raw(j, STR("{\"type\":\"string\"}"));
	json_key(j, "sealed");
	json_raw(j, STR("{\"type\":\"array\",\"items\":{\"type\":\"string\"}}"));
	for (size_t i = 0; i < reg->fields_n; i++)
		put_field(j, &reg->fields[i], false);
	json_object_end(j);
	json_object_end(j);
}

static void put_more_schemas(struct json *j, struct page *p, const struct reg *reg)
{
	json_key_str(j, arena_fmt(p->a, "%.*s.write", STR_ARG(reg->id)));
	json_object(j);
	json_put_cstr(j, "type", "object");
	json_put_bool(j, "additionalProperties", false);
	json_key(j, "properties");
	json_object(j);
	json_key(j, "org");
	json_raw(j, STR("{\"type\":[\"integer\",\"string\"]}"));
	json_key(j, "state");
	json_raw(j, STR("{\"type\":\"string\"}"));
	for (size_t i = 0; i < reg->fields_n; i++)
		put_field(j, &reg->fields[i], true);
	json_object_end(j);
	json_object_end(j);
	json_key_str(j, arena_fmt(p->a, "%.*s.list", STR_ARG(reg->id)));
	json_raw(j,
		arena_fmt(p->a,
			"{\"type\":\"object\",\"required\":[\"register\",\"rows\",\"next\"],\"properties\":{"
			"\"register\":{\"const\":\"%.*s\"},\"rows\":{\"type\":\"array\",\"items\":{\"$ref\":"
			"\"#/components/schemas/%.*s\"}},\"next\":{\"type\":[\"integer\",\"null\"]}}}",
			STR_ARG(reg->id), STR_ARG(reg->id)));
	json_key_str(j, arena_fmt(p->a, "%.*s.one", STR_ARG(reg->id)));
	json_raw(j, arena_fmt(p->a,
			    "{\"type\":\"object\",\"required\":[\"register\",\"record\",\"history\"],"
			    "\"properties\":{"
			    "\"register\":{\"const\":\"%.*s\"},\"record\":{\"$ref\":\"#/components/schemas/"
			    "%.*s\"},"
			    "\"history\":{\"type\":\"array\",\"items\":{\"type\":\"object\",\"required\":["
			    "\"version\",\"at\","
			    "\"actor\",\"kind\",\"record\"]}}}}",
			    STR_ARG(reg->id), STR_ARG(reg->id)));
}

static void put_body(struct json *j, struct page *p, const struct reg *reg)
{
	json_key(j, "requestBody");
	json_raw(j, arena_fmt(p->a,
			    "{\"required\":true,\"content\":{\"application/json\":{\"schema\":{\"$ref\":"
			    "\"#/components/schemas/%.*s.write\"}}}}",
			    STR_ARG(reg->id)));
}

static void put_write(struct json *j, struct page *p, const struct reg *reg, const char *method, str path,
	const char *header, const char *status)
{
	operation_begin(j, method, path, "");
	json_key(j, "parameters");
	json_array(j);
	path_parameters(j, path);
	put_parameter(j, STR("Idempotency-Key"), "header", false, "string");
	if (header)
		put_parameter(j, str_of(header), "header", true, "string");
	json_array_end(j);
	if (reg)
		put_body(j, p, reg);
	put_responses(j, status, STR("Written"));
	json_object_end(j);
}

static void put_read(struct json *j, str path, str schema)
{
	operation_begin(j, "GET", path, "");
	json_key(j, "parameters");
	json_array(j);
	path_parameters(j, path);
	common_parameters(j);
	json_array_end(j);
	put_responses(j, "200", schema);
	json_object_end(j);
}

static void put_register(struct json *j, struct page *p, const struct reg *reg)
{
	str list = arena_fmt(p->a, "/r/%.*s", STR_ARG(reg->id)),
	    one = arena_fmt(p->a, "%.*s/{id}", STR_ARG(list));
	json_key_str(j, list);
	json_object(j);
	put_read(j, list, arena_fmt(p->a, "%.*s.list", STR_ARG(reg->id)));
	put_write(j, p, reg, "POST", list, NULL, "201");
	json_object_end(j);
	json_key_str(j, one);
	json_object(j);
	put_read(j, one, arena_fmt(p->a, "%.*s.one", STR_ARG(reg->id)));
	put_write(j, p, reg, "PATCH", one, "If-Match", "200");
	json_object_end(j);
	for (size_t i = 0; i < reg->moves_n; i++) {
		str path = arena_fmt(p->a, "%.*s/do/%.*s", STR_ARG(one), STR_ARG(reg->moves[i].id));
		json_key_str(j, path);
		json_object(j);
		put_write(j, p, NULL, "POST", path, "If-Match", "200");
		json_object_end(j);
	}
}

/* ---- the whole ---- */

static enum rc show(struct page *p, struct err *err)
{
	const struct model *m = p->site->city->model;
	str fixed = str_trim(embed_find("assets/openapi.schemas.json"));
	(void)err;
	struct json j = page_json(p);
	json_object(&j);
	json_put_cstr(&j, "openapi", "3.1.0");
	json_key(&j, "info");
	json_raw(&j, STR("{\"title\":\"Qinghe\",\"version\":\"" QINGHE_VERSION "\"}"));
	json_key(&j, "security");
	json_raw(&j, STR("[{\"bearer\":[]},{\"session\":[]}]"));
	json_key(&j, "paths");
	json_object(&j);
	put_routes(&j);
	for (size_t i = 0; i < m->regs_n; i++)
		if (permit_reach(&m->regs[i], &p->r.actor) != REACH_NONE)
			put_register(&j, p, &m->regs[i]);
	json_object_end(&j);
	json_key(&j, "components");
	json_object(&j);
	json_key(&j, "securitySchemes");
	json_raw(&j, STR("{\"bearer\":{\"type\":\"http\",\"scheme\":\"bearer\"},\"session\":{\"type\":"
			 "\"apiKey\",\"in\":"
			 "\"cookie\",\"name\":\"session\"}}"));
	json_key(&j, "schemas");
	json_object(&j);
	buf_add(page_out(p), (str){fixed.p + 1, fixed.n - 2}); /* the fixed ones, without their braces */
	j.comma = true;
	for (size_t i = 0; i < m->regs_n; i++)
		if (permit_reach(&m->regs[i], &p->r.actor) != REACH_NONE) {
			put_row_schema(&j, &m->regs[i]);
			put_more_schemas(&j, p, &m->regs[i]);
		}
	json_object_end(&j);
	json_object_end(&j);
	json_object_end(&j);
	return RC_OK;
}

const struct route routes_openapi[] = {
	{"GET", "/openapi", show, ACCESS_SIGNED_IN, CSRF_READ_ONLY, no_inputs, ROUTE_SLOW},
	{0},
};
