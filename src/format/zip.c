/* zip.c -- see zip.h. The archive's tail is looked at before libzip sees it: libzip allocates by the entry count and
 * by the size of the directory, which a stranger chose. */
#include "format/zip.h"
#include "base/map.h"
#include "base/utf8.h"
#include "format/charset.h"
#include <assert.h>
#include <errno.h>
#include <libdeflate.h>
#include <sys/stat.h>
#include <zip.h>

const struct unzip_limits UNZIP_LIMITS = {
	UNZIP_FILE_MAX_BYTES, UNZIP_UNPACKED_MAX_BYTES, UNZIP_ENTRIES_MAX, UNZIP_RATIO_MAX};

enum {
	TAIL_BYTES = 22,            /* end of central directory record */
	TAIL_SEARCH_BYTES = 65557,  /* record and the longest comment */
	DIRECTORY_ENTRY_BYTES = 512 /* per allowed entry: fixed part, name, extra fields, comment */
};

struct unzip_stream {
	struct unzip *z;
	const struct unzip_entry *e;
	zip_file_t *file;
	uint64_t read_bytes;
	struct unzip_stream *next;
};

struct unzip {
	struct arena *a;
	zip_t *zip;
	struct unzip_limits limits;
	uint64_t file_bytes;
	struct unzip_entry *entries;
	size_t n;
	struct map by_name; /* folded name -> entry */
	struct unzip_stream *streams, *spare;
};

bool unzip_looks_so(str head)
{
	return head.n >= 4 && (memcmp(head.p, "PK\3\4", 4) == 0 || memcmp(head.p, "PK\5\6", 4) == 0);
}

static uint32_t le16(const char *p)
{
	return (uint32_t)(unsigned char)p[0] | (uint32_t)(unsigned char)p[1] << 8;
}

static uint32_t le32(const char *p)
{
	return le16(p) | le16(p + 2) << 16;
}

/* Every record in the tail that could be the directory's end must keep the limits, whichever libzip picks. */
static enum rc check_tail(str tail, const struct unzip_limits *limits, struct err *err)
{
	size_t found = 0;
	for (size_t i = 0; i + TAIL_BYTES <= tail.n; i++) {
		const char *p = tail.p + i;
		if (p[0] != 'P' || memcmp(p, "PK\5\6", 4) != 0)
			continue;
		found++;
		if (le16(p + 10) > limits->entries ||
			le32(p + 12) > (uint64_t)limits->entries * DIRECTORY_ENTRY_BYTES)
			return FAIL(err, RC_LIMIT,
				"the archive has too many entries (at most %u are allowed)", limits->entries);
	}
	if (found == 0)
		return FAIL(err, RC_INVALID,
			"not a zip archive, or its end is missing: the file is cut off; save or send it "
			"again");
	return RC_OK;
}

static bool name_is_safe(str name)
{
	if (name.n == 0 || name.n > UNZIP_NAME_MAX_BYTES || name.p[0] == '/' || !utf8_clean(name))
		return false;
	for (size_t i = 0; i < name.n; i++)
		if ((unsigned char)name.p[i] < 0x20 || name.p[i] == 0x7f || name.p[i] == ':')
			return false;
	for (str rest = name; rest.n;) {
		str part = str_cut(rest, '/', &rest);
		if (str_is(part, "..") || str_is(part, "."))
			return false;
	}
	return true;
}

static str fold(struct arena *a, str name)
{
	char *p = arena_cstr(a, name);
	for (size_t i = 0; i < name.n; i++)
		if (p[i] >= 'A' && p[i] <= 'Z')
			p[i] = (char)(p[i] + ('a' - 'A'));
	return (str){p, name.n};
}

