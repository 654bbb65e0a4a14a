/* The four kernel sums of solver/pair_sum.h over pairs, in long double. */
#ifndef CONTRAFLOW_TESTS_PAIR_REFERENCE_H
#define CONTRAFLOW_TESTS_PAIR_REFERENCE_H

#include <stdbool.h>

#include "contraflow/solver/pair_sum.h"
#include "sum_engine.h"

typedef struct {
    cf_profile profile;
    size_t n, d;
    size_t targets; /* of which sums are computed: the first ones */
    bool unit;      /* points of norm 1 */
    cf_pairs pairs;
    const double *x, *v; /* [n*d] */
    cf_pair_weights w, dw;
} pair_problem;

enum { POTENTIAL, FORCE, POTENTIAL_RATE, FORCE_RATE, SUMS };
extern const char *const sum_names[SUMS];

/* Components per target of a sum. */
size_t sum_width(const pair_problem *p, int which);

/* sums[which] [targets] or [targets*d]. Returns in size[which] what the sum may be: the largest
 * over targets of the weights of the target, times the total of the weights of the sources, times
 * the largest kernel; motions at their largest. */
void pair_reference(const pair_problem *p, long double *const sums[SUMS], double size[SUMS]);

/* The same by an engine made for the problem; each sum begins `apart` numbers after the last. */
void pair_evaluate(const cf_sum_engine *engine, cf_sum_state *state, const pair_problem *p,
                   double *sums, size_t apart);

#endif
