#include "survival_reference.h"

#include <math.h>
#include <string.h>

#include "check.h"

double read_number(FILE *file)
{
    double number = NAN;
    if (fscanf(file, "%lf", &number) != 1)
        check(false, "the reference file is whole");
    return number;
}

void read_numbers(FILE *file, double *numbers, size_t count)
{
    for (size_t k = 0; k < count; k++)
        numbers[k] = read_number(file);
}

size_t read_count(FILE *file)
{
    double count = read_number(file);
    if (!(count >= 0 && count <= CASE_SIZE))
        check(false, "a count of the reference file is small");
    return count >= 0 && count <= CASE_SIZE ? (size_t)count : 0;
}

void read_indices(FILE *file, size_t *indices, size_t count)
{
    for (size_t k = 0; k < count; k++)
        indices[k] = read_count(file);
}

void read_sample(FILE *file, survival_sample *sample)
{
    size_t count = read_count(file);
    read_numbers(file, sample->times, count);
    for (size_t i = 0; i < count; i++)
        sample->ends[i] = (int)read_count(file);
    sample->lifetimes = (cf_lifetimes){count, sample->times, sample->ends};
}

void check_reference(double value, double expected, double tolerance, const char *claim)
{
    if (isinf(expected))
        check(value == expected, "%s is infinite", claim);
    else if (!isnan(expected))
        check_near(value, expected, tolerance * fmax(1, fabs(expected)), "%s (%.0e)", claim,
                   tolerance);
}

int run_reference(const survival_case *cases, size_t count)
{
    char name[16];
    int found = 0;
    FILE *file = fopen("tests/data/survival.txt", "r");
    if (!check(file != NULL, "the reference file is there"))
        return 0;
    while (fscanf(file, "%15s", name) == 1) {
        for (size_t k = 0; k < count; k++)
            if (strcmp(name, cases[k].name) == 0) {
                cases[k].check(file);
                found++;
            }
        for (int c = fgetc(file); c != '\n' && c != EOF;)
            c = fgetc(file);
    }
    fclose(file);
    return found;
}
