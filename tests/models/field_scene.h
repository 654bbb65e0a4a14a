/* Neural flows on fields and on particles of the same law: two discs in the plane, a smooth kernel,
 * and a start that is linear in the data. */
#ifndef CONTRAFLOW_TESTS_FIELD_SCENE_H
#define CONTRAFLOW_TESTS_FIELD_SCENE_H

#include "contraflow/models/flow.h"

enum { FIELD_MOST = 1600, FIELD_MOST_D = 3, FIELD_LATENTS = 4 };

typedef struct {
    cf_data data;
    double points[2 * FIELD_MOST], weights[FIELD_MOST], start[FIELD_MOST * FIELD_MOST_D],
        kernel[FIELD_MOST * FIELD_MOST];
    int labels[FIELD_MOST];
    cf_rule *law;
    cf_flow_setup setup;
} field_scene;

extern const double field_centers[2][2];
extern const double field_matrix[FIELD_MOST_D * 2]; /* of the start */
extern const cf_latent field_latents[FIELD_LATENTS];

const char *field_latent_name(const cf_latent *latent);

/* n points, with the start at s->start; they, their masses and labels are set by the caller. */
void field_begin(field_scene *s, size_t n, cf_latent latent, int psi, int eta);

/* Of the points as they are. */
void field_set_kernel(field_scene *s);

/* The start at the points without its random part. */
void field_set_start(field_scene *s);

/* Nodes of order m, and the start's law of order m_b, blurring the loss if asked. */
void field_set_nodes(field_scene *s, size_t order, cf_latent latent, int psi, int eta);

void field_set_law(field_scene *s, double spread, size_t order, bool blurred);

cf_flow *field_create(const field_scene *s, const char *representation);

#endif
