/* The report of any result is one well-formed page that refers to nothing outside itself, with
 * every figure also as SVG and PNG; names and titles are text and never markup, script or command;
 * a run that ended early, without labels, events or more than one snapshot has its page, too. */
#define _POSIX_C_SOURCE 200809L
#include <dirent.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "check.h"
#include "contraflow/run/file.h"
#include "contraflow/run/result.h"
#include "gnuplot.h"
#include "info.h"
#include "report.h"
#include "summary.h"

enum { POINTS = 12, OUTPUTS = 5 };

static char folder[] = "/tmp/contraflow-report-XXXXXX";

/* What a made-up result is like. */
typedef struct {
    const char *name, *title, *space, *status;
    size_t d, outputs;
    bool labels, crossings;
    long width, seed; /* of a network of family net; 0: none */
} shape;

static void set_text(cf_group *group, const char *name, const char *text)
{
    cf_err err = {0};
    require(cf_group_set_text(group, name, text, &err), &err, name);
}

static void set_real(cf_group *group, const char *name, double value)
{
    cf_err err = {0};
    require(cf_group_set_real(group, name, value, &err), &err, name);
}

static void set_integer(cf_group *group, const char *name, long value)
{
    cf_err err = {0};
    require(cf_group_set_integer(group, name, value, &err), &err, name);
}

static void add_reals(cf_group *group, const char *name, const double *values, const size_t *dims,
                      int rank)
{
    cf_err err = {0};
    cf_record record = {.name = (char *)name,
                        .unit = "1",
                        .equation = "E3",
                        .type = CF_VALUE_REAL,
                        .rank = rank,
                        .real = (double *)values};
    memcpy(record.dims, dims, (size_t)rank * sizeof *dims);
    require(cf_group_add(group, &record, &err), &err, name);
}

static cf_group *add_group(cf_result *result, const char *path)
{
    cf_err err = {0};
    cf_group *group;
    require(cf_result_add_group(result, path, &group, &err), &err, path);
    return group;
}

static void add_data(cf_result *result, bool labelled)
{
    cf_err err = {0};
    double points[2 * POINTS], weights[POINTS];
    long labels[POINTS];
    for (int i = 0; i < POINTS; i++) {
        points[2 * i] = i % 3 + 0.1 * sin(i);
        points[2 * i + 1] = cos(i);
        labels[i] = i % 3;
        weights[i] = 1.0 / POINTS;
    }
    cf_group *data = add_group(result, "/data");
    add_reals(data, "points", points, (size_t[]){POINTS, 2}, 2);
    add_reals(data, "weights", weights, (size_t[]){POINTS}, 1);
    const cf_record record = {.name = "labels",
                              .unit = "",
                              .equation = "",
                              .type = CF_VALUE_INTEGER,
                              .rank = 1,
                              .dims = {POINTS},
                              .integer = labels};
    if (labelled)
        require(cf_group_add(data, &record, &err), &err, "labels");
}

/* Points that spread with time, normalized on the sphere. */
static void fill_latent(const shape *s, double spread, double *z)
{
    for (size_t i = 0; i < POINTS; i++) {
        double square = 0, *zi = z + i * s->d;
        for (size_t k = 0; k < s->d; k++) {
            zi[k] = (k == 0) + spread * sin((double)(i * s->d + k));
            square += zi[k] * zi[k];
        }
        for (size_t k = 0; k < s->d && strcmp(s->space, "sphere") == 0; k++)
            zi[k] /= sqrt(square);
    }
}

static void add_events(cf_result *result, const shape *s)
{
    static char *kinds[] = {"emergence", "dissolution"};
    cf_err err = {0};
    char path[256];
    double z[2 * POINTS * 8], times[] = {0.05, 3.3};
    snprintf(path, sizeof path, "/flows/%s/events", s->name);
    cf_group *events = add_group(result, path);
    for (int k = 0; k < 2; k++)
        fill_latent(s, times[k], z + (size_t)k * POINTS * s->d);
    add_reals(events, "time", times, (size_t[]){2}, 1);
    add_reals(events, "latent", z, (size_t[]){2, POINTS, s->d}, 3);
    const cf_record record = {.name = "kind",
                              .unit = "",
                              .equation = "E26",
                              .type = CF_VALUE_TEXT,
                              .rank = 1,
                              .dims = {2},
                              .text = kinds};
    require(cf_group_add(events, &record, &err), &err, "kind");
}

