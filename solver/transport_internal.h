/* What the distances share; private to solver/. */
#ifndef CONTRAFLOW_SOLVER_TRANSPORT_INTERNAL_H
#define CONTRAFLOW_SOLVER_TRANSPORT_INTERNAL_H

#include <stdbool.h>

#include "contraflow/solver/transport.h"

/* Finite points, finite weights (nonnegative where `positive`), and equal positive totals, which
 * mass [2] receives. */
cf_status cf_atoms_check(const cf_atoms *a, const cf_atoms *b, size_t d, bool positive,
                         double mass[2], cf_err *err);

/* An atom of the line; in transport.c also a level of a step function and the length on which it is
 * taken. */
typedef struct {
    double position, weight;
} cf_atom;

/* By position, which is finite, then by weight, so that equal measures are summed in the same
 * order; scratch [n]. */
void cf_atoms_sort(cf_atom *atoms, size_t n, cf_atom *scratch);

#endif
