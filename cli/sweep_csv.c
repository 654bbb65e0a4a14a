/* Statistics of a sweep for other programs. */
#include <math.h>

#include "sweep_text.h"

void cf_csv_text(FILE *stream, const char *text)
{
    fputc('"', stream);
    for (; *text != '\0'; text++)
        fprintf(stream, *text == '"' ? "\"\"" : "%c", *text);
    fputc('"', stream);
}

/* Not-a-number is an empty field. */
static void write_real(FILE *stream, double value)
{
    fputc(',', stream);
    if (!isnan(value))
        fprintf(stream, "%.17g", value);
}

static void write_place(const cf_persistence *p, const cf_persistence_series *series,
                        const cf_persistence_point *point, FILE *stream)
{
    cf_csv_text(stream, series->flow);
    for (size_t a = 0; a < p->axis_count; a++) {
        const cf_sweep_axis *axis = &p->axes[a];
        if (axis->numeric) {
            write_real(stream, axis->numbers[point->levels[a]]);
        } else {
            fputc(',', stream);
            cf_csv_text(stream, axis->texts[point->levels[a]]);
        }
    }
}

void cf_sweep_points_csv(const cf_persistence *p, FILE *stream)
{
    fputs("flow", stream);
    for (size_t a = 0; a < p->axis_count; a++) {
        fputc(',', stream);
        cf_csv_text(stream, p->axes[a].name);
    }
    fputs(",time,runs,failed,sample,events,censored,collapsed,follow_up,median,low,high,"
          "bootstrap_low,bootstrap_high\n",
          stream);
    for (size_t s = 0; s < p->count; s++)
        for (size_t i = 0; i < p->series[s].count; i++)
            for (int kind = 0; kind < CF_TIME_KINDS; kind++) {
                const cf_persistence_point *point = &p->series[s].points[i];
                const cf_point_times *times = &point->times[kind];
                write_place(p, &p->series[s], point, stream);
                fprintf(stream, ",%s,%zu,%zu,%zu,%zu,%zu,%zu", cf_time_names[kind], point->runs,
                        point->failed, times->sample.count, times->events, times->censored,
                        times->collapsed);
                const double reals[] = {times->follow_up,   times->median.value, times->median.low,
                                        times->median.high, times->low,          times->high};
                for (size_t k = 0; k < sizeof reals / sizeof *reals; k++)
                    write_real(stream, reals[k]);
                fputc('\n', stream);
            }
}

static void write_fit(const cf_persistence *p, const cf_persistence_series *series, int kind,
                      FILE *stream)
{
    const cf_persistence_law *law = &series->laws[kind];
    char name[200];
    cf_series_name(p, series, name, sizeof name);
    for (size_t c = 0; c <= series->lawful_count; c++) {
        cf_interval b = cf_lifetime_parameter(law->fit, c, CF_PERSISTENCE_CONFIDENCE);
        cf_csv_text(stream, name);
        fprintf(stream, ",%s,%s,", cf_time_names[kind], law->law->name);
        cf_csv_text(stream, c == 0 ? "constant" : p->axes[series->lawful[c - 1]].name);
        const double reals[] = {b.value,         b.low,       b.high,
                                law->fit->sigma, law->lack.p, series->log_rank[kind].p,
                                law->aic[0],     law->aic[1], law->aic[2]};
        for (size_t k = 0; k < sizeof reals / sizeof *reals; k++)
            write_real(stream, reals[k]);
        fprintf(stream, ",%s\n", law->jackknife ? "jackknife" : "information");
    }
}

void cf_sweep_laws_csv(const cf_persistence *p, FILE *stream)
{
    fputs("series,time,law,parameter,value,low,high,sigma,p_law,p_log_rank", stream);
    for (const cf_lifetime_law *const *law = cf_lifetime_laws(); *law != NULL; law++)
        fprintf(stream, ",aic_%s", (*law)->name);
    fputs(",interval\n", stream);
    for (size_t s = 0; s < p->count; s++)
        for (int kind = 0; kind < CF_TIME_KINDS; kind++)
            if (p->series[s].laws[kind].law != NULL)
                write_fit(p, &p->series[s], kind, stream);
}
