#include "check.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

static int claims, failures;

static bool report(bool ok, const char *format, va_list arguments)
{
    claims++;
    failures += !ok;
    printf("%s %d - ", ok ? "ok" : "not ok", claims);
    vprintf(format, arguments);
    printf("\n");
    fflush(stdout);
    return ok;
}

bool check(bool ok, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    report(ok, format, arguments);
    va_end(arguments);
    return ok;
}

bool check_near(double value, double expected, double tolerance, const char *format, ...)
{
    bool ok = fabs(value - expected) <= tolerance;
    va_list arguments;
    va_start(arguments, format);
    report(ok, format, arguments);
    va_end(arguments);
    if (!ok)
        printf("# got %.17g, expected %.17g, difference %.3g, tolerance %.3g\n", value, expected,
               value - expected, tolerance);
    return ok;
}

bool check_below(double value, double bound, const char *format, ...)
{
    bool ok = value <= bound;
    va_list arguments;
    va_start(arguments, format);
    report(ok, format, arguments);
    va_end(arguments);
    printf("# measured %.4g, bound %.4g\n", value, bound);
    return ok;
}

void require(cf_status status, const cf_err *err, const char *what)
{
    if (status == CF_OK)
        return;
    claims++;
    printf("not ok %d - %s: %s\n1..%d\n", claims, what, err->message, claims);
    exit(1);
}

int check_done(void)
{
    printf("1..%d\n", claims);
    return failures != 0;
}

double worse(double a, double b)
{
    return isnan(a) || a > b ? a : b;
}
