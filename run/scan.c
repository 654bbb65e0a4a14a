#include "contraflow/run/scan.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "contraflow/models/stationary.h"
#include "contraflow/solver/memory.h"
#include "scan_internal.h"

enum { MOST_CHANGES = 16, BISECTIONS = 60, MOST_MODES = 1500 };

static const double STATIONARY = 1e-9; /* |P grad phi| sqrt(tau) of what counts as stationary */
static const double PRECISION = 1e-10; /* of a threshold, relative */

/* --- one configuration at one tau --- */

static double spacing_of(const cf_configuration *c)
{
    double least = INFINITY;
    for (size_t i = 0; i < c->n; i++)
        for (size_t j = 0; j < i; j++) {
            double square = 0;
            for (size_t k = 0; k < c->d; k++) {
                double step = c->z[i * c->d + k] - c->z[j * c->d + k];
                square += step * step;
            }
            least = fmin(least, square);
        }
    return least;
}

/* The least eigenvalue at each vertex tells whether clusters part there. */
static void judge_vertices(const cf_stationary *s, const cf_configuration *c, cf_scan_state *out)
{
    out->split[0] = out->split[1] = NAN;
    out->split_bound = s->split_bound;
    for (size_t i = 0; i < c->n && s->splitting != NULL; i++) {
        double least = s->splitting[i * (c->d - 1)];
        out->split[0] = out->split[0] <= least ? out->split[0] : least;
        out->split[1] = out->split[1] >= least ? out->split[1] : least;
        out->parting += least < -s->split_bound;
        out->undecided += fabs(least) <= s->split_bound;
    }
}

static cf_status examine(const cf_loss_parameters *loss, double tau,
                         const cf_scan_configuration *configuration, cf_scan_state *out,
                         cf_err *err)
{
    const cf_configuration *c = configuration->points;
    cf_loss_parameters at = *loss;
    at.eta.tau = tau;
    const cf_stationary_setup setup = {&at, c->masses, c->n, c->d};
    const cf_stationary_options options = {.spectrum = {.dense = MOST_MODES}};
    cf_stationary *s = NULL;
    cf_status status = cf_stationary_create(&setup, &options, c->z, &s, err);
    if (status == CF_OK && !(s->residual * sqrt(tau) <= STATIONARY))
        status = cf_fail(err, CF_EINPUT,
                         "tau = %g: is not stationary, |P grad phi| = %.3g; masses must leave the "
                         "symmetry that makes it so",
                         tau, s->residual);
    *out = (cf_scan_state){.tau = tau, .spacing = spacing_of(c)};
    if (status == CF_OK)
        status = cf_uniform_loss(&at, c->d, &out->uniform, err);
    if (status == CF_OK) {
        out->loss = s->loss;
        out->residual = s->residual;
        out->unstable = s->unstable;
        out->neutral = s->neutral;
        judge_vertices(s, c, out);
        out->count = s->spectrum->count;
        out->lowest = out->count > 0 ? s->spectrum->values[0] : NAN;
        out->values = s->spectrum->values; /* taken over */
        s->spectrum->values = NULL;
    }
    cf_stationary_free(&s);
    return status == CF_OK ? CF_OK : cf_err_prepend(err, "configuration %s: ", configuration->name);
}

/* --- thresholds --- */

/* What changes; false where rounding leaves it open. */
static bool count_of(const cf_scan_state *state, cf_scan_change change, size_t *count)
{
    *count = change == CF_CHANGE_WHOLE ? state->unstable : state->parting;
    return (change == CF_CHANGE_WHOLE ? state->neutral : state->undecided) == 0;
}

static cf_status count_at(const cf_loss_parameters *loss, const cf_scan *scan, size_t c,
                          cf_scan_change change, double tau, size_t *count, cf_err *err)
{
    cf_scan_state state;
    cf_status status = examine(loss, tau, &scan->configurations[c], &state, err);
    if (status == CF_OK)
        count_of(&state, change, count);
    if (status == CF_OK)
        free(state.values);
    return status;
}

/* The first change above `low`, where there are `below` unstable modes, and before `high`, where
 * there is another number: by bisection of log tau. */
static cf_status bisect(const cf_loss_parameters *loss, const cf_scan *scan, double low,
                        double high, cf_scan_threshold *t, cf_err *err)
{
    cf_status status = CF_OK;
    for (int k = 0; k < BISECTIONS && high / low - 1 > PRECISION && status == CF_OK; k++) {
        double middle = sqrt(low * high);
        size_t count = 0;
        status = count_at(loss, scan, t->configuration, t->change, middle, &count, err);
        if (count == t->below)
            low = middle;
        else {
            high = middle;
            t->above = count;
        }
    }
    t->tau = sqrt(low * high);
    return status;
}

