/* tr.h -- texts in the reader's language.
 * Source texts are English; zh comes from i18n/zh.po, compiled to a .mo and embedded. tr("...") looks the
 * text up for the calling thread's language and returns the source itself where none is found (a test fails on
 * such a gap). No locale of the system is needed: a bare machine has none. Formats keep their conversions, and
 * may reorder them (%1$s).
 * trn() picks singular or plural in English; Chinese has one form. */
#pragma once
#include "base/attr.h"

enum lang { LANG_ZH, LANG_EN };

void tr_set(enum lang lang); /* for the calling thread */
enum lang tr_lang(void);
const char *tr(const char *text) FORMAT_ARG(1);
const char *trn(const char *one, const char *many, long long n) FORMAT_ARG(1) FORMAT_ARG(2);

/* A text in a table: N_("...") marks it for the catalogue, tr() is called where it is shown. */
#define N_(text) text
