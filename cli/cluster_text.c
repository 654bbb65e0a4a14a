#include "cluster_text.h"

#include <math.h>
#include <string.h>

#include "html.h"
#include "sweep_text.h"

/* The axes that the sweep varies, but the cluster, at the point of a group. */
static void write_axes(const cf_persistence *p, const cf_cluster_group *group, char *text,
                       size_t size)
{
    size_t used = 0;
    text[0] = '\0';
    for (size_t a = 0; a < p->axis_count && used < size; a++) {
        const cf_sweep_axis *axis = &p->axes[a];
        size_t level = group->clusters[0].point->levels[a];
        bool none = axis->numeric && strcmp(axis->name, "width") == 0 && axis->numbers[level] < 0;
        if (a == cf_cluster_axis(p) || axis->count < 2 || none)
            continue;
        const char *gap = used > 0 ? ", " : "";
        used += (size_t)(axis->numeric ? snprintf(text + used, size - used, "%s%s = %.6g", gap,
                                                  axis->name, axis->numbers[level])
                                       : snprintf(text + used, size - used, "%s%s = %s", gap,
                                                  axis->name, axis->texts[level]));
    }
}

void cf_cluster_group_name(const cf_persistence *p, const cf_cluster_group *group, char *text,
                           size_t size)
{
    char axes[160];
    write_axes(p, group, axes, sizeof axes);
    snprintf(text, size, "%s%s%s", group->series->flow, axes[0] != '\0' ? ", " : "", axes);
}

static void write_cluster(const cf_cluster_group *group, const cf_cluster_fate *fate, cf_cell *row)
{
    const cf_point_times *times = &fate->point->times[CF_TIME_DISSOLUTION];
    snprintf(row[2], CF_TABLE_CELL, "%s", fate->name);
    cf_cell_write(row[3], "%.3g", fate->causes[0]);
    cf_cell_write(row[4], "%.3g", fate->causes[1]);
    snprintf(row[5], CF_TABLE_CELL, "%zu", times->sample.count);
    snprintf(row[6], CF_TABLE_CELL, "%zu", times->events);
    snprintf(row[7], CF_TABLE_CELL, "%zu", times->collapsed);
    snprintf(row[8], CF_TABLE_CELL, "%zu of %zu", fate->first, group->dissolved);
    cf_median_write(row[9], &fate->point->times[CF_TIME_EMERGENCE]);
    cf_median_write(row[10], times);
    for (int k = 6; k < 8; k++)
        if (strcmp(row[k], "0") == 0)
            snprintf(row[k], CF_TABLE_CELL, "-");
}

cf_status cf_clusters_table(const cf_subject *subject, cf_table *table, cf_err *err)
{
    cf_table_add_column(table, "flow", "", false);
    cf_table_add_column(table, "at", "", false);
    cf_table_add_column(table, "cluster", "", true);
    cf_table_add_column(table, "mass", "M_q", true);
    cf_table_add_column(table, "self-coupling", "mean over runs (E112)", true);
    cf_table_add_column(table, "emerged", "runs in which it did (E111)", true);
    cf_table_add_column(table, "dissolved", "of these", true);
    cf_table_add_column(table, "collapsed", "of these, before", true);
    cf_table_add_column(table, "first", "runs in which it was the first to dissolve", true);
    cf_table_add_column(table, "emergence", "median time, with its 95% interval (E63)", true);
    cf_table_add_column(table, "dissolution", "likewise", true);
    for (size_t g = 0; g < subject->fates->count; g++)
        for (size_t q = 0; q < subject->fates->groups[g].count; q++) {
            const cf_cluster_group *group = &subject->fates->groups[g];
            cf_cell *row = cf_table_add_row(table, err);
            if (row == NULL)
                return CF_ESYSTEM;
            snprintf(row[0], CF_TABLE_CELL, "%s", group->series->flow);
            write_axes(subject->clusters, group, row[1], CF_TABLE_CELL);
            write_cluster(group, &group->clusters[q], row);
        }
    cf_table_drop_empty(table);
    return CF_OK;
}

static void write_law(const cf_cluster_group *group, char *text, size_t size)
{
    size_t used = 0;
    text[0] = '\0';
    for (size_t c = 0; c < group->law.fit->columns && used < size; c++)
        used += cf_exponent_write(text + used, size - used, used > 0,
                                  cf_cause_names[group->columns[c]], group->law.fit, 1 + c);
}

