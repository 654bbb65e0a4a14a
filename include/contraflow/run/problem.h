/* The problem file (YAML) as plain, checked data. See docs/problem-file.md, generated from the
 * tables. */
#ifndef CONTRAFLOW_RUN_PROBLEM_H
#define CONTRAFLOW_RUN_PROBLEM_H

#include <stdbool.h>
#include <stdio.h>

#include "contraflow/models/flow.h"
#include "contraflow/solver/error.h"
#include "contraflow/solver/option.h"
#include "contraflow/solver/simd.h"

/* Options structs of the kinds that are not defined in models/. */
typedef struct {
    char *path; /* .csv with a header line, or .h5 */
} cf_file_options;

typedef struct {
    long dimension;
    double norm_floor;    /* delta; sphere only */
    double collapse_norm; /* sphere only */
} cf_latent_options;

typedef struct {
    double spread;
    long seed;
    cf_variant kernel;   /* kind `network` only */
    char *path;          /* kind `file` only */
    double width;        /* kind `file` only */
    cf_integers degrees; /* kind `perturbed` only */
    cf_reals amplitudes; /* likewise */
    cf_matrix matrix;    /* kind `linear` only: [d*D] */
} cf_start_options;

typedef struct {
    int psi;         /* index into cf_psi_names; kind `generalized` only */
    int eta;         /* index into cf_eta_names; likewise */
    double exponent; /* of eta: power */
    double tau;
} cf_loss_options;

typedef struct {
    char *name;
    int representation; /* index into cf_representation_names; 0 where the kind has but one */
    cf_variant kernel;  /* kind `neural` only: mlp, block, file, empirical */
    long nodes;         /* of a field: order of the rule of the data law */
    long start_nodes;   /* and of that of the start's law */
    cf_variant network; /* kind `network` only, with cf_network_options */
    cf_integers seeds;  /* kind `network` only */
    cf_variant train;   /* kind `network` only, with cf_train_options */
    bool kernel_drift;  /* kind `network` only */
    cf_variant grid;    /* of densities, with cf_grid_options */
    double noise;       /* of densities */
} cf_flow_options;

/* Kernel kind `empirical`: of the network at its start. */
typedef struct {
    cf_variant network; /* cf_network_options of one width */
    long seed;
} cf_empirical_options;

/* A flow to run. A network flow of the file becomes one for each width and seed. */
typedef struct {
    char *name; /* NAME, or NAME.width-W.seed-S */
    const cf_kind *kind;
    const cf_flow_kind *model; /* the dynamics on its representation */
    const cf_flow_options *options;
    size_t section; /* its entry of `flows` in the file */
    size_t row;     /* of the widths */
    long seed;      /* -1 where there is no network */
} cf_problem_flow;

typedef enum { CF_TIMES_ALL, CF_TIMES_LIST, CF_TIMES_LOG, CF_TIMES_LINEAR } cf_times_spacing;

/* Requested times, before 0 and the end are added. */
typedef struct {
    cf_times_spacing spacing; /* ALL: snapshots only */
    double first;             /* LOG */
    long count;               /* LOG, LINEAR */
    cf_reals list;            /* LIST */
} cf_times;

typedef struct {
    int method; /* 0 auto, 1 adams, 2 bdf */
    double rtol;
    double atol; /* rtol/1000 unless given */
    long krylov;
} cf_integrator_section;

typedef struct {
    long restart_steps;
    double minutes; /* 0: not by time */
    long outputs;   /* 0: not by outputs */
} cf_checkpoint_section;

typedef enum { CF_SWEEP_GRID, CF_SWEEP_ZIP, CF_SWEEP_SOBOL } cf_sweep_design;

typedef struct {
    cf_axes axes;
    int design;       /* cf_sweep_design */
    long points;      /* of a Sobol sequence */
    long repeat;      /* runs of each point, with seeds that grow by one */
    bool keep;        /* whole results, not only the table */
    cf_texts collect; /* SERIES.REDUCTION */
    bool clusters;    /* a table of every cluster, too */
    double follow_up; /* of persistence, E60; 0: the shortest there is */
} cf_sweep_section;

extern const char *const cf_spacing_names[]; /* linear, log, NULL */

/* Variants and lists are borrowed from `source`, which owns them. */
/* sums.engine = low-rank, which serves kernels of neural flows. */
enum { CF_ENGINE_LOW_RANK = CF_SUMS_GRID + 1 };

typedef struct cf_problem {
    char *file;      /* as given */
    char *directory; /* of the file; paths in the problem are already resolved against it */
    char *text;      /* whole text of the file */
    char *title;
    cf_variant data, augmentation, latent, start, loss;
    cf_variant probes;      /* kind NULL: none */
    cf_problem_flow *flows; /* [flow_count] */
    size_t flow_count;
    double end; /* time.end */
    cf_times outputs;
    cf_times snapshots;
    cf_integrator_section integrator;
    int sums_engine; /* cf_sums, or CF_ENGINE_LOW_RANK */
    double sums_tolerance;
    cf_simd instructions;   /* which the process uses once the parts are created */
    int cluster_observable; /* 0 separation */
    double cluster_threshold;
    bool until_dissolution;                  /* a flow ends with its first dissolution */
    bool clusters_given;                     /* the file has a clusters: section */
    const char *distances_from;              /* the flow; NULL where it is not given */
    const cf_checkpoint_section *checkpoint; /* NULL where it is not given */
    const cf_sweep_section *sweep;           /* likewise */
    cf_variant *observers; /* [observer_count], one per row of cf_observers(), in its order */
    size_t observer_count;
    bool *observer_given; /* [observer_count] the file names it */
    char *
        resolved; /* the problem with defaults and --set, as YAML that parses to the same problem */
    char hash[65];                    /* SHA-256 of `resolved`, hex */
    struct cf_problem_source *source; /* private */
} cf_problem;

/* Reads and checks FILE; `settings` [count] are "key.path=value" overrides (lists by index:
 * flows.0.kernel.activation=erf; or by name: flows.infinite-width.kernel.activation=erf). All
 * failures are CF_EINPUT with one message "file:line: key = value: rule", with the nearest valid
 * key for a typo
 * ("--set key=value: ..." for an override). */
cf_status cf_problem_read(const char *file, const char *const *settings, size_t count,
                          cf_problem **out, cf_err *err);

/* The same from text; `file` names it in messages and its folder resolves paths. */
cf_status cf_problem_parse(const char *file, const char *text, const char *const *settings,
                           size_t count, cf_problem **out, cf_err *err);
void cf_problem_free(cf_problem **problem);

/* The line of the dotted key ("data.path", "flows.1.kernel.path") or of its nearest given parent; 0
 * where --set gave it. */
int cf_problem_line(const cf_problem *problem, const char *key);

/* Puts the place of the key in front of an error found later: "file:line: " or "--set key=value: ".
 */
cf_status cf_problem_blame(const cf_problem *problem, const char *key, cf_err *err);

/* The k-th file that the problem names beside itself; NULL past the last. */
const char *cf_problem_input(const cf_problem *problem, size_t k);

/* A commented problem file with every section (`init`), and the reference in Markdown (docs). */
void cf_problem_write_template(FILE *stream);
void cf_problem_write_reference(FILE *stream);

#endif
