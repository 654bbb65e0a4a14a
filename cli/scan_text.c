#define _POSIX_C_SOURCE 200809L
#include "scan_text.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "arguments.h"
#include "contraflow/run/file.h"
#include "figure.h"
#include "gnuplot.h"

const cf_figure_kind *const cf_scan_figure_kinds[] = {&cf_figure_bifurcation, &cf_figure_polygons,
                                                      NULL};

/* --- phases --- */

/* The first threshold of the configuration above tau, NULL past the last. */
static const cf_scan_threshold *next_threshold(const cf_scan *scan, size_t configuration,
                                               double tau)
{
    const cf_scan_threshold *next = NULL;
    for (size_t k = 0; k < scan->threshold_count; k++) {
        const cf_scan_threshold *t = &scan->thresholds[k];
        if (t->configuration == configuration && t->tau > tau &&
            (next == NULL || t->tau < next->tau))
            next = t;
    }
    return next;
}

bool cf_scan_phase(const cf_scan *scan, size_t configuration, size_t k, cf_phase *phase)
{
    const cf_scan_state *first = scan->states + configuration * scan->tau_count;
    const cf_scan_threshold *t;
    *phase =
        (cf_phase){first->tau, first[scan->tau_count - 1].tau, first->unstable, first->parting};
    for (; k > 0; k--) {
        t = next_threshold(scan, configuration, phase->from);
        if (t == NULL)
            return false;
        phase->from = t->tau;
        *(t->change == CF_CHANGE_WHOLE ? &phase->unstable : &phase->parting) = t->above;
    }
    t = next_threshold(scan, configuration, phase->from);
    phase->to = t == NULL ? phase->to : t->tau;
    return true;
}

void cf_scan_word(const cf_phase *phase, cf_cell cell)
{
    if (phase->unstable == 0)
        snprintf(cell, CF_TABLE_CELL, "stable");
    else
        snprintf(cell, CF_TABLE_CELL, "saddle %zu", phase->unstable);
}

/* --- tables --- */

static void write_parting(const cf_scan *scan, size_t parting, size_t vertices, cf_cell cell)
{
    if (scan->loss.psi == &cf_psi_nt_xent)
        snprintf(cell, CF_TABLE_CELL, "-");
    else
        snprintf(cell, CF_TABLE_CELL, "%zu of %zu", parting, vertices);
}

cf_status cf_scan_phase_table(const cf_scan *scan, cf_table *table, cf_err *err)
{
    cf_phase phase;
    cf_table_add_column(table, "configuration", "", false);
    cf_table_add_column(table, "modes", "beside rotations", true);
    cf_table_add_column(table, "from tau", "", true);
    cf_table_add_column(table, "to tau", "", true);
    cf_table_add_column(table, "as a whole", "stable, or a saddle of this index (E90)", false);
    cf_table_add_column(table, "clusters part at", "vertices (E92)", false);
    for (size_t c = 0; c < scan->count; c++)
        for (size_t k = 0; cf_scan_phase(scan, c, k, &phase); k++) {
            cf_cell *row = cf_table_add_row(table, err);
            if (row == NULL)
                return CF_ESYSTEM;
            snprintf(row[0], CF_TABLE_CELL, "%.150s", scan->configurations[c].name);
            snprintf(row[1], CF_TABLE_CELL, "%zu", scan->states[c * scan->tau_count].count);
            cf_cell_write(row[2], k == 0 ? "%.4g" : "%.9g", phase.from);
            bool last = phase.to == scan->states[scan->tau_count - 1].tau;
            cf_cell_write(row[3], last ? "%.4g" : "%.9g", phase.to);
            cf_scan_word(&phase, row[4]);
            write_parting(scan, phase.parting, scan->configurations[c].points->vertices, row[5]);
        }
    return CF_OK;
}

static void fill_state(const cf_scan *scan, size_t c, const cf_scan_state *s, cf_cell *row)
{
    const cf_phase phase = {s->tau, s->tau, s->unstable, s->parting};
    snprintf(row[0], CF_TABLE_CELL, "%.150s", scan->configurations[c].name);
    cf_cell_write(row[1], "%.6g", s->tau);
    cf_cell_write(row[2], "%.10g", s->loss);
    cf_cell_write(row[3], "%.4g", s->loss - s->uniform);
    cf_cell_write(row[4], "%.2g", s->residual);
    cf_scan_word(&phase, row[5]);
    if (s->neutral > 0)
        snprintf(row[5] + strlen(row[5]), 40, ", %zu neutral", s->neutral);
    cf_cell_write(row[6], "%.6g", s->count > 0 ? -s->lowest : NAN);
    cf_cell_write(row[7], "%.6g", s->count > 0 ? -s->values[s->count - 1] : NAN);
    write_parting(scan, s->parting, scan->configurations[c].points->vertices, row[8]);
    cf_cell_write(row[9], "%.6g", -s->split[0]);
}

cf_status cf_scan_state_table(const cf_scan *scan, cf_table *table, cf_err *err)
{
    cf_table_add_column(table, "configuration", "", false);
    cf_table_add_column(table, "tau", "", true);
    cf_table_add_column(table, "loss", "", true);
    cf_table_add_column(table, "above uniform", "L less that of the uniform measure (C5)", true);
    cf_table_add_column(table, "residual", "largest |P grad phi| (C3)", true);
    cf_table_add_column(table, "as a whole", "stable, or a saddle of this index (E90)", false);
    cf_table_add_column(table, "highest rate", "", true);
    cf_table_add_column(table, "lowest rate", "", true);
    cf_table_add_column(table, "clusters part at", "vertices (E92)", false);
    cf_table_add_column(table, "at the rate", "where they part fastest", true);
    for (size_t c = 0; c < scan->count; c++)
        for (size_t k = 0; k < scan->tau_count; k++) {
            cf_cell *row = cf_table_add_row(table, err);
            if (row == NULL)
                return CF_ESYSTEM;
            fill_state(scan, c, &scan->states[c * scan->tau_count + k], row);
        }
    return CF_OK;
}

