/* me_rows.h -- a person's roles, sessions, phones and tokens in the words of a page: for /me and for /accounts/ID. */
#pragma once
#include "web/page.h"
#include "web/page_me.h"

MUST_USE enum rc me_roles(struct page *p, struct me_page *g, struct err *err);
MUST_USE enum rc me_sessions(
	struct page *p, int64_t person, struct me_session **out, size_t *out_n, struct err *err);
MUST_USE enum rc me_devices(
	struct page *p, int64_t person, struct me_device **out, size_t *out_n, struct err *err);
MUST_USE enum rc me_tokens(
	struct page *p, int64_t person, struct me_token **out, size_t *out_n, struct err *err);
str role_words(struct page *p, str role);
str scope_words(struct page *p, int scope); /* 登记册（读写）、指标（只读） */
/* Whom a form names: an account's name, #12, a citizen number, or a name that is unique in the unit. */
MUST_USE enum rc person_named(struct page *p, int64_t org, str text, int64_t *out, struct err *err);
