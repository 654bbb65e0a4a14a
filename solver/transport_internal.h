/* What the distances share; private to solver/. */
#ifndef CONTRAFLOW_SOLVER_TRANSPORT_INTERNAL_H
#define CONTRAFLOW_SOLVER_TRANSPORT_INTERNAL_H

#include <stdbool.h>

#include "contraflow/solver/transport.h"

/* Finite points, finite weights (nonnegative where `positive`), and equal positive totals, which
 * mass [2] receives. */
cf_status cf_atoms_check(const cf_atoms *a, const cf_atoms *b, size_t d, bool positive,
                         double mass[2], cf_err *err);

#endif
