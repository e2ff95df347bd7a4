/* page_photo_new.h -- what the two files of photos share; see page_photo.h. */
#pragma once
#include "register/record.h"
#include "web/page.h"

/* REGISTER:ID of an activity that the reader may read and photos are kept of; *out_field: its field in register photo. */
MUST_USE enum rc photo_activity(
	struct page *p, str of, struct record **out, const struct field **out_field, struct err *err);
enum rc photo_form(struct page *p, struct err *err);
enum rc photo_sent(struct page *p, struct err *err);
