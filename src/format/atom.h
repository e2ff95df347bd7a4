/* atom.h -- a feed (RFC 4287): each entry with id, updated, title, link, and its text. xml_text escapes; control characters
 * that XML does not know become blanks. Pure; the caller's buffer. */
#pragma once
#include "base/buf.h"
#include <stdint.h>

struct atom_entry {
	str id, title, href, text, author,
		kind; /* id: a tag: or urn: that stays for ever; href: whole address */
	int64_t updated_ms, published_ms;
};

/* self, page: whole addresses; updated_ms: of the latest entry. */
void atom_begin(
	struct buf *b, str id, str title, str author, str self, str page, str language, int64_t updated_ms);
void atom_put(struct buf *b, const struct atom_entry *e);
void atom_end(struct buf *b);