static cf_status add(cf_scan *scan, const cf_scan_threshold *threshold, cf_err *err)
{
    size_t count = scan->threshold_count;
    cf_scan_threshold *all = cf_allocate("thresholds", count + 1, sizeof *all, err);
    if (all == NULL)
        return CF_ESYSTEM;
    if (count > 0)
        memcpy(all, scan->thresholds, count * sizeof *all);
    all[count] = *threshold;
    free(scan->thresholds);
    scan->thresholds = all;
    scan->threshold_count++;
    return CF_OK;
}

static cf_status find_between(const cf_loss_parameters *loss, cf_scan *scan, size_t c,
                              cf_scan_change change, const cf_scan_state *states, cf_err *err)
{
    size_t below, above;
    double low = states[0].tau;
    cf_status status = CF_OK;
    if (!count_of(&states[0], change, &below) || !count_of(&states[1], change, &above))
        return CF_OK;
    for (int k = 0; k < MOST_CHANGES && below != above && status == CF_OK; k++) {
        cf_scan_threshold found = {
            .configuration = c, .change = change, .below = below, .above = above};
        status = bisect(loss, scan, low, states[1].tau, &found, err);
        if (status == CF_OK)
            status = add(scan, &found, err);
        low = found.tau * (1 + PRECISION);
        below = found.above;
    }
    return status;
}

static cf_status find_thresholds(const cf_loss_parameters *loss, cf_scan *scan, cf_err *err)
{
    cf_status status = CF_OK;
    for (size_t c = 0; c < scan->count; c++)
        for (int change = CF_CHANGE_WHOLE; change <= CF_CHANGE_SPLIT; change++)
            for (size_t k = 0; k + 1 < scan->tau_count && status == CF_OK; k++)
                status = find_between(loss, scan, c, (cf_scan_change)change,
                                      scan->states + c * scan->tau_count + k, err);
    return status;
}

/* --- the whole --- */

void cf_scan_free(cf_scan **scan)
{
    cf_scan *s = *scan;
    if (s == NULL)
        return;
    for (size_t c = 0; c < s->count && s->configurations != NULL; c++) {
        free(s->configurations[c].name);
        cf_configuration_free(&s->configurations[c].points);
    }
    for (size_t k = 0; k < s->count * s->tau_count && s->states != NULL; k++)
        free(s->states[k].values);
    free(s->configurations);
    free(s->states);
    free(s->thresholds);
    free(s);
    *scan = NULL;
}

static cf_status create(const char *const *names, size_t count, size_t tau_count, cf_scan **out,
                        cf_err *err)
{
    cf_scan *s = cf_allocate("scan", 1, sizeof *s, err);
    *out = s;
    if (s == NULL)
        return CF_ESYSTEM;
    for (size_t k = 0; k < count; k++)
        s->count += cf_scan_name_count(names[k]);
    s->tau_count = tau_count;
    s->configurations = cf_allocate("scan", s->count, sizeof *s->configurations, err);
    s->states = cf_allocate("scan", s->count * tau_count, sizeof *s->states, err);
    return s->configurations == NULL || s->states == NULL ? CF_ESYSTEM : CF_OK;
}

static cf_status name_configurations(const char *const *names, size_t count, cf_scan *s,
                                     cf_err *err)
{
    size_t c = 0;
    for (size_t k = 0; k < count; k++)
        for (size_t i = 0; i < cf_scan_name_count(names[k]); i++, c++) {
            cf_scan_configuration *one = &s->configurations[c];
            one->name = cf_scan_name(names[k], i, err);
            cf_status status =
                one->name == NULL ? CF_ESYSTEM : cf_scan_points(one->name, &one->points, err);
            if (status != CF_OK)
                return status;
            if (one->points->n * (one->points->d - 1) > MOST_MODES)
                return cf_fail(err, CF_EINPUT, "configuration %s: has more than %d modes",
                               one->name, MOST_MODES);
        }
    return CF_OK;
}

cf_status cf_scan_create(const cf_loss_parameters *loss, const char *const *names, size_t count,
                         const double *taus, size_t tau_count, cf_scan **out, cf_err *err)
{
    cf_status status = create(names, count, tau_count, out, err);
    if (status == CF_OK)
        (*out)->loss = *loss;
    if (status == CF_OK)
        status = name_configurations(names, count, *out, err);
    for (size_t c = 0; status == CF_OK && c < (*out)->count; c++)
        for (size_t k = 0; k < tau_count && status == CF_OK; k++)
            status = examine(loss, taus[k], &(*out)->configurations[c],
                             &(*out)->states[c * tau_count + k], err);
    if (status == CF_OK)
        status = find_thresholds(loss, *out, err);
    if (status != CF_OK)
        cf_scan_free(out);
    return status;
}
