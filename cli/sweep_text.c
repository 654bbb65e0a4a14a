#include "sweep_text.h"

#include <math.h>
#include <string.h>

#include "html.h"

void cf_series_name(const cf_persistence *p, const cf_persistence_series *series, char *text,
                    size_t size)
{
    char label[160];
    bool several = false;
    cf_persistence_label(p, &series->points[0], false, label, sizeof label);
    for (size_t s = 0; s < p->count; s++)
        several = several || strcmp(p->series[s].flow, series->flow) != 0;
    if (several || label[0] == '\0')
        snprintf(text, size, "%s%s%s", series->flow, label[0] != '\0' ? ", " : "", label);
    else
        snprintf(text, size, "%s", label);
}

/* With a minus sign that is as wide as a plus. */
static int write_signed(char *text, size_t size, double value)
{
    return snprintf(text, size, "%s%.2f", value < 0 ? "\xe2\x88\x92" : "", fabs(value));
}

size_t cf_exponent_write(char *text, size_t size, bool more, const char *name,
                         const cf_lifetime_fit *fit, size_t k)
{
    char value[24], low[24], high[24];
    cf_interval b = cf_lifetime_parameter(fit, k, CF_PERSISTENCE_CONFIDENCE);
    write_signed(value, sizeof value, b.value);
    write_signed(low, sizeof low, b.low);
    write_signed(high, sizeof high, b.high);
    return (size_t)snprintf(text, size, "%s%s^%s [%s, %s]", more ? " \xc2\xb7 " : "", name, value,
                            low, high);
}

void cf_law_text(const cf_persistence *p, const cf_persistence_series *series, cf_time_kind kind,
                 char *text, size_t size)
{
    const cf_persistence_law *law = &series->laws[kind];
    size_t used = 0;
    text[0] = '\0';
    for (size_t c = 0; law->law != NULL && c < series->lawful_count && used < size; c++)
        used += cf_exponent_write(text + used, size - used, used > 0,
                                  p->axes[series->lawful[c]].name, law->fit, 1 + c);
}

double cf_law_median(const cf_persistence_series *series, cf_time_kind kind, const double *values,
                     cf_interval *interval)
{
    double x[2] = {0, 0};
    for (size_t c = 0; c < series->lawful_count; c++)
        x[c] = log(values[c]);
    *interval = cf_lifetime_quantile(series->laws[kind].fit, x, 0.5, CF_PERSISTENCE_CONFIDENCE);
    return interval->value;
}

/* --- tables --- */

void cf_median_write(cf_cell cell, const cf_point_times *times)
{
    const cf_survival *curve = times->curve;
    if (curve == NULL)
        snprintf(cell, CF_TABLE_CELL, "-");
    else if (isinf(times->median.value))
        snprintf(cell, CF_TABLE_CELL, "> %.4g", curve->time[curve->count - 1]);
    else if (isinf(times->median.high))
        snprintf(cell, CF_TABLE_CELL, "%.4g [%.4g, \xe2\x88\x9e)", times->median.value,
                 times->median.low);
    else
        snprintf(cell, CF_TABLE_CELL, "%.4g [%.4g, %.4g]", times->median.value, times->median.low,
                 times->median.high);
}

static void write_point(const cf_persistence *p, const cf_persistence_series *series,
                        const cf_persistence_point *point, cf_cell *row)
{
    const cf_point_times *times = &point->times[CF_TIME_PERSISTENCE];
    cf_series_name(p, series, row[0], CF_TABLE_CELL);
    cf_persistence_label(p, point, true, row[1], CF_TABLE_CELL);
    snprintf(row[2], CF_TABLE_CELL, "%zu", point->runs);
    snprintf(row[3], CF_TABLE_CELL, "%zu", times->events);
    snprintf(row[4], CF_TABLE_CELL, "%zu", times->censored);
    snprintf(row[5], CF_TABLE_CELL, "%zu", times->collapsed);
    snprintf(row[6], CF_TABLE_CELL, "%zu", point->failed);
    cf_median_write(row[7], &point->times[CF_TIME_EMERGENCE]);
    cf_median_write(row[8], &point->times[CF_TIME_DISSOLUTION]);
    cf_median_write(row[9], times);
    for (int k = 3; k < 7; k++)
        if (strcmp(row[k], "0") == 0)
            snprintf(row[k], CF_TABLE_CELL, "-");
}

