/* The page that shows a result; private to cli/. */
#ifndef CONTRAFLOW_CLI_REPORT_H
#define CONTRAFLOW_CLI_REPORT_H

#include "figure.h"

/* Writes one self-contained page to `page`, and each of its figures as SVG and PNG into the folder
 * `figures`, made where it does not exist. Where there is a comparison the page has a section on
 * it. Without gnuplot the page comes without figures and says so. */
cf_status cf_report_write(const cf_subject *subject, const char *page, const char *figures,
                          cf_err *err);

#endif
