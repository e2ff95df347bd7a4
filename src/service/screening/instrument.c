/* instrument.c -- see instrument.h. */
#include "service/screening/instrument.h"
#include "base/embed.h"
#include "format/yaml.h"
#include <limits.h>
#include <string.h>

struct reader {
	struct arena *a;
	const char *name;
	struct instrument *in;
	struct err *err;
};

#define FAULT(r, y, ...) (FAIL((r)->err, RC_INVALID, __VA_ARGS__), at(r, y))

static enum rc at(struct reader *r, const struct yaml *y)
{
	return err_at(r->err, RC_INVALID, "%s:%d:%d", r->name, y->line, y->column);
}

/* Typed values */

static enum rc text_of(struct reader *r, const struct yaml *y, str *out)
{
	if (y->kind != YAML_SCALAR || y->text.n == 0)
		return FAULT(r, y, "a text is wanted here");
	*out = y->text;
	return RC_OK;
}

static enum rc int_of(struct reader *r, const struct yaml *y, int least, int most, int *out)
{
	int64_t v;
	if (y->kind != YAML_SCALAR || !str_i64(y->text, &v) || v < least || v > most)
		return FAULT(r, y, "a whole number from %d to %d is wanted here", least, most);
	*out = (int)v;
	return RC_OK;
}

static enum rc yes_of(struct reader *r, const struct yaml *y, bool *out)
{
	bool yes = y->kind == YAML_SCALAR && str_is(y->text, "yes");
	if (!yes && !(y->kind == YAML_SCALAR && str_is(y->text, "no")))
		return FAULT(r, y, "yes or no is wanted here");
	*out = yes;
	return RC_OK;
}

static enum rc list_of(struct reader *r, const struct yaml *y, size_t most)
{
	if (y->kind != YAML_LIST || y->n == 0 || y->n > most)
		return FAULT(r, y, "a list of 1 to %zu is wanted here", most);
	return RC_OK;
}

static enum rc map_of(struct reader *r, const struct yaml *y, const char *const *keys)
{
	if (y->kind != YAML_MAP)
		return FAULT(r, y, "key: value pairs are wanted here");
	for (size_t i = 0; i < y->n; i++) {
		const char *const *k = keys;
		while (*k && !str_is(y->pairs[i].key, *k))
			k++;
		if (*k == NULL)
			return FAULT(r, &y->pairs[i].value, "unknown key “%.*s”", STR_ARG(y->pairs[i].key));
	}
	return RC_OK;
}

static enum rc need(struct reader *r, const struct yaml *map, const char *key, const struct yaml **out)
{
	*out = yaml_get(map, key);
	return *out ? RC_OK : FAULT(r, map, "“%s” is missing", key);
}

static enum rc need_text(struct reader *r, const struct yaml *map, const char *key, str *out)
{
	const struct yaml *y;
	TRY(need(r, map, key, &y));
	return text_of(r, y, out);
}

static enum rc opt_int(
	struct reader *r, const struct yaml *map, const char *key, int least, int most, int *out)
{
	const struct yaml *y = yaml_get(map, key);
	return y ? int_of(r, y, least, most, out) : RC_OK;
}

static enum rc opt_yes(struct reader *r, const struct yaml *map, const char *key, bool *out)
{
	const struct yaml *y = yaml_get(map, key);
	return y ? yes_of(r, y, out) : RC_OK;
}

static enum rc words_in(struct reader *r, const struct yaml *map, struct words *out)
{
	TRY(need_text(r, map, "zh", &out->zh));
	return need_text(r, map, "en", &out->en);
}

static enum rc words_of(struct reader *r, const struct yaml *top, const char *key, struct words *out)
{
	static const char *const keys[] = {"zh", "en", NULL};
	const struct yaml *y;
	TRY(need(r, top, key, &y));
	TRY(map_of(r, y, keys));
	return words_in(r, y, out);
}

/* Parts */

