/* Bad problem files: each gives one message with file and line (or the --set), key, value and rule,
 * and no damage to a file makes the reader crash or leak. */
#define _POSIX_C_SOURCE 200809L
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "check.h"
#include "contraflow/run/problem.h"
#include "problem_text.h"

#define HEAD "format: 1\ndata: discs\nflows: [vanilla, neural]\n"

/* `message` is what follows "p.yaml:"; an ending "..." stands for anything. */
static const struct {
    const char *text;
    const char *message;
} files[] = {
    /* values */
    {HEAD "loss: {tau: -1}", "4: loss.tau = -1: must be in [1e-06, 1e+06]"},
    {HEAD "loss:\n  tau: 0", "5: loss.tau = 0: must be in [1e-06, 1e+06]"},
    {HEAD "loss: {tau: abc}", "4: loss.tau = abc: must be a number"},
    {HEAD "loss: {tau: nan}", "4: loss.tau = nan: must be a number"},
    {HEAD "loss: {tau: .inf}", "4: loss.tau = .inf: must be a number"},
    {HEAD "loss: {tau: 0.1x}", "4: loss.tau = 0.1x: must be a number"},
    {HEAD "loss: {tau: 1e}", "4: loss.tau = 1e: must be a number"},
    {HEAD "loss: {tau: 1e+}", "4: loss.tau = 1e+: must be a number"},
    {HEAD "loss: {tau: .}", "4: loss.tau = .: must be a number"},
    {HEAD "loss: {tau: 0x1p-3}", "4: loss.tau = 0x1p-3: must be a number"},
    {HEAD "loss: {tau: 1e999}", "4: loss.tau = 1e999: must be a finite number"},
    {HEAD "loss: {tau: '0.1'}", "4: loss.tau = \"0.1\": must be a number"},
    {HEAD "loss: {tau: }", "4: loss.tau: has no value; must be a number"},
    {HEAD "loss: {tau: [0.1]}", "4: loss.tau: must be a number, not a list"},
    {HEAD "loss: {tau: {x: 1}}", "4: loss.tau: must be a number, not a section"},
    {HEAD "latent: {dimension: 0}", "4: latent.dimension = 0: must be in [2, 1e+06]"},
    {HEAD "latent: {dimension: 1.5}", "4: latent.dimension = 1.5: must be a whole number"},
    {HEAD "latent: {dimension: 3 4}", "4: latent.dimension = 3 4: must be a whole number"},
    {HEAD "latent: {dimension: 99999999999999999999}",
     "4: latent.dimension = 99999999999999999999: must be in [2, 1e+06]"},
    {HEAD "start: {seed: -1}", "4: start.seed = -1: must be in [0, 9007199254740992]"},
    {HEAD "integrator: {rtol: 0}", "4: integrator.rtol = 0: must be in [1e-13, 0.1]"},
    {HEAD "clusters: {threshold: 1}", "4: clusters.threshold = 1: must be in [1e-12, 0.99999..."},
    {HEAD "time: {end: 0}", "4: time.end = 0: must be in [1e-12, 1e+12]"},
    {HEAD "time: {end: -5}", "4: time.end = -5: must be in [1e-12, 1e+12]"},
    {HEAD "start: {kind: file}", "4: start.path: required, but missing"},
    {HEAD "start: {kind: file, path: }", "4: start.path: has no value; must be the name of a file"},
    {HEAD "title: [a]", "4: title: must be a text, not a list"},
    {"format: 2\ndata: discs\nflows: [vanilla]", "1: format = 2: must be 1"},
    {"data: discs\nflows: [vanilla]", "1: format: required, but missing"},
    {"format: 1\nflows: [vanilla]", "1: data: required, but missing"},
    {"format: 1\ndata: discs", "1: flows: required, but missing"},
    /* keys */
    {HEAD "loss: {tua: 1}",
     "4: loss.tua: unknown key; did you mean `tau`? (valid: kind, psi, eta, exponent, tau)"},
    {HEAD "lose: {tau: 1}",
     "4: lose: unknown key; did you mean `loss`? (valid: format, title, ..."},
    {HEAD "zzzzzzzz: 1", "4: zzzzzzzz: unknown key (valid: format, title, data, ..."},
    {HEAD "time: {\n  ned: 3}", "5: time.ned: unknown key; did you mean `end`? (valid: end, ..."},
    {"format: 1\ndata: discs\nflows:\n- kind: neural\n  kernel: {hidden-layer: 3}",
     "5: flows.0.kernel.hidden-layer: unknown key; did you mean `hidden-layers`? (valid: ..."},
    {HEAD "loss: {tau: 1, tau: 2}", "4: loss.tau: given twice, first on line 4"},
    {HEAD "loss:\n  tau: 1\nloss:\n  tau: 2", "6: loss: given twice, first on line 4"},
    {HEAD "loss: {eta: {kind: power, exponent: 1}, exponent: 2}",
     "4: loss.exponent: given twice, first on line 4"},
    {HEAD "loss: {kind: nt-xent, kind: nt-xent}", "4: loss.kind: given twice, first on line 4"},
    {HEAD "loss: {kind: nt-xent, psi: log}",
     "4: loss.psi: has a meaning only with kind: generalized"},
    {HEAD "? [a]\n: 1", "4: a key must be a word, not a list or section"},
    {HEAD "augmentation: {kind: none, x: 1}", "4: augmentation.x: unknown key (valid: kind)"},
    /* kinds and choices */
    {"format: 1\ndata: disks\nflows: [vanilla]", "2: data.kind = disks: must be one of discs, ..."},
    {HEAD "loss: {psi: log2p}",
     "4: loss.psi = log2p: must be one of log1p, log, identity; did you mean `log1p`?"},
    {HEAD "loss: {psi: {kind: [log]}}", "4: loss.psi: must be a word, not a list"},
    {HEAD "loss: {eta: {exponent: 2}}", "4: loss.eta.kind: required, but missing"},
    {HEAD "loss: {exponent: 2}", "4: loss.exponent = 2: has a meaning only with eta: power"},
    {HEAD "loss: {eta: {exponential: {exponent: 2}}}",
     "4: loss.exponent = 2: has a meaning only with eta: power"},
    {HEAD "loss: {kind: {a: b}}",
     "4: loss.kind: must be one of generalized, nt-xent, not a section"},
    {HEAD "loss: [generalized]", "4: loss: must be a section, not a list"},
    {HEAD "time: 100", "4: time = 100: must be a section"},
    /* flows */
    {"format: 1\ndata: discs\nflows: vanilla", "3: flows = vanilla: must be a list of sections"},
    {"format: 1\ndata: discs\nflows: []", "3: flows: must have at least one entry"},
    {"format: 1\ndata: discs\nflows:\n- vanilla\n- kind: vanilla",
     "5: flows.1.name = vanilla: must differ from flows.0.name; give each flow a name"},
    {"format: 1\ndata: discs\nflows:\n- kind: vanilla\n  name: a/b",
     "5: flows.0.name = a/b: must consist of letters, digits, dot, underscore and hyphen"},
    {"format: 1\ndata: discs\nflows:\n- {kind: vanilla, name: ''}",
     "4: flows.0.name = \"\": must consist of letters, digits, dot, underscore and hyphen"},
    {"format: 1\ndata: discs\nflows:\n- {kind: vanilla, name: ..}",
     "4: flows.0.name = ..: must consist of letters, digits, dot, underscore and hyphen"},
    {"format: 1\ndata: discs\nflows: [[vanilla]]", "3: flows.0: must be a section, not a list"},
    /* networks */
    {"format: 1\ndata: discs\nflows:\n- {kind: neural, train: {method: sgd}}",
     "4: flows.0.train: has a meaning only with kind: network"},
    {"format: 1\ndata: discs\nflows:\n- {kind: network, network: {widths: 0}}",
     "4: flows.0.network.widths = 0: must be in [1, 1e+06]"},
    {"format: 1\ndata: discs\nflows:\n- {kind: network, network: {widths: [64, 0]}}",
     "4: flows.0.network.widths.1 = 0: must be in [1, 1e+06]"},
    {"format: 1\ndata: discs\nflows:\n- {kind: network, network: {widths: 2.5}}",
     "4: flows.0.network.widths = 2.5: must be a whole number of at least 1"},
    {"format: 1\ndata: discs\nflows:\n- {kind: network, network: {hidden-layers: 3,\n"
     "    widths: [[64, 32]]}}",
     "5: flows.0.network.widths: a network of unequal layers needs 3 widths, one for each of ..."},
    {"format: 1\ndata: discs\nflows:\n- {kind: network, network: {widths: []}}",
     "4: flows.0.network.widths: must be a number, a list of numbers or a list ..."},
    {"format: 1\ndata: discs\nflows:\n- {kind: network, network: {hidden-layers: 2, "
     "parametrization: mean-field}}",
     "4: flows.0.network.hidden-layers = 2: a mean-field network has one hidden layer"},
    {"format: 1\ndata: discs\nflows:\n- {kind: network, network: {widths: [64, 64]}}",
     "4: flows.0: there are two flows network.width-64.seed-1; names, widths and seeds must ..."},
    {"format: 1\ndata: discs\nflows:\n- {kind: neural, kernel: {kind: empirical, "
     "network: {widths: [64, 32]}}}",
     "4: flows.0.kernel.network.widths: must be one network, not 2"},
    /* lists */
    {"format: 1\ndata: {kind: discs, centers: [[1, 2],\n [3]]}\nflows: [vanilla]",
     "3: data.centers.1 has 1 numbers: must have 2, as data.centers.0"},
    {"format: 1\ndata: {kind: discs, centers: [[1, 2],\n [3, x]]}\nflows: [vanilla]",
     "3: data.centers.1.1 = x: must be a number"},
    {"format: 1\ndata: {kind: discs, centers: [1, 2]}\nflows: [vanilla]",
     "2: data.centers.0 = 1: must be a list of numbers"},
    {"format: 1\ndata: {kind: discs, centers: 1}\nflows: [vanilla]",
     "2: data.centers = 1: must be a list of lists of numbers, [[a, b], [c, d]]"},
    {"format: 1\ndata: {kind: discs, points-per-cluster: [5, x]}\nflows: [vanilla]",
     "2: data.points-per-cluster.1 = x: must be a whole number"},
    {"format: 1\ndata: {kind: discs, points-per-cluster: []}\nflows: [vanilla]",
     "2: data.points-per-cluster: must be a list of whole numbers, not an empty list"},
    {HEAD "time: {outputs: [1, 2, 2]}",
     "4: time.outputs.2 = 2: must be greater than the time before it, 2"},
    {HEAD "time: {outputs: [1, 3, 2]}",
     "4: time.outputs.2 = 2: must be greater than the time before it, 3"},
    {HEAD "time: {outputs: [-1, 3]}", "4: time.outputs.0 = -1: must be in (0, time.end = 100]"},
    {HEAD "time: {outputs: [0, 3]}",
     "4: time.outputs.0 = 0: must be in (0, time.end = 100]; time 0 is always there"},
    {HEAD "time: {end: 0.3, outputs: [0.1, 0.30000000000000004]}",
     "4: time.outputs.1 = 0.30000000000000004: must be in (0, time.end = 0.3]"},
    {HEAD "snapshots: [1, 300]", "4: snapshots.1 = 300: must be in (0, time.end = 100]"},
    {HEAD "time: {end: 1, outputs: {first: 1}}",
     "4: time.outputs.first = 1: must be less than time.end = 1"},
    /* what the format has and this version has not */
    {HEAD "probes: {pth: more.csv}",
     "4: probes.pth: unknown key; did you mean `path`? (valid: path)"},
    {HEAD "sweep: {repeat: 0}", "4: sweep.repeat = 0: must be in [1, 1e+06]"},
    {HEAD "sweep: {axes: {loss.tau: []}}",
     "4: sweep.axes.loss.tau: must have at least one value, not an empty list"},
    {HEAD "sweep: {axes: {loss.tau: [1], loss.tau: [2]}}",
     "4: sweep.axes.loss.tau: given twice, first on line 4"},
    {HEAD "sweep: {axes: {loss.tau: {from: 1, to: 2, count: 1}}}",
     "4: sweep.axes.loss.tau.count = 1: must be in [2, 1e+06]"},
    {HEAD "sweep: {axes: [1]}", "4: sweep.axes: must be a section of KEY: [VALUES], not a list"},
    {HEAD "sweep: {points: 3}", "4: sweep.points = 3: has a meaning only with design: sobol"},
    {HEAD "checkpoint: {restart-steps: 5}",
     "4: checkpoint.restart-steps = 5: must be in [10, 1e+09]"},
    {"format: 1\ndata: {kind: idx}\nflows: [vanilla]", "2: data.images: required, but missing"},
    /* densities */
    {"format: 1\ndata: discs\nflows:\n- {kind: vanilla, grid: {nodes: 50}}",
     "4: flows.0.grid: has a meaning only with representation: density"},
    {"format: 1\ndata: discs\nflows:\n- {kind: vanilla, noise: 0.1}",
     "4: flows.0.noise = 0.1: has a meaning only with representation: density"},
    {"format: 1\ndata: discs\nflows:\n- {kind: vanilla, representation: density, noise: -1}",
     "4: flows.0.noise = -1: must be in [0, 1e+06]"},
    {"format: 1\ndata: discs\nflows:\n- {kind: vanilla, representation: density, grid: {nodes: 3}}",
     "4: flows.0.grid.nodes = 3: must be in [8, 1e+06]"},
    {"format: 1\ndata: discs\nflows:\n- {kind: neural, representation: density}",
     "4: flows.0.representation = density: a neural flow has no such representation; use "
     "particles or field"},
    {"format: 1\ndata: discs\nflows:\n- {kind: vanilla, representation: field}",
     "4: flows.0.representation = field: a vanilla flow has no such representation; use "
     "particles or density"},
    /* YAML */
    {"", "1: an empty problem file; `contraflow init` writes one to start from"},
    {"# nothing\n\n", "1: an empty problem file; `contraflow init` writes one to start from"},
    {"- 1\n", "1: a problem file consists of `key: value`; `contraflow init` writes one to ..."},
    {"\n\nhello\n", "3: a problem file consists of `key: value`; `contraflow init` writes one ..."},
    {"format: 1\ndata:\n\tkind: discs\n", "3: YAML is indented by spaces, not by a tab"},
    {"title: \xC3\xA9\ndata:\n\tkind: discs\n", "3: YAML is indented by spaces, not by a tab"},
    {"format: 1\ndata: {kind: discs\nflows: [vanilla]\n",
     "3: YAML syntax: while parsing a flow ..."},
    {"format: 1\ndata: 'discs\n", "2: YAML syntax: while scanning a quoted scalar, found ..."},
    {"format: 1\n  data: discs\n", "2: YAML syntax: mapping values are not allowed in this ..."},
    {"format: 1\ntitle: \xFF\xFE\n", "2: not UTF-8 text: invalid leading UTF-8 octet"},
    {"format: 1\ntitle: a\x01"
     "b\n",
     "2: not UTF-8 text: control characters are not allowed"},
    {"format: 1\ntitle: \"a\\0b\"\n", "2: a text must not contain the character NUL"},
    {HEAD "---\nformat: 1\n", "4: a second YAML document: only one is allowed"},
    {HEAD "loss: &a {tau: 1}", "4: YAML anchors (&) and aliases (*) are not supported: write ..."},
    {HEAD "loss: {tau: *a}", "4: YAML anchors (&) and aliases (*) are not supported: write ..."},
    {HEAD "loss: {tau: !!float 1}", "4: YAML tags (!) are not supported: leave the tag out"},
};