static void add_flow(cf_result *result, const shape *s)
{
    char path[256];
    double time[] = {0, 0.01, 0.1, 1, 10}, falls[] = {1, 0.9, 0.5, 0.2, 0.1};
    double dissipated[OUTPUTS], rises[] = {0, 0.5, 0.95, 0.96, 0.3}, z[OUTPUTS * POINTS * 8];
    size_t T = s->outputs, outputs[] = {T, POINTS, s->d};
    snprintf(path, sizeof path, "/flows/%s", s->name);
    cf_group *flow = add_group(result, path);
    set_text(flow, "kind", "neural");
    set_text(flow, "status", s->status);
    set_text(flow, "message", strcmp(s->status, "complete") == 0 ? "" : "because of <this> & that");
    set_text(flow, "method", "adams to t = 1, then bdf");
    set_real(flow, "rtol", 1e-6);
    set_real(flow, "energy_bound", 1e-4);
    set_real(flow, "observed_until", time[T - 1]);
    set_real(flow, "emergence", s->crossings ? 0.05 : NAN);
    set_real(flow, "dissolution", s->crossings ? 3.3 : NAN);
    set_real(flow, "persistence", s->crossings ? 3.25 : NAN);
    set_integer(flow, "emergence_censored", !s->crossings);
    set_integer(flow, "persistence_censored", 0);
    if (s->width > 0) {
        set_text(flow, "kind", "network");
        set_text(flow, "family", "net");
        set_integer(flow, "width", s->width);
        set_integer(flow, "seed", s->seed);
        set_real(flow, "kernel_error", 0.1 / sqrt((double)s->width));
    }
    for (size_t k = 0; k < T; k++) {
        dissipated[k] = 1 - falls[k] + 1e-9 * (double)k;
        fill_latent(s, rises[k] + 0.01 * (double)s->seed, z + k * POINTS * s->d);
    }
    add_reals(flow, "time", time, outputs, 1);
    add_reals(flow, "loss", falls, outputs, 1);
    add_reals(flow, "dissipated", dissipated, outputs, 1);
    add_reals(flow, "effective_rank", falls, outputs, 1);
    const double still[] = {1, 1 + 1e-15, 1, 1, 1}, zero[OUTPUTS] = {0};
    add_reals(flow, "min_norm", still, outputs, 1); /* axes need some height all the same */
    add_reals(flow, "uniformity", zero, outputs, 1);
    if (s->labels)
        add_reals(flow, "separation", rises, outputs, 1);
    add_reals(flow, "snapshot_time", time, outputs, 1);
    add_reals(flow, "latent", z, outputs, 3);
    if (s->crossings)
        add_events(result, s);
}

static cf_result *make_result(const shape *s)
{
    cf_err err = {0};
    cf_result *result;
    require(cf_result_create(&result, &err), &err, "create");
    cf_group *root = cf_result_group(result, "/");
    set_text(root, "title", s->title);
    set_text(root, "latent_space", s->space);
    set_text(root, "problem", "loss: {tau: 0.1}  # <tag> & \"quotes\"\n");
    set_real(root, "cluster_threshold", 0.9);
    add_data(result, s->labels);
    const shape plain = {"plain", "", s->space, "complete", s->d, OUTPUTS, s->labels, false, 0, 0};
    add_flow(result, &plain);
    add_flow(result, s);
    return result;
}

static const char *in_folder(const char *name)
{
    static char path[256];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    return path;
}

