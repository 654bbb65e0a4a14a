/* Densities in the report: every space has its figures, values between nodes are interpolated, and
 * a density is compared with particles as a measure. */
#define _POSIX_C_SOURCE 200809L
#include <dirent.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "check.h"
#include "contraflow/run/run.h"
#include "densities.h"
#include "gnuplot.h"
#include "report.h"

static char folder[] = "/tmp/contraflow-densities-XXXXXX";

static cf_result *run(const char *latent, const char *grid)
{
    char text[1024];
    cf_err err = {0};
    cf_problem *problem = NULL;
    cf_parts *parts = NULL;
    cf_result *result = NULL;
    cf_run_end end;
    const cf_run_hooks hooks = {.command = "test"};
    snprintf(text, sizeof text,
             "format: 1\n"
             "data: {kind: discs, points-per-cluster: 50}\n"
             "latent: %s\n"
             "start: {spread: 0.5}\n"
             "loss: {tau: 0.5}\n"
             "flows:\n"
             "  - {name: particles, kind: vanilla}\n"
             "  - {name: density, kind: vanilla, representation: density, grid: %s}\n"
             "time: {end: 0.1, outputs: [0.02, 0.05]}\n",
             latent, grid);
    require(cf_problem_parse("p.yaml", text, NULL, 0, &problem, &err), &err, text);
    require(cf_parts_create(problem, &parts, &err), &err, text);
    require(cf_run(parts, NULL, &hooks, &result, &end, &err), &err, text);
    cf_parts_free(&parts);
    cf_problem_free(&problem);
    return result;
}

static bool has_figure(const char *name)
{
    char path[300];
    struct stat file;
    snprintf(path, sizeof path, "%s/figures/%s.png", folder, name);
    return stat(path, &file) == 0 && file.st_size > 1000;
}

static void empty_folder(const char *path)
{
    char name[700];
    DIR *open = opendir(path);
    for (struct dirent *entry; open != NULL && (entry = readdir(open)) != NULL;) {
        snprintf(name, sizeof name, "%s/%s", path, entry->d_name);
        if (entry->d_name[0] != '.')
            unlink(name);
    }
    if (open != NULL)
        closedir(open);
    rmdir(path);
}

static void test_figures(const cf_result *result, bool one, bool harmonics, const char *name)
{
    char page[300], figures[300];
    cf_err err = {0};
    const cf_subject subject = {.result = result};
    snprintf(page, sizeof page, "%s/page.html", folder);
    snprintf(figures, sizeof figures, "%s/figures", folder);
    require(cf_report_write(&subject, page, figures, &err), &err, name);
    check(has_figure("density-time") == one && has_figure("density") == one,
          "%s: %s density against time and over histograms", name, one ? "has" : "has no");
    check(has_figure("density-map") != one, "%s: %s maps", name, one ? "has no" : "has");
    check(has_figure("density-spectrum") == harmonics, "%s: %s spectrum", name,
          harmonics ? "has a" : "has no");
    unlink(page);
    empty_folder(figures);
}

static cf_density_series series_of(const cf_result *result)
{
    size_t cursor = 0;
    cf_flow_view flow;
    cf_density_series series = {0};
    while (cf_flow_next(result, &cursor, &flow))
        if (cf_density_series_of(result, &flow, &series))
            return series;
    check(false, "a flow has a density");
    return series;
}

/* The start is the projected normal law, or the normal one. */
static void test_values(const cf_result *result, const char *name)
{
    cf_density_series series = series_of(result);
    cf_err err = {0};
    cf_start_law law;
    bool sphere = series.space == CF_SPACE_CIRCLE || series.space == CF_SPACE_SPHERE;
    const cf_latent latent = {.sphere = sphere, .dimension = series.of.d};
    double worst = 0, peak = 0;
    require(cf_law_near_point(&latent, 0.5, &law, &err), &err, "law");
    for (double a = -3.1; a < 3.1; a += 0.0917) {
        double z[3] = {cos(a), sin(a) * cos(5 * a), sin(a) * sin(5 * a)}, at[3], rho;
        memcpy(at, z, sizeof at);
        if (series.space == CF_SPACE_CIRCLE) {
            z[1] = sin(a);
            at[0] = a;
        } else if (!sphere) {
            z[0] = at[0] = a / 3;
            z[1] = at[1] = a * a / 20;
        }
        law.density(&law, series.of.d, 0, z, 1, &rho);
        worst = worse(worst, fabs(cf_density_at(&series, 0, CF_ALL_CLUSTERS, at) - rho));
        peak = worse(peak, rho);
    }
    check_below(worst / peak, 0.02, "%s: the start between nodes is its law (E73)", name);
    check(!cf_density_differs(&series), "%s: clusters that start alike are alike", name);
    check(cf_nearest_time(series.of.times, series.of.count, 0.049) == 2,
          "%s: the nearest snapshot is found", name);
}

static void test_comparison(const cf_result *result, const char *name)
{
    cf_err err = {0};
    cf_comparison *c = NULL;
    require(cf_compare(result, result, "density", &c, &err), &err, "comparison");
    for (size_t k = 0; k < c->count; k++) {
        bool same = strcmp(c->flows[k].flow.name, "density") == 0;
        double sup = c->flows[k].transport.sup;
        if (same)
            check_below(sup, 1e-7, "%s: a density has distance 0 from itself", name);
        else
            check(sup > 1e-3 && sup < 0.2, "%s: and 200 particles are near it (%g)", name, sup);
    }
    cf_comparison_free(&c);
}

int main(void)
{
    static const struct {
        const char *name, *latent, *grid;
        bool one, harmonics;
    } cases[] = {
        {"circle", "{space: sphere, dimension: 2}", "{nodes: 200}", true, true},
        {"circle by volumes", "{space: sphere, dimension: 2}",
         "{nodes: 200, scheme: finite-volumes}", true, false},
        {"line", "{space: euclidean, dimension: 1}", "{nodes: 200, box: 5}", true, false},
        {"sphere", "{space: sphere, dimension: 3}", "{nodes: 40}", false, true},
        {"plane", "{space: euclidean, dimension: 2}", "{nodes: 80, box: 4.5}", false, false}};
    bool cairo;
    if (mkdtemp(folder) == NULL)
        return 1;
    for (size_t k = 0; k < sizeof cases / sizeof *cases; k++) {
        cf_result *result = run(cases[k].latent, cases[k].grid);
        test_values(result, cases[k].name);
        test_comparison(result, cases[k].name);
        if (cf_gnuplot_present(&cairo))
            test_figures(result, cases[k].one, cases[k].harmonics, cases[k].name);
        cf_result_free(&result);
    }
    rmdir(folder);
    return check_done();
}