cf_status cf_sweep_points_table(const cf_persistence *p, cf_table *table, cf_err *err)
{
    cf_table_add_column(table, "flow", "", false);
    cf_table_add_column(table, "at", "", false);
    cf_table_add_column(table, "runs", "", true);
    cf_table_add_column(table, "dissolved", "clusters that emerged and dissolved while followed",
                        true);
    cf_table_add_column(table, "censored", "clusters that outlived that", true);
    cf_table_add_column(table, "collapsed", "ended by norm collapse after clusters emerged", true);
    cf_table_add_column(table, "failed", "", true);
    cf_table_add_column(table, "emergence", "median time, with its 95% interval (E63)", true);
    cf_table_add_column(table, "dissolution", "likewise, from t = 0", true);
    cf_table_add_column(table, "persistence", "likewise, from emergence on (E60)", true);
    for (size_t s = 0; s < p->count; s++)
        for (size_t i = 0; i < p->series[s].count; i++) {
            cf_cell *row = cf_table_add_row(table, err);
            if (row == NULL)
                return CF_ESYSTEM;
            write_point(p, &p->series[s], &p->series[s].points[i], row);
        }
    cf_table_drop_empty(table);
    return CF_OK;
}

static void write_probability(char *text, size_t size, double p)
{
    if (isnan(p))
        snprintf(text, size, "-");
    else
        snprintf(text, size, p < 1e-4 ? "< 1e-4" : "%.2g", p);
}

static void write_law(const cf_persistence *p, const cf_persistence_series *series,
                      cf_time_kind kind, cf_cell *row)
{
    const cf_persistence_law *law = &series->laws[kind];
    cf_series_name(p, series, row[0], CF_TABLE_CELL);
    snprintf(row[1], CF_TABLE_CELL, "%s", cf_time_names[kind]);
    cf_law_text(p, series, kind, row[2], CF_TABLE_CELL);
    double median = law->fit->beta[0] + law->fit->sigma * law->law->quantile(0.5);
    cf_cell_write(row[3], "%.4g", exp(median));
    snprintf(row[4], CF_TABLE_CELL, "%s", law->law->name);
    cf_cell_write(row[5], "%.3g", law->fit->sigma);
    write_probability(row[6], CF_TABLE_CELL, law->lack.p);
    write_probability(row[7], CF_TABLE_CELL, series->log_rank[kind].p);
}

cf_status cf_sweep_laws_table(const cf_persistence *p, cf_table *table, cf_err *err)
{
    cf_table_add_column(table, "flow", "", false);
    cf_table_add_column(table, "time", "", false);
    cf_table_add_column(table, "median \xe2\x88\x9d", "with 95% intervals, over seeds (E66)",
                        false);
    cf_table_add_column(table, "factor", "the median where every parameter is 1", true);
    cf_table_add_column(table, "law", "of the scatter", false);
    cf_table_add_column(table, "\xcf\x83", "of the logarithm", true);
    cf_table_add_column(table, "p of the law", "small: there is no single power law (E66)", true);
    cf_table_add_column(table, "p of no effect", "log-rank test (E64)", true);
    for (size_t s = 0; s < p->count; s++)
        for (int kind = 0; kind < CF_TIME_KINDS; kind++) {
            if (p->series[s].laws[kind].law == NULL)
                continue;
            cf_cell *row = cf_table_add_row(table, err);
            if (row == NULL)
                return CF_ESYSTEM;
            write_law(p, &p->series[s], (cf_time_kind)kind, row);
        }
    return CF_OK;
}

/* --- findings --- */

static void write_finding(const cf_persistence *p, const cf_persistence_series *series, FILE *page)
{
    char name[200], text[256];
    const cf_persistence_law *law = &series->laws[CF_TIME_PERSISTENCE];
    cf_series_name(p, series, name, sizeof name);
    cf_law_text(p, series, CF_TIME_PERSISTENCE, text, sizeof text);
    fputs("<li>", page);
    cf_html_text(page, name);
    if (law->law == NULL) {
        fputs(": no power law of the persistence; ", page);
        cf_html_text(page, law->message);
    } else {
        fputs(": persistence \xe2\x88\x9d ", page);
        cf_html_text(page, text);
        if (law->lack.p < 0.01)
            fprintf(page, ", but a single power law is refuted (p %s)",
                    law->lack.p < 1e-4 ? "&lt; 10<sup>\xe2\x88\x92"
                                         "4</sup>"
                                       : "&lt; 0.01");
    }
    fputs("</li>\n", page);
}

void cf_sweep_findings(const cf_persistence *p, FILE *page)
{
    enum { MOST = 8 };
    fputs("<ul class=\"findings\">\n", page);
    if (p->pending > 0)
        fprintf(page, "<li>%zu runs are still to come.</li>\n", p->pending);
    for (size_t s = 0; s < p->count && s < MOST && p->lawful_count > 0; s++)
        write_finding(p, &p->series[s], page);
    fputs("</ul>\n", page);
}
