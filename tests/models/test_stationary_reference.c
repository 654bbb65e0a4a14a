/* Spectra of stationary states against those of automatic differentiation (E90 to E93). */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "check.h"
#include "contraflow/solver/matrix.h"
#include "stationary_states.h"

static size_t place_of(const char *name, const char *const *names)
{
    size_t k = 0;
    while (names[k] != NULL && strcmp(names[k], name) != 0)
        k++;
    return k;
}

typedef struct {
    cf_loss_parameters loss;
    int n, d;
    double masses[8], z[32], parting[32], values[32];
} reference_case;

static bool read_case(FILE *file, reference_case *c)
{
    char psi[16], eta[16];
    double exponent, tau;
    int read =
        fscanf(file, " case %15s %15s %lf %lf %d %d", psi, eta, &exponent, &tau, &c->n, &c->d);
    if (read != 6 || c->n > 8 || c->d > 5 || c->n * c->d > 32)
        return false;
    c->loss = stationary_loss(place_of(psi, cf_psi_names), place_of(eta, cf_eta_names), tau);
    c->loss.eta.exponent = exponent;
    for (int i = 0; i < c->n; i++) {
        read = fscanf(file, "%lf", &c->masses[i]);
        for (int k = 0; k < c->d && read == 1; k++)
            read = fscanf(file, "%lf", &c->z[i * c->d + k]);
        for (int k = 0; k < c->d - 1 && read == 1; k++)
            read = fscanf(file, "%lf", &c->parting[i * (c->d - 1) + k]);
    }
    for (int k = 0; k < c->n * (c->d - 1) && read == 1; k++)
        read = fscanf(file, "%lf", &c->values[k]);
    return read == 1;
}

/* The whole Hessian at points that are not stationary, rotations included. */
static double hessian_error(const reference_case *c)
{
    const cf_stationary_setup setup = {&c->loss, c->masses, (size_t)c->n, (size_t)c->d};
    cf_particle_landscape *landscape;
    cf_err err = {0};
    double matrix[32 * 32], values[32], e[32], value, worst = 0;
    size_t size = (size_t)(c->n * (c->d - 1));
    require(cf_particle_landscape_create(&setup, &landscape, &err), &err, "landscape");
    const cf_landscape *view = cf_particle_landscape_view(landscape);
    require(view->evaluate(view->system, c->z, &value, e, &err), &err, "value");
    for (size_t j = 0; j < size; j++) {
        memset(e, 0, sizeof e);
        e[j] = 1;
        view->hessian_times(view->system, e, matrix + j * size);
    }
    require(cf_matrix_eigen(matrix, size, values, &err), &err, "eigenvalues");
    for (size_t k = 0; k < size; k++)
        worst = worse(worst, fabs(values[k] - c->values[k]));
    cf_particle_landscape_free(&landscape);
    return worst / fmax(fabs(c->values[0]), fabs(c->values[size - 1]));
}

static double splitting_error(const reference_case *c)
{
    const cf_stationary_setup setup = {&c->loss, c->masses, (size_t)c->n, (size_t)c->d};
    cf_err err = {0};
    double values[32], bound, worst = 0, size = 0;
    require(cf_splitting_values(&setup, c->z, values, &bound, &err), &err, "splitting");
    for (int k = 0; k < c->n * (c->d - 1); k++) {
        worst = worse(worst, fabs(values[k] - c->parting[k]));
        size = fmax(size, fabs(c->parting[k]));
    }
    return worst / size;
}

static void test_reference(void)
{
    FILE *file = fopen("tests/data/spectra.txt", "r");
    reference_case c;
    double whole = 0, parting = 0;
    int cases = 0;
    require(file == NULL ? CF_ESYSTEM : CF_OK, &(cf_err){.message = "tests/data/spectra.txt"},
            "reference");
    for (; read_case(file, &c); cases++) {
        whole = worse(whole, hessian_error(&c));
        parting = worse(parting, splitting_error(&c));
    }
    fclose(file);
    check(cases == 5, "%d cases of automatic differentiation", cases);
    check_below(whole, 1e-12, "Hessians agree with them, at points that are not stationary (E90)");
    check_below(parting, 1e-12, "and so do those of phi (E92)");
}

int main(void)
{
    test_reference();
    return check_done();
}
