/* Reading tests/data/survival.txt, which validation/survival/make_reference.py writes. */
#ifndef CONTRAFLOW_TESTS_SURVIVAL_REFERENCE_H
#define CONTRAFLOW_TESTS_SURVIVAL_REFERENCE_H

#include <stdio.h>

#include "contraflow/solver/survival.h"

enum { CASE_SIZE = 128 }; /* most members of a sample */

typedef struct {
    double times[CASE_SIZE];
    int ends[CASE_SIZE];
    cf_lifetimes lifetimes; /* of the above */
} survival_sample;

double read_number(FILE *file);
void read_numbers(FILE *file, double *numbers, size_t count);

/* A count below CASE_SIZE, and as many whole numbers. */
size_t read_count(FILE *file);
void read_indices(FILE *file, size_t *indices, size_t count);

void read_sample(FILE *file, survival_sample *sample);

/* Equal to a relative error, infinity to itself; NaN is what the reference does not say. */
void check_reference(double value, double expected, double tolerance, const char *claim);

typedef struct {
    const char *name;
    void (*check)(FILE *file);
} survival_case;

/* Calls the check of every line of the file that begins with a name of `cases` [count]; how many.
 */
int run_reference(const survival_case *cases, size_t count);

#endif
