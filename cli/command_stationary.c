#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "command.h"
#include "contraflow/run/file.h"
#include "contraflow/run/rest.h"
#include "contraflow/run/result.h"
#include "contraflow/run/scan.h"
#include "contraflow/solver/memory.h"
#include "contraflow/solver/threads.h"
#include "interrupt.h"
#include "scan_text.h"

enum { MOST_TAUS = 1000, MOST_SHOWN = 12 };

/* The loss of configurations comes from here where no problem file is named. */
static const char bare_problem[] = "format: 1\ndata: {kind: discs, points-per-cluster: 1}\n"
                                   "latent: {space: sphere, dimension: 3}\nstart: {kind: random}\n"
                                   "flows: [{kind: vanilla}]\ntime: {end: 1}\n";

/* --- arguments --- */

static bool is_problem_file(const char *name)
{
    const char *end = strrchr(name, '.');
    return end != NULL && (strcmp(end, ".yaml") == 0 || strcmp(end, ".yml") == 0);
}

/* Names the file, if there is one, and moves the configurations to the front. */
static cf_status sort_names(const cf_arguments *arguments, const char **file, size_t *count,
                            cf_err *err)
{
    *file = NULL;
    *count = 0;
    for (size_t k = 0; k < arguments->name_count; k++) {
        const char *name = arguments->names[k];
        if (!is_problem_file(name))
            arguments->names[(*count)++] = name;
        else if (*file != NULL)
            return cf_fail(err, CF_EINPUT, "%s: one problem file too many", name);
        else
            *file = name;
    }
    if (*file == NULL && *count == 0)
        return cf_fail(err, CF_EINPUT,
                       "a problem file or a configuration is missing: cube, polygon-2..12 or "
                       "polygon-6,in=3, say");
    for (size_t k = 0; *file == NULL && k < arguments->setting_count; k++)
        if (strncmp(arguments->settings[k], "loss.", 5) != 0 &&
            strncmp(arguments->settings[k], "loss=", 5) != 0)
            return cf_fail(err, CF_EINPUT, "--set %s: of configurations only loss.* can be set",
                           arguments->settings[k]);
    if (*count == 0 && arguments->tau != NULL)
        return cf_fail(err, CF_EINPUT,
                       "--tau: is for configurations; with a problem file: --set loss.tau=%s",
                       arguments->tau);
    return CF_OK;
}

static cf_status refuse_tau(const char *text, cf_err *err)
{
    return cf_fail(err, CF_EINPUT,
                   "--tau %s: must be FROM:TO:COUNT, 0.01:10:61 say, or an ascending list, "
                   "0.05,0.1,0.2 say, of at most %d numbers in [1e-06, 1e+06]",
                   text, MOST_TAUS);
}

static bool ascend(const double *taus, size_t count)
{
    for (size_t k = 0; k < count; k++)
        if (!(taus[k] >= 1e-6 && taus[k] <= 1e6 && (k == 0 || taus[k] > taus[k - 1])))
            return false;
    return count > 0;
}

static cf_status read_taus(const char *text, double *taus, size_t *count, cf_err *err)
{
    double from, to;
    int end = 0;
    long number;
    if (sscanf(text, "%lf:%lf:%ld%n", &from, &to, &number, &end) == 3 && text[end] == '\0') {
        if (!(number >= 2 && number <= MOST_TAUS && from > 0))
            return refuse_tau(text, err);
        *count = (size_t)number;
        for (size_t k = 0; k < *count; k++)
            taus[k] = from * pow(to / from, (double)k / (double)(number - 1));
        taus[*count - 1] = to;
    } else {
        const char *place = text;
        char *rest = NULL;
        for (*count = 0; *count < MOST_TAUS; place = rest + 1) {
            taus[(*count)++] = strtod(place, &rest);
            if (rest == place || *rest != ',')
                break;
        }
        if (rest == place || *rest != '\0')
            return refuse_tau(text, err);
    }
    return ascend(taus, *count) ? CF_OK : refuse_tau(text, err);
}

/* --- configurations --- */

static cf_status print_scan(const cf_scan *scan, cf_err *err)
{
    cf_table table = {.columns = 0};
    cf_status status = scan->tau_count == 1 ? cf_scan_state_table(scan, &table, err)
                                            : cf_scan_phase_table(scan, &table, err);
    if (status == CF_OK)
        cf_table_print(&table, stdout);
    cf_table_release(&table);
    cf_scan_print_open(scan, stdout);
    return status;
}

static cf_status scan(const cf_arguments *arguments, const cf_parts *parts, size_t names,
                      cf_err *err)
{
    cf_scan *result = NULL;
    size_t count = 1;
    double *taus = cf_allocate("tau", MOST_TAUS, sizeof *taus, err);
    cf_status status = taus == NULL ? CF_ESYSTEM : CF_OK;
    if (status == CF_OK)
        taus[0] = parts->loss.eta.tau;
    if (status == CF_OK && arguments->tau != NULL)
        status = read_taus(arguments->tau, taus, &count, err);
    if (status == CF_OK)
        status = cf_scan_create(&parts->loss, arguments->names, names, taus, count, &result, err);
    if (status == CF_OK)
        status = print_scan(result, err);
    if (status == CF_OK && arguments->output != NULL) {
        status = cf_scan_write(result, arguments->output, err);
        if (status == CF_OK)
            printf("states, spectra, thresholds and figures: %s/\n", arguments->output);
    }
    cf_scan_free(&result);
    free(taus);
    return status;
}

