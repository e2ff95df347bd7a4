/* pages_in.h -- what the two files of pages.h share; private to store/pages*.c. */
#pragma once
#include "store/pages.h"

enum { PAGE_OF_LOCKS = 0x40000000 / PAGES_BYTES + 1 }; /* SQLite locks bytes in it and never writes it */

static inline int64_t page_number(sqlite3_int64 at) /* pages count from 1 */
{
	return at / PAGES_BYTES + 1;
}
void page_put_sum(unsigned char *page, int64_t number);
bool page_holds(const unsigned char *page, int64_t number);
bool page_says_summed(const unsigned char *first); /* the database's first page: there are checksums */

/* The system's own file below an open connection; NULL where its pages carry no checksums. */
sqlite3_file *pages_under(sqlite3 *c);
