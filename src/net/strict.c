/* strict.c -- see strict.h. */
#include "net/strict.h"
#include "base/tr.h"
#include <microhttpd.h>
#include <strings.h>

struct head {
	uintptr_t line_end; /* of the line before */
	int lengths, encodings, hosts;
	const char *fault;
};

static bool is_token(const char *p, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		char c = p[i];
		bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
		if (!letter && (c == 0 || strchr("!#$%&'*+-.^_`|~", c) == NULL))
			return false;
	}
	return n > 0;
}

static bool is_plain(str s, bool blanks)
{
	for (size_t i = 0; i < s.n; i++) {
		unsigned char c = (unsigned char)s.p[i];
		if (c == 0x7f || (c < 0x20 && !(blanks && c == '\t')) || (c == ' ' && !blanks))
			return false;
	}
	return true;
}

/* name:port, [address]:port */
static bool is_host(str s)
{
	for (size_t i = 0; i < s.n; i++) {
		char c = s.p[i];
		bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
		if (!letter && (c == 0 || strchr(".-_:[]", c) == NULL))
			return false;
	}
	return s.n > 0 && s.n <= 255;
}

static bool is_length(str s)
{
	for (size_t i = 0; i < s.n; i++)
		if (s.p[i] < '0' || s.p[i] > '9')
			return false;
	return s.n > 0 && s.n <= 18;
}

static enum MHD_Result look(void *user, enum MHD_ValueKind kind, const char *name, size_t name_n,
	const char *value, size_t value_n)
{
	struct head *h = user;
	str v = {value, value_n};
	(void)kind;
	if (!is_token(name, name_n) || !is_plain(v, true))
		h->fault = N_("a header line is broken");
	else if ((uintptr_t)name != h->line_end + 2)
		h->fault = N_("a header line is folded, or does not end in CR LF");
	else if (strcasecmp(name, "Content-Length") == 0 && (++h->lengths > 1 || !is_length(v)))
		h->fault = N_("the request tells its length in two ways, or not as a number");
	else if (strcasecmp(name, "Host") == 0 && (++h->hosts > 1 || !is_host(v)))
		h->fault = N_("the request names its host in two ways, or not as a host");
	h->encodings += strcasecmp(name, "Transfer-Encoding") == 0;
	h->line_end = (uintptr_t)value + value_n;
	return h->fault ? MHD_NO : MHD_YES;
}

/* Does the head end with the empty line right behind the last value? */
static bool ends_whole(struct MHD_Connection *connection, const struct head *h, const char *method)
{
	const union MHD_ConnectionInfo *i =
		MHD_get_connection_info(connection, MHD_CONNECTION_INFO_REQUEST_HEADER_SIZE);
	return i && (uintptr_t)method + i->header_size == h->line_end + 4;
}

int strict_head(struct MHD_Connection *connection, str address, const char *method, const char *version,
	const char **out_why)
{
	bool modern = strcmp(version, "HTTP/1.1") == 0;
	struct head h = {.line_end = (uintptr_t)version + strlen(version)};
	if (!modern && strcmp(version, "HTTP/1.0") != 0)
		h.fault = N_("only HTTP/1.1 and 1.0 are spoken here");
	else if (!is_plain(address, false) || address.n == 0 || address.p[0] != '/')
		h.fault = N_("the address is broken");
	if (h.fault == NULL)
		MHD_get_connection_values_n(connection, MHD_HEADER_KIND, look, &h);
	if (h.fault == NULL && !ends_whole(connection, &h, method))
		h.fault = N_("the head does not end with an empty line");
	if (h.fault == NULL && h.encodings > 0 && h.lengths > 0)
		h.fault = N_("the request tells its length twice");
	if (h.fault == NULL && modern && h.hosts == 0)
		h.fault = N_("the request names no host");
	*out_why = h.fault;
	if (h.fault)
		return MHD_HTTP_BAD_REQUEST;
	if (h.encodings > 0) {
		*out_why = N_("a body is taken only with its length told before (Content-Length)");
		return MHD_HTTP_LENGTH_REQUIRED;
	}
	return 0;
}
