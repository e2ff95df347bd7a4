/* sent_lock.h -- what was sent up stands (domain.md 1.4b: after 报送 a period is locked).
 *
 * While the return of a collection is sent or locked, rows of the register that it asked for are neither added nor changed
 * in its period and below its unit (RC_CONFLICT, with the remedy). One row may be changed once for each correction that
 * names it, was accepted after the row's last change, and was accepted by another person than who asked for it. The
 * superior who sends the return back opens the period again.
 *
 * Registers whose date is a field of their own are locked; rows that are deleted, and changes of nothing but references to
 * persons, pass: erasure and the joining of double persons are no corrections. */
#pragma once
#include "register/city.h"

/* After city_open for writing. */
void sent_lock_attach(struct city *c);
