/* A scan as tables and files; private to cli/. */
#ifndef CONTRAFLOW_CLI_SCAN_TEXT_H
#define CONTRAFLOW_CLI_SCAN_TEXT_H

#include "contraflow/run/scan.h"
#include "table.h"

/* Between two thresholds of a configuration, or the ends of the scan. */
typedef struct {
    double from, to;
    size_t unstable; /* modes */
    size_t parting;  /* vertices */
} cf_phase;

/* The k-th phase of a configuration; false past the last. */
bool cf_scan_phase(const cf_scan *scan, size_t configuration, size_t k, cf_phase *phase);

/* "stable" or "saddle 2". */
void cf_scan_word(const cf_phase *phase, cf_cell cell);

/* One row per phase, and one per configuration and tau. */
cf_status cf_scan_phase_table(const cf_scan *scan, cf_table *table, cf_err *err);
cf_status cf_scan_state_table(const cf_scan *scan, cf_table *table, cf_err *err);

/* What rounding leaves open, in words; nothing where it leaves nothing. */
void cf_scan_print_open(const cf_scan *scan, FILE *stream);

/* FOLDER/states.csv, spectra.csv, thresholds.csv and the figures; the folder is made. */
cf_status cf_scan_write(const cf_scan *scan, const char *folder, cf_err *err);

#endif
