/* permit_in.h -- between permit.c, permit_write.c and permit_lines.c; nobody else's. */
#pragma once
#include "register/permit.h"

bool permit_in_scope(const struct tree *t, const struct actor *actor, int64_t org);
int64_t permit_person_of(const struct record *rec); /* 0: none */
/* The case by which the actor, as this role, reaches the row; NULL: none. */
const struct case_of *permit_case(const struct actor *actor, const struct record *rec, str role);
void permit_shown(const struct reg *reg, str role, uint64_t set[2]);    /* adds */
void permit_editable(const struct reg *reg, str role, uint64_t set[2]); /* adds */
