/* cmd_routes.c -- qinghe routes: the addresses of the site, as declared in web/. */
#include "base/buf.h"
#include "cli/commands.h"
#include "format/json.h"
#include "web/route.h"

static void print_route(const struct route *r)
{
	printf("%-4s %-28s %-9s %-9s", r->method, r->path, route_access_name(r->access),
		route_csrf_name(r->csrf));
	for (const struct input *in = r->inputs; in->name; in++)
		printf(" %s:%s%s", in->name, route_input_name(in->kind), in->required ? "!" : "");
	putchar('\n');
}

static void json_route(struct json *j, const struct route *r)
{
	json_object(j);
	json_put_cstr(j, "method", r->method);
	json_put_cstr(j, "path", r->path);
	json_put_cstr(j, "permission", route_access_name(r->access));
	json_put_cstr(j, "csrf", route_csrf_name(r->csrf));
	json_key(j, "inputs");
	json_array(j);
	for (const struct input *in = r->inputs; in->name; in++) {
		json_object(j);
		json_put_cstr(j, "name", in->name);
		json_put_cstr(j, "kind", route_input_name(in->kind));
		json_put_bool(j, "required", in->required);
		if (in->kind == INPUT_ACT) {
			json_key(j, "words");
			json_array(j);
			for (str rest = str_of(route_acts(r)); rest.n > 0;)
				json_str(j, str_cut(rest, ' ', &rest));
			json_array_end(j);
		}
		json_object_end(j);
	}
	json_array_end(j);
	json_object_end(j);
}

static enum rc run(struct invocation *in, struct err *err)
{
	struct buf b = {0};
	struct json j;
	TRY(opt_done(in, 0, 0, &cmd_routes, err));
	json_init(&j, &b);
	json_array(&j);
	for (size_t t = 0; route_tables[t]; t++)
		for (const struct route *r = route_tables[t]; r->path; r++)
			if (in->json)
				json_route(&j, r);
			else
				print_route(r);
	json_array_end(&j);
	if (in->json)
		printf("%s\n", b.p);
	buf_done(&b);
	return RC_OK;
}

const struct command cmd_routes = {
	.name = "routes",
	.usage = N_("routes"),
	.summary = N_("the addresses of the site: method, path, permission, CSRF level, inputs"),
	.help = N_("An input with ! is required. Every page answers JSON too, by .json or by Accept.\n"
		   "Example: qinghe routes --json\n"
		   "Exit codes: 0 done."),
	.run = run,
};
