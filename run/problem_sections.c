/* The tables of the sections that concern the computation. */
#include <stddef.h>

#include "problem_kinds.h"

#define COUNT(table) (sizeof(table) / sizeof *(table))

/* --- times --- */

#define TIMES_FIRST                                                                                \
    {                                                                                              \
        .key = "first", .type = CF_OPTION_REAL, .offset = offsetof(cf_times_options, first),       \
        .fallback = "0.01", .min = 1e-17, .max = 1e12, .unit = "time",                             \
        .doc = "First time; where it is not given and 0.01 is not before the end, end/10000."      \
    }
#define TIMES_COUNT                                                                                \
    {                                                                                              \
        .key = "count", .type = CF_OPTION_INTEGER, .offset = offsetof(cf_times_options, count),    \
        .fallback = "25", .min = 1, .max = 1e6, .doc = "Number of times."                          \
    }

static const cf_option log_options[] = {TIMES_FIRST, TIMES_COUNT};
static const cf_kind log_times = {"log", "From `first` to the end in equal ratios.", log_options,
                                  COUNT(log_options), sizeof(cf_times_options)};
static const cf_option linear_options[] = {TIMES_COUNT};
static const cf_kind linear_times = {"linear", "To the end in equal steps.", linear_options,
                                     COUNT(linear_options), sizeof(cf_times_options)};
static const cf_option list_options[] = {
    {.key = "times",
     .type = CF_OPTION_REALS,
     .offset = offsetof(cf_times_options, list),
     .unit = "time",
     .doc = "Increasing times after 0 and up to the end; the list may stand for the section."}};
static const cf_kind list_times = {"list", "Given times.", list_options, COUNT(list_options),
                                   sizeof(cf_times_options)};
static const cf_kind all_times = {.name = "all",
                                  .doc = "Every output time, while memory allows.",
                                  .size = sizeof(cf_times_options)};

static const cf_kind *const output_kinds[] = {&log_times, &linear_times, &list_times, NULL};
const cf_kind *const cf_snapshot_kinds[] = {&all_times, &log_times, &linear_times, &list_times,
                                            NULL};

static const cf_option time_options[] = {
    {.key = "end",
     .type = CF_OPTION_REAL,
     .offset = offsetof(cf_time_section, end),
     .fallback = "100",
     .min = 1e-12,
     .max = 1e12,
     .unit = "time",
     .doc = "Last time; every flow begins at 0."},
    {.key = "outputs",
     .type = CF_OPTION_VARIANT,
     .offset = offsetof(cf_time_section, outputs),
     .fallback = "log",
     .variants = output_kinds,
     .selector = "spacing",
     .doc = "When the observers look; 0 and the end are always there."}};
static const cf_kind time_section = {"time", "Time.", time_options, COUNT(time_options),
                                     sizeof(cf_time_section)};

/* --- numerics --- */

static const char *const methods[] = {"auto", "adams", "bdf", NULL};
static const cf_option integrator_options[] = {
    {.key = "method",
     .type = CF_OPTION_CHOICE,
     .offset = offsetof(cf_integrator_section, method),
     .fallback = "auto",
     .choices = methods,
     .doc = "Adams for what is not stiff, BDF for what is; auto changes from one to the other."},
    {.key = "rtol",
     .type = CF_OPTION_REAL,
     .offset = offsetof(cf_integrator_section, rtol),
     .fallback = "1e-6",
     .min = 1e-13,
     .max = 1e-1,
     .doc = "Relative tolerance of a step."},
    {.key = "atol",
     .type = CF_OPTION_REAL,
     .offset = offsetof(cf_integrator_section, atol),
     .fallback = "rtol/1000",
     .min = 1e-30,
     .max = 1,
     .unit = "latent",
     .doc = "Absolute tolerance of a step."},
    {.key = "krylov",
     .type = CF_OPTION_INTEGER,
     .offset = offsetof(cf_integrator_section, krylov),
     .fallback = "20",
     .min = 1,
     .max = 200,
     .doc = "Most iterations of GMRES under BDF. Each keeps a vector; of more than 262144 states "
            "they begin anew after every 5."}};
