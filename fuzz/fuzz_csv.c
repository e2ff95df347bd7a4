/* Separated values: whatever the bytes, they are refused or read, and what was read can be written and read again alike. */
#include "format/csv.h"
#include <assert.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct copy {
	struct csv_writer w;
	uint64_t records;
};

static enum rc write_again(void *ctx, const struct csv_record *r, struct err *err)
{
	(void)err;
	struct copy *c = ctx;
	assert(r->n >= 1 && r->number == ++c->records);
	for (size_t i = 0; i < r->n; i++)
		csv_text(&c->w, r->fields[i]);
	csv_end(&c->w);
	return RC_OK;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct csv_info info;
	struct buf first, second;
	str bytes = {(const char *)data, size};
	if (csv_look(bytes, &info, NULL) != RC_OK)
		return 0;
	buf_init(&first, 64 << 20);
	buf_init(&second, 64 << 20);
	struct copy c = {.records = 0}, again = {.records = 0};
	csv_begin(&c.w, &first);
	csv_begin(&again.w, &second);
	if (csv_read(bytes, &info, write_again, &c, NULL) == RC_OK && c.records > 0) {
		struct csv_info own = {CHARSET_UTF8, true, ","};
		enum rc rc = csv_read(buf_str(&first), &own, write_again, &again, NULL);
		assert(rc == RC_OK || rc == RC_LIMIT);
		assert(rc != RC_OK || again.records == c.records);
	}
	buf_done(&first);
	buf_done(&second);
	return 0;
}
