#include "problem_kinds.h"

#include <stddef.h>

#include "contraflow/models/flow.h"
#include "contraflow/models/loss.h"
#include "contraflow/models/network.h"
#include "contraflow/models/neural_kernel.h"
#include "contraflow/models/training.h"

#define COUNT(table) (sizeof(table) / sizeof *(table))
#define LARGEST_SEED 9007199254740992.0 /* 2^53: every number that a double holds exactly */

/* --- augmentation, latent --- */

const cf_kind cf_augmentation_none = {
    .name = "none", .doc = "Every data point has one view: itself.", .size = 0};

static const cf_option sphere_options[] = {
    {.key = "dimension",
     .type = CF_OPTION_INTEGER,
     .offset = offsetof(cf_latent_options, dimension),
     .fallback = "2",
     .min = 2,
     .max = 1e6,
     .doc = "d of the unit sphere in R^d: 2 is the circle."},
    {.key = "norm-floor",
     .type = CF_OPTION_REAL,
     .offset = offsetof(cf_latent_options, norm_floor),
     .fallback = "0",
     .min = 0,
     .max = 1,
     .doc = "delta in z = h / sqrt(|h|^2 + delta^2)."},
    {.key = "collapse-norm",
     .type = CF_OPTION_REAL,
     .offset = offsetof(cf_latent_options, collapse_norm),
     .fallback = "1e-4",
     .min = 1e-12,
     .max = 1,
     .doc = "Without a norm floor a flow stops where the smallest |h| falls to it."}};
static const cf_kind sphere = {"sphere", "The unit sphere in R^d: z = h / |h|.", sphere_options,
                               COUNT(sphere_options), sizeof(cf_latent_options)};

static const cf_option euclidean_options[] = {{.key = "dimension",
                                               .type = CF_OPTION_INTEGER,
                                               .offset = offsetof(cf_latent_options, dimension),
                                               .fallback = "2",
                                               .min = 1,
                                               .max = 1e6,
                                               .doc = "d of R^d."}};
static const cf_kind euclidean = {"euclidean", "R^d: z = h.", euclidean_options,
                                  COUNT(euclidean_options), sizeof(cf_latent_options)};

const cf_kind *const cf_latent_kinds[] = {&sphere, &euclidean, NULL};

/* --- kernels --- */

static const cf_option file_options[] = {
    {.key = "path",
     .type = CF_OPTION_PATH,
     .offset = offsetof(cf_file_options, path),
     .doc = "The matrix, a row and column for every view of every point: .csv with columns k0, k1, "
            "..., or .h5 with the dataset kernel."}};
const cf_kind cf_kernel_file_kind = {"file",
                                     "A kernel matrix from a file, symmetric and positive "
                                     "semidefinite, one row per data point.",
                                     file_options, COUNT(file_options), sizeof(cf_file_options)};

static const cf_kind *const networks[] = {&cf_network_kind, NULL};

static const cf_option empirical_options[] = {{.key = "network",
                                               .type = CF_OPTION_SECTION,
                                               .offset = offsetof(cf_empirical_options, network),
                                               .fallback = "{}",
                                               .variants = networks,
                                               .doc = "The network, of one width."},
                                              {.key = "seed",
                                               .type = CF_OPTION_INTEGER,
                                               .offset = offsetof(cf_empirical_options, seed),
                                               .fallback = "1",
                                               .min = 0,
                                               .max = LARGEST_SEED,
                                               .doc = "Seed of its parameters."}};
const cf_kind cf_kernel_empirical_kind = {
    "empirical", "The tangent kernel of a finite network at its start, frozen.", empirical_options,
    COUNT(empirical_options), sizeof(cf_empirical_options)};

static const cf_kind *const flow_kernels[] = {&cf_mlp_kind, &cf_block_kind, &cf_kernel_file_kind,
                                              &cf_kernel_empirical_kind, NULL};
static const cf_kind *const start_kernels[] = {&cf_mlp_kind, NULL};

/* --- starts --- */

#define START_SEED                                                                                 \
    {                                                                                              \
        .key = "seed", .type = CF_OPTION_INTEGER, .offset = offsetof(cf_start_options, seed),      \
        .fallback = "2", .min = 0, .max = LARGEST_SEED, .doc = "Seed of the random numbers."       \
    }

