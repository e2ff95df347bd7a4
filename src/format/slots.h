/* slots.h -- the port between a text with slots {{...}} and what fills them.
 *
 * A filler (slots_fill_text here, docx_fill) finds the tags, knows where a block begins and ends, and asks a slot_host what
 * each tag is and what stands in its place. The host knows the language inside the braces; the filler knows none of it.
 * Tags are written {{x}} or, from a Chinese keyboard, ｛｛x｝｝; the innermost pair counts ({{{x}} is { and {{x}}), and an
 * opening without its end before the next opening or the paragraph's end is given to the host as not closed.
 *
 * Order of calls: kind() for every tag of the whole text first, in reading order, so that nothing is filled where a
 * fault stands; then enter/step/fill/leave. A block of n times calls step(0..n-1), fills its inside after each, then
 * leave(). Lifetimes: texts that the host gives must live until the filler returns. */
#pragma once
#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"

enum { SLOTS_TAG_MAX_BYTES = 512, SLOTS_DEPTH_MAX = 16, SLOTS_TIMES_MAX = 100000 };

enum slot_kind {
	SLOT_FOREIGN, /* not ours: left as it is */
	SLOT_VALUE,
	SLOT_OPEN,
	SLOT_CLOSE
};

struct slot_where {
	const char *part; /* "word/document.xml"; "" for plain text */
	size_t paragraph; /* counted from 1 within the part */
	str text;         /* the paragraph as it stands in the template */
};

struct slot_tag {
	size_t at, n; /* with its braces */
	str inside;
	bool closed;
};

struct slot_fill {
	str text;    /* may hold \n (a line break) */
	size_t eat;  /* bytes of `after` that fall away, */
	str instead; /* and what is put there (人 -> 人次) */
	str tag;   /* not empty: the value becomes a content control (docx) or a mark (text) with this tag */
	str label; /* the control's title */
};

struct slot_host {
	void *user;
	/* inside: between the braces, blanks trimmed. closed: its end was found. */
	enum rc (*kind)(void *user, str inside, bool closed, const struct slot_where *w,
		enum slot_kind *out_kind, struct err *err);
	/* Whether this closing belongs to this opening ({{/if}} to {{#if x}}); NULL: any does. */
	bool (*pair)(void *user, str open, str close);
	enum rc (*enter)(
		void *user, str inside, const struct slot_where *w, size_t *out_times, struct err *err);
	enum rc (*step)(void *user, size_t i, struct err *err);
	void (*leave)(void *user);
	/* before, after: the text around the tag up to the next tags or the paragraph's ends. */
	enum rc (*fill)(void *user, str inside, str before, str after, const struct slot_where *w,
		struct slot_fill *out_fill, struct err *err);
	/* Of documents only: what is a tag in this paragraph, in place of {{ }} alone: the next at or after `from`, ranges
	 * that do not overlap; false: no more. `inside` is what the other functions get. NULL: slots_next. */
	bool (*next)(void *user, const struct slot_where *w, size_t from, struct slot_tag *out);
};
/* The next tag at or after `from`. */
bool slots_next(str text, size_t from, struct slot_tag *out);

/* Marks around filled values in text made with marks = true: SLOT_MARK tag SLOT_MARK_MID label SLOT_MARK_MID value
 * SLOT_MARK_END. They are control characters, which no filled value and no template may hold. With marks, a bar in a value
 * is written \| and a line break as a blank, so that no value makes a table cell or a line of its own. */
#define SLOT_MARK '\x02'
#define SLOT_MARK_MID '\x1f'
#define SLOT_MARK_END '\x03'

/* Fills plain text or markdown. A block inside one line is a piece of the line; where its tags stand in different cells
 * of one table row (| a | b |) it is that row; a line that holds only a block tag goes away with it. RC_INVALID: block
 * without end, end without block, control characters in the template. Appends to out. */
MUST_USE enum rc slots_fill_text(struct arena *a, str text, const struct slot_host *host, bool marks,
	struct buf *out, struct err *err);