void cf_scan_print_open(const cf_scan *scan, FILE *stream)
{
    for (size_t c = 0; c < scan->count; c++)
        for (int change = 0; change < 2; change++) {
            double from = NAN, to = NAN;
            for (size_t k = 0; k < scan->tau_count; k++) {
                const cf_scan_state *s = &scan->states[c * scan->tau_count + k];
                if ((change == 0 ? s->neutral : s->undecided) == 0)
                    continue;
                from = isnan(from) ? s->tau : from;
                to = s->tau;
            }
            if (!isnan(from))
                fprintf(stream, "%s: rounding hides the sign of %s for tau in [%.3g, %.3g]\n",
                        scan->configurations[c].name,
                        change == 0 ? "some modes" : "how clusters part", from, to);
        }
}

/* --- files --- */

static void write_real(FILE *stream, double value)
{
    fputc(',', stream);
    if (!isnan(value))
        fprintf(stream, "%.17g", value);
}

static void write_states(const cf_scan *scan, FILE *stream)
{
    fputs("configuration,points,dimension,tau,loss,uniform_loss,neighbor_distance_squared,residual,"
          "modes,unstable,neutral,lowest_eigenvalue,parting,undecided,split_least,split_largest\n",
          stream);
    for (size_t k = 0; k < scan->count * scan->tau_count; k++) {
        const cf_scan_configuration *c = &scan->configurations[k / scan->tau_count];
        const cf_scan_state *s = &scan->states[k];
        const double reals[] = {s->tau, s->loss, s->uniform, s->spacing, s->residual};
        fprintf(stream, "\"%s\",%zu,%zu", c->name, c->points->n, c->points->d);
        for (size_t i = 0; i < sizeof reals / sizeof *reals; i++)
            write_real(stream, reals[i]);
        fprintf(stream, ",%zu,%zu,%zu", s->count, s->unstable, s->neutral);
        write_real(stream, s->lowest);
        fprintf(stream, ",%zu,%zu", s->parting, s->undecided);
        write_real(stream, s->split[0]);
        write_real(stream, s->split[1]);
        fputc('\n', stream);
    }
}

static void write_spectra(const cf_scan *scan, FILE *stream)
{
    fputs("configuration,tau,mode,eigenvalue\n", stream);
    for (size_t k = 0; k < scan->count * scan->tau_count; k++)
        for (size_t i = 0; i < scan->states[k].count; i++)
            fprintf(stream, "\"%s\",%.17g,%zu,%.17g\n",
                    scan->configurations[k / scan->tau_count].name, scan->states[k].tau, i,
                    scan->states[k].values[i]);
}

static void write_thresholds(const cf_scan *scan, FILE *stream)
{
    fputs("configuration,change,tau,below,above\n", stream);
    for (size_t k = 0; k < scan->threshold_count; k++) {
        const cf_scan_threshold *t = &scan->thresholds[k];
        fprintf(stream, "\"%s\",%s,%.12g,%zu,%zu\n", scan->configurations[t->configuration].name,
                t->change == CF_CHANGE_WHOLE ? "unstable modes" : "vertices where clusters part",
                t->tau, t->below, t->above);
    }
}

static cf_status write_file(const cf_scan *scan, const char *folder, const char *name,
                            void (*write)(const cf_scan *, FILE *), cf_err *err)
{
    char *text = NULL, *path = cf_text_join(folder, name, err);
    size_t size = 0;
    FILE *stream = path == NULL ? NULL : open_memstream(&text, &size);
    cf_status status =
        stream == NULL ? cf_fail(err, CF_ESYSTEM, "%s: memory is short", folder) : CF_OK;
    if (stream != NULL) {
        write(scan, stream);
        bool failed = ferror(stream) != 0;
        if (fclose(stream) != 0 || failed)
            status = cf_fail(err, CF_ESYSTEM, "%s: memory is short", path);
    }
    if (status == CF_OK)
        status = cf_file_replace(path, text, size, err);
    free(text);
    free(path);
    return status;
}

cf_status cf_scan_write(const cf_scan *scan, const char *folder, cf_err *err)
{
    const cf_subject subject = {.scan = scan};
    bool cairo = false;
    if (mkdir(folder, 0777) != 0 && errno != EEXIST)
        return cf_fail(err, CF_EINPUT, "%s: this folder cannot be made (%s)", folder,
                       strerror(errno));
    cf_status status = write_file(scan, folder, "/states.csv", write_states, err);
    if (status == CF_OK)
        status = write_file(scan, folder, "/spectra.csv", write_spectra, err);
    if (status == CF_OK)
        status = write_file(scan, folder, "/thresholds.csv", write_thresholds, err);
    bool drawn = cf_gnuplot_present(&cairo);
    for (size_t k = 0; drawn && cf_scan_figure_kinds[k] != NULL && status == CF_OK; k++) {
        cf_figure figure = {0};
        char *svg = NULL;
        status =
            cf_figure_write(cf_scan_figure_kinds[k], &subject, folder, cairo, &figure, &svg, err);
        free(svg);
    }
    return status;
}
