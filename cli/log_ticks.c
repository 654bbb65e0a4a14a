#include "log_ticks.h"

#include <math.h>
#include <stdbool.h>

void cf_log_ticks_write(FILE *script, const char *axis, const double range[2])
{
    double decades = log10(range[1] / range[0]);
    const char *gap = "";
    fprintf(script, "set %stics nomirror out scale 0.6,0.3 (", axis);
    for (int p = (int)floor(log10(range[0])); p <= (int)floor(log10(range[1])); p++)
        for (int digit = 1; digit < 10; digit++) {
            double tick = digit * pow(10, p);
            bool labelled = digit == 1 || (decades < 2 && (digit == 2 || digit == 5));
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
    fputs(")\n", script);
}
