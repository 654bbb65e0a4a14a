/* Adams costs about two evaluations a step, but its steps h are held near 1/lambda, lambda the
 * spectral radius of the Jacobian, once the solution itself has become slow; BDF has no such bound
 * but pays Krylov products. Two counted facts decide. (1) h lambda, lambda by power iteration on
 * exact Jacobian products: small means that accuracy holds the steps, where Adams is right. (2)
 * Time gained per evaluation: BDF is tried where h lambda is large, and stays if it gains more than
 * Adams did just before. A failed trial doubles the wait for the next, so that trials cost a
 * bounded part of a run. Clocks play no part. */
#include "method_choice.h"

#include <math.h>
#include <stdlib.h>

#include "contraflow/solver/memory.h"
#include "contraflow/solver/random.h"

enum {
    WINDOW = 200, /* evaluations between looks at Adams */
    TRIAL = 400,  /* evaluations of a trial of BDF; its second half is judged, past the start-up */
    FIRST_ITERATIONS = 12, /* of the power method from a random vector, */
    MORE_ITERATIONS = 4    /* and from the last one */
};
static const double STABILITY_HELD =
    0.5; /* h lambda of Adams above which its steps are held by stability; */
static const double STABILITY_HELD_STEADY = 0.1, STEADY = 0.05; /* or, of high orders, above which,
                                                                 * when steps do not change */
static const double ACCURACY_HELD =
    0.25; /* h lambda of BDF below which Adams could take the same steps */

struct cf_method_choice {
    const cf_ode *ode;
    double *direction, *product, *integrals; /* of the power method */
    bool warm;
    cf_method method;
    bool trial;
    double mark_t; /* where the present window began */
    long mark, start, wait_until, wait;
    double step;       /* of Adams at the last look */
    double adams_gain; /* time per evaluation of Adams before the trial */
};

static double length(const double *v, size_t n)
{
    double total = 0;
    for (size_t i = 0; i < n; i++)
        total += v[i] * v[i];
    return sqrt(total);
}

/* A random unit vector to begin the power method with. */
static void set_direction(cf_method_choice *choice)
{
    const cf_random random = {0, CF_STREAM_PROBE};
    size_t size = choice->ode->size;
    for (size_t i = 0; i < size; i++)
        choice->direction[i] = cf_random_normal(random, i, 0);
    double norm = length(choice->direction, size);
    for (size_t i = 0; i < size; i++)
        choice->direction[i] /= norm;
    choice->warm = false;
}

cf_status cf_method_choice_create(const cf_ode *ode, cf_method_choice **out, cf_err *err)
{
    *out = NULL;
    cf_method_choice *choice = cf_allocate("method choice", 1, sizeof *choice, err);
    if (choice == NULL)
        return CF_ESYSTEM;
    choice->ode = ode;
    choice->method = CF_METHOD_ADAMS;
    choice->wait = TRIAL;
    choice->direction = cf_allocate("power iteration", ode->size, sizeof(double), err);
    choice->product = cf_allocate("power iteration", ode->size, sizeof(double), err);
    choice->integrals = cf_allocate("power iteration", ode->quadratures, sizeof(double), err);
    if (choice->direction == NULL || choice->product == NULL || choice->integrals == NULL) {
        cf_method_choice_free(&choice);
        return CF_ESYSTEM;
    }
    set_direction(choice);
    *out = choice;
    return CF_OK;
}

void cf_method_choice_free(cf_method_choice **choice)
{
    if (*choice == NULL)
        return;
    free((*choice)->direction);
    free((*choice)->product);
    free((*choice)->integrals);
    free(*choice);
    *choice = NULL;
}

/* |lambda|max of the Jacobian at (t, y), to the tens of percent that the decision needs; 0 where it
 * cannot be had, which leaves the method as it is. */
