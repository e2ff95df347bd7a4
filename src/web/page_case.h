/* page_case.h -- /r/REGISTER/ID/case: who works on the case, and the notes that only they open; /me/notes: one's own key. */
#pragma once
#include "web/page_me.h"

struct case_member_row {
	int64_t id;
	str name, role, span;
	bool may_end;
};
struct case_anchor_box {
	const char *id;           /* of the page's element */
	str label, title, anchor; /* anchor: "person:12", as the form says it */
	struct case_member_row *people;
	size_t people_n;
	struct choice_row *roles;
	size_t roles_n;
	bool may;
};
struct case_note_row {
	str label, field, readers, text;
	bool mine; /* sealed to me as well */
};
struct case_page {
	struct shell shell;
	str heading, action, told, fault, to;
	struct case_anchor_box *anchors;
	size_t anchors_n;
	struct case_note_row *notes;
	size_t notes_n;
	bool has_key, opens;
};

struct notes_page {
	struct shell shell;
	str fault, told;
	bool has_key;
};
