/* model_body.c -- the texts that the forms of the model desk make (model_change.h). */
#include "base/buf.h"
#include "register/model_change.h"

static void quoted(struct buf *b, str s)
{
	buf_putc(b, '"');
	for (size_t i = 0; i < s.n; i++) {
		if (s.p[i] == '"' || s.p[i] == '\\')
			buf_putc(b, '\\');
		buf_putc(b, (unsigned char)s.p[i] < 0x20 ? ' ' : s.p[i]);
	}
	buf_putc(b, '"');
}

static void label(struct buf *b, str zh, str en)
{
	buf_puts(b, "{zh: ");
	quoted(b, zh);
	buf_puts(b, ", en: ");
	quoted(b, en.n ? en : zh);
	buf_puts(b, "}");
}

static str taken(struct arena *a, struct buf *b)
{
	str s = arena_str(a, buf_str(b));
	buf_done(b);
	return s;
}

static enum rc choices(struct buf *b, str lines, struct err *err)
{
	size_t n = 0;
	buf_puts(b, "    values:\n");
	while (lines.n) {
		str line = str_trim(str_cut(lines, '\n', &lines)), rest, zh, en;
		if (line.n == 0)
			continue;
		str id = str_trim(str_cut(line, '|', &rest));
		zh = str_trim(str_cut(rest, '|', &en));
		en = str_trim(en);
		if (id.n == 0 || zh.n == 0 || en.n == 0)
			return FAIL(err, RC_INVALID,
				"choices are written a line each as id | 中文 | English: %.*s",
				STR_ARG(line));
		buf_printf(b, "      %.*s: ", STR_ARG(id));
		label(b, zh, en);
		buf_puts(b, "\n");
		n++;
	}
	return n ? RC_OK : FAIL(err, RC_INVALID, "a field of several choices needs them, a line each");
}

enum rc change_add_field(
	struct arena *a, const struct reg *reg, const struct change_field *f, str *out_body, struct err *err)
{
	struct buf b = {0};
	enum rc rc = RC_OK;
	buf_printf(&b, "extend: %.*s\nfields:\n  %.*s:\n    type: %.*s\n", STR_ARG(reg->id), STR_ARG(f->id),
		STR_ARG(f->type));
	if (f->to.n)
		buf_printf(&b, "    to: %.*s\n", STR_ARG(f->to));
	if (f->required)
		buf_puts(&b, "    required: true\n");
	buf_puts(&b, "    label: ");
	label(&b, f->zh, f->en);
	buf_puts(&b, "\n");
	if (f->help_zh.n) {
		buf_puts(&b, "    help: ");
		label(&b, f->help_zh, f->help_en);
		buf_puts(&b, "\n");
	}
	if (str_is(f->type, "choice"))
		rc = choices(&b, f->choices, err);
	*out_body = taken(a, &b);
	return rc;
}

str change_relabel(struct arena *a, const struct reg *reg, const struct field *f, str zh, str en)
{
	struct buf b = {0};
	buf_printf(&b, "extend: %.*s\n", STR_ARG(reg->id));
	if (f)
		buf_printf(&b, "labels:\n  %.*s: ", STR_ARG(f->id));
	else
		buf_puts(&b, "label: ");
	label(&b, zh, en);
	buf_puts(&b, "\n");
	return taken(a, &b);
}

str change_keep(struct arena *a, const struct reg *reg, str keep)
{
	return arena_fmt(a, "extend: %.*s\nkeep: %.*s\n", STR_ARG(reg->id), STR_ARG(keep));
}

str change_protect(struct arena *a, const struct reg *reg, str sensitivity, str field)
{
	str body = arena_fmt(a, "extend: %.*s\n", STR_ARG(reg->id));
	if (sensitivity.n)
		body = arena_fmt(a, "%.*ssensitivity: %.*s\n", STR_ARG(body), STR_ARG(sensitivity));
	return field.n ? arena_fmt(a, "%.*sseal: [%.*s]\n", STR_ARG(body), STR_ARG(field)) : body;
}

str change_new_register(struct arena *a, const struct change_register *f)
{
	static const char roles[] = "[branch_secretary, county_staff, city_staff]";
	struct buf b = {0};
	buf_printf(&b, "register: %.*s\nlabel: ", STR_ARG(f->id));
	label(&b, f->zh, f->en);
	buf_puts(&b, "\nholds: ");
	label(&b, f->holds_zh, f->holds_en);
	buf_printf(&b,
		"\nsystem: S26\ngroup: %.*s\nbelongs: org\nhappens: happened_on\nkey: row\n"
		"sensitivity: %.*s\npurpose: %.*s\nkeep: %.*s\nfields:\n  title: {type: text, required: "
		"true, "
		"max_chars: 80, label: {zh: 名称, en: Name}}\n  happened_on: {type: date, required: true, "
		"label: {zh: 日期, en: Date}}\n",
		STR_ARG(f->group), STR_ARG(f->sensitivity),
		STR_ARG(f->purpose.n ? f->purpose : STR("office")), STR_ARG(f->keep));
	buf_puts(&b,
		"grade:\n  A: source in ('form', 'site_code', 'api')\n  B: source = 'import'\n  C: true\n"
		"states:\n  valid: {label: {zh: 有效, en: Valid}}\n  void: {label: {zh: 已作废, en: Void}}\n"
		"import_state: valid\nmoves:\n  void: {label: {zh: 作废, en: Void}, from: valid, to: void, "
		"by: "
		"[county_staff, city_staff], needs: [reason]}\nlist: [happened_on, title, state]\n");
	buf_printf(&b, "read: {subtree: %s}\nwrite: {subtree: %s}\n", roles, roles);
	return taken(a, &b);
}

str change_new_figure(struct arena *a, const struct change_figure *f)
{
	struct buf b = {0};
	buf_printf(&b, "system: %.*s\nfigures:\n  %.*s:\n    label: ", STR_ARG(f->system), STR_ARG(f->id));
	label(&b, f->zh, f->en);
	buf_puts(&b, "\n    definition: ");
	label(&b, f->definition_zh, f->definition_en);
	buf_printf(&b, "\n    of: %.*s\n    where: ", STR_ARG(f->of));
	quoted(&b, f->where.n ? f->where : STR("state = 'valid'"));
	if (f->field.n)
		buf_printf(&b, "\n    grain: {%.*s: %.*s}", STR_ARG(f->grain), STR_ARG(f->field));
	else
		buf_puts(&b, "\n    grain: row");
	buf_puts(&b, "\n    unit: ");
	quoted(&b, f->unit);
	buf_puts(&b, "\n");
	return taken(a, &b);
}
