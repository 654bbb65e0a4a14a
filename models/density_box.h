/* The cells of a density by finite volumes; private to models/. */
#ifndef CONTRAFLOW_MODELS_DENSITY_BOX_H
#define CONTRAFLOW_MODELS_DENSITY_BOX_H

#include "contraflow/models/flow.h"
#include "contraflow/solver/lattice.h"

/* From grid.nodes and grid.box, or such that the cells resolve start and kernel and the box holds
 * the mass until setup->end (E75). CF_EINPUT where the cells are too coarse for tau, and where the
 * box does not hold the start. */
cf_status cf_density_box(const cf_flow_setup *setup, cf_lattice *out, cf_err *err);

#endif