static char *make_page(const shape *s, const char *figures)
{
    cf_err err = {0};
    cf_result *result = make_result(s);
    char page[256], *text;
    size_t size;
    snprintf(page, sizeof page, "%s", in_folder("page.html"));
    const cf_subject subject = {.result = result};
    require(cf_report_write(&subject, page, figures, &err), &err, s->title);
    require(cf_file_read(page, &text, &size, &err), &err, "page");
    cf_result_free(&result);
    return text;
}

/* Every tag is closed in its turn, every & begins an entity, and no id is there twice. */
static bool well_formed(const char *page)
{
    char open[64][32];
    size_t depth = 0;
    for (const char *at = strstr(page, "<html"); at != NULL; at = strchr(at + 1, '<')) {
        const char *end = strchr(at, '>');
        size_t length = strcspn(at + 1, " \t\n/>");
        if (end == NULL || depth == 63)
            return false;
        if (at[1] == '/') {
            size_t closing = strcspn(at + 2, " \t\n>");
            if (depth == 0 || strlen(open[depth - 1]) != closing ||
                strncmp(open[depth - 1], at + 2, closing) != 0)
                return false;
            depth--;
        } else if (end[-1] != '/') {
            snprintf(open[depth++], 32, "%.*s", (int)length, at + 1);
        }
    }
    for (const char *at = strchr(page, '&'); at != NULL; at = strchr(at + 1, '&'))
        if (strcspn(at, ";") > 6)
            return false;
    return depth == 0;
}

static bool unique_ids(const char *page)
{
    for (const char *at = strstr(page, " id="); at != NULL; at = strstr(at + 1, " id=")) {
        char id[128];
        snprintf(id, sizeof id, "%.*s", (int)(6 + strcspn(at + 5, "'\"")), at);
        if (strstr(at + 1, id) != NULL)
            return false;
    }
    return true;
}

static bool refers_outside(const char *page)
{
    static const char *const ways[] = {"<script", "<link", "<img",    "<iframe",
                                       "@import", " src=", "url(http"};
    for (size_t k = 0; k < sizeof ways / sizeof *ways; k++)
        if (strstr(page, ways[k]) != NULL)
            return true;
    for (const char *at = strstr(page, "http"); at != NULL; at = strstr(at + 1, "http"))
        if (strncmp(at, "http://www.w3.org/", 18) != 0) /* the name of a language */
            return true;
    return false;
}

static bool has_figure(const char *figures, const char *name)
{
    char path[400];
    struct stat svg, png;
    snprintf(path, sizeof path, "%s/%s.svg", figures, name);
    bool found = stat(path, &svg) == 0 && svg.st_size > 1000;
    snprintf(path, sizeof path, "%s/%s.png", figures, name);
    return found && stat(path, &png) == 0 && png.st_size > 1000;
}

static size_t empty_folder(const char *path)
{
    size_t count = 0;
    char name[700];
    DIR *open = opendir(path);
    for (struct dirent *entry; open != NULL && (entry = readdir(open)) != NULL;) {
        snprintf(name, sizeof name, "%s/%s", path, entry->d_name);
        count += entry->d_name[0] != '.' && unlink(name) == 0;
    }
    if (open != NULL)
        closedir(open);
    rmdir(path);
    return count;
}

static void test_page(const shape *s)
{
    char figures[256];
    snprintf(figures, sizeof figures, "%s", in_folder("it's-|figures"));
    char *page = make_page(s, figures);
    check(well_formed(page), "%s: the page is well formed", s->title);
    check(unique_ids(page), "%s: no id is there twice", s->title);
    check(!refers_outside(page), "%s: the page refers to nothing outside itself", s->title);
    check(strstr(page, "because of <this>") == NULL, "%s: messages are escaped", s->title);
    check(has_figure(figures, "data") && has_figure(figures, "snapshots") &&
              has_figure(figures, "loss") && has_figure(figures, "observers") &&
              has_figure(figures, "energy"),
          "%s: every figure is there as SVG and PNG", s->title);
    check(has_figure(figures, "separation") == s->labels,
          "%s: separation is shown where there are labels", s->title);
    size_t drawn = 0;
    for (const char *at = strstr(page, "<figure"); at != NULL; at = strstr(at + 1, "<figure"))
        drawn++;
    check(empty_folder(figures) == 2 * drawn && drawn == (s->labels ? 6 : 5),
          "%s: the page has each of them, and the folder nothing else", s->title);
    free(page);
}

