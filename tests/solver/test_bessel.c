/* Scaled modified Bessel functions against 50-digit values (validation/bessel/make_reference.py),
 * and by their sums over all orders. */
#include "contraflow/solver/bessel.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "check.h"

enum { MOST = 16384 };

static double value[MOST];

typedef void sequence(double x, size_t count, double *out);
static sequence *const kinds[] = {cf_bessel_scaled, cf_bessel_spherical_scaled};
static const char *const names[] = {"I_k", "i_l"};

/* Largest relative error; each value from a sequence that ends with it and from a longer one. */
static void test_values(void)
{
    FILE *file = fopen("tests/data/bessel.csv", "r");
    char line[256];
    double worst[2] = {0, 0};
    int rows = 0;
    while (file != NULL && fgets(line, sizeof line, file) != NULL) {
        char *rest = NULL;
        if (line[0] == '#')
            continue;
        long kind = strtol(line, &rest, 10);
        double x = strtod(rest + 1, &rest);
        size_t order = strtoul(rest + 1, &rest, 10);
        double expected = strtod(rest + 1, &rest);
        for (size_t count = order + 1; count <= MOST; count += MOST / 2) {
            kinds[kind](x, count, value);
            worst[kind] = worse(worst[kind], fabs(value[order] / expected - 1));
        }
        rows++;
    }
    check(rows > 200, "%d reference values", rows);
    for (int kind = 0; kind < 2; kind++)
        check_below(worst[kind], 2e-14, "e^-x %s(x), x from 1e-6 to 1e6: relative error",
                    names[kind]);
    if (file != NULL)
        fclose(file);
}

static void test_sums(void)
{
    double worst[2] = {0, 0};
    for (double x = 1e-6; x < 2e6; x *= 10)
        for (int kind = 0; kind < 2; kind++) {
            double sum = 0;
            kinds[kind](x, MOST, value);
            for (size_t k = MOST; k-- > 0;)
                sum += (kind == 1 ? 2 * (double)k + 1 : k > 0 ? 2 : 1) * value[k];
            worst[kind] = worse(worst[kind], fabs(sum - 1));
        }
    check_below(worst[0], 1e-14, "I_0 + 2 sum I_k = e^x: relative error");
    check_below(worst[1], 1e-14, "sum (2l+1) i_l = e^x: relative error");
}

static void test_limits(void)
{
    for (int kind = 0; kind < 2; kind++) {
        kinds[kind](0, 3, value);
        check(value[0] == 1 && value[1] == 0 && value[2] == 0, "%s is 1, 0, 0 at x = 0",
              names[kind]);
        kinds[kind](1e-6, MOST, value);
        check(value[40] >= 0 && value[100] == 0 && value[MOST - 1] == 0,
              "%s of high order underflows to 0", names[kind]);
        kinds[kind](100, 200, value);
        check(value[150] > 0 && value[199] > 0 && value[199] < value[150],
              "%s of order 150 at 100 is not lost", names[kind]);
    }
}

int main(void)
{
    test_values();
    test_sums();
    test_limits();
    return check_done();
}
