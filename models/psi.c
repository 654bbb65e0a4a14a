/* The functions Psi of the loss E2, with two derivatives. */
#include <math.h>

#include "contraflow/models/loss.h"

static void log1p_rule(const double *G, size_t count, double points, double *psi, double *dpsi,
                       double *d2psi)
{
    (void)points;
    for (size_t i = 0; i < count; i++) {
        psi[i] = log1p(G[i]);
        dpsi[i] = 1 / (1 + G[i]);
        d2psi[i] = -dpsi[i] * dpsi[i];
    }
}

/* With e = exp(-|l|): log(1 + e^l) without overflow. */
static void log1p_of_log(const double *l, size_t count, double *psi, double *dpsi, double *d2psi)
{
    for (size_t i = 0; i < count; i++) {
        double e = exp(-fabs(l[i]));
        psi[i] = fmax(l[i], 0) + log1p(e);
        dpsi[i] = (l[i] > 0 ? 1 : e) / (1 + e);
        d2psi[i] = e / ((1 + e) * (1 + e));
    }
}

static void log_rule(const double *G, size_t count, double points, double *psi, double *dpsi,
                     double *d2psi)
{
    (void)points;
    for (size_t i = 0; i < count; i++) {
        psi[i] = log(G[i]);
        dpsi[i] = 1 / G[i];
        d2psi[i] = -dpsi[i] * dpsi[i];
    }
}

static void log_of_log(const double *l, size_t count, double *psi, double *dpsi, double *d2psi)
{
    for (size_t i = 0; i < count; i++) {
        psi[i] = l[i];
        dpsi[i] = 1;
        d2psi[i] = 0;
    }
}

static void identity_rule(const double *G, size_t count, double points, double *psi, double *dpsi,
                          double *d2psi)
{
    (void)points;
    for (size_t i = 0; i < count; i++) {
        psi[i] = G[i];
        dpsi[i] = 1;
        d2psi[i] = 0;
    }
}

static void identity_of_log(const double *l, size_t count, double *psi, double *dpsi, double *d2psi)
{
    for (size_t i = 0; i < count; i++)
        psi[i] = dpsi[i] = d2psi[i] = exp(l[i]);
}

/* log(2nG - 1) = log(1 + 2 (nG - 1)); nG - 1 is the sum over the other points. */
static void nt_xent_rule(const double *G, size_t count, double points, double *psi, double *dpsi,
                         double *d2psi)
{
    for (size_t i = 0; i < count; i++) {
        double others = points * G[i] - 1;
        psi[i] = log1p(2 * others);
        dpsi[i] = 2 * points / (1 + 2 * others);
        d2psi[i] = -dpsi[i] * dpsi[i];
    }
}

static const cf_psi log1p_row = {"log1p", "log(1 + q)", log1p_rule, log1p_of_log};
static const cf_psi log_row = {"log", "log q", log_rule, log_of_log};
static const cf_psi identity_row = {"identity", "q", identity_rule, identity_of_log};
const cf_psi cf_psi_nt_xent = {"nt-xent", "log(2nq - 1), E1 with one view", nt_xent_rule, NULL};

const char *const cf_psi_names[] = {"log1p", "log", "identity", NULL};
const cf_psi *const cf_psi_rows[] = {&log1p_row, &log_row, &identity_row, NULL};
