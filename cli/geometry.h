/* How latent spaces are drawn; private to cli/. One plot holds all panels of a figure, in pixels
 * from its lower left corner, so that every panel is exactly where it is meant to be. */
#ifndef CONTRAFLOW_CLI_GEOMETRY_H
#define CONTRAFLOW_CLI_GEOMETRY_H

#include <stdbool.h>
#include <stdio.h>

/* Borrowed arrays. */
typedef struct {
    double x, y, size; /* lower left corner and side */
    const double *z;   /* [n*d] */
    size_t n, d;
    size_t views;          /* rows of z that share a label, one after the other */
    const long *labels;    /* [n/views] or NULL */
    const double *weights; /* [n/views], or NULL where they are equal */
    size_t clusters;       /* at least 1 */
    bool hollow;           /* marks of probes: small rings, dark where there are no labels */
    double low[2];         /* lower corner of what plane and line show, */
    double span;           /* and the length of its side */
} cf_panel;

typedef struct {
    const char *caption;
    bool scaled;  /* has a scale bar, and low and span of its own in every row */
    bool upright; /* whose scale is the vertical one */
    /* gnuplot objects, datablock lines "x y rgb", and datablock points "x y size type rgb". */
    void (*objects)(FILE *script, const cf_panel *panel, int *count);
    void (*frame)(FILE *script, const cf_panel *panel);
    void (*points)(FILE *script, const cf_panel *panel, bool hidden);
} cf_geometry;

extern const cf_geometry cf_geometry_circle, cf_geometry_ball, cf_geometry_plane, cf_geometry_line,
    cf_geometry_disc;

const cf_geometry *cf_geometry_choose(bool sphere, size_t dimension);

/* The k-th point to draw, 0 <= k < cf_panel_drawn: scattered over the data, so that no cluster lies
 * on top of the others, and a sample of it where there are too many. */
size_t cf_panel_drawn(size_t n);
size_t cf_panel_pick(size_t k, size_t n);

size_t cf_panel_cluster(const cf_panel *panel, size_t point);

/* One line of a datablock of points. */
void cf_panel_mark(FILE *script, const cf_panel *panel, size_t point, double x, double y);

/* A circle around a point of the plot, as a polyline. */
void cf_draw_circle(FILE *script, double x, double y, double radius, unsigned color);

#endif