static enum rc read_options(struct reader *r, const struct yaml *y)
{
	static const char *const keys[] = {"value", "zh", "en", NULL};
	struct instrument *in = r->in;
	TRY(list_of(r, y, 32));
	struct instrument_option *list = NEWS(r->a, y->n, struct instrument_option);
	in->min = INT_MAX;
	in->max = INT_MIN;
	for (size_t i = 0; i < y->n; i++) {
		const struct yaml *value;
		TRY(map_of(r, &y->items[i], keys));
		TRY(need(r, &y->items[i], "value", &value));
		TRY(int_of(r, value, -100, 100, &list[i].value));
		TRY(words_in(r, &y->items[i], &list[i].text));
		for (size_t k = 0; k < i; k++)
			if (list[k].value == list[i].value)
				return FAULT(r, value, "the value %d stands there twice", list[i].value);
		in->min = list[i].value < in->min ? list[i].value : in->min;
		in->max = list[i].value > in->max ? list[i].value : in->max;
	}
	in->options = list;
	in->options_n = y->n;
	return RC_OK;
}

static size_t item_place(const struct instrument *in, str id)
{
	size_t i = 0;
	while (i < in->items_n && !str_eq(in->items[i].id, id))
		i++;
	return i;
}

static enum rc read_items(struct reader *r, const struct yaml *y)
{
	static const char *const keys[] = {"id", "zh", "en", "reverse", "risk", NULL};
	struct instrument *in = r->in;
	TRY(list_of(r, y, SCORE_ITEMS_MAX));
	struct instrument_item *list = NEWS(r->a, y->n, struct instrument_item);
	in->items = list;
	for (size_t i = 0; i < y->n; i++) {
		TRY(map_of(r, &y->items[i], keys));
		TRY(need_text(r, &y->items[i], "id", &list[i].id));
		if (item_place(in, list[i].id) < in->items_n)
			return FAULT(r, &y->items[i], "item “%.*s” stands there twice", STR_ARG(list[i].id));
		TRY(words_in(r, &y->items[i], &list[i].text));
		TRY(opt_yes(r, &y->items[i], "reverse", &list[i].reverse));
		TRY(opt_yes(r, &y->items[i], "risk", &list[i].risk));
		in->items_n = i + 1;
	}
	return RC_OK;
}

static enum rc item_refs(struct reader *r, const struct yaml *y, const uint16_t **out, size_t *out_n)
{
	TRY(list_of(r, y, SCORE_ITEMS_MAX));
	uint16_t *list = NEWS(r->a, y->n, uint16_t);
	for (size_t i = 0; i < y->n; i++) {
		str id;
		TRY(text_of(r, &y->items[i], &id));
		list[i] = (uint16_t)item_place(r->in, id);
		if (list[i] == r->in->items_n)
			return FAULT(r, &y->items[i], "there is no item “%.*s”", STR_ARG(id));
		for (size_t k = 0; k < i; k++)
			if (list[k] == list[i])
				return FAULT(r, &y->items[i], "item “%.*s” stands there twice", STR_ARG(id));
	}
	*out = list;
	*out_n = y->n;
	return RC_OK;
}

static enum rc read_subscales(struct reader *r, const struct yaml *y)
{
	static const char *const keys[] = {"id", "zh", "en", "items", NULL};
	TRY(list_of(r, y, SCORE_SUBSCALES_MAX));
	struct instrument_subscale *list = NEWS(r->a, y->n, struct instrument_subscale);
	for (size_t i = 0; i < y->n; i++) {
		const struct yaml *items;
		TRY(map_of(r, &y->items[i], keys));
		TRY(need_text(r, &y->items[i], "id", &list[i].id));
		TRY(words_in(r, &y->items[i], &list[i].text));
		TRY(need(r, &y->items[i], "items", &items));
		TRY(item_refs(r, items, &list[i].items, &list[i].n));
	}
	r->in->subscales = list;
	r->in->subscales_n = y->n;
	return RC_OK;
}