static const struct {
    const char *setting;
    const char *message; /* what follows "--set SETTING: " */
} settings[] = {
    {"loss.tau=-1", "loss.tau = -1: must be in [1e-06, 1e+06]"},
    {"loss.tua=0.2",
     "loss.tua: unknown key; did you mean `tau`? (valid: kind, psi, eta, exponent, tau)"},
    {"lossy.tau=0.2", "lossy: unknown key; did you mean `loss`? (valid: format, title, ..."},
    {"flows.1.kernel.activation=erff",
     "flows.1.kernel.activation = erff: must be one of relu, leaky-relu, abs, erf, tanh, ..."},
    {"flows.infinit-width.kernel.activation=erf",
     "no entry `infinit-width`; did you mean `infinite-width`? (entries: 0 to 1, or by name: "
     "free, infinite-width)"},
    {"flows.2.name=x", "no entry `2` (entries: 0 to 1, or by name: free, infinite-width)"},
    {"loss.tau", "must be KEY=VALUE, such as loss.tau=0.2"},
    {"=3", "must be KEY=VALUE, with a key such as loss.tau"},
    {".=3", "must be KEY=VALUE, with a key such as loss.tau"},
    {"loss..tau=3", "must be KEY=VALUE, with a key such as loss.tau"},
    {"loss.=3", "the key ends in a dot"},
    {"loss.tau=", "has no value"},
    {"loss.tau=[1", "YAML syntax: while parsing a flow sequence, did not find ..."},
    {"loss.tau.x=1", "loss.tau: must be a number, not a section"},
    {"a.b.c.d.e.f.g.h.i.j.k.l.m.n.o.p.q.r=1", "the key has more than 16 parts"},
    {"clusters={threshold: 2}", "clusters.threshold = 2: must be in [1e-12, 0.99999..."},
    {"title=\"a\nb\"\nloss: 1", "YAML syntax: ..."},
    {"flows.0.representation=field",
     "flows.0.representation = field: a vanilla flow has no such representation; use ..."},
};

