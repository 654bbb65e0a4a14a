/* A run that was interrupted anywhere and resumed has the bits of one that was not; checkpoints
 * that do not fit are refused. */
#define _POSIX_C_SOURCE 200809L
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "check.h"
#include "contraflow/run/file.h"
#include "contraflow/run/run.h"
#include "contraflow/solver/archive.h"
#include "contraflow/solver/threads.h"

static const char PROBLEM[] =
    "format: 1\n"
    "data: {kind: discs, points-per-cluster: 6, radius: 0.4}\n"
    "augmentation: {kind: gaussian, size: 0.05, views: 2}\n"
    "start: {kind: near-point, spread: 0.05}\n"
    "flows:\n"
    "  - {name: free, kind: vanilla}\n"
    "  - {name: wide, kind: neural, kernel: {hidden-layers: 1, activation: relu}}\n"
    "  - {name: net, kind: network, network: {widths: 8, activation: erf}, kernel-drift: true}\n"
    "  - {name: sgd, kind: network, network: {widths: 8}, train: {method: sgd, batch: 5,\n"
    "     fresh-views: true, learning-rate: 0.02}}\n"
    "  - {name: ball, kind: network, network: {widths: 8}, train: {method: momentum,\n"
    "     learning-rate: 0.002}}\n"
    "  - {name: adam, kind: network, network: {widths: 8}, train: {method: adam,\n"
    "     learning-rate: 0.02}}\n"
    "time: {end: 4, outputs: {spacing: linear, count: 9}}\n"
    "integrator: {rtol: 1e-7}\n"
    "probes: {path: tests/data/probes.csv}\n"
    "checkpoint: {restart-steps: 25, outputs: 1}\n";

static const char DENSE[] = "format: 1\n"
                            "data: {kind: discs, points-per-cluster: 6, radius: 0.4}\n"
                            "start: {kind: near-point, spread: 0.2}\n"
                            "flows: [{name: density, kind: vanilla, representation: density},\n"
                            "        {name: field, kind: neural, representation: field}]\n"
                            "time: {end: 1, outputs: {spacing: linear, count: 5}}\n"
                            "checkpoint: {restart-steps: 10, outputs: 1}\n";

/* Interrupts after so many questions. */
typedef struct {
    long left;
} patience;

static bool is_over(void *context)
{
    return --((patience *)context)->left < 0;
}

/* Runs until the patience is over; true when the run has ended. */
static bool run(const char *text, const char *const *settings, size_t count,
                const cf_run_hooks *hooks, cf_result **result, cf_err *err)
{
    cf_problem *problem = NULL;
    cf_parts *parts = NULL;
    cf_run_end end = CF_ENDED_COMPLETE;
    require(cf_problem_parse("p.yaml", text, settings, count, &problem, err), err, "problem");
    require(cf_parts_create(problem, &parts, err), err, "parts");
    cf_run(parts, NULL, hooks, result, &end, err);
    cf_parts_free(&parts);
    cf_problem_free(&problem);
    return err->status == CF_OK && end != CF_ENDED_INTERRUPTED;
}

static bool same_attribute(const cf_attribute *a, const cf_attribute *b)
{
    if (strcmp(a->name, "wall_seconds") == 0)
        return true;
    return b != NULL && a->type == b->type && a->integer == b->integer &&
           memcmp(&a->real, &b->real, sizeof a->real) == 0 &&
           (a->text == NULL ? b->text == NULL : strcmp(a->text, b->text) == 0);
}

static bool same_record(const cf_record *a, const cf_record *b)
{
    size_t count = cf_record_count(a);
    if (b == NULL || count != cf_record_count(b) || a->type != b->type)
        return false;
    if (a->type == CF_VALUE_REAL)
        return memcmp(a->real, b->real, count * sizeof(double)) == 0;
    if (a->type == CF_VALUE_INTEGER)
        return memcmp(a->integer, b->integer, count * sizeof(long)) == 0;
    for (size_t k = 0; k < count; k++)
        if (strcmp(a->text[k], b->text[k]) != 0)
            return false;
    return true;
}