/* Bands in order, the first from the least total, each next to the one before, the last to the largest total. */
static enum rc read_bands(struct reader *r, const struct yaml *y)
{
	static const char *const keys[] = {"id", "zh", "en", "from", "to", "level", NULL};
	const struct instrument *in = r->in;
	int least = in->min * (int)in->items_n, most = in->max * (int)in->items_n, next = least;
	TRY(list_of(r, y, 32));
	struct instrument_band *list = NEWS(r->a, y->n, struct instrument_band);
	for (size_t i = 0; i < y->n; i++) {
		const struct yaml *from, *to;
		TRY(map_of(r, &y->items[i], keys));
		TRY(need_text(r, &y->items[i], "id", &list[i].id));
		TRY(words_in(r, &y->items[i], &list[i].text));
		TRY(need(r, &y->items[i], "from", &from));
		TRY(need(r, &y->items[i], "to", &to));
		TRY(int_of(r, from, next, next, &list[i].from));
		TRY(int_of(r, to, list[i].from, most, &list[i].to));
		TRY(opt_int(r, &y->items[i], "level", 0, 4, &list[i].level));
		next = list[i].to + 1;
	}
	if (next != most + 1)
		return FAULT(r, y, "the bands end at %d, the largest total is %d", next - 1, most);
	r->in->bands = list;
	r->in->bands_n = y->n;
	return RC_OK;
}

static enum rc alarm_subject(struct reader *r, const struct yaml *y, struct instrument_alarm *alarm)
{
	const struct yaml *items = yaml_get(y, "items"), *subscale = yaml_get(y, "subscale"),
			  *total = yaml_get(y, "total");
	bool yes = false;
	int count = 1;
	if ((items != NULL) + (subscale != NULL) + (total != NULL) != 1)
		return FAULT(r, y, "an alarm looks at items, at a subscale or at the total");
	if (total) {
		alarm->on = ALARM_TOTAL;
		return yes_of(r, total, &yes);
	}
	if (items) {
		alarm->on = ALARM_ITEMS;
		TRY(item_refs(r, items, &alarm->items, &alarm->n));
		TRY(opt_int(r, y, "count", 1, (int)alarm->n, &count));
		alarm->count = (size_t)count;
		return RC_OK;
	}
	str id;
	alarm->on = ALARM_SUBSCALE;
	TRY(text_of(r, subscale, &id));
	while (alarm->subscale < r->in->subscales_n && !str_eq(r->in->subscales[alarm->subscale].id, id))
		alarm->subscale++;
	return alarm->subscale < r->in->subscales_n
		       ? RC_OK
		       : FAULT(r, subscale, "there is no subscale “%.*s”", STR_ARG(id));
}

static enum rc read_alarms(struct reader *r, const struct yaml *y)
{
	static const char *const keys[] = {"id", "zh", "en", "items", "count", "subscale", "total",
		"at_least", "at_most", "level", "void", NULL};
	TRY(list_of(r, y, SCORE_ALARMS_MAX));
	struct instrument_alarm *list = NEWS(r->a, y->n, struct instrument_alarm);
	for (size_t i = 0; i < y->n; i++) {
		struct instrument_alarm *alarm = &list[i];
		const struct yaml *one = &y->items[i];
		alarm->at_least = INT_MIN;
		alarm->at_most = INT_MAX;
		TRY(map_of(r, one, keys));
		TRY(need_text(r, one, "id", &alarm->id));
		TRY(words_in(r, one, &alarm->text));
		TRY(alarm_subject(r, one, alarm));
		TRY(opt_int(r, one, "at_least", -32768, 32767, &alarm->at_least));
		TRY(opt_int(r, one, "at_most", -32768, 32767, &alarm->at_most));
		TRY(opt_int(r, one, "level", 0, 4, &alarm->level));
		TRY(opt_yes(r, one, "void", &alarm->voids));
		if (alarm->at_least == INT_MIN && alarm->at_most == INT_MAX)
			return FAULT(r, one, "an alarm needs at_least or at_most");
	}
	r->in->alarms = list;
	r->in->alarms_n = y->n;
	return RC_OK;
}

