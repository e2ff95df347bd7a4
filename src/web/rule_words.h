/* rule_words.h -- the words of the model desk for the files of model/rules/: what each is for, who reads it, what its keys and
 * values are called, and which of them a city changes by a form. */
#pragma once
#include "register/rule_book.h"
#include "web/page.h"

enum { RULE_READERS_MAX = 5 };

struct rule_reader {
	const char *label, *href; /* N_(); href NULL: a command */
};

struct rule_file_words {
	const char *file, *label, *lead;
	const char *whose; /* what a city may change in it, and why not the rest */
	struct rule_reader readers[RULE_READERS_MAX];
};

const struct rule_file_words *rule_file_words(str file); /* NULL: a file of the city's own */
/* Keys and values in words; what is not known stands as it is. */
str rule_key_words(str key);
str rule_value_words(struct page *p, const struct rule *r, const struct rule_value *v);
/* The rule's own label, or that of the register, figure, role or part that it is about. */
str rule_label_words(struct page *p, const struct rule *r);
str rule_part_words(str part);
/* Is it one of those that a city changes by a form? */
bool rule_is_ours(const struct rule *r, const struct rule_value *v);
