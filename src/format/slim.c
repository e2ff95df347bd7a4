/* slim.c -- see slim.h. */
#include "format/slim.h"

static str without_indent(str line)
{
	while (line.n > 0 && (line.p[0] == '\t' || line.p[0] == ' '))
		line = str_from(line, 1);
	return line;
}

void slim(str in, struct buf *out)
{
	while (in.n > 0) {
		str rest, line = without_indent(str_cut(in, '\n', &rest));
		if (str_starts(line, STR("/*"))) {
			size_t from = (size_t)(line.p - in.p), end = str_find(str_from(in, from), STR("*/"));
			if (end == SIZE_MAX)
				return; /* a comment without an end hides the rest, as it does from a browser */
			in = str_from(in, from + end + 2);
			continue;
		}
		if (line.n > 0) {
			buf_add(out, line);
			buf_puts(out, "\n");
		}
		in = rest;
	}
}
