/* The option tables of a problem file's sections. */
#ifndef CONTRAFLOW_RUN_PROBLEM_KINDS_H
#define CONTRAFLOW_RUN_PROBLEM_KINDS_H

#include "contraflow/run/problem.h"
#include "section.h"

/* What the root table describes. */
typedef struct {
    long format;
    char *title;
    cf_variant data, augmentation, latent, start, loss;
    cf_variants flows;
    cf_variant time;       /* cf_time_section */
    cf_variant snapshots;  /* cf_times_options */
    cf_variant integrator; /* cf_integrator_section */
    cf_variant sums;       /* cf_sums_section */
    cf_variant clusters;   /* cf_clusters_section */
    cf_variant observers;  /* [rows of cf_observers()] cf_variant */
    cf_variant distances;  /* cf_distances_section */
    cf_variant checkpoint; /* cf_checkpoint_section */
    cf_variant probes;     /* cf_file_options */
    cf_variant sweep;      /* cf_sweep_section */
} cf_root;

typedef struct {
    double end;
    cf_variant outputs; /* cf_times_options */
} cf_time_section;

/* The kinds all | list | log | linear share it. */
typedef struct {
    cf_reals list;
    double first;
    long count;
} cf_times_options;

typedef struct {
    int engine;
    double tolerance;
    int instructions; /* cf_simd */
} cf_sums_section;

typedef struct {
    int observable;
    double threshold;
    int until; /* 0 time.end, 1 the first dissolution */
} cf_clusters_section;

typedef struct {
    char *from; /* name of a flow */
} cf_distances_section;

/* The tables, with the kinds of data and the observers that models/ lists. */
typedef struct cf_problem_tables cf_problem_tables;

cf_status cf_problem_tables_create(cf_problem_tables **out, cf_err *err);
void cf_problem_tables_free(cf_problem_tables **tables);
const cf_kind *cf_problem_root(const cf_problem_tables *tables); /* options: cf_root */

extern const cf_kind cf_kernel_file_kind, cf_kernel_empirical_kind, cf_flow_network_kind;

/* Lists the flows to run from the sections of the file. Failures begin with their place. */
cf_status cf_flows_expand(const cf_reader *reader, const cf_root *root, cf_problem_flow **flows,
                          size_t *count, cf_err *err);

extern const char *const cf_representation_names[]; /* particles, density, field, NULL */
extern const cf_kind cf_augmentation_none;

/* The kinds of the sections, NULL-terminated. */
extern const cf_kind *const cf_latent_kinds[],
    *const cf_start_kinds[], *const cf_loss_kinds[], *const cf_flow_section_kinds[],
                                                         *const cf_time_kinds[],
                                                             *const cf_snapshot_kinds[],
                                                                 *const cf_integrator_kinds[],
                                                                     *const cf_sums_kinds[],
                                                                         *const cf_clusters_kinds[];
extern const cf_kind *const cf_distances_kinds[];
extern const cf_kind *const cf_checkpoint_kinds[];
extern const cf_kind *const cf_sweep_kinds[];
extern const cf_kind *const cf_probe_kinds[];

#endif