/* Everything of all flows but the time they took. */
static bool same(const cf_result *a, const cf_result *b)
{
    bool equal = a->count == b->count;
    for (size_t g = 0; g < a->count && equal; g++) {
        const cf_group *x = &a->groups[g], *y = cf_result_group(b, x->path);
        equal = y != NULL && x->record_count == y->record_count;
        for (size_t k = 0; k < x->record_count && equal; k++)
            equal = same_record(&x->records[k], cf_group_record(y, x->records[k].name));
        for (size_t k = 0; k < x->attribute_count && equal && g > 0; k++)
            equal = same_attribute(&x->attributes[k], cf_group_attribute(y, x->attributes[k].name));
        if (!equal)
            printf("# different: %s\n", x->path);
    }
    return equal;
}

static void test_same(const char *text, const char *name, const char *setting, long step)
{
    char path[] = "/tmp/contraflow-checkpoint-XXXXXX";
    cf_result *whole = NULL, *parts = NULL;
    cf_err err = {0};
    close(mkstemp(path));
    unlink(path);
    const cf_run_hooks plain = {.command = "test"};
    check(run(text, &setting, 1, &plain, &whole, &err), "%s, %s: runs", name, setting);
    long stops = 0, first = 0;
    patience limit = {step};
    const cf_run_hooks hooks = {.context = &limit,
                                .interrupted = is_over,
                                .command = "test",
                                .checkpoint = path,
                                .resume = true};
    while (!run(text, &setting, 1, &hooks, &parts, &err) && err.status == CF_OK && stops < 500) {
        cf_result_free(&parts);
        stops++;
        first += access(path, F_OK) == 0;
        limit.left = step + 7 * stops;
    }
    check(err.status == CF_OK && stops > 3 && first == stops,
          "%s: interrupted %ld times, each with a checkpoint %s", name, stops, err.message);
    check(parts != NULL && same(whole, parts), "%s: and resumed, the same bits", name);
    check(access(path, F_OK) != 0, "a run that has ended leaves no checkpoint");
    cf_result_free(&whole);
    cf_result_free(&parts);
}

/* The restarts are part of every run, and change it by rounding errors of its tolerance only. */
static void test_restarts(void)
{
    const char *const settings[] = {"checkpoint=~"};
    cf_result *with = NULL, *without = NULL;
    cf_err err = {0};
    const cf_run_hooks plain = {.command = "test"};
    run(PROBLEM, NULL, 0, &plain, &with, &err);
    run(PROBLEM, settings, 1, &plain, &without, &err);
    const cf_group *a = cf_result_group(with, "/flows/wide"),
                   *b = cf_result_group(without, "/flows/wide");
    const double *x = cf_group_record(a, "loss")->real, *y = cf_group_record(b, "loss")->real;
    double worst = 0;
    for (size_t k = 0; k < 10; k++)
        worst = worse(worst, fabs(x[k] - y[k]));
    check_below(worst, 1e-6, "restarts change a run within its tolerance");
    check(worst > 0, "and are there without any file");
    cf_result_free(&with);
    cf_result_free(&without);
}

static void check_refused(const char *path, const char *setting, const char *needle)
{
    cf_result *result = NULL;
    cf_err err = {0};
    const cf_run_hooks hooks = {.command = "test", .checkpoint = path, .resume = true};
    run(PROBLEM, &setting, 1, &hooks, &result, &err);
    check(err.status == CF_EINPUT && strstr(err.message, needle) != NULL, "refused: %s",
          err.message);
    cf_result_free(&result);
}

static void damage(const char *path, size_t place, char byte)
{
    cf_err err = {0};
    char *content = NULL;
    size_t size = 0;
    require(cf_file_read(path, &content, &size, &err), &err, "checkpoint");
    content[place < size ? place : size - 1] = byte;
    require(cf_file_replace(path, content, size, &err), &err, "checkpoint");
    free(content);
}

