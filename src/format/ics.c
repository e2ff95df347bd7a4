/* ics.c -- see ics.h. */
#include "format/ics.h"
#include "base/date.h"

enum { LINE_MAX_BYTES = 75 };

/* Writes a content line, folded: no piece over 75 bytes, none within a character. */
static void line_put(struct buf *b, str line)
{
	size_t room = LINE_MAX_BYTES;
	while (line.n > room) {
		size_t n = room;
		while (n > 1 && ((unsigned char)line.p[n] & 0xC0) == 0x80)
			n--;
		buf_add(b, str_head(line, n));
		buf_puts(b, "\r\n ");
		line = str_from(line, n);
		room = LINE_MAX_BYTES - 1;
	}
	buf_add(b, line);
	buf_puts(b, "\r\n");
}

static void text_put(struct buf *b, const char *name, str text)
{
	struct buf line = {0};
	if (text.n == 0)
		return;
	buf_printf(&line, "%s:", name);
	for (size_t i = 0; i < text.n; i++) {
		unsigned char c = (unsigned char)text.p[i];
		if (c == '\n')
			buf_puts(&line, "\\n");
		else if (c == ',' || c == ';' || c == '\\')
			buf_printf(&line, "\\%c", c);
		else if (c >= 0x20 && c != 0x7F)
			buf_putc(&line, (char)c);
	}
	line_put(b, buf_str(&line));
	buf_done(&line);
}

static void plain_put(struct buf *b, const char *name, const char *value)
{
	struct buf line = {0};
	buf_printf(&line, "%s:%s", name, value);
	line_put(b, buf_str(&line));
	buf_done(&line);
}

static void instant_put(struct buf *b, const char *name, int64_t ms)
{
	int64_t s = ms / 1000, day = s >= 0 ? s / 86400 : (s - 86399) / 86400;
	struct ymd d = date_ymd((int32_t)day);
	int left = (int)(s - day * 86400);
	buf_printf(b, "%s:%04d%02d%02dT%02d%02d%02dZ\r\n", name, d.year, d.month, d.day, left / 3600,
		left / 60 % 60, left % 60);
}

static void day_put(struct buf *b, const char *name, int32_t day)
{
	struct ymd d = date_ymd(day);
	buf_printf(b, "%s;VALUE=DATE:%04d%02d%02d\r\n", name, d.year, d.month, d.day);
}

void ics_begin(struct buf *b, str name, str language)
{
	buf_puts(b, "BEGIN:VCALENDAR\r\nVERSION:2.0\r\n");
	buf_printf(b, "PRODID:-//Qinghe//street//%.*s\r\nCALSCALE:GREGORIAN\r\nMETHOD:PUBLISH\r\n",
		STR_ARG(language));
	text_put(b, "X-WR-CALNAME", name);
	text_put(b, "NAME", name);
	buf_puts(b, "REFRESH-INTERVAL;VALUE=DURATION:PT6H\r\n");
}

void ics_put(struct buf *b, const struct ics_event *e)
{
	buf_puts(b, "BEGIN:VEVENT\r\n");
	text_put(b, "UID", e->uid);
	instant_put(b, "DTSTAMP", e->changed_ms);
	instant_put(b, "LAST-MODIFIED", e->changed_ms);
	buf_printf(b, "SEQUENCE:%d\r\n", e->sequence);
	if (e->timed) {
		instant_put(b, "DTSTART", e->start_ms);
		if (e->end_ms > e->start_ms)
			instant_put(b, "DTEND", e->end_ms);
	} else {
		day_put(b, "DTSTART", e->first_day);
		day_put(b, "DTEND", e->end_day);
	}
	text_put(b, "SUMMARY", e->title);
	text_put(b, "LOCATION", e->place);
	text_put(b, "DESCRIPTION", e->text);
	text_put(b, "CATEGORIES", e->kind);
	if (e->url.n) {
		struct buf url = {0};
		buf_add(&url, e->url);
		buf_putc(&url, 0);
		plain_put(b, "URL", url.p);
		buf_done(&url);
	}
	buf_printf(b, "STATUS:%s\r\nTRANSP:TRANSPARENT\r\nEND:VEVENT\r\n",
		e->cancelled ? "CANCELLED" : "CONFIRMED");
}

void ics_end(struct buf *b)
{
	buf_puts(b, "END:VCALENDAR\r\n");
}