static bool matches(const char *message, const char *expected)
{
    size_t length = strlen(expected);
    if (length > 3 && strcmp(expected + length - 3, "...") == 0)
        return strncmp(message, expected, length - 3) == 0;
    return strcmp(message, expected) == 0;
}

static void refuses(const char *text, const char *const *set, size_t count, const char *expected)
{
    cf_err err = {0};
    cf_problem *problem = NULL;
    cf_status status = cf_problem_parse("p.yaml", text, set, count, &problem, &err);
    bool ok = status == CF_EINPUT && problem == NULL && matches(err.message, expected) &&
              strchr(err.message, '\n') == NULL;
    check(ok, "%s", expected);
    if (!ok)
        printf("# got status %d: %s\n", (int)status, err.message);
    cf_problem_free(&problem);
}

static void refuse_all(void)
{
    char expected[600];
    for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
        snprintf(expected, sizeof expected, "p.yaml:%s", files[i].message);
        refuses(files[i].text, NULL, 0, expected);
    }
    for (size_t i = 0; i < sizeof settings / sizeof *settings; i++) {
        snprintf(expected, sizeof expected, "--set %s: %s", settings[i].setting,
                 settings[i].message);
        for (char *at = expected; *at != '\0'; at++) /* a message is one line */
            *at = *at == '\n' ? ' ' : *at;
        refuses(full_problem, &settings[i].setting, 1, expected);
    }
}

