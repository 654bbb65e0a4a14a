/* The linear classifier of E20: its fit is where the gradient, summed here anew, vanishes. */
#include <math.h>
#include <stdlib.h>

#include "check.h"
#include "contraflow/solver/random.h"
#include "logistic.h"

enum { MOST = 10, EACH = 50, FEATURES = 2, PROBES = FEATURES + 1, ROWS = MOST * EACH + PROBES };

static const double RIDGE = 1e-8;

/* Normal clusters of width `spread` around three circles. Probes of no mass follow, at zero and at
 * the unit vectors: their scores give the coefficients. */
typedef struct {
    size_t classes, points;
    double x[FEATURES * ROWS], weights[ROWS];
    int labels[ROWS];
    double scores[MOST * ROWS];
} scene;

static cf_logistic make_scene(scene *s, size_t classes, double spread, uint64_t seed)
{
    const cf_random random = {seed, CF_STREAM_DATA};
    size_t points = classes * EACH, n = points + PROBES;
    *s = (scene){.classes = classes, .points = points};
    for (size_t i = 0; i < points; i++) {
        size_t q = i / EACH;
        double angle = 2 * acos(-1) * (double)q / (double)classes;
        double radius = 1 + 0.5 * (double)(q % 3);
        s->x[i] = radius * cos(angle) + spread * cf_random_normal(random, i, 0);
        s->x[n + i] = radius * sin(angle) + spread * cf_random_normal(random, i, 1);
        s->weights[i] = 1 / (double)points;
        s->labels[i] = (int)q;
    }
    for (size_t k = 0; k < FEATURES; k++)
        s->x[k * n + points + 1 + k] = 1;
    return (cf_logistic){n, FEATURES, classes, s->x, s->weights, s->labels, RIDGE};
}

/* m_i (p_q(i) - [q is the label of i]) */
static double residual(const scene *s, size_t q, size_t i)
{
    size_t n = s->points + PROBES;
    double sum = 0;
    for (size_t k = 0; k < s->classes; k++)
        sum += exp(s->scores[k * n + i] - s->scores[q * n + i]);
    return s->weights[i] * (1 / sum - ((size_t)s->labels[i] == q ? 1 : 0));
}

static double gradient_norm(const scene *s)
{
    size_t n = s->points + PROBES;
    double square = 0;
    for (size_t q = 0; q < s->classes; q++) {
        const double *probe = s->scores + q * n + s->points;
        for (size_t k = 0; k <= FEATURES; k++) {
            double sum = RIDGE * (k < FEATURES ? probe[1 + k] - probe[0] : probe[0]);
            for (size_t i = 0; i < s->points; i++)
                sum += residual(s, q, i) * (k < FEATURES ? s->x[k * n + i] : 1);
            square += sum * sum;
        }
    }
    return sqrt(square);
}

/* From clusters that a line parts, where the ridge alone holds coefficients of hundreds and the
 * objective rounds away what the last steps gain, to clusters that are one. Conjugate gradients
 * take several times the size for ten of them. */
static void check_fits(size_t classes)
{
    const double spreads[] = {0.05, 0.2, 0.25, 0.3, 0.35, 0.5, 2};
    scene *s = malloc(sizeof *s);
    cf_err err = {0};
    for (size_t k = 0; k < sizeof spreads / sizeof spreads[0]; k++) {
        double worst = 0;
        for (uint64_t seed = 1; seed <= 20; seed++) {
            cf_logistic problem = make_scene(s, classes, spreads[k], seed);
            require(cf_logistic_fit(&problem, s->scores, &err), &err, "fit");
            worst = worse(worst, gradient_norm(s));
        }
        check_below(worst, 1.1e-12, "%zu clusters of width %g: the gradient at the fit, E20",
                    classes, spreads[k]);
    }
    free(s);
}

int main(void)
{
    check_fits(4);
    check_fits(10);
    return check_done();
}
