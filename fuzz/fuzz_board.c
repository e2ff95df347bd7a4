/* fuzz_board.c -- any bytes as a bulletin board, and as a typed credential. */
#include "base/file.h"
#include "service/contest/ballot.h"
#include "service/contest/board_verify.h"
#include <stdlib.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static FILE *nowhere;
	static char path[] = "/dev/shm/qinghe-fuzz-board-XXXXXX";
	struct board_how how = {0};
	struct board_verdict verdict;
	unsigned char random[15];
	if (nowhere == NULL) {
		nowhere = fopen("/dev/null", "w");
		close(mkstemp(path));
	}
	str bytes = {(const char *)data, size};
	if (nowhere && file_write(path, bytes, NULL) == RC_OK)
		board_verify(path, &how, nowhere, &verdict);
	if (ballot_code_read(bytes, random)) {
		char code[BALLOT_CODE_CHARS + 1];
		ballot_code(random, code);
	}
	return 0;
}