static const cf_option near_point_options[] = {
    {.key = "spread",
     .type = CF_OPTION_REAL,
     .offset = offsetof(cf_start_options, spread),
     .fallback = "0.02",
     .min = 0,
     .max = 1e6,
     .doc = "Standard deviation of every coordinate of h around the point."},
    START_SEED};
static const cf_kind near_point = {
    "near-point", "h normal around e_1 (sphere) or around 0 (euclidean), E10.", near_point_options,
    COUNT(near_point_options), sizeof(cf_start_options)};

static const cf_option linear_options[] = {
    {.key = "matrix",
     .type = CF_OPTION_MATRIX,
     .offset = offsetof(cf_start_options, matrix),
     .min = -1e6,
     .max = 1e6,
     .doc = "A, a row per dimension of the latent space and a column per dimension of the data."},
    {.key = "spread",
     .type = CF_OPTION_REAL,
     .offset = offsetof(cf_start_options, spread),
     .fallback = "0",
     .min = 0,
     .max = 1e6,
     .doc = "Standard deviation of every coordinate of h around A x."},
    START_SEED};
static const cf_kind linear_start = {"linear",
                                     "h = e_1 + A x (sphere) or A x (euclidean), and normal noise: "
                                     "a start that knows the data, E10.",
                                     linear_options, COUNT(linear_options),
                                     sizeof(cf_start_options)};

static const cf_option random_options[] = {START_SEED};
static const cf_kind random_start = {
    "random", "h uniform on the sphere, or standard normal in R^d, E10.", random_options,
    COUNT(random_options), sizeof(cf_start_options)};

static const cf_option network_options[] = {{.key = "kernel",
                                             .type = CF_OPTION_VARIANT,
                                             .offset = offsetof(cf_start_options, kernel),
                                             .fallback = "mlp",
                                             .variants = start_kernels,
                                             .doc = "The network whose covariance K the draw has."},
                                            START_SEED};
static const cf_kind network_start = {
    "network", "One draw of an infinitely wide network at its initialization, E10.",
    network_options, COUNT(network_options), sizeof(cf_start_options)};

static const cf_option start_file_options[] = {
    {.key = "path",
     .type = CF_OPTION_PATH,
     .offset = offsetof(cf_start_options, path),
     .doc = "The raw embedding: .csv with columns h0, h1, ..., or .h5 with the dataset start."},
    {.key = "width",
     .type = CF_OPTION_REAL,
     .offset = offsetof(cf_start_options, width),
     .fallback = "0",
     .min = 0,
     .max = 1e3,
     .unit = "latent",
     .doc = "Of the kernel that stands for each point where a flow has a density; 0: by "
            "Silverman's rule."}};
static const cf_kind file_start = {"file", "h from a file, one row per data point.",
                                   start_file_options, COUNT(start_file_options),
                                   sizeof(cf_start_options)};

static const cf_option perturbed_options[] = {
    {.key = "degrees",
     .type = CF_OPTION_INTEGERS,
     .offset = offsetof(cf_start_options, degrees),
     .fallback = "2",
     .min = 1,
     .max = 1000,
     .doc = "Degrees k of the harmonics H_k: cos(k angle) on the circle, P_k(z . e_1) on S^2."},
    {.key = "amplitudes",
     .type = CF_OPTION_REALS,
     .offset = offsetof(cf_start_options, amplitudes),
     .fallback = "0.1",
     .min = -1,
     .max = 1,
     .doc = "Their amplitudes a_k, one to a degree, of sizes that sum to at most 1."},
    START_SEED};
static const cf_kind perturbed_start = {
    "perturbed", "Points of the density (1 + sum a_k H_k)/surface on the circle or S^2, E73.",
    perturbed_options, COUNT(perturbed_options), sizeof(cf_start_options)};

static const cf_option given_options[] = {
    {.key = "path",
     .type = CF_OPTION_PATH,
     .offset = offsetof(cf_start_options, path),
     .doc =
         "Values at the nodes of the grid: .csv with the column rho0, or rho0, rho1, ... for the "
         "clusters, or .h5 with the dataset rho."}};
static const cf_kind given_start = {
    "density", "A density from a file, for flows of representation density (E73).", given_options,
    COUNT(given_options), sizeof(cf_start_options)};

