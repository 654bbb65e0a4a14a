/* Bad files of probes, and probes that nothing moves, are told in one message. */
#include <stdio.h>

#include "check.h"
#include "probe_run.h"

#define FOUR "format: 1\ndata: {kind: file, path: four.csv}\n"
#define NEURAL FOUR "flows: [vanilla, neural]\nprobes: {path: bad.csv}\n"

static const struct {
    const char *problem, *file, *message;
} bad[] = {
    {FOUR "flows: [neural]\nprobes: {path: no.csv}\n", "", "p.yaml:4: *no.csv: *"},
    {FOUR "flows: [neural]\nprobes: no.csv\n", "", "p.yaml:4: probes*section*"},
    {FOUR "flows: [neural]\nprobes: {}\n", "", "p.yaml:4: probes.path: required, but missing"},
    {NEURAL, "x0,x1,x2\n1,2,3\n",
     "p.yaml:4: *bad.csv: has points in R^3, but the data are in R^2*"},
    {NEURAL, "x0,x1\n1,nan\n", "p.yaml:4: *bad.csv:2: column x1*"},
    {NEURAL, "x0,x1,x1\n1,2,3\n", "p.yaml:4: *bad.csv:1: *x1*"},
    {NEURAL, "x0,x1\n", "p.yaml:4: *bad.csv*"},
    {NEURAL, "", "p.yaml:4: *bad.csv*"},
    {NEURAL, "x0,x1,h0\n1,2,3\n", "p.yaml:4: *bad.csv:1: has 1 of the columns h0 ... h1; *"},
    {NEURAL, "x0,x1,weight\n1,2,3\n",
     "p.yaml:4: *bad.csv:1: column weight: unknown; the columns are x0, x1, ..., label, h0, h1"},
    {NEURAL, "x0,x1,label\n1,2,0.5\n", "p.yaml:4: *label of probe 1 = 0.5: must be an integer*"},
    {NEURAL, "x0,x1,h0,h1\n1,2,0,0\n", "p.yaml:4: probes: start: point 1 is at the origin*"},
    {FOUR "flows: [vanilla]\nprobes: {path: bad.csv}\n", "x0,x1\n1,2\n",
     "p.yaml:4: probes: no flow moves unseen points; *"},
    {FOUR "flows: [{kind: vanilla, representation: density}]\nprobes: {path: bad.csv}\n",
     "x0,x1\n1,2\n", "p.yaml:4: probes: no flow moves unseen points; *"},
    {FOUR "start: {kind: file, path: h.csv}\nflows: [neural]\nprobes: {path: bad.csv}\n",
     "x0,x1\n1,2\n",
     "p.yaml:5: probes: start.kind = file has no start for them; add the columns *"},
    {FOUR "flows: [{kind: neural, kernel: {kind: block, matrix: [[1, 0], [0, 1]]}}]\n"
          "probes: {path: bad.csv}\n",
     "x0,x1\n1,2\n",
     "p.yaml:3: *kernel.kind = block: is known by labels, which the probes have not; *"},
    {FOUR "flows: [{kind: neural, kernel: {kind: block, matrix: [[1, 0], [0, 1]]}}]\n"
          "probes: {path: bad.csv}\n",
     "x0,x1,label\n1,2,2\n", "p.yaml:3: *has no row for label 2 of probe 1"},
    {FOUR "flows: [{kind: neural, kernel: {activation: tanh}}]\nprobes: {path: bad.csv}\n",
     "x0,x1\n1,2\n1e4,1\n", "p.yaml:3: *probe 2 alone: *"},
};

/* * stands for anything. */
static bool matches(const char *text, const char *pattern)
{
    if (*pattern == '\0')
        return *text == '\0';
    if (*pattern != '*')
        return *text == *pattern && matches(text + 1, pattern + 1);
    for (; *text != '\0'; text++)
        if (matches(text, pattern + 1))
            return true;
    return matches(text, pattern + 1);
}

static void test_refusals(void)
{
    probe_file("h.csv", "h0,h1\n1,0\n0,1\n1,1\n-1,0\n");
    for (size_t k = 0; k < sizeof bad / sizeof *bad; k++) {
        const char *const none[] = {NULL};
        cf_err err = {0};
        cf_result *result = NULL;
        char pattern[256];
        probe_file("bad.csv", bad[k].file);
        snprintf(pattern, sizeof pattern, "%s/%s", probe_folder, bad[k].message);
        cf_status status = probe_run(bad[k].problem, none, &result, &err);
        if (!check(status == CF_EINPUT && matches(err.message, pattern), "refused: %s",
                   bad[k].message))
            printf("# got: %s\n", err.message);
        cf_result_free(&result);
    }
}

int main(void)
{
    probe_open();
    test_refusals();
    probe_close();
    return check_done();
}
