/* A person's rows in an archive are found by bisection: all of them, and nobody else's. */
#include "register/archive_in.h"
#include "tests.h"
#include <stdlib.h>

enum { PERSONS = 60, FILES = 40, PADDING = 300 };

static char line[ARCHIVE_LINE_MAX_BYTES + 2];

static int put_rows(FILE *f, unsigned *seed, int rows_of[PERSONS])
{
	int id = 0;
	fputs("{\"qinghe_archive\":1}\n", f);
	for (int p = 0; p < PERSONS; p++) {
		rows_of[p] = rand_r(seed) % 3 == 0 ? rand_r(seed) % 5 : 0;
		for (int i = 0; i < rows_of[p]; i++)
			fprintf(f, "{\"p\":%d,\"r\":[%d,\"%*s\"]}\n", p, ++id, (int)(rand_r(seed) % PADDING),
				"x");
	}
	fputs("{\"rows\":1,\"sig\":\"\"}\n", f);
	return id;
}

static int found(FILE *f, int person)
{
	char mark[32];
	int n = 0;
	snprintf(mark, sizeof mark, "{\"p\":%d,", person);
	assert_true(archive_find(f, line, person));
	while (fgets(line, sizeof line, f) && strncmp(line, mark, strlen(mark)) == 0)
		n++;
	return n;
}

static void everybody_finds_all_rows_of_his_own(void **state)
{
	(void)state;
	unsigned seed = 7;
	for (int i = 0; i < FILES; i++) {
		int rows_of[PERSONS], sum = 0;
		FILE *f = tmpfile();
		assert_non_null(f);
		int all = put_rows(f, &seed, rows_of);
		for (int p = 0; p < PERSONS; p++) {
			int n = found(f, p);
			assert_int_equal(n, rows_of[p]);
			sum += n;
		}
		assert_int_equal(sum, all);
		assert_int_equal(found(f, PERSONS + 1), 0);
		fclose(f);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(everybody_finds_all_rows_of_his_own)};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
