/* watch.h -- cells follow the writes: the observers of register/change.h that figure_attach installs; private to figure/.
 *
 * A write first names the rows it touches: the written row, and every row of another register whose figures reach it by
 * a path or an `exists` (reach.h). A row not yet touched in this batch is read as it stands, and what it counts is taken
 * off in memory, with the tree as it then stands. A new row (its id above the register's last at the batch's start) has
 * no before. Before the commit the new rows and the touched ones are read once more and added, distinct references are
 * looked up where presence changed, and the differences are written. A job that was undone leaves the touched set too
 * large, which does no harm; an abandoned batch clears everything. */
#pragma once
#include "figure/figure.h"

/* Is db the writer's, inside a batch that has touched rows whose cells are not yet written? */
bool watch_pending(const struct city *c, const struct db *db);
