/* The only file that knows CVODE, in the edition CVODES that integrates companions beside the
 * states. The integrals q are appended to the states y, so that they are part of the corrector
 * iteration and cost no evaluation of their own. SUNDIALS 6.1 to 7. */
#include <float.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cvodes/cvodes.h>
#include <nvector/nvector_serial.h>
#include <sundials/sundials_config.h>
#include <sunlinsol/sunlinsol_spgmr.h>
#include <sunnonlinsol/sunnonlinsol_fixedpoint.h>

#include "contraflow/solver/memory.h"
#include "stepper.h"

struct cf_stepper {
    const cf_ode *ode;
    double t_end;
    SUNContext context;
    void *cvode;
    double *values; /* [2*length]: what state and companions, dense and companions_dense hold */
    N_Vector state, dense, tolerance;
    N_Vector companions, companions_dense; /* or NULL */
    SUNLinearSolver linear;
    SUNNonlinearSolver nonlinear;
    long linearizations;
    const double *rate; /* where the last right-hand side was written */
    int vanishing;      /* steps in a row that did not move t */
    cf_err failure;     /* of a callback, carried past CVODE */
};

enum { MOST_VANISHING = 20 };

/* A callback's status as CVODE wants it: 0, recoverable > 0, fatal < 0. A recoverable failure
 * leaves no message, because a smaller step may mend it. */
static int flag_of(cf_stepper *stepper, cf_status status, const cf_err *err)
{
    if (status == CF_OK)
        return 0;
    if (status == CF_ENUMERIC)
        return 1;
    stepper->failure = *err;
    return -1;
}

static int rhs(sunrealtype t, N_Vector y, N_Vector ydot, void *user)
{
    cf_stepper *stepper = user;
    const cf_ode *ode = stepper->ode;
    cf_err err = {0};
    double *rate = N_VGetArrayPointer(ydot);
    stepper->rate = rate;
    return flag_of(stepper,
                   ode->rhs(ode->system, t, N_VGetArrayPointer(y), rate, rate + ode->size, &err),
                   &err);
}

/* Where fy = f(t, y) is what the last right-hand side wrote, the system is there already. */
static int linearize(sunrealtype t, N_Vector y, N_Vector fy, void *user)
{
    cf_stepper *stepper = user;
    cf_err err = {0};
    if (stepper->ode->rhs_linearizes && N_VGetArrayPointer(fy) == stepper->rate)
        return 0;
    stepper->rate = NULL;
    stepper->linearizations++;
    return flag_of(stepper,
                   stepper->ode->linearize(stepper->ode->system, t, N_VGetArrayPointer(y), &err),
                   &err);
}

static int jacobian_times(N_Vector v, N_Vector jv, sunrealtype t, N_Vector y, N_Vector fy,
                          void *user, N_Vector scratch)
{
    (void)t, (void)y, (void)fy, (void)scratch;
    cf_stepper *stepper = user;
    const cf_ode *ode = stepper->ode;
    cf_err err = {0};
    double *product = N_VGetArrayPointer(jv);
    return flag_of(
        stepper,
        ode->jacobian_times(ode->system, N_VGetArrayPointer(v), product, product + ode->size, &err),
        &err);
}

static int companion(sunrealtype t, N_Vector y, N_Vector wdot, void *user)
{
    cf_stepper *stepper = user;
    const cf_ode *ode = stepper->ode;
    stepper->rate = NULL;
    ode->companion(ode->system, t, N_VGetArrayPointer(y), N_VGetArrayPointer(wdot));
    return 0;
}

static int factor(sunrealtype t, N_Vector y, N_Vector fy, sunbooleantype same,
                  sunbooleantype *renewed, sunrealtype gamma, void *user)
{
    (void)same;
    cf_stepper *stepper = user;
    cf_err err = {0};
    *renewed = SUNTRUE;
    int flag = linearize(t, y, fy, user);
    return flag != 0
               ? flag
               : flag_of(stepper, stepper->ode->factor(stepper->ode->system, gamma, &err), &err);
}

/* Of the states; the integrals, on which no state depends, have the identity. */
static int precondition(sunrealtype t, N_Vector y, N_Vector fy, N_Vector r, N_Vector z,
                        sunrealtype gamma, sunrealtype delta, int side, void *user)
{
    (void)t, (void)y, (void)fy, (void)delta, (void)side;
    cf_stepper *stepper = user;
    const cf_ode *ode = stepper->ode;
    cf_err err = {0};
    const double *from = N_VGetArrayPointer(r);
    double *to = N_VGetArrayPointer(z);
    memcpy(to + ode->size, from + ode->size, ode->quadratures * sizeof *to);
    return flag_of(stepper, ode->precondition(ode->system, gamma, from, to, &err), &err);
}

