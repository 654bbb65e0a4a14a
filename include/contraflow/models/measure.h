/* Seam 2: a weighted, labelled measure on the latent space; all that observers see. */
#ifndef CONTRAFLOW_MODELS_MEASURE_H
#define CONTRAFLOW_MODELS_MEASURE_H

#include <stdbool.h>
#include <stddef.h>

/* Borrowed arrays. */
typedef struct {
    size_t n;
    size_t dimension;      /* d */
    size_t clusters;       /* 0 when unlabelled */
    const double *points;  /* [n*d] latent points z */
    const double *weights; /* [n] sum 1 */
    const int *labels;     /* [n] or NULL */
    bool nodes;            /* of a quadrature, among which being neighbors means nothing */
    size_t views;          /* rows of a sample, one after the other; 0 or 1: none */
    bool dense;            /* a point stands for many, and is a partner of itself in pairs */
} cf_measure;

#endif