static enum rc read_head(struct reader *r, const struct yaml *top)
{
	struct instrument *in = r->in;
	const struct yaml *columns = yaml_get(top, "columns");
	TRY(need_text(r, top, "instrument", &in->id));
	TRY(need_text(r, top, "version", &in->version));
	TRY(words_of(r, top, "title", &in->title));
	TRY(words_of(r, top, "period", &in->period));
	TRY(words_of(r, top, "ask", &in->ask));
	TRY(need_text(r, top, "source", &in->source));
	TRY(need_text(r, top, "licence", &in->licence));
	TRY(opt_yes(r, top, "licence_checked", &in->licence_checked));
	if (columns == NULL)
		return RC_OK;
	TRY(list_of(r, columns, 32));
	str *list = NEWS(r->a, columns->n, str);
	for (size_t i = 0; i < columns->n; i++)
		TRY(text_of(r, &columns->items[i], &list[i]));
	in->columns = list;
	in->columns_n = columns->n;
	return RC_OK;
}

static enum rc read_top(struct reader *r, const struct yaml *top)
{
	static const char *const keys[] = {"instrument", "version", "title", "period", "ask", "source",
		"licence", "licence_checked", "columns", "options", "items", "subscales", "bands", "alarms",
		"prorate_up_to", "multiply", NULL};
	const struct yaml *y;
	int prorate = 0;
	TRY(map_of(r, top, keys));
	TRY(read_head(r, top));
	TRY(need(r, top, "options", &y));
	TRY(read_options(r, y));
	TRY(need(r, top, "items", &y));
	TRY(read_items(r, y));
	if ((y = yaml_get(top, "subscales")) != NULL)
		TRY(read_subscales(r, y));
	TRY(need(r, top, "bands", &y));
	TRY(read_bands(r, y));
	if ((y = yaml_get(top, "alarms")) != NULL)
		TRY(read_alarms(r, y));
	TRY(opt_int(r, top, "prorate_up_to", 0, (int)r->in->items_n - 1, &prorate));
	r->in->prorate_up_to = (size_t)prorate;
	r->in->multiply = 1;
	return opt_int(r, top, "multiply", 1, 1000, &r->in->multiply);
}

enum rc instrument_read(struct arena *a, str text, const char *name, struct instrument *out, struct err *err)
{
	struct yaml top;
	struct instrument in = {0};
	struct reader r = {a, name, &in, err};
	enum rc rc = yaml_read(a, text, &top, NULL, NULL, err);
	if (rc != RC_OK)
		return err_at(err, rc, "%s", name);
	TRY(read_top(&r, &top));
	*out = in;
	return RC_OK;
}

static const char shipped_folder[] = "model/instruments/";

str instrument_list(struct arena *a)
{
	str out = {NULL, 0};
	for (size_t i = 0; i < embed_files_n; i++) {
		str path = str_of(embed_files[i].path);
		if (!str_starts(path, STR(shipped_folder)) || !str_ends(path, STR(".yaml")))
			continue;
		str id = str_head(
			str_from(path, sizeof shipped_folder - 1), path.n - sizeof shipped_folder + 1 - 5);
		out = arena_fmt(a, "%.*s%s%.*s", STR_ARG(out), out.n ? ", " : "", STR_ARG(id));
	}
	return out;
}

enum rc instrument_shipped(struct arena *a, const char *id, struct instrument *out, struct err *err)
{
	const char *path = arena_printf(a, "%s%s.yaml", shipped_folder, id);
	str text = embed_find(path);
	if (text.p == NULL) {
		str list = instrument_list(a);
		return FAIL(
			err, RC_NOT_FOUND, "there is no instrument “%s”; there are %.*s", id, STR_ARG(list));
	}
	return instrument_read(a, text, path, out, err);
}

/* Columns */

static bool skipped(char c)
{
	return c == ' ' || c == '_' || c == '-' || c == '.';
}

