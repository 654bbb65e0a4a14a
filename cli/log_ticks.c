#include "log_ticks.h"

#include <math.h>
#include <stdbool.h>

static const double NARROW = 0.35, FEW = 1, SEVERAL = 2; /* decades */

/* On about a third of a decade or less: whole multiples of a round step, three to six of them; none
 * where the range is narrower than rounding. */
static void write_narrow(FILE *script, const double range[2])
{
    double step = pow(10, floor(log10((range[1] - range[0]) / 3)));
    while ((range[1] - range[0]) / (2 * step) >= 3)
        step *= 2;
    double first = ceil(range[0] / step);
    for (int k = 0; k < 8 && (first + k) * step <= range[1]; k++)
        fprintf(script, "%s'%g' %.9g", k > 0 ? ", " : "", (first + k) * step, (first + k) * step);
}

static bool is_labelled(int digit, double decades)
{
    if (decades < FEW)
        return digit < 8;
    return digit == 1 || (decades < SEVERAL && (digit == 2 || digit == 5));
}

static void write_decades(FILE *script, const double range[2])
{
    double decades = log10(range[1] / range[0]);
    const char *gap = "";
    for (int p = (int)floor(log10(range[0])); p <= (int)floor(log10(range[1])); p++)
        for (int digit = 1; digit < 10; digit++) {
            double tick = digit * pow(10, p);
            bool labelled = is_labelled(digit, decades);
            if (tick < range[0] || tick > range[1])
                continue;
            if (labelled && (p < -3 || p > 3))
                fprintf(script, "%s'%.0d%s10^{%d}' %.9g", gap, digit == 1 ? 0 : digit,
                        digit == 1 ? "" : "\xc2\xb7", p, tick);
            else if (labelled)
                fprintf(script, "%s'%g' %.9g", gap, tick, tick);
            else
                fprintf(script, "%s'' %.9g 1", gap, tick);
            gap = ", ";
        }
}

void cf_log_ticks_write(FILE *script, const char *axis, const double range[2])
{
    fprintf(script, "set %stics nomirror out scale 0.6,0.3 (", axis);
    if (log10(range[1] / range[0]) < NARROW)
        write_narrow(script, range);
    else
        write_decades(script, range);
    fputs(")\n", script);
}

int cf_label_digits(double value)
{
    return value < 1e6 && value == floor(value) ? 6 : 3;
}
