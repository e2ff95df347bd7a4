/* fuzz_yaml.c -- any bytes as a declaration: read or refused, and every position inside the file. */
#include "base/arena.h"
#include "format/yaml.h"
#include <assert.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void walk(str text, const struct yaml *y)
{
	int line, column;
	assert(y->line >= 1 && y->column >= 1 && y->at <= text.n);
	for (size_t i = 0; i < y->n; i++)
		walk(text, y->kind == YAML_MAP ? &y->pairs[i].value : &y->items[i]);
	if (y->kind == YAML_SCALAR)
		yaml_place(text, y, y->text.n, &line, &column);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena a = {0};
	struct yaml root;
	struct yaml_fault *faults;
	size_t n;
	str text = arena_str(&a, (str){(const char *)data, size});
	enum rc rc = yaml_read(&a, text, &root, &faults, &n, NULL);
	if (rc == RC_OK)
		walk(text, &root);
	else
		for (size_t i = 0; i < n; i++)
			yaml_caret(&a, yaml_line(text, faults[i].line), faults[i].column);
	arena_done(&a);
	return 0;
}
