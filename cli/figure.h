/* The figures of a report; private to cli/. A figure is a gnuplot script without terminal, one
 * file and one row of a table each. */
#ifndef CONTRAFLOW_CLI_FIGURE_H
#define CONTRAFLOW_CLI_FIGURE_H

#include <stdbool.h>
#include <stdio.h>

#include "contraflow/run/clusters.h"
#include "contraflow/run/compare.h"
#include "contraflow/run/flow_view.h"
#include "contraflow/run/persistence.h"
#include "contraflow/run/scan.h"
#include "contraflow/run/validation.h"

/* What figures show. */
typedef struct {
    const cf_result *result;
    const cf_comparison *comparison;   /* NULL where there is nothing to compare with */
    const cf_persistence *persistence; /* of a sweep, else NULL */
    const cf_scan *scan;               /* of configurations over tau, else NULL */
    const cf_persistence *clusters;    /* of its clusters, else NULL */
    const cf_clusters_fates *fates;    /* of them, else NULL */
    const cf_claim_report *claim;      /* of a validation, else NULL */
} cf_subject;

typedef struct {
    int width, height; /* pixels, set by draw */
    char caption[1600];
} cf_figure;

typedef enum {
    CF_PLACE_TOP,
    CF_PLACE_WIDE,
    CF_PLACE_HALF,
    CF_PLACE_BESIDE, /* the words of the comparison */
    CF_PLACE_BELOW,  /* them */
    CF_PLACE_SOLVER
} cf_place;

typedef struct {
    const char *name;  /* of its files */
    const char *title; /* of its caption */
    cf_place place;    /* on the page */
    /* False, with nothing written, where the result has nothing of the kind. */
    bool (*draw)(const cf_subject *subject, FILE *script, cf_figure *figure);
} cf_figure_kind;

/* NULL-terminated, in the order of the page. */
extern const cf_figure_kind *const cf_figure_kinds[];
extern const cf_figure_kind cf_figure_data, cf_figure_snapshots, cf_figure_loss,
    cf_figure_separation, cf_figure_distance, cf_figure_transport, cf_figure_width,
    cf_figure_observers, cf_figure_energy, cf_figure_density_time, cf_figure_density,
    cf_figure_density_map, cf_figure_density_spectrum;

/* That of a claim; the caller names its files. */
extern const cf_figure_kind cf_figure_claim;

/* Those of a sweep. */
extern const cf_figure_kind *const cf_sweep_figure_kinds[];
extern const cf_figure_kind cf_figure_survival, cf_figure_law, cf_figure_map, cf_figure_clusters;

/* Those of a scan. */
extern const cf_figure_kind *const cf_scan_figure_kinds[];
extern const cf_figure_kind cf_figure_bifurcation, cf_figure_polygons;

/* Draws the figure as FOLDER/NAME.svg and FOLDER/NAME.png. *svg is the text of the first,
 * malloc'ed; NULL with CF_OK where there is nothing to draw. */
cf_status cf_figure_write(const cf_figure_kind *kind, const cf_subject *subject, const char *folder,
                          bool cairo, cf_figure *figure, char **svg, cf_err *err);

/* Labels of /data, or NULL unless there are `n` of them, none negative; *clusters is at least 1. */
const long *cf_result_labels(const cf_result *result, size_t n, size_t *clusters);

/* Those of the probes. */
const long *cf_result_probe_labels(const cf_result *result, size_t n, size_t *clusters);

/* Those of the flow itself, or of /data. */
const long *cf_flow_labels(const cf_result *result, const cf_flow_view *flow, size_t n,
                           size_t *clusters);

/* Opens a plot without axes whose coordinates are pixels; the legend of clusters around (x, y),
 * at most `width` wide. */
void cf_plot_pixels(FILE *script, const cf_figure *figure);
void cf_plot_text(FILE *script, const char *text, double x, double y, const char *options);
void cf_plot_clusters(FILE *script, size_t clusters, double x, double y, double width);

/* 1, 2 or 5 times a power of ten, at most `length`. */
double cf_plot_step(double length);

/* Plots the datablocks $frame, $hidden and $points as far as `parts` names them. */
void cf_plot_blocks(FILE *script, bool hidden);

#endif
