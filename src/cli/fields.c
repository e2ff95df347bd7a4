/* fields.c -- see fields.h. */
#include "cli/fields.h"
#include "base/file.h"
#include "guard/files.h"
#include "register/attach.h"

static const struct field *by_name(const struct reg *reg, str name)
{
	const struct field *f = reg_field(reg, name);
	for (size_t i = 0; f == NULL && i < reg->fields_n; i++)
		if (str_eq(reg->fields[i].label.zh, name) || str_eq(reg->fields[i].label.en, name))
			f = &reg->fields[i];
	return f;
}

static enum rc state_read(const struct reg *reg, str text, str *out, struct err *err)
{
	for (size_t i = 0; i < reg->states_n; i++) {
		const struct state *s = &reg->states[i];
		if (str_eq(s->id, text) || str_eq(s->label.zh, text) || str_eq(s->label.en, text)) {
			*out = s->id;
			return RC_OK;
		}
	}
	return FAIL(
		err, RC_INVALID, "%.*s has no state “%.*s”", STR_ARG(label_text(&reg->label)), STR_ARG(text));
}

enum rc fields_attach(
	struct city *c, struct arena *a, const struct reg *reg, int argc, char **argv, struct err *err)
{
	for (int i = 0; i < argc; i++) {
		str value, bytes, kept, name = str_cut(str_of(argv[i]), '=', &value);
		const struct field *f = by_name(reg, name);
		if (f == NULL || f->type != T_FILE || !str_starts(value, STR("@")))
			continue;
		const char *path = arena_cstr(a, str_from(value, 1));
		TRY(file_read(a, path, FILE_MAX_BYTES, &bytes, err));
		TRY(attach_put(c, a, str_of(path), bytes, &kept, err));
		argv[i] = arena_printf(a, "%.*s=%.*s", STR_ARG(name), STR_ARG(kept));
	}
	return RC_OK;
}

enum rc fields_read(struct job_ctx *c, const struct reg *reg, int64_t org, int argc, char **argv,
	struct field_args *out, struct err *err)
{
	*out = (struct field_args){.list = NEWS(c->a, (size_t)argc + 1, struct entry)};
	for (int i = 0; i < argc; i++) {
		str value, name = str_cut(str_of(argv[i]), '=', &value);
		if (name.n == strlen(argv[i]))
			return FAIL(err, RC_INVALID, "“%s” is not field=value", argv[i]);
		const struct field *f = by_name(reg, name);
		if (f) {
			TRY(entry_read(c, f, org, value, &out->list[out->n++], err));
		} else if (str_is(name, "state")) {
			TRY(state_read(reg, value, &out->state, err));
		} else if (str_is(name, "reason")) {
			out->reason = value;
		} else {
			str near = reg_suggest_field(reg, name);
			return near.n ? FAIL(err, RC_INVALID, "%.*s has no field “%.*s”; is it %.*s?",
						STR_ARG(label_text(&reg->label)), STR_ARG(name),
						STR_ARG(near))
				      : FAIL(err, RC_INVALID, "%.*s has no field “%.*s”",
						STR_ARG(label_text(&reg->label)), STR_ARG(name));
		}
	}
	return RC_OK;
}