static enum rc read_entry(struct unzip *z, uint32_t i, struct unzip_entry *e, struct err *err)
{
	zip_stat_t st;
	const zip_uint64_t need = ZIP_STAT_NAME | ZIP_STAT_SIZE | ZIP_STAT_COMP_SIZE | ZIP_STAT_COMP_METHOD |
				  ZIP_STAT_ENCRYPTION_METHOD;
	if (zip_stat_index(z->zip, i, ZIP_FL_ENC_RAW, &st) != 0 || (st.valid & need) != need)
		return FAIL(
			err, RC_INVALID, "the zip archive is damaged: its entry %u cannot be read", i + 1);
	str raw = str_of(st.name);
	char *name = arena_cstr(z->a, raw);
	if (!utf8_valid(raw) && charset_gb18030_to_utf8(z->a, raw, &raw))
		name = arena_cstr(z->a, raw);
	for (char *p = name; *p; p++)
		if (*p == '\\')
			*p = '/';
	*e = (struct unzip_entry){str_of(name), st.size, st.comp_size, i, false};
	if (!name_is_safe(e->name))
		return FAIL(err, RC_INVALID,
			"entry %u of the archive has a path that is not allowed (“..”, absolute or "
			"unreadable)",
			i + 1);
	e->folder = str_ends(e->name, STR("/"));
	if (st.encryption_method != ZIP_EM_NONE)
		return FAIL(err, RC_INVALID,
			"the archive is protected by a password; take it off and save again");
	if (st.comp_method != ZIP_CM_STORE && st.comp_method != ZIP_CM_DEFLATE)
		return FAIL(err, RC_INVALID, "%s: packed by a method that is not supported (%u)", name,
			(unsigned)st.comp_method);
	if (e->bytes > UNZIP_SMALL_BYTES && e->bytes / z->limits.ratio > e->packed_bytes)
		return FAIL(err, RC_LIMIT,
			"%s would swell to more than %u times its size: refused as a decompression bomb",
			name, z->limits.ratio);
	str key = fold(z->a, e->name);
	if (map_get(&z->by_name, key))
		return FAIL(err, RC_INVALID, "the archive holds %s twice", name);
	map_put(&z->by_name, key, e);
	return RC_OK;
}

static enum rc read_directory(struct unzip *z, struct err *err)
{
	zip_int64_t n = zip_get_num_entries(z->zip, 0);
	if (n < 0 || n > (zip_int64_t)z->limits.entries)
		return FAIL(err, RC_LIMIT, "the archive has too many entries (at most %u are allowed)",
			z->limits.entries);
	z->n = (size_t)n;
	z->entries = NEWS(z->a, z->n, struct unzip_entry);
	uint64_t packed = 0, unpacked = 0;
	for (size_t i = 0; i < z->n; i++) {
		struct unzip_entry *e = &z->entries[i];
		TRY(read_entry(z, (uint32_t)i, e, err));
		if (e->bytes > z->limits.unpacked_bytes - unpacked)
			return FAIL(err, RC_LIMIT, "the archive holds more than %llu MB when unpacked",
				(unsigned long long)(z->limits.unpacked_bytes >> 20));
		unpacked += e->bytes;
		if (e->packed_bytes > z->file_bytes - packed)
			return FAIL(err, RC_INVALID,
				"the entries of the archive overlap: refused as a decompression bomb");
		packed += e->packed_bytes;
	}
	return RC_OK;
}

/* Takes over `source` (NULL: libzip could not make it). */
static enum rc open_source(struct arena *a, zip_source_t *source, uint64_t file_bytes,
	const struct unzip_limits *limits, struct unzip **out_z, struct err *err)
{
	zip_error_t fault;
	zip_error_init(&fault);
	zip_t *zip = source ? zip_open_from_source(source, ZIP_RDONLY, &fault) : NULL;
	zip_error_fini(&fault);
	if (zip == NULL) {
		if (source)
			zip_source_free(source);
		return FAIL(err, RC_INVALID, "the zip archive is damaged: its directory cannot be read");
	}
	struct unzip *z = NEW(a, struct unzip);
	*z = (struct unzip){.a = a, .zip = zip, .limits = *limits, .file_bytes = file_bytes};
	enum rc rc = read_directory(z, err);
	if (rc != RC_OK) {
		unzip_close(z);
		return rc;
	}
	*out_z = z;
	return RC_OK;
}

static enum rc check_file_size(uint64_t bytes, const struct unzip_limits *limits, struct err *err)
{
	if (bytes > limits->file_bytes)
		return FAIL(err, RC_LIMIT, "the file has more than %llu MB",
			(unsigned long long)(limits->file_bytes >> 20));
	return RC_OK;
}

enum rc unzip_open_bytes(
	struct arena *a, str bytes, const struct unzip_limits *limits, struct unzip **out_z, struct err *err)
{
	limits = limits ? limits : &UNZIP_LIMITS;
	TRY(check_file_size(bytes.n, limits, err));
	str tail = bytes.n > TAIL_SEARCH_BYTES ? str_from(bytes, bytes.n - TAIL_SEARCH_BYTES) : bytes;
	TRY(check_tail(tail, limits, err));
	return open_source(
		a, zip_source_buffer_create(bytes.p, bytes.n, 0, NULL), bytes.n, limits, out_z, err);
}

