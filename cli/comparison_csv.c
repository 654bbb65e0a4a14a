/* A comparison for other programs: one long table. */
#include <math.h>
#include <string.h>

#include "comparison.h"

/* One line; not-a-number is an empty field. */
typedef struct {
    const char *level, *name, *quantity;
    long width, seed; /* -1: empty */
    double time, value, error, low, high;
    long count; /* -1: empty */
} row;

static const row EMPTY = {.width = -1,
                          .seed = -1,
                          .time = NAN,
                          .value = NAN,
                          .error = NAN,
                          .low = NAN,
                          .high = NAN,
                          .count = -1};

static void write_name(FILE *stream, const char *name)
{
    fputs(",\"", stream);
    for (; *name != '\0'; name++)
        fprintf(stream, *name == '"' ? "\"\"" : "%c", *name);
    fputc('"', stream);
}

static void write_integer(FILE *stream, long value)
{
    fputc(',', stream);
    if (value >= 0)
        fprintf(stream, "%ld", value);
}

static void write_real(FILE *stream, double value)
{
    fputc(',', stream);
    if (!isnan(value))
        fprintf(stream, "%.17g", value);
}

static void write_row(FILE *stream, const row *r)
{
    fputs(r->level, stream);
    write_name(stream, r->name);
    write_integer(stream, r->width);
    write_integer(stream, r->seed);
    fprintf(stream, ",%s", r->quantity);
    const double reals[] = {r->time, r->value, r->error, r->low, r->high};
    for (size_t k = 0; k < sizeof reals / sizeof *reals; k++)
        write_real(stream, reals[k]);
    write_integer(stream, r->count);
    fputc('\n', stream);
}

static row row_of(const cf_flow_comparison *flow, const char *level, const char *quantity)
{
    row r = EMPTY;
    r.level = level;
    r.name = flow->flow.name;
    r.quantity = quantity;
    r.width = flow->width;
    r.seed = flow->seed;
    return r;
}

static void write_course(FILE *stream, const cf_flow_comparison *flow, const cf_course *course,
                         const char *quantity)
{
    for (size_t k = 0; k < course->count; k++) {
        row r = row_of(flow, "time", quantity);
        r.time = course->time[k];
        r.value = course->value[k];
        write_row(stream, &r);
    }
}

static void write_bounds(FILE *stream, const cf_flow_comparison *flow, cf_bounds bounds,
                         const char *quantity)
{
    row r = row_of(flow, "flow", quantity);
    r.value = cf_bounds_known(bounds) ? bounds.low : NAN;
    r.low = bounds.low;
    r.high = bounds.high;
    if (!isnan(bounds.low))
        write_row(stream, &r);
}

static const cf_course *course_of(const cf_flow_comparison *flow, cf_compared quantity)
{
    switch (quantity) {
    case CF_COMPARED_DISTANCE:
        return &flow->distance;
    case CF_COMPARED_TRANSPORT:
        return &flow->transport;
    case CF_COMPARED_DISCREPANCY:
        return &flow->discrepancy;
    case CF_COMPARED_LOSS:
        return &flow->loss;
    default:
        return NULL;
    }
}

static void write_flow(FILE *stream, const cf_flow_comparison *flow)
{
    for (size_t q = 0; q < CF_COMPARED_COUNT; q++) {
        row r = row_of(flow, "flow", cf_compared_kinds[q].name);
        r.value = flow->values[q];
        const cf_course *course = course_of(flow, (cf_compared)q);
        r.time = course != NULL ? course->when : NAN;
        if (q == CF_COMPARED_EMERGENCE)
            write_bounds(stream, flow, flow->emergence, r.quantity);
        else if (q == CF_COMPARED_DISSOLUTION)
            write_bounds(stream, flow, flow->dissolution, r.quantity);
        else if (!isnan(r.value))
            write_row(stream, &r);
    }
    row r = row_of(flow, "flow", "conserved_drift");
    r.value = flow->conserved_drift;
    r.high = flow->conserved_bound;
    if (!isnan(r.value))
        write_row(stream, &r);
}

static void write_family(FILE *stream, const cf_family_comparison *family, cf_compared quantity)
{
    row r = EMPTY;
    r.name = family->name;
    r.quantity = cf_compared_kinds[quantity].name;
    r.level = "width";
    for (size_t w = 0; w < family->count; w++) {
        const cf_mean *mean = &family->widths[w].means[quantity];
        r.width = family->widths[w].width;
        r.value = mean->value;
        r.error = mean->error;
        r.count = (long)mean->count;
        write_row(stream, &r);
    }
    r.level = "slope";
    r.width = -1;
    r.value = family->laws[quantity].slope;
    r.error = NAN;
    r.low = family->laws[quantity].low;
    r.high = family->laws[quantity].high;
    r.count = (long)family->laws[quantity].points;
    write_row(stream, &r);
}

void cf_comparison_write_csv(const cf_comparison *comparison, FILE *stream)
{
    fputs("level,name,width,seed,quantity,time,value,error,low,high,count\n", stream);
    for (size_t k = 0; k < comparison->count; k++) {
        const cf_flow_comparison *flow = &comparison->flows[k];
        for (size_t q = 0; q < CF_COMPARED_COUNT; q++) {
            const cf_course *course = course_of(flow, (cf_compared)q);
            if (course != NULL)
                write_course(stream, flow, course, cf_compared_kinds[q].name);
        }
    }
    for (size_t k = 0; k < comparison->count; k++)
        write_flow(stream, &comparison->flows[k]);
    for (size_t f = 0; f < comparison->family_count; f++)
        for (size_t q = 0; q < CF_COMPARED_COUNT; q++)
            if (cf_family_has(&comparison->families[f], (cf_compared)q))
                write_family(stream, &comparison->families[f], (cf_compared)q);
}
