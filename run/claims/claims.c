#include "claim.h"

const cf_claim *const cf_claims[] = {
    &cf_claim_invariance, &cf_claim_gradients,      &cf_claim_first_order,
    &cf_claim_polytopes,  &cf_claim_uniform,        &cf_claim_polygons,
    &cf_claim_decay,      &cf_claim_tangent_kernel, &cf_claim_width,
    &cf_claim_clusters,   &cf_claim_conserved,      &cf_claim_particles,
    &cf_claim_energy,     &cf_claim_mean_field,     NULL};