enum rc unzip_open_file(struct arena *a, const char *path, const struct unzip_limits *limits,
	struct unzip **out_z, struct err *err)
{
	limits = limits ? limits : &UNZIP_LIMITS;
	FILE *f = fopen(path, "rbe");
	struct stat st;
	if (f == NULL)
		return FAIL(err, errno == ENOENT ? RC_NOT_FOUND : RC_IO, "%s cannot be opened: %s", path,
			strerror(errno));
	enum rc rc = RC_OK;
	if (fstat(fileno(f), &st) != 0 || !S_ISREG(st.st_mode))
		rc = FAIL(err, RC_INVALID, "%s is not a file", path);
	uint64_t bytes = rc == RC_OK ? (uint64_t)st.st_size : 0;
	if (rc == RC_OK)
		rc = check_file_size(bytes, limits, err);
	if (rc == RC_OK) {
		size_t n = bytes < TAIL_SEARCH_BYTES ? (size_t)bytes : TAIL_SEARCH_BYTES;
		char *tail = arena_alloc(a, n + 1);
		if (fseeko(f, (off_t)(bytes - n), SEEK_SET) != 0 || fread(tail, 1, n, f) != n)
			rc = FAIL(err, RC_IO, "%s cannot be read", path);
		else
			rc = check_tail((str){tail, n}, limits, err);
	}
	if (rc != RC_OK) {
		fclose(f);
		return rc;
	}
	zip_source_t *source = zip_source_filep_create(f, 0, -1, NULL); /* closes f when it goes */
	if (source == NULL)
		fclose(f);
	return open_source(a, source, bytes, limits, out_z, err);
}

void unzip_close(struct unzip *z)
{
	if (z == NULL)
		return;
	while (z->streams)
		unzip_stream_close(z->streams);
	if (z->zip)
		zip_discard(z->zip);
	z->zip = NULL;
	map_done(&z->by_name);
}

size_t unzip_count(const struct unzip *z)
{
	return z->n;
}

const struct unzip_entry *unzip_at(const struct unzip *z, size_t i)
{
	assert(i < z->n);
	return &z->entries[i];
}

const struct unzip_entry *unzip_find(const struct unzip *z, const char *name)
{
	char folded[UNZIP_NAME_MAX_BYTES];
	size_t n = strlen(name);
	if (n > sizeof folded)
		return NULL;
	for (size_t i = 0; i < n; i++)
		folded[i] = name[i] >= 'A' && name[i] <= 'Z' ? (char)(name[i] + ('a' - 'A')) : name[i];
	return map_get(&z->by_name, (str){folded, n});
}

enum rc unzip_stream_open(
	struct unzip *z, const struct unzip_entry *e, struct unzip_stream **out_s, struct err *err)
{
	zip_file_t *file = zip_fopen_index(z->zip, e->index, 0);
	if (file == NULL)
		return FAIL(
			err, RC_INVALID, "the zip archive is damaged: %.*s cannot be read", STR_ARG(e->name));
	struct unzip_stream *s = z->spare;
	if (s)
		z->spare = s->next;
	else
		s = NEW(z->a, struct unzip_stream);
	*s = (struct unzip_stream){.z = z, .e = e, .file = file, .next = z->streams};
	z->streams = s;
	*out_s = s;
	return RC_OK;
}

enum rc unzip_stream_read(struct unzip_stream *s, void *to, size_t max_bytes, size_t *out_n, struct err *err)
{
	zip_int64_t n = zip_fread(s->file, to, max_bytes);
	if (n < 0 || (uint64_t)n > s->e->bytes - s->read_bytes || (n == 0 && s->read_bytes != s->e->bytes))
		return FAIL(err, RC_INVALID, "the zip archive is damaged: %.*s does not unpack as promised",
			STR_ARG(s->e->name));
	s->read_bytes += (uint64_t)n;
	*out_n = (size_t)n;
	return RC_OK;
}

void unzip_stream_close(struct unzip_stream *s)
{
	if (s == NULL)
		return;
	for (struct unzip_stream **at = &s->z->streams; *at; at = &(*at)->next)
		if (*at == s) {
			*at = s->next;
			break;
		}
	zip_fclose(s->file);
	s->file = NULL;
	s->next = s->z->spare;
	s->z->spare = s;
}

