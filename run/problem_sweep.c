/* The tables of what concerns many runs. */
#include <stddef.h>

#include "problem_kinds.h"

#define COUNT(table) (sizeof(table) / sizeof *(table))

static const char *const designs[] = {"grid", "zip", "sobol", NULL};

static const cf_option sweep_options[] = {
    {.key = "axes",
     .type = CF_OPTION_AXES,
     .offset = offsetof(cf_sweep_section, axes),
     .fallback = "{}",
     .doc =
         "Keys as --set takes them, each with its values: `loss.tau: [0.05, 0.1]`, or `loss.tau: "
         "{from: 0.05, to: 0.5, count: 4, spacing: log}`."},
    {.key = "design",
     .type = CF_OPTION_CHOICE,
     .offset = offsetof(cf_sweep_section, design),
     .fallback = "grid",
     .choices = designs,
     .doc =
         "All combinations of the values; the first value of every axis, then the second, ...; or "
         "points of a Sobol sequence between the ends of the ranges."},
    {.key = "points",
     .type = CF_OPTION_INTEGER,
     .offset = offsetof(cf_sweep_section, points),
     .fallback = "64",
     .min = 1,
     .max = 1e6,
     .only = "design: sobol",
     .doc = "Points of the Sobol sequence."},
    {.key = "repeat",
     .type = CF_OPTION_INTEGER,
     .offset = offsetof(cf_sweep_section, repeat),
     .fallback = "1",
     .min = 1,
     .max = 1e6,
     .doc = "Runs of every point: the r-th adds r - 1 to every seed that no axis sets."},
    {.key = "keep",
     .type = CF_OPTION_BOOL,
     .offset = offsetof(cf_sweep_section, keep),
     .fallback = "false",
     .doc = "Keeps the whole result of every run beside the table."},
    {.key = "collect",
     .type = CF_OPTION_TEXTS,
     .offset = offsetof(cf_sweep_section, collect),
     .fallback = "[loss.final, separation.final, separation.maximum]",
     .doc =
         "Columns of the table beside the times of events: SERIES.REDUCTION, with the series of a "
         "result and the reductions start, final, minimum, maximum and mean (over time)."},
    {.key = "clusters",
     .type = CF_OPTION_BOOL,
     .offset = offsetof(cf_sweep_section, clusters),
     .fallback = "false",
     .doc = "Another table, clusters.csv, of the clusters of every run: which of them dissolves "
            "first, "
            "and why (E111 to E113)."},
    {.key = "follow-up",
     .type = CF_OPTION_REAL,
     .offset = offsetof(cf_sweep_section, follow_up),
     .fallback = "0",
     .min = 0,
     .max = 1e12,
     .unit = "time",
     .doc =
         "How long clusters are followed after they emerged (E60); 0: for the shortest time that "
         "is left to one of them."}};
static const cf_kind sweep_section = {"sweep", "Sweep.", sweep_options, COUNT(sweep_options),
                                      sizeof(cf_sweep_section)};

/* A new beginning costs 10 to 50 evaluations. On the four discs (vanilla and neural, rtol 1e-6) one
 * every 300 steps makes 0 to 1 in 100 more of them with `auto`, and 0 to 7 with `bdf`; every 100
 * steps, -10 to 8 and 26 to 41. */
static const cf_option checkpoint_options[] = {
    {.key = "restart-steps",
     .type = CF_OPTION_INTEGER,
     .offset = offsetof(cf_checkpoint_section, restart_steps),
     .fallback = "300",
     .min = 10,
     .max = 1e9,
     .doc =
         "Steps after which the integrator begins anew, whether interrupted or not: a run can go "
         "on from there with the same bits."},
    {.key = "minutes",
     .type = CF_OPTION_REAL,
     .offset = offsetof(cf_checkpoint_section, minutes),
     .fallback = "5",
     .min = 0,
     .max = 1e6,
     .unit = "min",
     .doc =
         "A restart point goes to the disk when so much time has passed since the last; 0: not by "
         "time."},
    {.key = "outputs",
     .type = CF_OPTION_INTEGER,
     .offset = offsetof(cf_checkpoint_section, outputs),
     .fallback = "0",
     .min = 0,
     .max = 1e6,
     .doc = "Likewise after so many outputs; 0: not by outputs."}};
static const cf_kind checkpoint_section = {"checkpoint", "Checkpoints.", checkpoint_options,
                                           COUNT(checkpoint_options),
                                           sizeof(cf_checkpoint_section)};

const cf_kind *const cf_checkpoint_kinds[] = {&checkpoint_section, NULL};
const cf_kind *const cf_sweep_kinds[] = {&sweep_section, NULL};
