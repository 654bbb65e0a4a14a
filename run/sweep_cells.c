#include "sweep_cells.h"

#include <ctype.h>
#include <math.h>
#include <string.h>

void cf_put_text(FILE *stream, const char *text)
{
    bool quoted = strpbrk(text, ",\"\n\r") != NULL;
    fputs(quoted ? "\"" : "", stream);
    for (const char *c = text; *c != '\0'; c++) {
        if (*c == '"')
            fputc('"', stream);
        fputc(iscntrl((unsigned char)*c) ? ' ' : *c, stream);
    }
    fputs(quoted ? "\"" : "", stream);
}

void cf_put_real(FILE *stream, double value)
{
    if (isnan(value))
        fputs("nan", stream);
    else
        fprintf(stream, "%.17g", value);
}

void cf_put_place(FILE *stream, const cf_sweep_plan *plan, size_t run)
{
    size_t point = run / plan->repeat;
    fprintf(stream, "%zu,%zu,%zu", run, point, run % plan->repeat);
    for (size_t a = 0; a < plan->axes; a++) {
        fputc(',', stream);
        cf_put_text(stream, cf_sweep_plan_value(plan, point, a));
    }
}
