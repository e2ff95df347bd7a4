/* narrow.h -- what people type, made plain: full-width letters, digits and signs to ASCII, blanks trimmed, invisible
 * characters dropped, a leading apostrophe (a sheet's "this is text") taken off. Not for free text. */
#pragma once
#include "base/arena.h"
#include "base/str.h"

/* Full-width ASCII (U+FF01..FF5E) and U+3000 become their narrow twins; U+200B, U+FEFF, U+00AD vanish; ends trimmed. */
str narrow(struct arena *a, str s);
/* narrow, then no blanks at all, and no leading ' or ‘ : codes, numbers, dates. */
str narrow_tight(struct arena *a, str s);
/* narrow_tight in lower case with “其它” told as “其他”: for comparing labels and headers. */
str narrow_label(struct arena *a, str s);
