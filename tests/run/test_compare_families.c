/* Comparisons of synthetic families of networks find their exact slopes (E53). */
#include <math.h>

#include "check.h"
#include "made_result.h"

/* Errors c_s N^b exactly: the slope is b, and where seeds differ by a factor, its interval has no
 * length. */
static void test_slopes(void)
{
    static const long widths[] = {512, 64, 4096}; /* not in order */
    cf_result *result = make_result(MADE_POINTS, 0);
    put_flow(result, &made_limit);
    for (size_t w = 0; w < 3; w++)
        for (long seed = 1; seed <= 3; seed++) {
            made_flow s = made_network("relu", widths[w], seed,
                                       0.1 * (double)seed * pow((double)widths[w], -0.5));
            s.emergence = 0.5 + 1 / (double)widths[w];
            put_flow(result, &s);
        }
    made_flow narrow = made_network("relu", 8, 1, 0.5), known = made_network("relu", 8, 2, 0.5);
    known.emergence = 0.75;
    put_flow(result, &narrow);
    put_flow(result, &known);
    cf_comparison *c = must_compare(result, "limit");
    check(c->family_count == 1 && c->families[0].count == 4 &&
              c->families[0].widths[0].width == 8 && c->families[0].widths[3].width == 4096 &&
              c->families[0].widths[1].count == 3,
          "networks are grouped by family and width, in order of width");
    const cf_family_comparison *family = &c->families[0];
    const cf_power_law *law = &family->laws[CF_COMPARED_DISTANCE];
    check(law->points == 3, "the width of distance above 0.1 is left out of the fit (C9, E53)");
    check_near(law->slope, -0.5, 1e-13, "the slope of the distance is exact (E53)");
    check_below(law->high - law->low, 1e-12, "and so is its interval");
    check_near(family->widths[1].means[CF_COMPARED_DISTANCE].value, 0.2 / 8, 1e-15, "so are means");
    law = &family->laws[CF_COMPARED_KERNEL];
    check(law->points == 4, "the kernel of the start is fitted at all widths (E53)");
    check_near(law->slope, -1, 1e-13, "with its slope");
    check_near(family->laws[CF_COMPARED_LOSS].slope, -0.5, 1e-13, "and the slope of the loss gap");
    check_near(family->laws[CF_COMPARED_DRIFT].slope, -1, 1e-13, "and of the drift");
    check(isnan(family->widths[0].means[CF_COMPARED_EMERGENCE].value) &&
              family->laws[CF_COMPARED_EMERGENCE].points == 3,
          "a width with one unknown difference of emergence has no mean (E52)");
    check_near(family->laws[CF_COMPARED_EMERGENCE].slope, -1, 1e-12, "and the others are fitted");
    check_near(c->flows[1].conserved_drift, 3e-7, 0, "the largest drift of conserved quantities");
    check_near(c->flows[1].conserved_bound, 1e-5, 1e-20, "and 10 rtol, its bound (C11)");
    cf_comparison_free(&c);
    c = must_compare(result, "relu.width-4096.seed-3");
    check(c->family_count == 1 && c->families[0].widths[3].width == 4096 &&
              c->families[0].widths[3].count == 2,
          "a network that is the reference itself is in no mean");
    cf_comparison_free(&c);
    cf_result_free(&result);
}

static void test_few(void)
{
    cf_result *result = make_result(MADE_POINTS, 0);
    put_flow(result, &made_limit);
    for (long width = 64; width <= 128; width *= 2)
        for (long seed = 1; seed <= 2; seed++) {
            made_flow s = made_network("erf", width, seed, 0.01);
            s.status = width == 64 && seed == 2 ? "norm-collapse" : "complete";
            put_flow(result, &s);
        }
    cf_comparison *c = must_compare(result, "limit");
    const cf_family_comparison *family = &c->families[0];
    check(isnan(family->laws[CF_COMPARED_DISTANCE].slope) &&
              family->laws[CF_COMPARED_DISTANCE].points == 2,
          "two widths give no slope (E53)");
    check(family->widths[0].complete == 1 && family->widths[0].count == 2 &&
              family->widths[0].means[CF_COMPARED_DISTANCE].count == 1,
          "a run that ended early is left out of the means (E53)");
    cf_comparison_free(&c);
    cf_result_free(&result);
}

int main(void)
{
    test_slopes();
    test_few();
    return check_done();
}
