/* Results that are made up, so that what a comparison must find is known. */
#ifndef CONTRAFLOW_TESTS_MADE_RESULT_H
#define CONTRAFLOW_TESTS_MADE_RESULT_H

#include "contraflow/run/compare.h"

enum { MADE_POINTS = 6, MADE_VIEWS = 2, MADE_SNAPSHOTS = 4, MADE_OUTPUTS = 5 };

/* What a made-up flow is like. */
typedef struct {
    const char *name, *kind, *status, *family;
    long width, seed;
    double offset; /* of every point from the reference at the last snapshot */
    double emergence, dissolution, until;
    double kernel_error;
    size_t points;
} made_flow;

extern const double made_times[MADE_OUTPUTS];
extern const made_flow made_limit; /* a neural flow without an offset */

cf_group *put_group(cf_result *result, const char *path);
void put_reals(cf_group *group, const char *name, const double *values, const size_t *dims,
               int rank);
void put_real(cf_group *group, const char *name, double value);
void put_text(cf_group *group, const char *name, const char *value);
void put_integer(cf_group *group, const char *name, long value);

/* Unequal masses; `shift` makes other points. */
cf_result *make_result(size_t points, double shift);

/* The offset grows in time; the loss gap is a tenth of it. */
void put_flow(cf_result *result, const made_flow *s);

/* Of a family; its name lives until 64 more were made. */
made_flow made_network(const char *family, long width, long seed, double offset);

cf_comparison *must_compare(const cf_result *result, const char *reference);

/* CF_EINPUT, with both needles in the message. */
void check_not_compared(const cf_result *result, const cf_result *other, const char *reference,
                        const char *const needles[2], const char *claim);

#endif