/* A name that would be a command or markup wherever it is not quoted. */
static void test_names(void)
{
    static const char name[] = "a'`touch pwned`\"<b>&@x$(touch pwned)_{2}\\";
    const shape s = {name, "T'<i>&\"`touch pwned`", "sphere", "complete", 2, OUTPUTS, true, true, 0,
                     0};
    char figures[256], *page, *svg, path[400];
    cf_err err = {0};
    size_t size;
    snprintf(figures, sizeof figures, "%s", in_folder("figures"));
    page = make_page(&s, figures);
    check(well_formed(page) && unique_ids(page), "a nasty name leaves the page well formed");
    check(strstr(page, "a&#39;`touch pwned`&quot;&lt;b&gt;&amp;@x$(touch pwned)_{2}\\") != NULL &&
              strstr(page, "<i>&") == NULL,
          "and is there, letter by letter");
    snprintf(path, sizeof path, "%s/loss.svg", figures);
    require(cf_file_read(path, &svg, &size, &err), &err, "figure");
    check(strstr(svg, "a'`touch pwned`\"&lt;b>&amp;@x$(touch pwned)_{2}\\") != NULL,
          "and in the figure");
    check(access("pwned", F_OK) != 0, "and no command was run");
    free(page);
    free(svg);
    empty_folder(figures);
}

static size_t count(const char *text, const char *what)
{
    size_t found = 0;
    for (const char *at = strstr(text, what); at != NULL; at = strstr(at + 1, what))
        found++;
    return found;
}

/* Five widths of four seeds: one row for each width in tables, three rows of snapshots, one name of
 * a width in a legend; the section on distances has its figures. */
static void test_family(void)
{
    static char names[20][32];
    shape s = {"limit", "family", "sphere", "complete", 2, OUTPUTS, true, true, 0, 0};
    cf_result *result = make_result(&s);
    cf_comparison *comparison = NULL;
    cf_err err = {0};
    char figures[256], path[400], *page, *svg;
    size_t size;
    for (int k = 0; k < 20; k++) {
        shape one = s;
        one.name = names[k];
        one.width = 8 << (k / 4);
        one.seed = 1 + k % 4;
        one.crossings = k % 3 == 0;
        one.status = k == 7 ? "norm-collapse" : "complete";
        snprintf(names[k], sizeof names[k], "net.width-%ld.seed-%ld", one.width, one.seed);
        add_flow(result, &one);
    }
    require(cf_compare(result, result, "limit", &comparison, &err), &err, "comparison");
    const cf_subject subject = {.result = result, .comparison = comparison};
    snprintf(figures, sizeof figures, "%s", in_folder("figures"));
    require(cf_report_write(&subject, in_folder("page.html"), figures, &err), &err, "report");
    require(cf_file_read(in_folder("page.html"), &page, &size, &err), &err, "page");
    check(well_formed(page) && unique_ids(page), "a family of networks: the page is well formed");
    check(has_figure(figures, "width") && has_figure(figures, "distance"),
          "errors against width and distances along time are drawn");
    check(strstr(page, ".seed-2") == NULL && count(page, "<td>net, N = 32</td>") == 2,
          "the tables have one row for each width");
    check(strstr(page, "3 complete, 1 norm-collapse") != NULL, "which counts how its runs ended");
    check(strstr(page, "kernel error at the start ~ N^\xe2\x88\x92"
                       "0.500") != NULL,
          "the slope of the kernel error is told (E53)");
    snprintf(path, sizeof path, "%s/snapshots.svg", figures);
    require(cf_file_read(path, &svg, &size, &err), &err, "figure");
    check(count(svg, "net, N = ") == 3 && strstr(svg, "net, N = 128") != NULL,
          "snapshots show three of the five widths, and one seed of each");
    free(svg);
    snprintf(path, sizeof path, "%s/loss.svg", figures);
    require(cf_file_read(path, &svg, &size, &err), &err, "figure");
    check(count(svg, "<title>N = ") == 5, "legends name each width once");
    free(svg);
    free(page);
    empty_folder(figures);
    cf_comparison_free(&comparison);
    cf_result_free(&result);
}

