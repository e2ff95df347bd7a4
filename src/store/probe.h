/* probe.h -- a database that tells what it is asked, and one that fails on purpose.
 *
 * Both work on either engine, for the whole process, and are off unless switched on. Thread-safe.
 *
 * Trace (trace.c): each statement's text as the program spells it (parameters stay ?1: never a value), how long its
 * steps took together, how many rows it gave, how it ended. Told when the statement is reset, which is after its last
 * row or when the loop is left, and for each commit ("COMMIT").
 *
 * Faults (engine_fault.c, an engine that wraps the real one of connections opened from then on): the nth call of a kind
 * fails, once or for good:
 *   FAULT_STATEMENT    a step fails, nothing of it is done; the transaction stands
 *   FAULT_TRANSACTION  a step fails and the engine gives the whole transaction up
 *   FAULT_COMMIT_LOST  a commit ends unknown; it was not done
 *   FAULT_COMMIT_DONE  a commit ends unknown; it was done
 *   FAULT_CONNECTION   a step or commit finds the connection gone, and so does every call after it on that connection;
 *                      one opened anew works (with `stays`, none does)
 * A harness counts n up from 1 until db_faults_fired() stays 0. */
#pragma once
#include "base/str.h"
#include <stdbool.h>
#include <stdint.h>

struct db_traced {
	const char *sql;
	int64_t took_us, rows;
	bool failed;
};
/* told NULL: no trace. It is called on the thread that uses the connection. */
void db_trace(void (*told)(void *user, const struct db_traced *t), void *user);

enum db_fault_kind {
	FAULT_NONE,
	FAULT_STATEMENT,
	FAULT_TRANSACTION,
	FAULT_COMMIT_LOST,
	FAULT_COMMIT_DONE,
	FAULT_CONNECTION
};
void db_fault(enum db_fault_kind kind, int nth, bool stays);
int db_faults_fired(void); /* since db_fault */
