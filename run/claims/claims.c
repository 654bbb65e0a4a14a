#include "claim.h"

const cf_claim *const cf_claims[] = {&cf_claim_invariance,  &cf_claim_gradients,
                                     &cf_claim_first_order, &cf_claim_polytopes,
                                     &cf_claim_uniform,     &cf_claim_polygons,
                                     &cf_claim_decay,       &cf_claim_tangent_kernel,
                                     &cf_claim_energy,      NULL};