static cf_status spectral_radius(cf_method_choice *choice, double t, const double *y,
                                 double *radius, long *products, cf_err *err)
{
    const cf_ode *ode = choice->ode;
    int iterations = choice->warm ? MORE_ITERATIONS : FIRST_ITERATIONS;
    cf_err failure = {0};
    cf_status status = ode->linearize(ode->system, t, y, &failure);
    double estimate = 0;
    *radius = 0;
    *products += iterations + 1;
    for (int k = 0; k < iterations && status == CF_OK; k++) {
        status = ode->jacobian_times(ode->system, choice->direction, choice->product,
                                     choice->integrals, &failure);
        estimate = length(choice->product, ode->size);
        if (!(estimate > 0) || !isfinite(estimate))
            break;
        for (size_t i = 0; i < ode->size; i++)
            choice->direction[i] = choice->product[i] / estimate;
    }
    choice->warm = status == CF_OK && estimate > 0 && isfinite(estimate);
    if (choice->warm)
        *radius = estimate;
    else
        set_direction(choice);
    return status == CF_OK || status == CF_ENUMERIC ? CF_OK
                                                    : cf_fail(err, status, "%s", failure.message);
}

static void begin(cf_method_choice *choice, cf_method method, double t, long cost)
{
    choice->method = method;
    choice->trial = method == CF_METHOD_BDF;
    choice->start = cost;
    choice->mark = cost;
    choice->mark_t = t;
}

/* High orders are stable up to h lambda of a tenth only; but stability holds steps constant. */
static bool held(const cf_method_choice *choice, double step, double radius)
{
    bool steady = fabs(step - choice->step) <= STEADY * step;
    return step * radius > (steady ? STABILITY_HELD_STEADY : STABILITY_HELD);
}

static void look_at_adams(cf_method_choice *choice, double t, bool stiff, long cost)
{
    if (stiff && cost >= choice->wait_until) {
        choice->adams_gain = (t - choice->mark_t) / (double)(cost - choice->mark);
        begin(choice, CF_METHOD_BDF, t, cost);
        return;
    }
    choice->mark = cost;
    choice->mark_t = t;
}

static void judge_trial(cf_method_choice *choice, double t, long cost)
{
    double gain = (t - choice->mark_t) / (double)(cost - choice->mark);
    choice->trial = false;
    choice->mark = cost;
    choice->mark_t = t;
    if (gain > choice->adams_gain) {
        choice->wait = TRIAL;
        return;
    }
    choice->wait *= 2;
    choice->wait_until = cost + choice->wait;
    begin(choice, CF_METHOD_ADAMS, t, cost);
}

cf_status cf_method_choice_update(cf_method_choice *choice, double t, const double *y, double step,
                                  const cf_counts *counts, cf_method *method, long *products,
                                  cf_err *err)
{
    long cost = counts->rhs_evaluations + counts->linearizations + counts->jacobian_products;
    cf_status status = CF_OK;
    double radius = 0;
    if (choice->method == CF_METHOD_ADAMS && cost - choice->mark >= WINDOW) {
        status = spectral_radius(choice, t, y, &radius, products, err);
        look_at_adams(choice, t, held(choice, step, radius), cost);
        choice->step = step;
    } else if (choice->trial && cost - choice->start >= TRIAL) {
        judge_trial(choice, t, cost);
    } else if (choice->trial && choice->mark == choice->start &&
               cost - choice->start >= TRIAL / 2) {
        choice->mark = cost;
        choice->mark_t = t;
    } else if (choice->method == CF_METHOD_BDF && !choice->trial && cost - choice->mark >= TRIAL) {
        choice->mark = cost;
        status = spectral_radius(choice, t, y, &radius, products, err);
        if (step * radius < ACCURACY_HELD)
            begin(choice, CF_METHOD_ADAMS, t, cost);
    }
    *method = choice->method;
    return status;
}

cf_status cf_method_choice_pass(cf_method_choice *choice, cf_archive *archive, cf_err *err)
{
    const struct {
        void *field;
        size_t size;
    } fields[] = {{&choice->warm, sizeof choice->warm},
                  {&choice->method, sizeof choice->method},
                  {&choice->trial, sizeof choice->trial},
                  {&choice->mark_t, sizeof choice->mark_t},
                  {&choice->mark, sizeof choice->mark},
                  {&choice->start, sizeof choice->start},
                  {&choice->wait_until, sizeof choice->wait_until},
                  {&choice->wait, sizeof choice->wait},
                  {&choice->step, sizeof choice->step},
                  {&choice->adams_gain, sizeof choice->adams_gain},
                  {choice->direction, choice->ode->size * sizeof *choice->direction}};
    cf_status status = CF_OK;
    for (size_t k = 0; k < sizeof fields / sizeof *fields && status == CF_OK; k++)
        status = cf_archive_pass(archive, fields[k].field, fields[k].size, err);
    return status;
}