static void test_refusals(void)
{
    char path[] = "/tmp/contraflow-checkpoint-XXXXXX";
    cf_result *result = NULL;
    cf_err err = {0};
    close(mkstemp(path));
    patience limit = {400};
    const cf_run_hooks hooks = {
        .context = &limit, .interrupted = is_over, .command = "test", .checkpoint = path};
    check(!run(PROBLEM, NULL, 0, &hooks, &result, &err), "a run is interrupted");
    cf_result_free(&result);
    check_refused(path, "loss.tau=0.3", "another problem");
    check_refused(path, "loss.tau=0.3", "loss.tau: 0.1");
    check_refused(path, "checkpoint.restart-steps=50", "restart-steps: 50");

    char *content = NULL, *program;
    size_t size = 0;
    require(cf_file_read(path, &content, &size, &err), &err, "checkpoint");
    damage(path, 2000, '\1');
    check_refused(path, "loss.tau=0.1", "is damaged");
    require(cf_file_replace(path, content, size / 2, &err), &err, "checkpoint");
    check_refused(path, "loss.tau=0.1", "is damaged");
    require(cf_file_replace(path, content, 50, &err), &err, "checkpoint");
    check_refused(path, "loss.tau=0.1", "is cut off");
    damage(path, 22, '9');
    check_refused(path, "loss.tau=0.1", "format of another version");
    damage(path, 3, 'x');
    check_refused(path, "loss.tau=0.1", "is no checkpoint");
    for (program = content; memcmp(program, "# program", 9) != 0;)
        program++;
    check(program < content + 200, "a checkpoint knows the program that wrote it");
    free(content);
    unlink(path);
}

static void test_archive(void)
{
    cf_err err = {0};
    cf_archive archive = {.bytes = NULL};
    double x = 1.5, values[] = {1, 2, 3};
    void *array = values;
    size_t count = 3;
    char word[] = "word", *text = word;
    require(cf_archive_pass(&archive, &x, sizeof x, &err), &err, "pass");
    require(cf_archive_pass_array(&archive, &array, &count, sizeof *values, &err), &err, "pass");
    require(cf_archive_pass_text(&archive, &text, &err), &err, "pass");
    cf_archive back = cf_archive_of(archive.bytes, archive.size);
    x = 0;
    count = 0;
    require(cf_archive_pass(&back, &x, sizeof x, &err), &err, "pass");
    require(cf_archive_pass_array(&back, &array, &count, sizeof *values, &err), &err, "pass");
    require(cf_archive_pass_text(&back, &text, &err), &err, "pass");
    check(x == 1.5 && count == 3 && memcmp(array, values, sizeof values) == 0 &&
              strcmp(text, "word") == 0 && back.at == back.size,
          "what goes into an archive comes out of it");
    free(array);
    free(text);
    check(cf_archive_pass(&back, &x, 1, &err) == CF_EINPUT, "refused: %s", err.message);
    err = (cf_err){0};
    back = cf_archive_of(archive.bytes, archive.size - 8);
    back.at = sizeof x + sizeof count + sizeof values;
    check(cf_archive_pass_text(&back, &text, &err) == CF_EINPUT, "refused: %s", err.message);
    free(text);
    err = (cf_err){0};
    memset(archive.bytes + sizeof x, 0xff, sizeof count);
    back = cf_archive_of(archive.bytes, archive.size);
    back.at = sizeof x;
    check(cf_archive_pass_array(&back, &array, &count, sizeof *values, &err) == CF_EINPUT,
          "an impossible length is refused: %s", err.message);
    cf_archive_release(&archive);
}

int main(void)
{
    cf_set_threads(1);
    test_archive();
    test_same(PROBLEM, "flows and trainings", "integrator.method=auto", 60);
    test_same(PROBLEM, "flows and trainings", "integrator.method=bdf", 60);
    test_same(DENSE, "density and field", "integrator.method=auto", 17);
    test_restarts();
    test_refusals();
    return check_done();
}
