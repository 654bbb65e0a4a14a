/* What a right-hand side of a density costs against the number of nodes M, for every scheme.
 *
 *   build/bench/bench-densities
 *
 * The dissipation -dL/dt at the start is that of twice the nodes, before anything is timed.
 * Processor time of the fastest of many evaluations on one thread, and the exponent fitted to it
 * (E53): a little above 1 for M log M; harmonics on the whole sphere cost M^(3/2), and symmetric
 * about an axis M^2, M being small then. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "check.h"
#include "contraflow/solver/statistics.h"
#include "contraflow/solver/threads.h"
#include "solve.h"

enum { LEVELS = 5, REPEATS = 40 };

typedef struct {
    const char *name;
    const cf_latent *latent;
    int scheme;
    bool turned; /* not symmetric about e_1 */
    long first;
    double exponent; /* what is expected at most */
} scheme;

static double seconds_of(const cf_ode *ode, const double *y, double *rate, double *dissipation)
{
    double best = INFINITY;
    cf_err err = {0};
    for (int repeat = 0; repeat < REPEATS; repeat++) {
        clock_t started = clock();
        require(ode->rhs(ode->system, 0, y, rate, dissipation, &err), &err, "right-hand side");
        best = fmin(best, (double)(clock() - started) / CLOCKS_PER_SEC);
    }
    return best;
}

/* One evaluation per level: nodes, seconds and dissipation. */
static void measure(const scheme *s, long nodes, double *M, double *seconds, double *dissipation)
{
    cf_err err = {0};
    cf_flow *flow = NULL;
    cf_flow_state state;
    const cf_data data = data_of(4);
    cf_start_law law = near_point(*s->latent, 0.4);
    law.axial = law.axial && !s->turned;
    cf_flow_setup setup = setup_of(&data, *s->latent, &law, s->scheme, nodes);
    setup.loss.eta.tau = 0.5;
    require(cf_flow_kind_find("vanilla", "density")->create(&setup, &flow, &err), &err, s->name);
    const cf_ode *ode = cf_flow_ode(flow);
    double *rate = malloc(ode->size * sizeof *rate);
    *seconds = seconds_of(ode, cf_flow_start(flow), rate, dissipation);
    require(cf_flow_observe(flow, 0, cf_flow_start(flow), &state, &err), &err, s->name);
    *M = (double)(state.measure.n / CLUSTERS);
    free(rate);
    cf_flow_free(&flow);
}

static void run(const scheme *s)
{
    double M[LEVELS], seconds[LEVELS], dissipation[LEVELS];
    for (int k = 0; k < LEVELS; k++)
        measure(s, s->first << k, &M[k], &seconds[k], &dissipation[k]);
    check_near(dissipation[LEVELS - 2], dissipation[LEVELS - 1], 1e-2 * dissipation[LEVELS - 1],
               "%s: the answer is that of twice the nodes", s->name);
    printf("# | %s: M | microseconds | per node, ns |\n# | --- | --- | --- |\n", s->name);
    for (int k = 0; k < LEVELS; k++)
        printf("# | %.0f | %.1f | %.1f |\n", M[k], 1e6 * seconds[k], 1e9 * seconds[k] / M[k]);
    const cf_power_law fit = cf_power_law_fit(M, seconds, LEVELS, 1, 0.95);
    check_below(fit.slope, s->exponent, "%s: a right-hand side costs ~ M^%.2f", s->name, fit.slope);
}

int main(void)
{
    static const scheme schemes[] = {{"circle, harmonics", &CIRCLE, SPECTRAL, false, 1536, 1.3},
                                     {"circle, volumes", &CIRCLE, VOLUMES, false, 1536, 1.3},
                                     {"line, volumes", &LINE, VOLUMES, false, 1536, 1.3},
                                     {"plane, volumes", &PLANE, VOLUMES, false, 48, 1.3},
                                     {"sphere, harmonics", &SPHERE, SPECTRAL, true, 16, 1.7},
                                     {"sphere, about an axis", &SPHERE, SPECTRAL, false, 64, 2.1}};
    cf_set_threads(1);
    for (size_t k = 0; k < sizeof schemes / sizeof *schemes; k++)
        run(&schemes[k]);
    return check_done();
}