static void refuse_bombs(void)
{
    enum { SIZE = 100000 };
    char *text = malloc(SIZE + 100);
    if (text == NULL)
        return;
    static const struct {
        const char *unit, *message;
    } bombs[] = {{"[", "p.yaml:1: nested deeper than 32 levels"},
                 {"{a: ", "p.yaml:1: nested deeper than 32 levels"},
                 {"- ", "p.yaml:1: nested deeper than 32 levels"},
                 {"? ", "p.yaml:1: a key must be a word, not a list or section"},
                 {"a", "p.yaml:1: a problem file consists of `key: value`; ..."}};
    for (size_t i = 0; i < sizeof bombs / sizeof *bombs; i++) {
        size_t length = strlen(bombs[i].unit), size = 0;
        for (; size + length <= SIZE; size += length)
            memcpy(text + size, bombs[i].unit, length);
        text[size] = '\0';
        refuses(text, NULL, 0, bombs[i].message);
    }
    for (size_t depth = 32; depth <= 33; depth++) {
        memset(text, '[', depth);
        text[depth] = '\0';
        refuses(text, NULL, 0, depth == 32 ? "p.yaml:1: YAML syntax: ..." : bombs[0].message);
    }
    size_t size = (size_t)sprintf(text, HEAD);
    memset(text + size, 'k', SIZE);
    strcpy(text + size + 1000, ": 1\n");
    refuses(text, NULL, 0, "p.yaml:4: kkkkkkkkkkkkkkkk...");
    free(text);
}