/* An exact zero counts as positive: CVODE gives up where a component is zero at a root and, by
 * rounding, still right behind it, as where the solution grazes the root. Products of two values
 * must not underflow: it tells signs by them. */
static const double TINY = 1e-100;

static int root(sunrealtype t, N_Vector y, sunrealtype *g, void *user)
{
    cf_stepper *stepper = user;
    const cf_ode *ode = stepper->ode;
    cf_err err = {0};
    stepper->rate = NULL; /* the system is evaluated elsewhere */
    cf_status status = ode->root(ode->system, t, N_VGetArrayPointer(y), g, &err);
    for (size_t k = 0; k < ode->roots && status == CF_OK; k++)
        if (g[k] == 0)
            g[k] = TINY;
    return flag_of(stepper, status, &err);
}

/* CVODE's own messages are dropped: the return flag names the failure. Since 7, warnings pass by
 * the error handlers to standard output, and the one we can meet, of a vanishing step, is ours. */
#if SUNDIALS_VERSION_MAJOR >= 7
static cf_status create_context(cf_stepper *stepper)
{
    if (SUNContext_Create(SUN_COMM_NULL, &stepper->context) != 0)
        return CF_ESYSTEM;
    return SUNContext_ClearErrHandlers(stepper->context) == 0 ? CF_OK : CF_ESYSTEM;
}

static int silence(void *cvode)
{
    return CVodeSetMaxHnilWarns(cvode, -1);
}
#else
static cf_status create_context(cf_stepper *stepper)
{
    return SUNContext_Create(NULL, &stepper->context) == 0 ? CF_OK : CF_ESYSTEM;
}

static void drop_message(int code, const char *module, const char *function, char *message,
                         void *data)
{
    (void)code, (void)module, (void)function, (void)message, (void)data;
}

static int silence(void *cvode)
{
    return CVodeSetErrHandlerFn(cvode, drop_message, NULL);
}
#endif

static cf_status create_vectors(cf_stepper *stepper, const cf_integrator_options *options,
                                const double *y, cf_err *err)
{
    const cf_ode *ode = stepper->ode;
    size_t total = ode->size + ode->quadratures, length = cf_ode_length(ode);
    sunindextype states = (sunindextype)total, companions = (sunindextype)ode->companions;
    stepper->values = cf_allocate("integrator", 2 * length, sizeof(double), err);
    if (stepper->values == NULL)
        return CF_ESYSTEM;
    double *now = stepper->values, *dense = now + length;
    memcpy(now, y, length * sizeof *now);
    stepper->state = N_VMake_Serial(states, now, stepper->context);
    stepper->dense = N_VMake_Serial(states, dense, stepper->context);
    stepper->tolerance = N_VNew_Serial(states, stepper->context);
    bool made = stepper->state != NULL && stepper->dense != NULL && stepper->tolerance != NULL;
    if (companions > 0) {
        stepper->companions = N_VMake_Serial(companions, now + total, stepper->context);
        stepper->companions_dense = N_VMake_Serial(companions, dense + total, stepper->context);
        made = made && stepper->companions != NULL && stepper->companions_dense != NULL;
    }
    if (!made)
        return cf_fail(err, CF_ESYSTEM, "integrator: no memory for %zu states", total);
    double *tolerance = N_VGetArrayPointer(stepper->tolerance);
    for (size_t i = 0; i < total; i++)
        tolerance[i] = i < ode->size ? options->atol : 100 * options->atol;
    return CF_OK;
}

/* A prediction of order q adds q (q + 1) / 2 pairs of states. Where these lie in memory and not in
 * a cache, that soon costs more than a right-hand side; and high orders are stable only at short
 * steps, which force the change to BDF: 10^6 points on the circle take twice the steps with all
 * orders. */
enum { LARGE = 1 << 18, MODEST_ORDER = 4 };

/* GMRES keeps a vector for every iteration, which for large states is most of the memory of BDF,
 * whereas it seldom takes more than these; where it does it begins anew from what it has. */
enum { MODEST_KRYLOV = 5 };

static int krylov_dimension(int most, size_t states)
{
    return states > LARGE && most > MODEST_KRYLOV ? MODEST_KRYLOV : most;
}

