/* page_report.h -- the report desk: the sheet as it will be printed, each figure live, and in its margin what stands against
 * it, with remedies; above it what bars signing and where the report is on its way (service/signoff).
 *
 *     /report/PERIOD              the desk of the scope's report (2025, 2025Q3, 2025H1, 2025-09); ?kind=brief|letter others
 *     /report/PERIOD/difference   beside last year's and the frozen edition's figures and sentences
 *     /report/PERIOD/leader       one A4 for whoever signs: aggregates, changes on last year; nothing of single records
 *     /report/kept/ID/PART        what was frozen: docx, bundle, public.docx, public.bundle
 *     /report/list, /report/go/ID all that are under way; one of them
 *     /report/adopt, /report/refresh   Word files that others wrote
 * Without a row of report_edition the model's own template is shown, and one button begins the report. */
#pragma once
#include "report/desk.h"
#include "report/edition.h"
#include "report/source.h"
#include "service/signoff/signoff.h"
#include "web/page_figure.h"

/* What every form of the page sends along. */
struct report_common {
	str csrf, action, id, version, kind;
};

struct report_span {
	str text, href, title, anchor;
	const char *look; /* f, f unsure, f bad, bad */
	bool keep;        /* of a title: a line breaks before or behind it rather than in it */
	bool parts;       /* a figure with words around it: a line may break in it */
};

struct report_button {
	str act, label;
	bool on;
};

struct report_link {
	str label, href;
};

struct report_fell {
	str label, text, href, act;
};

struct report_note {
	struct report_common common;
	str id, kind, label, text, href, key, paragraph, close_href, value, unit, why, kept;
	const char *look; /* stop, open, or empty */
	const char *tone; /* danger warn m */
	bool figure, keeps, editable;
	struct figure_share *shares;
	size_t shares_n;
	struct report_button *buttons, *ways;
	size_t buttons_n, ways_n;
	struct report_fell *fell; /* of sentences that fell away: one note for all of a paragraph */
	size_t fell_n;
	str comment_id, body, who;
};

struct report_cell {
	struct report_span *spans;
	size_t spans_n;
};

struct report_row {
	struct report_cell *cells;
	size_t cells_n;
	bool header;
};

/* 附件说明, 署名, 成文日期: before the first annex, or at the end. */
struct report_signature {
	struct report_link *attached; /* labels: 1．思想引领 */
	size_t attached_n;
	str organ, date;
	bool on;
};

struct report_block {
	bool title, h2, h3, h4, paragraph, table, editing, remark; /* remark: of the table above it */
	struct report_common common;
	struct report_signature sign;
	str id, number, source, edit_href, cancel_href, to, annex; /* annex: 附件2 over its title */
	struct report_span *spans;
	size_t spans_n;
	struct report_row *rows;
	size_t rows_n;
	struct report_note *notes;
	size_t notes_n;
};

struct report_bar { /* a line of the list on top */
	str label, href, words;
	const char *tone;
};

struct report_step {
	str label, who, when, reason;
	const char *look;
};

struct report_choice {
	str id, label;
	bool on;
};

struct report_page {
	struct shell shell;
	struct report_common common;
	struct html_safe verify_picture;
	str verify, verify_edition;
	str heading, organ, number_line, signer_line, docx_href, pdf_href, last_href, last_label, counted,
		total, share_width, rest_x, rest_width, state, told, fault, heads_title, why, punctuation,
		comment_label, compared, difference_href, leader_href, list_href, adopt_href, refresh_href,
		addressee, sign_label;
	struct report_link *heads; /* the heading in the parts between which it breaks */
	size_t heads_n;
	const char *state_look;
	bool draft, begins, editable, can_send, may_send, signs, comments_on, frozen, no_pdf, document, brief,
		letter;
	str head_name, head_date, copies_line, printed_line, printed_date;
	struct report_signature sign;
	struct report_block *blocks;
	size_t blocks_n;
	struct report_note *notes; /* comments on the whole */
	size_t notes_n;
	struct report_bar *bars;
	size_t bars_n;
	struct report_step *steps;
	size_t steps_n;
	struct report_button *moves;
	size_t moves_n;
	struct report_link *files, *editions;
	size_t files_n, editions_n;
	str title, number, copies, signer;
	struct report_choice *letterheads;
	size_t letterheads_n;
	struct report_button *annexes; /* tables by unit: on where the text has it */
	size_t annexes_n;
};

struct report_difference_row {
	str label, href, now, before, frozen, change, now_label, before_label, frozen_label;
	bool changed;
};

struct report_piece {
	str text;
	bool marked; /* only this text has it */
};

struct report_sentence {
	str gone, fresh, same;
	struct report_piece *before, *now; /* word by word, of a changed sentence */
	size_t before_n, now_n;
	str before_label, now_label;
};

