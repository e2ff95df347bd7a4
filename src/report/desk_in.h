/* desk_in.h -- between desk.c and desk_find.c. */
#pragma once
#include "report/desk.h"

enum desk_weight desk_kind_weight(enum desk_kind kind);
/* A finding at the end of the list, keyed by kind, words and sentence. */
struct desk_finding *desk_add(struct desk *d, enum desk_kind kind, size_t paragraph, str what, str sentence);
/* What the linter says of the words as written, each with its place in the source. */
void desk_literal(struct desk *d, size_t paragraph);
/* What the filling said of a slot. */
void desk_of_note(struct desk *d, size_t paragraph, const struct template_note *n);
/* What a condition asked for and did not get: outermost ones, outside of lists. */
void desk_dropped(struct desk *d, size_t paragraph);
