/* face.c -- see print.h: faces and styles. */
#include "base/utf8.h"
#include "print/print.h"
#include <fontconfig/fontconfig.h>
#include <stdio.h>
#include <string.h>

enum { CHAIN_BYTES = 1024, PATH_BYTES = 4096 };

/* A face: the names that offices have, a bar, what stands in. Where a stand-in of 小标宋 is taken, it is its bold. */
static const char *const wanted[FACES] = {
	[FACE_FANG] =
		"仿宋_GB2312,FangSong_GB2312,仿宋,FangSong,STFangsong|FandolFang,Noto Serif CJK SC,Noto "
		"Sans CJK SC",
	[FACE_KAI] =
		"楷体_GB2312,KaiTi_GB2312,楷体,KaiTi,STKaiti|FandolKai,LXGW WenKai,Noto Serif CJK SC,Noto "
		"Sans CJK SC",
	[FACE_HEI] = "黑体,SimHei,STHeiti|Noto Sans CJK SC,FandolHei",
	[FACE_SONG] = "宋体,SimSun,STSong|Noto Serif CJK SC,Noto Sans CJK SC",
	[FACE_BIAO] = "方正小标宋简体,FZXiaoBiaoSong-B05S|Noto Serif CJK SC,Noto Sans CJK SC",
	[FACE_MONO] = "Noto Sans Mono CJK SC,DejaVu Sans Mono|monospace",
};
/* Figures and Latin letters in official documents: Times New Roman, of any width-equal make. */
static const char *const latin_wanted = "Times New Roman|Liberation Serif,Nimbus Roman,TeX Gyre "
					"Termes,FandolSong,Noto Serif CJK SC,DejaVu Serif";

static struct {
	char chain[CHAIN_BYTES];
	bool bold;
} faces[FACES], latin;

void faces_start(const char *program)
{
	static const char *const more[] = {"/usr/share/texlive/texmf-dist/fonts/opentype/public/fandol",
		"/usr/share/qinghe/fonts", "/usr/local/share/qinghe/fonts"};
	char beside[PATH_BYTES];
	const char *slash = strrchr(program, '/');
	FcInit();
	for (size_t i = 0; i < sizeof more / sizeof *more; i++)
		FcConfigAppFontAddDir(NULL, (const FcChar8 *)more[i]);
	if (slash) {
		snprintf(beside, sizeof beside, "%.*s/fonts", (int)(slash - program), program);
		FcConfigAppFontAddDir(NULL, (const FcChar8 *)beside);
	}
}

static bool installed(PangoFontFamily **families, int n, str name)
{
	for (int i = 0; i < n; i++)
		if (str_is(name, pango_font_family_get_name(families[i])))
			return true;
	return false;
}

/* What of the wish is here, best first; fontconfig's own choice at the end. */
static bool chain(PangoFontFamily **families, int n, const char *wish, char out[CHAIN_BYTES])
{
	str stand_ins, own = str_cut(str_of(wish), '|', &stand_ins);
	bool first_is_stand_in = true;
	size_t at = 0;
	for (int part = 0; part < 2; part++)
		for (str rest = part ? stand_ins : own; rest.n;) {
			str name = str_cut(rest, ',', &rest);
			if (!installed(families, n, name))
				continue;
			first_is_stand_in = at == 0 ? part == 1 : first_is_stand_in;
			at += (size_t)snprintf(out + at, CHAIN_BYTES - at, "%.*s,", STR_ARG(name));
		}
	snprintf(out + at, CHAIN_BYTES - at, "serif");
	return first_is_stand_in;
}