struct report_difference_page {
	struct shell shell;
	str heading, before_words, frozen_words, back_href, with_words, last_href, frozen_href;
	bool has_frozen, has_text, with_last;
	struct report_difference_row *rows;
	size_t rows_n;
	struct report_sentence *sentences;
	size_t sentences_n;
};

struct report_list_row {
	str title, href, about, state;
	const char *look;
};

struct report_span_link { /* a span of a year, and how far its report is */
	str label, href, state;
	const char *look;
};

struct report_span_group { /* halves, quarters, months */
	str label;
	struct report_span_link *spans;
	size_t spans_n;
};

struct report_year {
	str label, id;
	struct report_span_group *groups;
	size_t groups_n;
};

struct report_next { /* what is to be written now */
	struct report_common common;
	str title, about, href, state;
	const char *look;
	bool begins;
};

struct report_list_page {
	struct shell shell;
	struct report_list_row *rows, *waiting; /* waiting for the reader: to check, cosign, sign off */
	size_t rows_n, waiting_n;
	struct report_next *next;
	size_t next_n;
	struct report_year *years;
	size_t years_n;
	str adopt_href, refresh_href;
};

struct report_leader_row {
	str label, value, unit, change;
	int64_t is;
};

struct report_leader_page {
	struct shell shell;
	struct report_common common;
	str heading, organ, when, report_href, waits, code_fault, reason_fault;
	struct report_link *heads;
	size_t heads_n;
	bool signs;
	struct report_leader_row *rows;
	size_t rows_n;
	struct report_bar *kept; /* findings that the drafter kept, with why */
	size_t kept_n;
	struct report_step *steps;
	size_t steps_n;
};

struct report_word_line {
	str where, text, slot, words;
	const char *tone;
};

struct report_word_page {
	struct shell shell;
	str heading, lead, action, fault, verb, file_href, report_href, told, year;
	bool done, adopts;
	struct report_word_line *lines;
	size_t lines_n;
};

/* ---- between the page's files ---- */

struct report_ctx {
	struct page *p;
	str name, kind, address, query; /* 2025; year; /report/2025; "?kind=brief" or empty */
	struct report_source source;
	bool opened;      /* source is to be closed */
	struct signoff s; /* id 0: none */
	str body;
	struct desk d;
	struct signoff_comment *comments;
	size_t comments_n, open_n; /* open comments */
	bool editable;             /* a draft that the reader may write */
	struct edition frozen;     /* of a signed one */
	bool has_frozen;
	str code_fault, reason_fault; /* why a signature or a return was refused: told on the leader's page */
};

/* page_report_in.c: what the address names, looked at. A signed report is not filled anew: body is then its frozen text. */
MUST_USE enum rc report_open(struct page *p, str name, struct report_ctx *x, struct err *err);
void report_close(struct report_ctx *x);
str report_kind_of(const struct period *p);
MUST_USE enum rc report_template_of(struct page *p, str kind, str *out, struct err *err);
str report_here(struct report_ctx *x, const char *format, ...) PRINTF_LIKE(2, 3);
str report_self(struct report_ctx *x);
struct report_common report_common_of(const struct report_ctx *x);
str report_span_words(struct page *p, const struct period *period); /* 2026年第三季度 */
/* The letterhead chosen, or of one not begun that of its kind: none document letter brief. */
str report_letterhead(const struct report_ctx *x);
void report_head_of(struct report_ctx *x, struct docx_letterhead *out);
MUST_USE enum rc report_leader_show(struct report_ctx *x, struct err *err);
struct report_link *report_heads(
	struct page *p, str heading, size_t *out_n); /* labels: the parts of a title */
str report_state_words(struct page *p, const struct signoff *s, const char **look);
void report_steps(struct report_ctx *x, struct report_step **out, size_t *out_n);
/* page_report_note.c: the margin. */
void report_notes(struct report_ctx *x, struct report_page *g);
void report_bars(struct report_ctx *x, struct report_page *g);
/* The note of a figure that was tapped. */
bool report_figure_note(struct report_ctx *x, str tag, size_t paragraph, struct report_note *out);
/* page_report_act.c */
enum rc report_act(struct page *p, struct err *err);
/* page_report_list.c */
enum rc report_list(struct page *p, struct err *err);
/* page_report_more.c */
enum rc report_difference(struct page *p, struct err *err);
enum rc report_leader(struct page *p, struct err *err);
enum rc report_kept(struct page *p, struct err *err);
enum rc report_go(struct page *p, struct err *err);
/* page_report_word.c */
enum rc report_word_adopt(struct page *p, struct err *err);
enum rc report_word_refresh(struct page *p, struct err *err);
enum rc report_word_adopted(struct page *p, struct err *err);
enum rc report_word_refreshed(struct page *p, struct err *err);
enum rc report_word_file(struct page *p, struct err *err);

extern const struct input report_act_inputs[];