static void refuse_files(void)
{
    static const struct {
        const char *file, *message;
    } missing[] = {{"tests/no-such-file.yaml",
                    "tests/no-such-file.yaml: cannot be opened: No such file or directory"},
                   {"tests", "tests: cannot be read: Is a directory"},
                   {"/dev/zero", "/dev/zero: larger than 64 MiB: put the data in a file of ..."},
                   {"/dev/null", "/dev/null:1: an empty problem file; `contraflow init` ..."}};
    for (size_t i = 0; i < sizeof missing / sizeof *missing; i++) {
        cf_err err = {0};
        cf_problem *problem = NULL;
        cf_status status = cf_problem_read(missing[i].file, NULL, 0, &problem, &err);
        check(status == CF_EINPUT && problem == NULL && matches(err.message, missing[i].message),
              "%s", err.message);
        cf_problem_free(&problem);
    }
}

/* Whatever is cut off or overwritten: a problem or one message; the sanitizers watch the rest. */
static void survives_damage(void)
{
    static const char letters[] = "\t\n :,-[]{}&*!#'\"0e.\\\x80\xC3\x01|>%@`?";
    size_t size = strlen(full_problem), tried = 0, refused = 0, strange = 0;
    char *text = malloc(size + 1);
    for (size_t at = 0; text != NULL && at < size; at++)
        for (size_t k = 0; k < sizeof letters; k++) {
            strcpy(text, full_problem);
            text[at] = letters[k]; /* the last one, NUL, truncates */
            cf_err err = {0};
            cf_problem *problem = NULL;
            cf_status status = cf_problem_parse("p.yaml", text, NULL, 0, &problem, &err);
            tried++;
            refused += status == CF_EINPUT;
            strange += status != CF_OK && (status != CF_EINPUT || problem != NULL ||
                                           strncmp(err.message, "p.yaml:", 7) != 0 ||
                                           strchr(err.message, '\n') != NULL);
            cf_problem_free(&problem);
        }
    free(text);
    check(strange == 0 && refused > tried / 2 && refused < tried,
          "%zu damaged files: %zu refused with one message that names the line, %zu strangely",
          tried, refused, strange);
}

int main(void)
{
    refuse_all();
    refuse_bombs();
    refuse_files();
    survives_damage();
    return check_done();
}
