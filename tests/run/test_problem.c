/* Problem files: what is written arrives, short and long forms agree, overrides act, the resolved
 * problem and the template are problems themselves. */
#define _POSIX_C_SOURCE 200809L
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "check.h"
#include "contraflow/models/loss.h"
#include "contraflow/models/neural_kernel.h"
#include "contraflow/run/problem.h"
#include "problem_text.h"

#define MINIMAL "format: 1\ndata: discs\nflows: [vanilla, neural]\n"

static cf_problem *parse_with(const char *text, const char *const *settings, size_t count)
{
    cf_err err = {0};
    cf_problem *problem = NULL;
    require(cf_problem_parse("some/folder/p.yaml", text, settings, count, &problem, &err), &err,
            "parse");
    return problem;
}

static cf_problem *parse(const char *text)
{
    return parse_with(text, NULL, 0);
}

static const cf_flow_options *flow(const cf_problem *problem, size_t index)
{
    return problem->flows[index].options;
}

static void values_arrive(void)
{
    cf_problem *p = parse(full_problem);
    const cf_latent_options *latent = p->latent.options;
    const cf_start_options *start = p->start.options;
    const cf_loss_options *loss = p->loss.options;
    const cf_mlp *mlp = flow(p, 1)->kernel.options;
    check(strcmp(p->title, "Four discs on the circle") == 0 &&
              strcmp(p->directory, "some/folder") == 0 && strcmp(p->text, full_problem) == 0,
          "title, folder and text are kept");
    check(strcmp(p->data.kind->name, "discs") == 0 && p->data.line == 3, "data is a kind, line 3");
    check(strcmp(p->augmentation.kind->name, "none") == 0, "augmentation");
    check(strcmp(p->latent.kind->name, "sphere") == 0 && latent->dimension == 2 &&
              latent->norm_floor == 0 && latent->collapse_norm == 1e-4,
          "latent");
    check(strcmp(p->start.kind->name, "near-point") == 0 && start->spread == 0.02 &&
              start->seed == 2,
          "start");
    check(strcmp(cf_psi_names[loss->psi], "log1p") == 0 &&
              strcmp(cf_eta_names[loss->eta], "exponential") == 0 && loss->tau == 0.1,
          "loss");
    check(p->flow_count == 2 && strcmp(flow(p, 0)->name, "free") == 0 &&
              strcmp(p->flows[1].kind->name, "neural") == 0,
          "flows");
    check(flow(p, 1)->kernel.kind == &cf_mlp_kind && mlp->hidden_layers == 3 &&
              mlp->weight_variance == 2 && mlp->bias_variance == 0.1 &&
              strcmp(cf_activation_names[mlp->activation], "relu") == 0,
          "kernel of kind mlp, the default");
    check(p->end == 100 && p->outputs.spacing == CF_TIMES_LOG && p->outputs.first == 0.01 &&
              p->outputs.count == 25,
          "times in equal ratios");
    check(p->snapshots.spacing == CF_TIMES_LIST && p->snapshots.list.count == 3 &&
              p->snapshots.list.values[1] == 10,
          "times in a list");
    check(p->integrator.method == 0 && p->integrator.rtol == 1e-6 &&
              p->integrator.atol == 1e-6 / 1000 && p->integrator.krylov == 20,
          "integrator, with atol = rtol/1000 and krylov = 20 by default");
    check(p->sums_engine == 0 && p->sums_tolerance == 1e-12 && p->cluster_threshold == 0.9 &&
              p->clusters_given,
          "sums, clusters");
    size_t given = 0;
    for (size_t i = 0; i < p->observer_count; i++) {
        given += p->observer_given[i];
        if (p->observer_given[i])
            check(strcmp(p->observers[i].kind->name, "knn") == 0, "the observer given is knn");
    }
    check(given == 1 && p->observer_count > 1, "all observers have options, one was given");
    cf_problem_free(&p);
    check(p == NULL, "free nulls the pointer");
    cf_problem_free(&p);
    cf_problem_free(NULL);
}

static void lines_are_known(void)
{
    cf_problem *p = parse(full_problem);
    static const struct {
        const char *key;
        int line;
    } places[] = {{"data", 3},     {"data.seed", 8},      {"loss.tau", 12},
                  {"flows.0", 14}, {"flows.1.name", 15},  {"flows.1.kernel.bias-variance", 18},
                  {"sums", 22},    {"data.nowhere.x", 3}, {"flows.1.kernel.path", 17},
                  {"nowhere", 1}};
    for (size_t i = 0; i < sizeof places / sizeof *places; i++)
        check(cf_problem_line(p, places[i].key) == places[i].line,
              "%s is on line %d (of its nearest parent where it is not given), got %d",
              places[i].key, places[i].line, cf_problem_line(p, places[i].key));
    cf_err err = {0};
    cf_fail(&err, CF_EINPUT, "too late");
    cf_problem_blame(p, "data.seed", &err);
    check(strcmp(err.message, "some/folder/p.yaml:8: too late") == 0,
          "a later error is blamed on its line: %s", err.message);
    cf_problem_free(&p);
}

