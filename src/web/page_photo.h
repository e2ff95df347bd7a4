/* page_photo.h -- /photos: photographs by year, programme and activity; /photos/new?of=REGISTER:ID: one more, from the camera
 * or a file, with who can be recognised in it; /photos/ID: one; /photos/ID/picture|thumb: its pixels, shown in the page
 * because we have encoded them ourselves (format/photo.h). Kept and shown as register/photo.h says. */
#pragma once
#include "web/page_form.h"

enum { PHOTOS_PAGE = 60 };

struct photo_tile {
	str href, src, caption, about;
};
struct photo_choice {
	str label, href;
	bool here;
};
struct photos_page {
	struct shell shell;
	str heading, about, new_href, back_href, hidden, older_href;
	struct photo_choice *years, *programmes;
	size_t years_n, programmes_n;
	struct photo_tile *tiles;
	size_t tiles_n;
};
struct photo_person {
	str id, name, note;
	bool here;
};
struct photo_page {
	struct shell shell;
	str heading, about, src, caption, activity, activity_href, row_href, who, of, fault, back_href, rest_words;
	struct photo_person *people, *rest; /* rest: without a consent, so not in a photo */
	size_t people_n, rest_n;
	bool nobody, some, told;
};
