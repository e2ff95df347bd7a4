/* docx_tree.h -- a WordprocessingML part as tokens over its own bytes, and its paragraphs as plain text.
 *
 * Made for those who change a few words and must give every other byte back: a token is a slice of the part. Elements know
 * their end, their parent and their nearest paragraph. A paragraph's `text` is what a reader reads in it: the characters of
 * w:t, a tab, a line break (\n), and OBJECT_MARK (U+FFFC) for each picture, text box or embedded object. Not in it: tracked
 * deletions (w:del, w:moveFrom), field codes, and the paragraphs of a text box, which stand for themselves; those of
 * mc:AlternateContent stand twice (Choice and Fallback), as Word writes them.
 *
 * Prefixes are read from the root: both the transitional and the strict namespace of ISO/IEC 29500, whatever the prefix.
 * Refused (RC_INVALID): what is not well-formed, DOCTYPE; RC_LIMIT: deeper than DOCX_DEPTH_MAX, over 64 MB. A part that is
 * not UTF-8, or whose root is not of WordprocessingML, gives `ours` false. */
#pragma once
#include "base/arena.h"
#include "base/err.h"

enum { DOCX_DEPTH_MAX = 256, DOCX_PART_MAX_BYTES = 64 << 20 };
#define OBJECT_MARK "\xEF\xBF\xBC"

enum docx_name {
	DN_OTHER,
	DN_P,
	DN_R,
	DN_T,
	DN_TAB,
	DN_BR,
	DN_CR,
	DN_NO_BREAK_HYPHEN,
	DN_RPR,
	DN_PPR,
	DN_SECTPR,
	DN_TBL,
	DN_TR,
	DN_TC,
	DN_BODY,
	DN_SDT,
	DN_SDTPR,
	DN_SDTCONTENT,
	DN_TEXT, /* w:text in sdtPr: a plain text control */
	DN_TAG,
	DN_ID,
	DN_DEL,
	DN_MOVEFROM,
	DN_RUBY,
	DN_BOOKMARK_START,
	DN_BOOKMARK_END,
	DN_COMMENT_START,
	DN_COMMENT_END,
	DN_COMMENT_REFERENCE,
	DN_PSTYLE,
	DN_DRAWING,
	DN_PICT,
	DN_OBJECT,
	DN_ALTERNATE, /* mc:AlternateContent */
	DN_DOCPR      /* wp:docPr */
};

enum docx_token_kind { DT_START, DT_END, DT_EMPTY, DT_TEXT, DT_CDATA, DT_ASIDE /* comment, instruction */ };

struct docx_token {
	uint32_t at, end; /* bytes of the part */
	uint32_t mate;    /* of a start its end and the other way round; of others themselves */
	uint32_t parent;  /* the start that it stands in; UINT32_MAX at the top */
	uint8_t kind, name;
};

enum docx_piece_kind { DP_TEXT, DP_TAB, DP_BREAK, DP_OBJECT };

struct docx_piece {
	uint32_t at, n;    /* bytes of the paragraph's text */
	uint32_t from, to; /* tokens, the last included */
	uint32_t run;      /* token of its w:r; UINT32_MAX where there is none */
	enum docx_piece_kind kind;
};

struct docx_paragraph {
	uint32_t from, to; /* tokens of w:p */
	str text;
	struct docx_piece *pieces;
	size_t pieces_n;
};

struct docx_tree {
	str xml;
	bool ours;
	char prefix[16]; /* "w:", or empty */
	struct docx_token *tokens;
	size_t n;
	struct docx_paragraph *paragraphs; /* in the order of their starts */
	size_t paragraphs_n;
};

MUST_USE enum rc docx_tree_read(struct arena *a, str xml, struct docx_tree *out, struct err *err);
str docx_token_bytes(const struct docx_tree *t, uint32_t token);
/* The nearest ancestor of that name, UINT32_MAX when there is none. */
uint32_t docx_ancestor(const struct docx_tree *t, uint32_t token, enum docx_name name);
/* The value of the first attribute of that local name in a start or empty tag, undecoded; {NULL, 0} when absent. */
str docx_attribute(const struct docx_tree *t, uint32_t token, const char *local);
/* The first child element of that name, UINT32_MAX when there is none. */
uint32_t docx_child(const struct docx_tree *t, uint32_t token, enum docx_name name);
