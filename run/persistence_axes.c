/* The axes of a table: what its runs differ in. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "contraflow/solver/memory.h"
#include "persistence_internal.h"

enum { FEWEST = 3, MOST_LAWFUL = 2 }; /* values of an axis on which a law is sought; such axes */

static bool is_seed(const char *name)
{
    const char *dot = strrchr(name, '.');
    const char *last = dot == NULL ? name : dot + 1;
    return strcmp(last, "seed") == 0 || strcmp(last, "seeds") == 0;
}

static int by_number(const void *a, const void *b)
{
    double s = *(const double *)a, t = *(const double *)b;
    return (s > t) - (s < t);
}

/* The different numbers of a column, ascending, and the place of each row's among them. */
static cf_status set_numbers(cf_sweep_axis *axis, const double *values, size_t rows, size_t stride,
                             size_t *levels, cf_err *err)
{
    axis->numeric = true;
    axis->numbers = cf_duplicate("axis", values, rows, sizeof *values, err);
    if (axis->numbers == NULL)
        return CF_ESYSTEM;
    qsort(axis->numbers, rows, sizeof *values, by_number);
    for (size_t r = 0; r < rows; r++)
        if (r == 0 || axis->numbers[r] > axis->numbers[axis->count - 1])
            axis->numbers[axis->count++] = axis->numbers[r];
    for (size_t r = 0; r < rows; r++) {
        const double *found =
            bsearch(&values[r], axis->numbers, axis->count, sizeof *values, by_number);
        levels[r * stride] = (size_t)(found - axis->numbers);
    }
    axis->lawful = axis->count >= FEWEST && axis->numbers[0] > 0;
    return CF_OK;
}

/* The different texts of a column, in the order of the table. */
static cf_status set_texts(cf_sweep_axis *axis, char *const *values, size_t rows, size_t stride,
                           size_t *levels, cf_err *err)
{
    axis->texts = cf_allocate("axis", rows, sizeof *axis->texts, err);
    if (axis->texts == NULL)
        return CF_ESYSTEM;
    for (size_t r = 0; r < rows; r++) {
        size_t k = 0;
        while (k < axis->count && strcmp(axis->texts[k], values[r]) != 0)
            k++;
        if (k == axis->count)
            axis->texts[axis->count++] = values[r];
        levels[r * stride] = k;
    }
    return CF_OK;
}

static cf_status add_width(cf_persistence *p, size_t a, cf_err *err)
{
    size_t rows = p->memory->rows;
    const long *widths = cf_persistence_integers(p->memory->table, "width");
    double *values = cf_allocate("widths", rows, sizeof *values, err);
    if (values == NULL)
        return CF_ESYSTEM;
    for (size_t r = 0; r < rows; r++)
        values[r] = (double)widths[r];
    cf_status status =
        set_numbers(&p->axes[a], values, rows, p->axis_count, p->memory->levels + a, err);
    /* without a network, -1: laws are of the networks alone */
    size_t networks = p->axes[a].count - (p->axes[a].numbers[0] < 0);
    p->axes[a].lawful = status == CF_OK && networks >= FEWEST;
    free(values);
    return status;
}

/* Axes are what stands before the flows, but the three numbers and the seeds. */
static size_t find_axes(const cf_group *table, size_t *found)
{
    size_t count = 0;
    for (size_t k = 3; k < table->record_count; k++) {
        const cf_record *record = &table->records[k];
        if (strcmp(record->name, "flow") == 0)
            break;
        if (!is_seed(record->name))
            found[count++] = k;
    }
    return count;
}

cf_status cf_persistence_axes(cf_persistence *p, cf_err *err)
{
    struct cf_persistence_memory *m = p->memory;
    size_t *found = cf_allocate("axes", m->table->record_count, sizeof *found, err);
    if (found == NULL)
        return CF_ESYSTEM;
    size_t count = find_axes(m->table, found);
    p->axes = cf_allocate("axes", count + 1, sizeof *p->axes, err);
    m->levels = cf_allocate("axes", m->rows * (count + 1), sizeof *m->levels, err);
    cf_status status = p->axes != NULL && m->levels != NULL ? CF_OK : CF_ESYSTEM;
    p->axis_count = count + 1;
    for (size_t a = 0; a < count && status == CF_OK; a++) {
        const cf_record *record = &m->table->records[found[a]];
        size_t *levels = m->levels + a;
        p->axes[a].name = record->name;
        status = record->type == CF_VALUE_REAL
                     ? set_numbers(&p->axes[a], record->real, m->rows, p->axis_count, levels, err)
                     : set_texts(&p->axes[a], record->text, m->rows, p->axis_count, levels, err);
    }
    free(found);
    if (status == CF_OK) {
        p->axes[count].name = "width";
        status = add_width(p, count, err);
    }
    for (size_t a = 0; a < p->axis_count && status == CF_OK; a++) {
        p->axes[a].lawful = p->axes[a].lawful && p->lawful_count < MOST_LAWFUL;
        if (p->axes[a].lawful)
            p->lawful[p->lawful_count++] = a;
    }
    return status;
}

/* Those of at least three positive values. */
void cf_persistence_lawful(const cf_persistence *p, cf_persistence_series *series)
{
    for (size_t l = 0; l < p->lawful_count; l++) {
        const double *numbers = p->axes[p->lawful[l]].numbers;
        size_t count = 0;
        bool positive = true;
        for (size_t i = 0; i < series->count; i++) {
            size_t level = series->points[i].levels[p->lawful[l]], j = 0;
            while (j < i && series->points[j].levels[p->lawful[l]] != level)
                j++;
            count += j == i;
            positive = positive && numbers[level] > 0;
        }
        if (positive && count >= FEWEST)
            series->lawful[series->lawful_count++] = p->lawful[l];
    }
}

void cf_persistence_label(const cf_persistence *p, const cf_persistence_point *point, bool lawful,
                          char *text, size_t size)
{
    size_t used = 0;
    text[0] = '\0';
    for (size_t a = 0; a < p->axis_count && used < size; a++) {
        const cf_sweep_axis *axis = &p->axes[a];
        size_t level = point->levels[a];
        bool none = axis->numeric && strcmp(axis->name, "width") == 0 && axis->numbers[level] < 0;
        if (axis->lawful != lawful || axis->count < 2 || none)
            continue;
        const char *gap = used > 0 ? ", " : "";
        used += (size_t)(axis->numeric ? snprintf(text + used, size - used, "%s%s = %.6g", gap,
                                                  axis->name, axis->numbers[level])
                                       : snprintf(text + used, size - used, "%s%s = %s", gap,
                                                  axis->name, axis->texts[level]));
    }
}