/* --- the rest of a flow --- */

static void print_values(const cf_spectrum *s)
{
    printf("lowest eigenvalues (rates are minus these):");
    for (size_t k = 0; k < s->count && k < MOST_SHOWN; k++)
        printf(" %.6g", fabs(s->values[k]) <= s->bounds[k] ? 0 : s->values[k]);
    printf("%s\n", s->count > MOST_SHOWN ? " ..." : "");
}

static void print_verdict(const cf_stationary *s)
{
    const cf_spectrum *values = s->spectrum;
    printf("state       ");
    if (!s->search.converged)
        printf("still creeping along %zu slow modes, no stationary state to rounding; fastest rate "
               "%.3g\n",
               s->unstable + s->neutral, values->count > 0 ? -values->values[0] : NAN);
    else if (s->unstable > 0)
        printf("saddle of index %zu%s (E90)\n", s->unstable, values->complete ? "" : " at least");
    else
        printf("%s (E90)\n", s->neutral > 0 || !values->complete ? "no unstable mode" : "stable");
    printf("modes       %zu%s beside %zu rotations, %zu of them neutral to rounding\n",
           values->count, values->complete ? "" : " lowest", values->symmetries, s->neutral);
}

static void print_rest(const cf_rest *rest)
{
    const cf_stationary *s = rest->state;
    printf("flow        to t = %.4g, where its speed is %.2g\n", rest->time, rest->speed);
    printf("Newton      %ld steps of length %.2g\n", s->search.steps, s->search.moved);
    printf("loss        %.12g", s->loss);
    if (!isnan(rest->uniform))
        printf(", %.3g above the uniform measure", s->loss - rest->uniform);
    printf("\nresidual    %.2g, the largest |P grad phi| (C3)\n", s->residual);
    print_verdict(s);
    if (!isnan(s->split))
        printf("clusters    at point %zu would %s at the rate %.4g (E92)\n", s->split_point + 1,
               s->split < 0 ? "part" : "hold", fabs(s->split));
    print_values(s->spectrum);
}

/* Before anything is computed: the result can be written, and replaces nothing that is read. */
static cf_status check_target(const cf_arguments *arguments, const cf_parts *parts, cf_err *err)
{
    bool read = cf_file_same(arguments->output, parts->problem->file);
    const char *input;
    for (size_t k = 0; !read && (input = cf_problem_input(parts->problem, k)) != NULL; k++)
        read = cf_file_same(arguments->output, input);
    if (read)
        return cf_fail(err, CF_EINPUT,
                       "%s: the result would replace a file that is read: name another place with "
                       "-o",
                       arguments->output);
    return cf_result_check_target(arguments->output, 0, err);
}

static cf_status rest(const cf_arguments *arguments, const cf_parts *parts, const char *command,
                      cf_err *err)
{
    cf_rest *result = NULL;
    cf_status status = arguments->output == NULL ? CF_OK : check_target(arguments, parts, err);
    cf_interrupt_catch();
    if (status == CF_OK)
        status = cf_rest_create(parts, cf_interrupted, &result, err);
    if (status == CF_OK)
        print_rest(result);
    if (status == CF_OK && arguments->output != NULL) {
        status = cf_rest_write(result, parts, command, arguments->output, err);
        if (status == CF_OK)
            printf("result: %s\n", arguments->output);
    }
    cf_rest_free(&result);
    return status;
}

static int execute(const cf_arguments *arguments, const char *command_line, cf_err *err)
{
    cf_problem *problem = NULL;
    cf_parts *parts = NULL;
    const char *file;
    size_t names;
    cf_set_threads(arguments->threads);
    cf_status status = sort_names(arguments, &file, &names, err);
    if (status == CF_OK && file != NULL)
        status =
            cf_problem_read(file, arguments->settings, arguments->setting_count, &problem, err);
    else if (status == CF_OK)
        status = cf_problem_parse("stationary", bare_problem, arguments->settings,
                                  arguments->setting_count, &problem, err);
    if (status == CF_OK)
        status = cf_parts_create(problem, &parts, err);
    if (status == CF_OK)
        status = names > 0 ? scan(arguments, parts, names, err)
                           : rest(arguments, parts, command_line, err);
    cf_parts_free(&parts);
    cf_problem_free(&problem);
    return cf_interrupted(NULL) ? CF_EXIT_INTERRUPTED : cf_exit_code(status);
}

const cf_command cf_command_stationary = {
    "stationary",
    "stationary FILE|CONFIGURATION... [--tau FROM:TO:COUNT] [--set KEY=VALUE]... [-o OUT] "
    "[--threads N]",
    "where the vanilla flow of a problem comes to rest, or configurations over temperatures: loss, "
    "residual, spectrum, stable or saddle, whether clusters hold together, and the temperatures "
    "where that changes (E90 to E94); docs/stationary.md",
    {.names = true, .output = true, .set = true, .threads = true, .tau = true},
    execute};
