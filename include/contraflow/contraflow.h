/* contraflow: training dynamics of contrastive learning as gradient flows. The whole public
 * interface, by layer; each header documents its part. */
#ifndef CONTRAFLOW_CONTRAFLOW_H
#define CONTRAFLOW_CONTRAFLOW_H

#include "contraflow/solver/archive.h"
#include "contraflow/solver/descent.h"
#include "contraflow/solver/elementary.h"
#include "contraflow/solver/error.h"
#include "contraflow/solver/integrator.h"
#include "contraflow/solver/lifetime.h"
#include "contraflow/solver/matrix.h"
#include "contraflow/solver/memory.h"
#include "contraflow/solver/ode.h"
#include "contraflow/solver/option.h"
#include "contraflow/solver/pair_sum.h"
#include "contraflow/solver/quadrature.h"
#include "contraflow/solver/random.h"
#include "contraflow/solver/simd.h"
#include "contraflow/solver/sobol.h"
#include "contraflow/solver/statistics.h"
#include "contraflow/solver/survival.h"
#include "contraflow/solver/threads.h"
#include "contraflow/solver/transport.h"

#include "contraflow/models/activation.h"
#include "contraflow/models/augmentation.h"
#include "contraflow/models/data.h"
#include "contraflow/models/flow.h"
#include "contraflow/models/kernel_action.h"
#include "contraflow/models/latent.h"
#include "contraflow/models/loss.h"
#include "contraflow/models/measure.h"
#include "contraflow/models/network.h"
#include "contraflow/models/neural_kernel.h"
#include "contraflow/models/observer.h"
#include "contraflow/models/start.h"
#include "contraflow/models/training.h"

#include "contraflow/run/compare.h"
#include "contraflow/run/flow_view.h"
#include "contraflow/run/parts.h"
#include "contraflow/run/problem.h"
#include "contraflow/run/result.h"
#include "contraflow/run/run.h"
#include "contraflow/run/sweep.h"
#include "contraflow/run/version.h"

#endif