/* The two texts mean the same problem. */
static void same(const char *a, const char *b, const char *what)
{
    cf_problem *p = parse(a), *q = parse(b);
    check(strcmp(p->resolved, q->resolved) == 0 && strcmp(p->hash, q->hash) == 0, "%s", what);
    if (strcmp(p->resolved, q->resolved) != 0)
        printf("# %zu and %zu bytes\n", strlen(p->resolved), strlen(q->resolved));
    cf_problem_free(&p);
    cf_problem_free(&q);
}

static void forms_agree(void)
{
    same(MINIMAL, "format: 1\ndata: {kind: discs}\nflows: [{kind: vanilla}, {kind: neural}]\n",
         "a word stands for a kind with its defaults");
    same(MINIMAL, "format: 1\ndata: {discs: {}}\nflows: [{vanilla: {name: vanilla}}, neural: ]\n",
         "{WORD: {...}} stands for {kind: WORD, ...}");
    same(MINIMAL "latent: {space: euclidean, dimension: 3}\n",
         MINIMAL "latent: {euclidean: {dimension: 3}}\n", "the same for latent.space");
    same(MINIMAL "loss: {eta: power, exponent: 2}\n",
         MINIMAL "loss: {eta: {kind: power, exponent: 2}}\n",
         "a choice may hold the keys that go with it");
    same(MINIMAL "loss: {eta: power, exponent: 2}\n",
         MINIMAL "loss: {eta: {power: {exponent: 2}}}\n", "{WORD: {...}} does, too");
    same(MINIMAL "loss: {eta: power}\n", MINIMAL "loss: {eta: {power: {}}, exponent: 1.}\n",
         "the exponent is 1 unless given");
    same(MINIMAL "snapshots: {spacing: list, times: [2, 3]}\n", MINIMAL "snapshots: [2, 3]\n",
         "a list of times stands for its section");
    same(MINIMAL "snapshots: {spacing: list, times: [2]}\n",
         MINIMAL "snapshots: {list: {times: 2}}", "one number stands for a list of one");
    same(MINIMAL, MINIMAL "time:\nintegrator: {}\nloss: ~\nobservers:\n",
         "empty sections are defaults");
    same(MINIMAL "loss: {tau: 0.5}\n", MINIMAL "loss: {tau: .5}\n", ".5");
    same(MINIMAL "loss: {tau: 1e-3}\n", MINIMAL "loss: {tau: +0.1E-2}\n", "exponents");
    same(MINIMAL, "\xEF\xBB\xBF# a comment\r\n" MINIMAL, "a byte order mark and CRLF are fine");
}

static void overrides_act(void)
{
    static const char *const settings[] = {"loss.tau=0.2",
                                           "flows.1.kernel.activation=erf",
                                           "flows.infinite-width.kernel.hidden-layers=2",
                                           "time.outputs=[1, 2]",
                                           "observers.separation={}",
                                           "loss.tau=0.25",
                                           "start={kind: file, path: h0.csv}"};
    cf_problem *p = parse_with(full_problem, settings, sizeof settings / sizeof *settings);
    const cf_mlp *mlp = flow(p, 1)->kernel.options;
    check(((const cf_loss_options *)p->loss.options)->tau == 0.25, "the last --set of a key wins");
    check(mlp->hidden_layers == 2 && strcmp(cf_activation_names[mlp->activation], "erf") == 0,
          "flows are named by index or by name");
    check(p->outputs.spacing == CF_TIMES_LIST && p->outputs.list.count == 2,
          "a value may be a list, and replaces a section");
    check(p->observer_given[0], "an observer is given by --set");
    check(strcmp(((const cf_start_options *)p->start.options)->path, "some/folder/h0.csv") == 0,
          "paths are resolved against the folder of the problem file");
    check(cf_problem_line(p, "loss.tau") == 0 && cf_problem_line(p, "loss.psi") == 12,
          "what --set gave has no line");
    cf_err err = {0};
    cf_fail(&err, CF_EINPUT, "late");
    cf_problem_blame(p, "loss.tau", &err);
    check(strcmp(err.message, "--set loss.tau=0.25: late") == 0, "errors name the --set: %s",
          err.message);
    cf_problem_free(&p);

    static const char *const forms[] = {"loss.eta.kind=power", "loss.exponent=3",
                                        "latent.kind=euclidean", "latent.dimension=3",
                                        "flows.neural.kernel={block: {matrix: [[1, 0], [0, 1]]}}"};
    p = parse_with(MINIMAL "loss: {eta: {kind: power, exponent: 2}}\nlatent: {space: sphere}\n",
                   forms, sizeof forms / sizeof *forms);
    check(((const cf_loss_options *)p->loss.options)->exponent == 3,
          "--set wins over a key that the file writes elsewhere");
    check(strcmp(p->latent.kind->name, "euclidean") == 0 &&
              ((const cf_latent_options *)p->latent.options)->dimension == 3,
          "--set changes a kind");
    const cf_matrix *matrix = &((const cf_block *)flow(p, 1)->kernel.options)->matrix;
    check(matrix->rows == 2 && matrix->columns == 2 && matrix->values[3] == 1,
          "a flow without a name is named by its kind; matrices arrive");
    cf_problem_free(&p);
}