const cf_kind *const cf_start_kinds[] = {
    &near_point,      &linear_start, &random_start, &network_start,
    &perturbed_start, &file_start,   &given_start,  NULL};

/* --- probes --- */

static const cf_option probe_options[] = {
    {.key = "path",
     .type = CF_OPTION_PATH,
     .offset = offsetof(cf_file_options, path),
     .doc = "The probes: .csv with columns x0, x1, ..., optional label, and optional h0, h1, ... "
            "where they start (required with start.kind = file); or .h5 with datasets points, "
            "labels, start. Otherwise they start as more data would, and the data as without "
            "them."}};
static const cf_kind probes = {"probes", "Probes.", probe_options, COUNT(probe_options),
                               sizeof(cf_file_options)};
const cf_kind *const cf_probe_kinds[] = {&probes, NULL};

/* --- losses --- */

#define LOSS_TAU                                                                                   \
    {                                                                                              \
        .key = "tau", .type = CF_OPTION_REAL, .offset = offsetof(cf_loss_options, tau),            \
        .fallback = "0.1", .min = 1e-6, .max = 1e6, .doc = "Temperature."                          \
    }

static const cf_option generalized_options[] = {
    {.key = "psi",
     .type = CF_OPTION_CHOICE,
     .offset = offsetof(cf_loss_options, psi),
     .fallback = "log1p",
     .choices = cf_psi_names,
     .doc = "Psi(q): log(1 + q), log q or q, of q = R/A or G."},
    {.key = "eta",
     .type = CF_OPTION_CHOICE,
     .offset = offsetof(cf_loss_options, eta),
     .fallback = "exponential",
     .choices = cf_eta_names,
     .doc = "eta(s) of s = |z - z'|^2 / 2: exp(-s/tau) or (1 + s/tau)^-exponent."},
    {.key = "exponent",
     .type = CF_OPTION_REAL,
     .offset = offsetof(cf_loss_options, exponent),
     .fallback = "1",
     .min = 1e-3,
     .max = 1e3,
     .only = "eta: power",
     .doc = "Exponent of the power."},
    LOSS_TAU};
static const cf_kind generalized = {
    "generalized",
    "E2, the mean of Psi(R/A) over pairs of views; of one view E3, the mean of Psi(G).",
    generalized_options, COUNT(generalized_options), sizeof(cf_loss_options)};

static const cf_option nt_xent_options[] = {LOSS_TAU};
static const cf_kind nt_xent = {
    "nt-xent", "The normalized temperature-scaled cross entropy E1 of any number of views.",
    nt_xent_options, COUNT(nt_xent_options), sizeof(cf_loss_options)};

const cf_kind *const cf_loss_kinds[] = {&generalized, &nt_xent, NULL};

/* --- flows --- */

const char *const cf_representation_names[] = {"particles", "density", "field", NULL};

#define FLOW_NAME                                                                                  \
    {                                                                                              \
        .key = "name", .type = CF_OPTION_TEXT, .offset = offsetof(cf_flow_options, name),          \
        .fallback = "<kind>",                                                                      \
        .doc = "Name of the flow in results: letters, digits, dot, underscore, hyphen."            \
    }
#define FLOW_REPRESENTATION                                                                        \
    {                                                                                              \
        .key = "representation", .type = CF_OPTION_CHOICE,                                         \
        .offset = offsetof(cf_flow_options, representation), .fallback = "particles",              \
        .choices = cf_representation_names,                                                        \
        .doc =                                                                                     \
            "What carries the measure: a sample of the data, a density, or a field on the data's " \
            "law."                                                                                 \
    }

static const cf_option grid_options[] = {
    {.key = "scheme",
     .type = CF_OPTION_CHOICE,
     .offset = offsetof(cf_grid_options, scheme),
     .fallback = "auto",
     .choices = cf_grid_schemes,
     .doc = "Spectral on the circle and S^2, finite volumes on the circle, R^1 and R^2."},
    {.key = "nodes",
     .type = CF_OPTION_INTEGER,
     .offset = offsetof(cf_grid_options, nodes),
     .fallback = "auto",
     .min = 8,
     .max = 1e6,
     .zero = "auto",
     .doc = "Along the circle, from pole to pole, or along a side of the box; auto resolves start "
            "and kernel."},
    {.key = "box",
     .type = CF_OPTION_REAL,
     .offset = offsetof(cf_grid_options, box),
     .fallback = "0",
     .min = 0,
     .max = 1e6,
     .unit = "latent",
     .doc = "Half the side of the box in R^1 and R^2; 0: as far as mass can get until time.end."}};