/* Of CVODES for any method; of Adams the history and the iteration, of BDF the history, Newton's
 * method, its linear solver and GMRES; and ours. */
double cf_stepper_vectors(cf_method method, int krylov, size_t states)
{
    double adams = states > LARGE ? 3 + MODEST_ORDER + 1 : 3 + 12 + 1;
    double bdf = 6 + 1 + 2 + krylov_dimension(krylov, states) + 3;
    return 8 + (method == CF_METHOD_BDF ? bdf : adams) + 3;
}

static int attach_adams(cf_stepper *stepper)
{
    stepper->nonlinear = SUNNonlinSol_FixedPoint(stepper->state, 0, stepper->context);
    return stepper->nonlinear == NULL ? CV_MEM_FAIL
                                      : CVodeSetNonlinearSolver(stepper->cvode, stepper->nonlinear);
}

static int attach_bdf(cf_stepper *stepper, int krylov)
{
    bool preconditioned = stepper->ode->precondition != NULL;
    int dimension = krylov_dimension(krylov, stepper->ode->size);
    stepper->linear =
        SUNLinSol_SPGMR(stepper->state, preconditioned ? SUN_PREC_LEFT : SUN_PREC_NONE, dimension,
                        stepper->context);
    if (stepper->linear == NULL ||
        SUNLinSol_SPGMRSetMaxRestarts(stepper->linear, (krylov - 1) / dimension) != 0)
        return CV_MEM_FAIL;
    int flag = CVodeSetLinearSolver(stepper->cvode, stepper->linear, NULL);
    if (flag == CV_SUCCESS && preconditioned)
        flag = CVodeSetPreconditioner(stepper->cvode, stepper->ode->factor ? factor : NULL,
                                      precondition);
    return flag != CV_SUCCESS ? flag : CVodeSetJacTimes(stepper->cvode, linearize, jacobian_times);
}

static cf_status create_cvode(cf_stepper *stepper, const cf_integrator_options *options,
                              cf_method method, double t, cf_err *err)
{
    stepper->cvode = CVodeCreate(method == CF_METHOD_BDF ? CV_BDF : CV_ADAMS, stepper->context);
    if (stepper->cvode == NULL)
        return cf_fail(err, CF_ESYSTEM, "integrator: CVODE could not be created");
    int flag = silence(stepper->cvode);
    if (flag == CV_SUCCESS)
        flag = CVodeInit(stepper->cvode, rhs, t, stepper->state);
    if (flag == CV_SUCCESS && method != CF_METHOD_BDF && stepper->ode->size > LARGE)
        flag = CVodeSetMaxOrd(stepper->cvode, MODEST_ORDER);
    if (flag == CV_SUCCESS)
        flag = CVodeSVtolerances(stepper->cvode, options->rtol, stepper->tolerance);
    if (flag == CV_SUCCESS)
        flag = CVodeSetUserData(stepper->cvode, stepper);
    if (flag == CV_SUCCESS)
        flag =
            method == CF_METHOD_BDF ? attach_bdf(stepper, options->krylov) : attach_adams(stepper);
    if (flag == CV_SUCCESS && method == CF_METHOD_BDF && stepper->ode->remainder > 0)
        flag = CVodeSetNonlinConvCoef(stepper->cvode, stepper->ode->remainder);
    if (flag == CV_SUCCESS && stepper->companions != NULL)
        flag = CVodeQuadInit(stepper->cvode, companion, stepper->companions);
    if (flag == CV_SUCCESS && stepper->ode->roots > 0)
        flag = CVodeRootInit(stepper->cvode, (int)stepper->ode->roots, root);
    if (flag == CV_SUCCESS && stepper->ode->roots > 0)
        flag = CVodeSetNoInactiveRootWarn(stepper->cvode);
    if (flag == CV_SUCCESS)
        return CF_OK;
    char *name = CVodeGetReturnFlagName(flag);
    cf_fail(err, CF_ESYSTEM, "integrator: CVODE refused the problem (%s)", name);
    free(name);
    return CF_ESYSTEM;
}

cf_status cf_stepper_create(const cf_ode *ode, const cf_integrator_options *options,
                            cf_method method, double t, double t_end, const double *y,
                            cf_stepper **out, cf_err *err)
{
    *out = NULL;
    cf_stepper *stepper = cf_allocate("integrator", 1, sizeof *stepper, err);
    if (stepper == NULL)
        return CF_ESYSTEM;
    stepper->ode = ode;
    stepper->t_end = t_end;
    cf_status status = create_context(stepper);
    if (status != CF_OK)
        cf_fail(err, status, "integrator: SUNDIALS gave no context");
    if (status == CF_OK)
        status = create_vectors(stepper, options, y, err);
    if (status == CF_OK)
        status = create_cvode(stepper, options, method, t, err);
    if (status != CF_OK)
        cf_stepper_free(&stepper);
    *out = stepper;
    return status;
}

