/* Comparisons of other points: the distances of their measures (E27 to E30). */
#include <math.h>

#include "check.h"
#include "contraflow/solver/transport.h"
#include "made_result.h"

/* A flow on nodes of its own beside the particles: no pairs, but measures, losses and events. */
static void test_other_points(void)
{
    cf_result *result = make_result(MADE_POINTS, 0);
    made_flow nodes = made_limit;
    const double weights[MADE_POINTS - 1] = {0.1, 0.2, 0.3, 0.3, 0.1},
                                       x[2 * (MADE_POINTS - 1)] = {0};
    nodes.name = "nodes";
    nodes.points = MADE_POINTS - 1;
    put_flow(result, &made_limit);
    put_flow(result, &nodes);
    cf_group *group = cf_result_group(result, "/flows/nodes");
    put_reals(group, "weights", weights, (size_t[]){MADE_POINTS - 1}, 1);
    put_reals(group, "nodes", x, (size_t[]){MADE_POINTS - 1, 2}, 2);
    cf_comparison *c = must_compare(result, "limit");
    check(c->flows[1].distance.count == 0 && c->flows[1].points == (MADE_POINTS - 1) * MADE_VIEWS &&
              c->flows[1].reference_points == MADE_POINTS * MADE_VIEWS &&
              c->flows[1].loss.count == MADE_OUTPUTS,
          "a flow of other points has no distance, and both sizes are told; its loss is compared");
    check(c->flows[1].transport.count == MADE_SNAPSHOTS &&
              c->flows[1].discrepancy.count == MADE_SNAPSHOTS,
          "and its measure at every shared snapshot");

    /* The same measures by hand. */
    cf_err err = {0};
    cf_sliced sliced;
    double masses[2][MADE_POINTS * MADE_VIEWS];
    const double *z[2], *own[2];
    for (size_t k = 0; k < 2; k++) {
        const char *path = k == 0 ? "/flows/limit" : "/flows/nodes";
        z[k] = cf_group_record(cf_result_group(result, path), "latent")->real;
    }
    own[0] = cf_group_record(cf_result_group(result, "/data"), "weights")->real;
    own[1] = weights;
    for (size_t k = 0; k < 2; k++)
        for (size_t i = 0; i < (MADE_POINTS - k) * MADE_VIEWS; i++)
            masses[k][i] = own[k][i / MADE_VIEWS] / MADE_VIEWS;
    const cf_atoms a = {MADE_POINTS * MADE_VIEWS, z[0], masses[0]},
                   b = {(MADE_POINTS - 1) * MADE_VIEWS, z[1], masses[1]};
    require(cf_wasserstein2_sliced(&b, &a, 3, 100, &sliced, &err), &err, "distance");
    check(c->flows[1].transport.value[0] == sliced.distance, "which is that of its masses (E29)");
    cf_comparison_free(&c);
    c = must_compare(result, "nodes");
    check(c->flows[0].transport.value[0] > 0 && c->flows[1].paired && c->flows[1].distance.sup == 0,
          "it can be the reference, and has pairs with itself");
    cf_comparison_free(&c);
    cf_result_free(&result);
}

/* On the circle transport is W_1 along the arc, on the line along it. */
static void test_spaces(void)
{
    for (size_t d = 1; d <= 2; d++) {
        cf_err err = {0};
        cf_result *result = NULL;
        require(cf_result_create(&result, &err), &err, "result");
        put_text(cf_result_group(result, "/"), "latent_space", d == 2 ? "sphere" : "euclidean");
        const double weights[2] = {0.5, 0.5}, time[1] = {0};
        const double line[2][2] = {{0, 1}, {3, 5}};
        double z[2][4];
        cf_group *data = put_group(result, "/data");
        put_reals(data, "points", line[0], (size_t[]){2, 1}, 2);
        put_reals(data, "weights", weights, (size_t[]){2}, 1);
        for (size_t k = 0; k < 2; k++) {
            cf_group *flow = put_group(result, k == 0 ? "/flows/a" : "/flows/b");
            for (size_t i = 0; i < 2 * d; i++)
                z[k][i] = d == 1       ? line[k][i]
                          : i % 2 == 0 ? cos(line[k][i / 2])
                                       : sin(line[k][i / 2]);
            put_reals(flow, "snapshot_time", time, (size_t[]){1}, 1);
            put_reals(flow, "latent", z[k], (size_t[]){1, 2, d}, 3);
        }
        const double weights_of_nodes[2] = {1, 1}, masses[2] = {0.25, 0.75};
        const double rho[2][2] = {{0.5, 0.5}, {0.5, 0.5}}; /* 1/2 on intervals around those of a */
        cf_group *flow = put_group(result, "/flows/c");
        put_reals(flow, "snapshot_time", time, (size_t[]){1}, 1);
        put_reals(flow, "grid", z[0], (size_t[]){2, d}, 2);
        put_reals(flow, "grid_weight", weights_of_nodes, (size_t[]){2}, 1);
        put_reals(flow, "cluster_mass", masses, (size_t[]){2}, 1);
        put_reals(flow, "density", rho[0], (size_t[]){1, 2, 2}, 3);
        cf_comparison *c = must_compare(result, "a");
        /* 0 to 5 is 2 pi - 5 on the circle, and 1 to 3 is 2 */
        check_near(c->flows[1].transport.sup, d == 1 ? 3.5 : (6.283185307179586 - 5 + 2) / 2, 1e-14,
                   "transport is W1 on the %s (%s)", d == 1 ? "line" : "circle",
                   d == 1 ? "E27" : "E28");
        check_near(c->flows[2].transport.sup, 0.25, 1e-14,
                   "a density has no gaps: 1/4 from the points in the middle of its cells (E50)");
        check(c->flows[2].transport.count == 1 && c->flows[2].distance.count == 0,
              "and none of its nodes is paired with a point");
        cf_comparison_free(&c);
        c = must_compare(result, "c");
        check(c->flows[1].transport.sup > 1 && c->flows[2].transport.sup == 0,
              "and can be the reference");
        check(c->flows[1].discrepancy.count == 0, "without a temperature there is no discrepancy");
        cf_comparison_free(&c);
        cf_result_free(&result);
    }
}

int main(void)
{
    test_other_points();
    test_spaces();
    return check_done();
}