/* Equal but for case, blanks, _ - and . */
static bool same_header(str a, str b)
{
	size_t i = 0, k = 0;
	for (;;) {
		while (i < a.n && skipped(a.p[i]))
			i++;
		while (k < b.n && skipped(b.p[k]))
			k++;
		if (i == a.n || k == b.n)
			return i == a.n && k == b.n;
		char x = a.p[i++], y = b.p[k++];
		if (x != y && ((x | 32) != (y | 32) || (x | 32) < 'a' || (x | 32) > 'z'))
			return false;
	}
}

/* "PHQ_09" -> prefix "PHQ_", number 9; number 0 where it does not end in one. */
static str split_number(str header, int64_t *out_number)
{
	header = str_trim(header);
	size_t n = header.n;
	while (n > 0 && header.p[n - 1] >= '0' && header.p[n - 1] <= '9')
		n--;
	if (n == header.n || header.n - n > 3 || !str_i64(str_from(header, n), out_number))
		*out_number = 0;
	return str_head(header, n);
}

static size_t find_numbered(const str *headers, size_t n, str prefix, size_t number)
{
	for (size_t c = 0; c < n; c++) {
		int64_t k;
		str p = split_number(headers[c], &k);
		if (k == (int64_t)number && same_header(p, prefix))
			return c;
	}
	return n;
}

/* How many items find a column under this prefix. */
static size_t fits(const struct instrument *in, const str *headers, size_t n, str prefix, size_t *out_column)
{
	size_t found = 0;
	for (size_t i = 0; i < in->items_n; i++) {
		out_column[i] = find_numbered(headers, n, prefix, i + 1);
		found += out_column[i] < n;
	}
	return found;
}

static bool by_id(const struct instrument *in, const str *headers, size_t n, size_t *out_column)
{
	for (size_t i = 0; i < in->items_n; i++) {
		out_column[i] = n;
		for (size_t c = 0; c < n; c++)
			if (same_header(str_trim(headers[c]), in->items[i].id))
				out_column[i] = c;
		if (out_column[i] == n)
			return false;
	}
	return true;
}

enum rc instrument_columns(
	const struct instrument *in, const str *headers, size_t n, size_t *out_column, struct err *err)
{
	if (by_id(in, headers, n, out_column) ||
		fits(in, headers, n, (str){NULL, 0}, out_column) == in->items_n)
		return RC_OK;
	for (size_t k = 0; k < in->columns_n; k++)
		if (fits(in, headers, n, in->columns[k], out_column) == in->items_n)
			return RC_OK;
	str only = {NULL, 0};
	for (size_t c = 0; c < n; c++) {
		int64_t number;
		str prefix = split_number(headers[c], &number);
		if (number != 1 || fits(in, headers, n, prefix, out_column) != in->items_n ||
			find_numbered(headers, n, prefix, in->items_n + 1) < n)
			continue;
		if (only.p)
			return FAIL(err, RC_INVALID,
				"the columns of “%.*s” and of “%.*s” both fit: give the items' own ids",
				STR_ARG(only), STR_ARG(prefix));
		only = prefix;
	}
	if (only.p && fits(in, headers, n, only, out_column) == in->items_n)
		return RC_OK;
	size_t i = 0;
	for (by_id(in, headers, n, out_column); i + 1 < in->items_n && out_column[i] < n;)
		i++;
	return FAIL(err, RC_INVALID, "no column for item %zu (“%.*s”) of %.*s", i + 1,
		STR_ARG(in->items[i].id), STR_ARG(in->id));
}

bool instrument_answer(str cell, int8_t *out)
{
	static const char *const none[] = {"", "NA", "N/A", "-", "缺失", "未答"};
	int64_t v;
	cell = str_trim(cell);
	for (size_t i = 0; i < sizeof none / sizeof *none; i++)
		if (str_is(cell, none[i])) {
			*out = SCORE_MISSING;
			return true;
		}
	if (!str_i64(cell, &v) || v <= SCORE_MISSING || v > INT8_MAX)
		return false;
	*out = (int8_t)v;
	return true;
}