/* Parsing what was resolved changes nothing. */
static void is_fixed_point(const char *text, const char *what)
{
    cf_problem *p = parse(text), *q = parse(p->resolved);
    check(strcmp(p->resolved, q->resolved) == 0, "the resolved problem is a fixed point: %s", what);
    const cf_loss_options *a = p->loss.options, *b = q->loss.options;
    check(strcmp(p->title, q->title) == 0 && a->tau == b->tau && a->exponent == b->exponent &&
              p->integrator.atol == q->integrator.atol && p->outputs.first == q->outputs.first,
          "and has the same bits: %s", what);
    bool same_given = p->clusters_given == q->clusters_given;
    for (size_t i = 0; i < p->observer_count; i++)
        same_given = same_given && p->observer_given[i] == q->observer_given[i];
    check(same_given, "and demands the same: %s", what);
    cf_problem_free(&p);
    cf_problem_free(&q);
}

static void resolved_is_fixed(void)
{
    is_fixed_point(MINIMAL, "defaults");
    is_fixed_point(full_problem, "all sections");
    is_fixed_point(MINIMAL "time: {end: 1e-12}\n", "a run that ends before the default first time");
    is_fixed_point(MINIMAL "loss: {tau: 0.30000000000000004, eta: {power: {exponent: 0.1}}}\n"
                           "snapshots: {linear: {count: 3}}\nstart: {network: {seed: 7}}\n",
                   "digits and variants");
    is_fixed_point(MINIMAL "title: \"a: 'b' \\\" \\\\ # \\t\\x01\\u0085\\u2028\\uFEFF \xC3\xA9\"\n",
                   "a title of everything that needs quotes");
    is_fixed_point(MINIMAL "title: null-\n", "a word that begins like null");
    is_fixed_point(MINIMAL "title: \"null\"\n", "a text that looks like nothing");
    is_fixed_point("format: 1\ndata: {kind: file, path: ../d.csv}\nflows:\n- neural:\n"
                   "    kernel: {file: {path: \"/k: #1.h5\"}}\n",
                   "files");
    cf_problem *p = parse("format: 1\ndata: {kind: file, path: ../d.csv}\nflows: [vanilla]\n");
    check(strcmp(((const cf_file_options *)p->data.options)->path, "some/folder/../d.csv") == 0 &&
              strstr(p->resolved, "path: \"../d.csv\"") != NULL,
          "paths are resolved for reading and written as given");
    cf_problem_free(&p);
    p = parse(MINIMAL "title: \"\\u00e9\\n\"\n");
    check(strcmp(p->title, "\xC3\xA9\n") == 0, "escapes arrive");
    cf_problem_free(&p);
}

static void template_is_default(void)
{
    char *text = NULL;
    size_t size = 0;
    FILE *stream = open_memstream(&text, &size);
    if (stream != NULL) {
        cf_problem_write_template(stream);
        fclose(stream);
    }
    if (check(stream != NULL && size > 1000 && strstr(text, "# ") != NULL, "a template is written"))
        same(text, "format: 1\ndata: discs\nflows: [vanilla, neural, network]\n",
             "the template is a problem with all defaults");
    free(text);

    stream = open_memstream(&text, &size);
    if (stream != NULL) {
        cf_problem_write_reference(stream);
        fclose(stream);
    }
    static const char *const rows[] = {
        "| `tau` | number | `0.1` | in [1e-06, 1e+06] |",
        "| `atol` | number | `rtol/1000` |",
        "| `hidden-layers` | whole number |",
        "### `latent`, `space: euclidean`",
        "| `eta` | `exponential`, `power` | `exponential` |",
        "| `data` | section: `discs`, ",
    };
    for (size_t i = 0; stream != NULL && i < sizeof rows / sizeof *rows; i++)
        check(strstr(text, rows[i]) != NULL, "the reference has %s", rows[i]);
    free(text);
}

int main(void)
{
    values_arrive();
    lines_are_known();
    forms_agree();
    overrides_act();
    resolved_is_fixed();
    template_is_default();
    return check_done();
}