void faces_use(struct sheet *s)
{
	PangoFontFamily **families = NULL;
	int n = 0;
	PangoFontMap *map = pango_cairo_font_map_get_default();
	pango_font_map_list_families(map, &families, &n);
	for (int i = 0; i < FACES; i++)
		faces[i].bold = chain(families, n, wanted[i], faces[i].chain) && i == FACE_BIAO;
	chain(families, n, latin_wanted, latin.chain);
	g_free(families);
	s->fonts = pango_font_map_create_context(map);
	pango_cairo_context_set_resolution(s->fonts, 72);
	pango_context_set_language(s->fonts, pango_language_from_string("zh-cn"));
	cairo_font_options_t *o = cairo_font_options_create();
	cairo_font_options_set_hint_style(o, CAIRO_HINT_STYLE_NONE);
	cairo_font_options_set_hint_metrics(o, CAIRO_HINT_METRICS_OFF);
	pango_cairo_context_set_font_options(s->fonts, o);
	cairo_font_options_destroy(o);
	pango_context_set_round_glyph_positions(s->fonts, FALSE);
}

/* 28 characters of 16 pt on 156 mm, 22 lines on 225 mm (format/docx_write.h). */
#define LINE 28.95
#define NEAR 0.25
static const struct style gov[] = {
	{"body", FACE_FANG, 16, LINE, 2, NEAR, TO_BOTH, false, 0},
	{"flat", FACE_FANG, 16, LINE, 0, NEAR, TO_BOTH, false, 0},
	{"right", FACE_FANG, 16, LINE, 0, NEAR, TO_RIGHT, false, 0},
	{"middle", FACE_FANG, 16, LINE, 0, NEAR, TO_MIDDLE, false, 0},
	{"title", FACE_BIAO, 22, LINE, 0, 0, TO_MIDDLE, true, 0},
	{"h1", FACE_HEI, 16, LINE, 2, NEAR, TO_BOTH, true, 0},
	{"h2", FACE_KAI, 16, LINE, 2, NEAR, TO_BOTH, true, 0},
	{"h3", FACE_FANG, 16, LINE, 2, NEAR, TO_BOTH, true, 0},
	{"annex", FACE_HEI, 16, LINE, 0, NEAR, TO_LEFT, true, 0},
	{"note", FACE_FANG, 12, 20, 0, 0, TO_LEFT, false, 0},
	{"small", FACE_FANG, 14, LINE, 0, 0, TO_LEFT, false, 0},
	{"organ", FACE_BIAO, 32, 2 * LINE, 0, 0, TO_MIDDLE, true, 0xC8102E},
	{"news", FACE_BIAO, 36, 2 * LINE, 0, 0, TO_MIDDLE, true, 0xC8102E},
	{"cell", FACE_FANG, 12, 20, 0, 0, TO_MIDDLE, false, 0},
	{"head", FACE_HEI, 12, 20, 0, 0, TO_MIDDLE, false, 0},
	{"page", FACE_SONG, 14, 16, 0, 0, TO_LEFT, false, 0},
	{"verify", FACE_FANG, 10.5, 15, 0, 0, TO_LEFT, false, 0},
};
static const struct style plain[] = {
	{"body", FACE_SONG, 11, 18, 0, 0, TO_BOTH, false, 0},
	{"title", FACE_BIAO, 20, 32, 0, 0, TO_MIDDLE, true, 0},
	{"h1", FACE_HEI, 12, 24, 0, 0, TO_LEFT, true, 0},
	{"note", FACE_SONG, 9, 14, 0, 0, TO_LEFT, false, 0x52605A},
	{"middle", FACE_SONG, 10, 16, 0, 0, TO_MIDDLE, false, 0x52605A},
	{"cell", FACE_SONG, 10.5, 16, 0, 0, TO_LEFT, false, 0},
	{"head", FACE_HEI, 10.5, 16, 0, 0, TO_LEFT, false, 0},
	{"page", FACE_SONG, 9, 12, 0, 0, TO_MIDDLE, false, 0x52605A},
	{"slip", FACE_HEI, 13, 18, 0, 0, TO_LEFT, false, 0},
	{"slip-line", FACE_SONG, 9.5, 14.5, 0, 0, TO_LEFT, false, 0},
	{"slip-code", FACE_MONO, 12.5, 17, 0, 0, TO_LEFT, false, 0},
	{"verify", FACE_SONG, 9, 13, 0, 0, TO_LEFT, false, 0},
};
static const struct style across[] = {
	{"say", FACE_FANG, 21, 42, 2, 0, TO_BOTH, false, 0},
	{"title", FACE_BIAO, 38, 56, 0, -6, TO_MIDDLE, false, 0xB3261E},
	{"by", FACE_FANG, 18, 30, 0, 0, TO_MIDDLE, false, 0},
	{"verify", FACE_SONG, 9.5, 14, 0, 0, TO_LEFT, false, 0x52605A},
	{"number", FACE_SONG, 11, 16, 0, 0, TO_RIGHT, false, 0x52605A},
};