static void test_without_gnuplot(void)
{
    const shape s = {"vanilla", "none", "sphere", "complete", 2, OUTPUTS, true, true, 0, 0};
    char *search = strdup(getenv("PATH")), figures[256];
    snprintf(figures, sizeof figures, "%s", in_folder("figures"));
    setenv("PATH", folder, 1);
    char *page = make_page(&s, figures);
    setenv("PATH", search, 1);
    check(well_formed(page) && strstr(page, "<figure") == NULL &&
              strstr(page, "gnuplot is missing") != NULL && strstr(page, "<table>") != NULL,
          "without gnuplot there is a page with tables that says what is missing");
    check(access(figures, F_OK) != 0, "and no empty folder of figures");
    free(page);
    free(search);
}

static void test_failures(void)
{
    const shape s = {"vanilla", "fails", "sphere", "complete", 2, OUTPUTS, true, true, 0, 0};
    cf_result *result = make_result(&s);
    cf_err err = {0};
    const cf_subject subject = {.result = result};
    cf_status status = cf_report_write(&subject, in_folder("no/page.html"), folder, &err);
    check(status == CF_EINPUT && strstr(err.message, "no/page.html") != NULL,
          "a page that cannot be written is refused before any figure is drawn: %s", err.message);
    cf_result_free(&result);
}

static void test_summary(void)
{
    const shape s = {"collapsing", "Summary", "sphere", "norm-collapse", 2, 3, true, false, 0, 0};
    cf_result *result = make_result(&s);
    cf_err err = {0};
    char *text = NULL;
    size_t size;
    FILE *stream = open_memstream(&text, &size);
    require(cf_info_print(result, stream, &err), &err, "info");
    fclose(stream);
    check(strstr(text, "collapsing  norm-collapse    0.1") != NULL &&
              strstr(text, "plain       complete          10") != NULL,
          "the summary has a line per flow, aligned");
    check(strstr(text, "> 0.1") != NULL && strstr(text, "collapsing: because of") != NULL,
          "what a run was too short to see is marked, and its message told");
    check(strstr(text, "5 x 12 x 2") != NULL, "every dataset is listed with its shape");
    free(text);
    cf_result_free(&result);
}

int main(void)
{
    static const shape shapes[] = {
        {"circle", "circle", "sphere", "complete", 2, OUTPUTS, true, true, 0, 0},
        {"ball", "sphere, interrupted", "sphere", "interrupted", 3, 3, true, false, 0, 0},
        {"one", "one snapshot", "sphere", "norm-collapse", 2, 1, true, false, 0, 0},
        {"high", "higher sphere without labels", "sphere", "complete", 5, OUTPUTS, false, false, 0,
         0},
        {"line", "line", "euclidean", "complete", 1, OUTPUTS, true, true, 0, 0},
        {"plane", "plane", "euclidean", "failed", 2, 4, true, true, 0, 0},
        {"space", "space", "euclidean", "complete", 3, OUTPUTS, true, false, 0, 0}};
    bool cairo;
    if (mkdtemp(folder) == NULL)
        return 1;
    if (cf_gnuplot_present(&cairo)) {
        for (size_t k = 0; k < sizeof shapes / sizeof *shapes; k++)
            test_page(&shapes[k]);
        test_names();
        test_family();
    }
    test_without_gnuplot();
    test_failures();
    test_summary();
    unlink(in_folder("page.html"));
    check(rmdir(folder) == 0, "nothing else is left behind");
    return check_done();
}
