/* What the files persistence*.c share. */
#ifndef CONTRAFLOW_RUN_PERSISTENCE_INTERNAL_H
#define CONTRAFLOW_RUN_PERSISTENCE_INTERNAL_H

#include "contraflow/run/persistence.h"

/* A run of one flow that has ended. */
typedef struct {
    size_t row;    /* of the table */
    size_t series; /* numbers that order rows: flow and axes that are not lawful, */
    size_t point;  /* lawful axes */
    size_t unit;
} cf_persistence_run;

struct cf_persistence_memory {
    const cf_group *table;
    size_t rows;
    size_t *levels;           /* [rows*axis_count] of each row on each axis */
    const char **flows;       /* [flow_count] names */
    cf_persistence_run *runs; /* [run_count] in order of series and point */
    size_t *order;            /* [run_count] rows of the table in this order */
    size_t run_count, units;
    cf_persistence_point *points; /* [runs] at most, of all series */
    double *times;                /* [CF_TIME_KINDS*rows] of all samples */
    int *ends;
    size_t *run_units;
};

/* Finds the axes: columns of the table between its numbers and its flows, and the width. */
cf_status cf_persistence_axes(cf_persistence *persistence, cf_err *err);

/* The axes of laws that the points of a series differ in. */
void cf_persistence_lawful(const cf_persistence *persistence, cf_persistence_series *series);

/* Fills the times of a point from its runs [count]; `kind` counts from 0. */
cf_status cf_persistence_times(cf_persistence *persistence, const cf_persistence_run *runs,
                               size_t count, cf_persistence_point *point, cf_err *err);

/* Tests and laws of a series; the points have their times. */
cf_status cf_persistence_compare(const cf_persistence *persistence, cf_persistence_series *series,
                                 cf_err *err);

/* Times of one kind and what they are explained by. */
typedef struct {
    double *times, *x; /* [count], [count*columns] */
    int *ends;
    size_t *groups, *units; /* [count]; groups may be absent, group_count = 0 */
    size_t count, columns, group_count, unit_count, events;
} cf_persistence_pool;

/* Room for `most` times. */
cf_status cf_persistence_pool_create(size_t most, size_t columns, cf_persistence_pool *all,
                                     cf_err *err);
void cf_persistence_pool_release(cf_persistence_pool *all);

/* The law of a pool whose units are numbers below `most` (E66); lack of fit where there are groups.
 */
cf_status cf_persistence_seek(cf_persistence_pool *all, size_t most, cf_persistence_law *out,
                              cf_err *err);

/* A column of the table; NULL where it is not there. */
const double *cf_persistence_reals(const cf_group *table, const char *name);
const long *cf_persistence_integers(const cf_group *table, const char *name);
char *const *cf_persistence_texts(const cf_group *table, const char *name);

#endif