const struct style *style_of(enum layout layout, str name)
{
	const struct style *list = layout == LAYOUT_GOV ? gov : layout == LAYOUT_PLAIN ? plain : across;
	size_t n = layout == LAYOUT_GOV     ? sizeof gov / sizeof *gov
		   : layout == LAYOUT_PLAIN ? sizeof plain / sizeof *plain
					    : sizeof across / sizeof *across;
	for (size_t i = 0; i < n; i++)
		if (str_is(name, list[i].name))
			return &list[i];
	return list;
}

static void attr(PangoAttrList *list, PangoAttribute *one, size_t from, size_t to)
{
	one->start_index = (guint)from;
	one->end_index = (guint)to;
	pango_attr_list_insert(list, one);
}

/* Letters and figures take the Latin face; “ ” — … do not, whatever stands beside them. */
static void latin_runs(PangoAttrList *list, str text)
{
	size_t from = SIZE_MAX;
	for (size_t i = 0; i <= text.n; i++) {
		bool is = i < text.n && text.p[i] > ' ' && text.p[i] < 0x7F;
		if (is && from == SIZE_MAX)
			from = i;
		if (!is && from != SIZE_MAX) {
			attr(list, pango_attr_family_new(latin.chain), from, i);
			from = SIZE_MAX;
		}
	}
}

PangoLayout *layout_make(struct sheet *s, const struct style *style, str text, double width)
{
	PangoLayout *l = pango_layout_new(s->fonts);
	PangoFontDescription *font = pango_font_description_new();
	PangoAttrList *list = pango_attr_list_new();
	pango_font_description_set_family(font, faces[style->face].chain);
	pango_font_description_set_size(font, (gint)(style->size * PANGO_SCALE));
	if (faces[style->face].bold)
		pango_font_description_set_weight(font, PANGO_WEIGHT_BOLD);
	pango_layout_set_font_description(l, font);
	pango_font_description_free(font);
	pango_layout_set_text(l, text.p, (int)text.n);
	if (style->face != FACE_MONO)
		latin_runs(list, text);
	if (style->closer > 0 || style->closer < 0)
		attr(list, pango_attr_letter_spacing_new((int)(-style->closer * PANGO_SCALE)), 0, text.n);
	pango_layout_set_attributes(l, list);
	pango_attr_list_unref(list);
	if (width > 0) {
		static const PangoAlignment sides[] = {[TO_BOTH] = PANGO_ALIGN_LEFT,
			[TO_LEFT] = PANGO_ALIGN_LEFT,
			[TO_MIDDLE] = PANGO_ALIGN_CENTER,
			[TO_RIGHT] = PANGO_ALIGN_RIGHT};
		pango_layout_set_width(l, (int)(width * PANGO_SCALE));
		pango_layout_set_wrap(l, PANGO_WRAP_WORD_CHAR);
		pango_layout_set_alignment(l, sides[style->align]);
		pango_layout_set_justify(l, style->align == TO_BOTH);
		pango_layout_set_indent(
			l, (int)(style->indent * (style->size - style->closer) * PANGO_SCALE));
	}
	return l;
}

double layout_width(PangoLayout *l)
{
	PangoRectangle r;
	pango_layout_get_extents(l, NULL, &r);
	return (double)r.width / PANGO_SCALE;
}
