/* Block kernels: Theta_ij = beta[label_i][label_j] (C10), and what is refused. */
#include <string.h>

#include "check.h"
#include "contraflow/models/neural_kernel.h"

static int labels[5] = {0, 1, 1, 0, 2};
static const cf_data data = {.n = 5, .labels = labels, .clusters = 3};

static void check_values(void)
{
    double beta[9] = {2, 1, 0, 1, 3, -1, 0, -1, 1}, theta[25];
    cf_block block = {{beta, 3, 3}};
    cf_err err = {0};
    require(cf_block_check(&block, &data, &err), &err, "block kernel");
    for (size_t i = 0; i < 5; i++)
        cf_block_entries_get(&block, &data, (cf_pair_row){i, 0, 5}, theta + 5 * i);
    bool ok = true;
    for (size_t i = 0; i < 5; i++)
        for (size_t j = 0; j < 5; j++)
            ok &= theta[i * 5 + j] == beta[3 * labels[i] + labels[j]];
    check(ok, "Theta_ij = beta[label_i][label_j] (C10)");
}

static void check_refused(cf_matrix matrix, const cf_data *points, const char *fragment)
{
    cf_err err = {0};
    cf_status status = cf_block_check(&(cf_block){matrix}, points, &err);
    check(status == CF_EINPUT && strstr(err.message, fragment) != NULL,
          "refused, saying \"%s\": %s", fragment, err.message);
}

int main(void)
{
    double identity[9] = {1, 0, 0, 0, 1, 0, 0, 0, 1}, skew[4] = {1, 2, 3, 10};
    double saddle[4] = {0, 1, 1, 0}, singular[9] = {1, 1, 1, 1, 1, 1, 1, 1, 1};
    cf_data unlabelled = data;
    cf_err err = {0};
    unlabelled.labels = NULL;
    check_values();
    check(cf_block_check(&(cf_block){{singular, 3, 3}}, &data, &err) == CF_OK,
          "a singular matrix is semidefinite and accepted");
    check_refused((cf_matrix){identity, 1, 3}, &data, "must be square");
    check_refused((cf_matrix){identity, 0, 0}, &data, "must be square");
    check_refused((cf_matrix){skew, 2, 2}, &data, "symmetric");
    check_refused((cf_matrix){saddle, 2, 2}, &data, "smallest eigenvalue -1");
    check_refused((cf_matrix){identity, 2, 2}, &data, "label 2 of point 5");
    check_refused((cf_matrix){identity, 3, 3}, &unlabelled, "labelled data");
    return check_done();
}
