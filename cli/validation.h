/* A validation as tables, as a page, as data; private to cli/. */
#ifndef CONTRAFLOW_CLI_VALIDATION_H
#define CONTRAFLOW_CLI_VALIDATION_H

#include "contraflow/run/validation.h"
#include "table.h"

/* A row for each claim; a row for each number of a claim. */
cf_status cf_validation_table(const cf_validation *validation, cf_table *table, cf_err *err);
cf_status cf_claim_table(const cf_claim_report *report, cf_table *table, cf_err *err);

/* "holds", "does not hold" or "could not be checked". */
const char *cf_claim_word(const cf_claim_report *report);

/* CF_EINPUT where a suffix is none of .md, .html and .json, or the file cannot be written. */
cf_status cf_validation_check_target(const char *path, cf_err *err);

/* Writes the validation to `path` in the format of its suffix. */
cf_status cf_validation_write(const cf_validation *validation, const char *path,
                              const char *command, cf_err *err);

/* What the formats get. */
typedef struct {
    const cf_validation *validation;
    const char *command, *folder; /* the command line; where the figures go */
} cf_validation_subject;

cf_status cf_validation_write_markdown(const cf_validation_subject *subject, FILE *stream,
                                       cf_err *err);
cf_status cf_validation_write_json(const cf_validation_subject *subject, FILE *stream, cf_err *err);
cf_status cf_validation_write_html(const cf_validation_subject *subject, FILE *stream, cf_err *err);

/* Draws the figure of a claim as FOLDER/NAME.svg and .png. *svg is the text of the first,
 * malloc'ed; NULL with CF_OK where there is no figure, or no gnuplot. */
cf_status cf_claim_picture(const cf_claim_report *report, const char *folder, char **svg,
                           cf_err *err);

#endif