static const cf_kind integrator_section = {"integrator", "Integrator.", integrator_options,
                                           COUNT(integrator_options),
                                           sizeof(cf_integrator_section)};

static const char *const engines[] = {"auto", "direct",   "circle", "sphere",
                                      "grid", "low-rank", NULL}; /* cf_sums and one */
static const char *const instructions[] = {"auto", "portable", "avx2", "avx512",
                                           NULL}; /* cf_simd */
static const cf_option sums_options[] = {
    {.key = "engine",
     .type = CF_OPTION_CHOICE,
     .offset = offsetof(cf_sums_section, engine),
     .fallback = "auto",
     .choices = engines,
     .doc = "How sums over pairs are computed. direct: pair by pair, exact (but for the tolerance "
            "on spheres of more than four dimensions); circle: by Fourier modes, on the circle "
            "without norm floor; sphere: by harmonics, likewise in dimension "
            "3; grid: by a Fourier grid, in dimension 1, 2, 3; low-rank: kernels of neural flows "
            "by pivoted Cholesky factors, all else by auto; auto: what is predicted to be fastest. "
            "Sphere and grid need eta: exponential, and circle, sphere and grid need one view; "
            "they leave the kernels of neural flows to auto."},
    {.key = "tolerance",
     .type = CF_OPTION_REAL,
     .offset = offsetof(cf_sums_section, tolerance),
     .fallback = "1e-12",
     .min = 1e-16,
     .max = 1e-2,
     .doc = "Error that a sum may have, relative to the total of its weights times the largest "
            "value of the kernel; of a kernel of low rank, the trace of what is left out relative "
            "to that of the kernel (E83)."},
    {.key = "instructions",
     .type = CF_OPTION_CHOICE,
     .offset = offsetof(cf_sums_section, instructions),
     .fallback = "auto",
     .choices = instructions,
     .doc = "Instruction set of the innermost loops; auto: the widest of the processor. A result "
            "names it in `build`, with the kernels of BLAS, which chooses its own "
            "(OPENBLAS_CORETYPE in the environment forces them)."}};
static const cf_kind sums_section = {"sums", "Sums over pairs.", sums_options, COUNT(sums_options),
                                     sizeof(cf_sums_section)};

/* --- observation --- */

static const char *const observables[] = {"separation", NULL};
static const char *const ends[] = {"time-end", "dissolution", NULL};
static const cf_option clusters_options[] = {
    {.key = "observable",
     .type = CF_OPTION_CHOICE,
     .offset = offsetof(cf_clusters_section, observable),
     .fallback = "separation",
     .choices = observables,
     .doc = "What tells whether there are clusters."},
    {.key = "threshold",
     .type = CF_OPTION_REAL,
     .offset = offsetof(cf_clusters_section, threshold),
     .fallback = "0.9",
     .min = 1e-12,
     .max = 1 - 1e-12,
     .doc = "Clusters have emerged where the observable is above it."},
    {.key = "until",
     .type = CF_OPTION_CHOICE,
     .offset = offsetof(cf_clusters_section, until),
     .fallback = "time-end",
     .choices = ends,
     .doc = "Whether a flow ends with its first dissolution, where that comes before time.end."}};
static const cf_kind clusters_section = {"clusters", "Clusters.", clusters_options,
                                         COUNT(clusters_options), sizeof(cf_clusters_section)};

static const cf_option distances_options[] = {
    {.key = "from",
     .type = CF_OPTION_TEXT,
     .offset = offsetof(cf_distances_section, from),
     .doc = "The flow that all flows are compared with; of a network, its full name "
            "NAME.width-W.seed-S."}};
static const cf_kind distances_section = {"distances", "Distances.", distances_options,
                                          COUNT(distances_options), sizeof(cf_distances_section)};

const cf_kind *const cf_time_kinds[] = {&time_section, NULL};
const cf_kind *const cf_integrator_kinds[] = {&integrator_section, NULL};
const cf_kind *const cf_sums_kinds[] = {&sums_section, NULL};
const cf_kind *const cf_clusters_kinds[] = {&clusters_section, NULL};
const cf_kind *const cf_distances_kinds[] = {&distances_section, NULL};