enum rc unzip_read(
	struct unzip *z, const struct unzip_entry *e, struct arena *a, str *out_bytes, struct err *err)
{
	struct unzip_stream *s;
	TRY(unzip_stream_open(z, e, &s, err));
	char *p = arena_alloc(a, (size_t)e->bytes + 1);
	size_t n = 0;
	enum rc rc = RC_OK;
	for (size_t got = 1; rc == RC_OK && got > 0; n += got) {
		/* one byte more than promised is asked for, so that a longer entry is found out */
		got = 0;
		rc = unzip_stream_read(s, p + n, (size_t)e->bytes - n + 1, &got, err);
	}
	unzip_stream_close(s);
	if (rc == RC_OK) {
		p[n] = 0;
		*out_bytes = (str){p, n};
	}
	return rc;
}

struct zipper_part {
	str name;
	uint32_t crc, bytes;
	uint64_t offset;
};

enum {
	DOS_DATE_1980_01_01 = 0x21,
	FLAG_UTF8 = 0x800,
	VERSION = 20 /* 2.0: folders; nothing newer is used */
};

void zipper_init(struct zipper *z, struct arena *a, struct buf *out)
{
	*z = (struct zipper){.a = a, .out = out};
}

static void put16(struct buf *b, uint32_t v)
{
	char p[2] = {(char)(v & 255), (char)(v >> 8 & 255)};
	buf_add(b, (str){p, 2});
}

static void put32(struct buf *b, uint32_t v)
{
	put16(b, v & 0xffff);
	put16(b, v >> 16);
}

/* The fields that the local header and the directory share. */
static void put_common(struct buf *b, const struct zipper_part *p)
{
	uint32_t flags = 0;
	for (size_t i = 0; i < p->name.n; i++)
		if ((unsigned char)p->name.p[i] >= 0x80)
			flags = FLAG_UTF8;
	put16(b, VERSION);
	put16(b, flags);
	put16(b, 0); /* stored */
	put16(b, 0); /* midnight */
	put16(b, DOS_DATE_1980_01_01);
	put32(b, p->crc);
	put32(b, p->bytes);
	put32(b, p->bytes);
	put16(b, (uint32_t)p->name.n);
	put16(b, 0); /* no extra field */
}

void zipper_add(struct zipper *z, str name, str bytes)
{
	assert(name.n > 0 && name.n <= UNZIP_NAME_MAX_BYTES);
	if (bytes.n > UINT32_MAX) {
		z->out->over = true;
		return;
	}
	z->parts = arena_grow(z->a, z->parts, z->n, &z->cap, sizeof *z->parts);
	struct zipper_part *p = &z->parts[z->n++];
	*p = (struct zipper_part){
		arena_str(z->a, name), libdeflate_crc32(0, bytes.p, bytes.n), (uint32_t)bytes.n, z->out->n};
	buf_add(z->out, STR("PK\3\4"));
	put_common(z->out, p);
	buf_add(z->out, name);
	buf_add(z->out, bytes);
}

enum rc zipper_end(struct zipper *z, struct err *err)
{
	size_t start = z->out->n;
	if (start > UINT32_MAX || z->n > ZIPPER_ENTRIES_MAX || !buf_ok(z->out))
		return FAIL(err, RC_LIMIT, "too much for one zip archive");
	for (size_t i = 0; i < z->n; i++) {
		const struct zipper_part *p = &z->parts[i];
		buf_add(z->out, STR("PK\1\2"));
		put16(z->out, VERSION); /* made by: DOS, so no file modes follow */
		put_common(z->out, p);
		put16(z->out, 0); /* comment */
		put16(z->out, 0); /* disk */
		put16(z->out, 0); /* internal attributes */
		put32(z->out, 0); /* external attributes */
		put32(z->out, (uint32_t)p->offset);
		buf_add(z->out, p->name);
	}
	size_t end = z->out->n;
	buf_add(z->out, STR("PK\5\6"));
	put32(z->out, 0); /* disks */
	put16(z->out, (uint32_t)z->n);
	put16(z->out, (uint32_t)z->n);
	put32(z->out, (uint32_t)(end - start));
	put32(z->out, (uint32_t)start);
	put16(z->out, 0);
	if (!buf_ok(z->out) || end > UINT32_MAX)
		return FAIL(err, RC_LIMIT, "too much for one zip archive");
	return RC_OK;
}