cf_status cf_cluster_laws_table(const cf_subject *subject, cf_table *table, cf_err *err)
{
    cf_table_add_column(table, "flow", "", false);
    cf_table_add_column(table, "at", "", false);
    cf_table_add_column(table, "dissolution of a cluster \xe2\x88\x9d",
                        "with 95% intervals, over runs (E113)", false);
    cf_table_add_column(table, "law", "of the scatter", false);
    cf_table_add_column(table, "\xcf\x83", "of the logarithm", true);
    for (size_t g = 0; g < subject->fates->count; g++) {
        const cf_cluster_group *group = &subject->fates->groups[g];
        if (group->law.law == NULL)
            continue;
        cf_cell *row = cf_table_add_row(table, err);
        if (row == NULL)
            return CF_ESYSTEM;
        snprintf(row[0], CF_TABLE_CELL, "%s", group->series->flow);
        write_axes(subject->clusters, group, row[1], CF_TABLE_CELL);
        write_law(group, row[2], CF_TABLE_CELL);
        snprintf(row[3], CF_TABLE_CELL, "%s", group->law.law->name);
        cf_cell_write(row[4], "%.3g", group->law.fit->sigma);
    }
    cf_table_drop_empty(table);
    return CF_OK;
}

static void write_real(FILE *stream, double value)
{
    fputc(',', stream);
    if (!isnan(value))
        fprintf(stream, "%.17g", value);
}

static void write_fate(const cf_cluster_group *group, const cf_cluster_fate *fate, FILE *stream)
{
    fprintf(stream, ",%s", fate->name);
    write_real(stream, fate->causes[0]);
    write_real(stream, fate->causes[1]);
    fprintf(stream, ",%zu,%zu", fate->first, group->dissolved);
    for (int kind = 0; kind < CF_TIME_KINDS; kind++) {
        const cf_point_times *times = &fate->point->times[kind];
        fprintf(stream, ",%zu,%zu,%zu", times->sample.count, times->events, times->collapsed);
        write_real(stream, times->median.value);
        write_real(stream, times->median.low);
        write_real(stream, times->median.high);
    }
}

/* The exponents of a group stand in the rows of all its clusters. */
static void write_exponents(const cf_cluster_group *group, FILE *stream)
{
    for (int cause = 0; cause < CF_CAUSES; cause++) {
        cf_interval b = {NAN, NAN, NAN};
        for (size_t c = 0; group->law.law != NULL && c < group->law.fit->columns; c++)
            if (group->columns[c] == cause)
                b = cf_lifetime_parameter(group->law.fit, 1 + c, CF_PERSISTENCE_CONFIDENCE);
        write_real(stream, b.value);
        write_real(stream, b.low);
        write_real(stream, b.high);
    }
}

void cf_clusters_csv(const cf_subject *subject, FILE *stream)
{
    const cf_clusters_fates *fates = subject->fates;
    fputs("flow,at,cluster,mass,self_coupling,first,of", stream);
    for (int kind = 0; kind < CF_TIME_KINDS; kind++)
        fprintf(stream, ",%s_sample,%s_events,%s_collapsed,%s_median,%s_low,%s_high",
                cf_time_names[kind], cf_time_names[kind], cf_time_names[kind], cf_time_names[kind],
                cf_time_names[kind], cf_time_names[kind]);
    for (int cause = 0; cause < CF_CAUSES; cause++)
        fprintf(stream, ",%s_exponent,%s_low,%s_high", cf_cause_names[cause], cf_cause_names[cause],
                cf_cause_names[cause]);
    fputc('\n', stream);
    for (size_t g = 0; g < fates->count; g++)
        for (size_t q = 0; q < fates->groups[g].count; q++) {
            char axes[160];
            write_axes(subject->clusters, &fates->groups[g], axes, sizeof axes);
            cf_csv_text(stream, fates->groups[g].series->flow);
            fputc(',', stream);
            cf_csv_text(stream, axes);
            write_fate(&fates->groups[g], &fates->groups[g].clusters[q], stream);
            write_exponents(&fates->groups[g], stream);
            fputc('\n', stream);
        }
}