static const cf_kind grid_section = {"grid", "Discretization of a density.", grid_options,
                                     COUNT(grid_options), sizeof(cf_grid_options)};
static const cf_kind *const grids[] = {&grid_section, NULL};

static const cf_option vanilla_options[] = {FLOW_NAME,
                                            FLOW_REPRESENTATION,
                                            {.key = "grid",
                                             .type = CF_OPTION_SECTION,
                                             .offset = offsetof(cf_flow_options, grid),
                                             .fallback = "{}",
                                             .variants = grids,
                                             .only = "representation: density",
                                             .doc = "How the density is discretized."},
                                            {.key = "noise",
                                             .type = CF_OPTION_REAL,
                                             .offset = offsetof(cf_flow_options, noise),
                                             .fallback = "0",
                                             .min = 0,
                                             .max = 1e6,
                                             .unit = "latent^2/time",
                                             .only = "representation: density",
                                             .doc = "Diffusivity sigma of E15."}};
static const cf_kind vanilla = {"vanilla", "Every embedded point moves freely, E6.",
                                vanilla_options, COUNT(vanilla_options), sizeof(cf_flow_options)};

static const cf_option neural_options[] = {FLOW_NAME,
                                           FLOW_REPRESENTATION,
                                           {.key = "kernel",
                                            .type = CF_OPTION_VARIANT,
                                            .offset = offsetof(cf_flow_options, kernel),
                                            .fallback = "mlp",
                                            .variants = flow_kernels,
                                            .doc = "The neural tangent kernel."},
                                           {.key = "nodes",
                                            .type = CF_OPTION_INTEGER,
                                            .offset = offsetof(cf_flow_options, nodes),
                                            .fallback = "8",
                                            .min = 1,
                                            .max = 1000,
                                            .only = "representation: field",
                                            .doc =
                                                "Order m of the quadrature of each cluster: "
                                                "exact up to degree 2m - 1; in the plane about "
                                                "m^2 nodes (E31). Data from a file are their own "
                                                "nodes."},
                                           {.key = "start-nodes",
                                            .type = CF_OPTION_INTEGER,
                                            .offset = offsetof(cf_flow_options, start_nodes),
                                            .fallback = "4",
                                            .min = 1,
                                            .max = 1000,
                                            .only = "representation: field",
                                            .doc = "Order of the quadrature of the start's law, "
                                                   "m^d points at every node (E31)."}};
static const cf_kind neural = {"neural", "An infinitely wide network of fixed tangent kernel, E7.",
                               neural_options, COUNT(neural_options), sizeof(cf_flow_options)};

static const cf_option network_flow_options[] = {
    FLOW_NAME,
    {.key = "network",
     .type = CF_OPTION_SECTION,
     .offset = offsetof(cf_flow_options, network),
     .fallback = "{}",
     .variants = networks,
     .doc = "The networks, one flow for every width and seed."},
    {.key = "seeds",
     .type = CF_OPTION_INTEGERS,
     .offset = offsetof(cf_flow_options, seeds),
     .fallback = "1",
     .min = 0,
     .max = LARGEST_SEED,
     .doc = "Seeds of the parameters at the start."},
    {.key = "kernel-drift",
     .type = CF_OPTION_BOOL,
     .offset = offsetof(cf_flow_options, kernel_drift),
     .fallback = "false",
     .doc = "Records the error of the tangent kernel at the start and its drift."},
    {.key = "train",
     .type = CF_OPTION_VARIANT,
     .offset = offsetof(cf_flow_options, train),
     .fallback = "flow",
     .variants = cf_train_kinds,
     .selector = "method",
     .doc = "How the network is trained."}};
const cf_kind cf_flow_network_kind = {
    "network", "Finite networks, E8: the flow NAME.width-W.seed-S for every width and seed.",
    network_flow_options, COUNT(network_flow_options), sizeof(cf_flow_options)};

const cf_kind *const cf_flow_section_kinds[] = {&vanilla, &neural, &cf_flow_network_kind, NULL};
