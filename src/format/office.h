/* office.h -- LibreOffice as a converter for the formats we do not read or write ourselves (.xls .et .ods in, .pdf out).
 * It runs as a process of its own, headless, with a private profile and folder that go afterwards, without a shell, and
 * is ended after OFFICE_SECONDS_MAX. It is started by a box (base/box.h), so that it has none of our memory and descriptors:
 * it sees the system's programs and its own folder, no other files (Landlock), and no network (seccomp). */
#pragma once
#include "base/arena.h"
#include "base/box.h"

enum { OFFICE_SECONDS_MAX = 120, OFFICE_FILE_MAX_BYTES = 256 << 20 };

bool office_present(void); /* soffice or libreoffice is on the PATH */
/* from and to are extensions without the dot ("xls", "xlsx"), letters and digits only; from tells LibreOffice what to
 * expect. RC_NOT_FOUND: no LibreOffice here; RC_INVALID: it could not make the file. */
MUST_USE enum rc office_convert(
	struct arena *a, str bytes, const char *from, const char *to, str *out_bytes, struct err *err);

/* The child's life (foreign.h); argument "FROM:TO". */
enum rc office_box_run(struct box *b, struct arena *a, str input, str argument, struct err *err);
