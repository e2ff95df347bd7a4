/* certificate.h -- 志愿服务记录证明: issued from the records, verified by anybody who holds the paper (民政部令第67号: free of
 * charge, by who recorded; the page of verification shows no ID number).
 *
 * What it certifies is counted when it is issued: the hours of the valid records of one person, at completed events of one
 * unit, over a span of days. Number: a serial with its check (base/ident.h), ZY2026-00000012-34. Code: 8 random letters of
 * guard/code.h. The number alone tells nothing, or all could be had by counting; number and code together are what stands
 * on the paper and in its QR picture.
 *
 * A person may ask for the own certificate at any time: then the program issues it in the unit's name, since the unit has
 * confirmed each of the records; else the unit's people issue it. */
#pragma once
#include "register/record.h"

enum { CERTIFICATE_CODE_BYTES = 9 };

struct served {
	int64_t org, minutes, events;
	str first, last; /* days, ISO */
};
/* What a person has served in each unit from..to (both days included), most hours first. The caller has looked at who asks. */
MUST_USE enum rc served_by(struct reader *r, int64_t person, str from, str to, struct served **out,
	size_t *out_n, struct err *err);

struct certificate_order {
	int64_t person, org;
	str from, to;
};
/* Inside a job: by the person, or by who may write certificates of the unit. RC_NOT_FOUND: nothing was served. */
MUST_USE enum rc certificate_issue(
	struct job_ctx *c, const struct certificate_order *o, int64_t *out_id, struct err *err);

struct certificate {
	int64_t id, person, org, minutes;
	str number, code, issued_on, from, to, content, state;
	bool valid; /* stands; else it has been withdrawn */
};
/* Of one that the reader may see. */
MUST_USE enum rc certificate_read(struct reader *r, int64_t id, struct certificate *out, struct err *err);
/* By whoever holds the paper, whoever that is: person, content and code are not filled, *out_name is the name with its
 * first character only. RC_NOT_FOUND where number or code is wrong, which of them is not told. */
MUST_USE enum rc certificate_verify(
	struct reader *r, str number, str code, struct certificate *out, str *out_name, struct err *err);
