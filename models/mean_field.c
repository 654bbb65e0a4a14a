#include "mean_field.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "contraflow/solver/memory.h"

struct cf_mean_field {
    const cf_psi *psi;
    size_t n;
    const double *weights;
    cf_convolution convolution;
    double *arrays; /* owns everything below, each [n] */
    double *rho, *G, *value, *dpsi, *d2psi, *product, *sum;
};

enum { ARRAYS = 7 };
static const double FLOOR = 1e-14;

cf_status cf_mean_field_create(const cf_psi *psi, size_t n, const double *weights,
                               const cf_convolution *convolution, cf_mean_field **out, cf_err *err)
{
    *out = NULL;
    if (psi == &cf_psi_nt_xent)
        return cf_fail(err, CF_EINPUT,
                       "loss.kind = nt-xent: depends on the number of points, and a density has "
                       "none; use generalized with psi: log");
    cf_mean_field *f = cf_allocate("density", 1, sizeof *f, err);
    if (f == NULL)
        return CF_ESYSTEM;
    f->psi = psi;
    f->n = n;
    f->weights = weights;
    f->convolution = *convolution;
    f->arrays = cf_allocate("density", ARRAYS * n, sizeof(double), err);
    if (f->arrays == NULL) {
        free(f);
        return CF_ESYSTEM;
    }
    double **arrays[ARRAYS] = {&f->rho,   &f->G,       &f->value, &f->dpsi,
                               &f->d2psi, &f->product, &f->sum};
    for (size_t k = 0; k < ARRAYS; k++)
        *arrays[k] = f->arrays + k * n;
    *out = f;
    return CF_OK;
}

void cf_mean_field_free(cf_mean_field **field)
{
    if (*field == NULL)
        return;
    free((*field)->arrays);
    free(*field);
    *field = NULL;
}

/* Psi and its derivatives at G, which are those of a constant where G is below the floor. */
static void apply_psi(cf_mean_field *f)
{
    double largest = 0;
    for (size_t i = 0; i < f->n; i++)
        largest = fmax(largest, f->G[i]);
    double floor = FLOOR * largest;
    for (size_t i = 0; i < f->n; i++)
        f->product[i] = fmax(f->G[i], floor);
    f->psi->evaluate(f->product, f->n, 0, f->value, f->dpsi, f->d2psi);
    for (size_t i = 0; i < f->n; i++)
        if (f->G[i] < floor)
            f->dpsi[i] = f->d2psi[i] = 0;
}

double cf_mean_field_evaluate(cf_mean_field *f, const double *rho, double *phi)
{
    double loss = 0;
    memcpy(f->rho, rho, f->n * sizeof *rho);
    f->convolution.apply(f->convolution.context, rho, f->G);
    apply_psi(f);
    for (size_t i = 0; i < f->n; i++) {
        loss += f->weights[i] * rho[i] * f->value[i];
        f->product[i] = f->dpsi[i] * rho[i];
    }
    f->convolution.apply(f->convolution.context, f->product, phi);
    for (size_t i = 0; i < f->n; i++)
        phi[i] += f->value[i];
    return loss;
}

/* d phi = Psi' dG + C(Psi'' dG rho + Psi' drho), dG = C drho. */
void cf_mean_field_move(cf_mean_field *f, const double *v, double *phidot)
{
    f->convolution.apply(f->convolution.context, v, f->sum);
    for (size_t i = 0; i < f->n; i++)
        f->product[i] = f->d2psi[i] * f->sum[i] * f->rho[i] + f->dpsi[i] * v[i];
    f->convolution.apply(f->convolution.context, f->product, phidot);
    for (size_t i = 0; i < f->n; i++)
        phidot[i] += f->dpsi[i] * f->sum[i];
}