void cf_stepper_free(cf_stepper **stepper)
{
    cf_stepper *s = *stepper;
    if (s == NULL)
        return;
    if (s->cvode != NULL)
        CVodeFree(&s->cvode);
    if (s->linear != NULL)
        SUNLinSolFree(s->linear);
    if (s->nonlinear != NULL)
        SUNNonlinSolFree(s->nonlinear);
    N_Vector vectors[] = {s->state, s->dense, s->tolerance, s->companions, s->companions_dense};
    for (int k = 0; k < 5; k++)
        if (vectors[k] != NULL)
            N_VDestroy(vectors[k]);
    if (s->context != NULL)
        SUNContext_Free(&s->context);
    free(s->values);
    free(s);
    *stepper = NULL;
}

cf_status cf_stepper_step(cf_stepper *stepper, double *t, bool *event, int *direction, cf_err *err)
{
    sunrealtype reached = *t;
    stepper->rate = NULL; /* others may have used the system in between */
    int flag = CVode(stepper->cvode, stepper->t_end, stepper->state, &reached, CV_ONE_STEP);
    if (flag < 0) {
        if (stepper->failure.status != CF_OK)
            return cf_fail(err, stepper->failure.status, "%s", stepper->failure.message);
        char *name = CVodeGetReturnFlagName(flag);
        cf_fail(err, CF_ENUMERIC, "integrator: stopped at t = %.6g (%s)", reached, name);
        free(name);
        return CF_ENUMERIC;
    }
    bool moved = cf_stepper_last_step(stepper) > 4 * DBL_EPSILON * fabs(reached);
    stepper->vanishing = moved ? 0 : stepper->vanishing + 1;
    if (stepper->vanishing == MOST_VANISHING)
        return cf_fail(err, CF_ENUMERIC, "integrator: the step size vanished at t = %.17g",
                       reached);
    if (stepper->companions != NULL &&
        CVodeGetQuad(stepper->cvode, &reached, stepper->companions) != CV_SUCCESS)
        return cf_fail(err, CF_ESYSTEM, "integrator: no companions at t = %.6g", reached);
    *t = reached;
    *event = flag == CV_ROOT_RETURN;
    if (*event && CVodeGetRootInfo(stepper->cvode, direction) != CV_SUCCESS)
        return cf_fail(err, CF_ESYSTEM, "integrator: no information on the root at t = %.6g",
                       reached);
    return CF_OK;
}

const double *cf_stepper_state(const cf_stepper *stepper)
{
    return stepper->values;
}

cf_status cf_stepper_interpolate(cf_stepper *stepper, double t, const double **state, cf_err *err)
{
    int flag = CVodeGetDky(stepper->cvode, t, 0, stepper->dense);
    if (flag == CV_SUCCESS && stepper->companions != NULL)
        flag = CVodeGetQuadDky(stepper->cvode, t, 0, stepper->companions_dense);
    if (flag != CV_SUCCESS)
        return cf_fail(err, CF_ENUMERIC, "integrator: no dense output at t = %.6g", t);
    *state = N_VGetArrayPointer(stepper->dense);
    return CF_OK;
}

double cf_stepper_last_step(const cf_stepper *stepper)
{
    sunrealtype step = 0;
    CVodeGetLastStep(stepper->cvode, &step);
    return step;
}

void cf_stepper_counts(const cf_stepper *stepper, cf_counts *counts)
{
    memset(counts, 0, sizeof *counts);
    CVodeGetNumSteps(stepper->cvode, &counts->steps);
    CVodeGetNumRhsEvals(stepper->cvode, &counts->rhs_evaluations);
    CVodeGetNumErrTestFails(stepper->cvode, &counts->error_test_failures);
    CVodeGetNumNonlinSolvConvFails(stepper->cvode, &counts->convergence_failures);
    if (stepper->linear != NULL)
        CVodeGetNumJtimesEvals(stepper->cvode, &counts->jacobian_products);
    counts->linearizations = stepper->linearizations;
}

const char *cf_integrator_library(void)
{
    return "SUNDIALS " SUNDIALS_VERSION;
}
