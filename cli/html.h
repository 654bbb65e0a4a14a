/* Pieces of a page; private to cli/. */
#ifndef CONTRAFLOW_CLI_HTML_H
#define CONTRAFLOW_CLI_HTML_H

#include <stdio.h>

#include "table.h"

/* Text with everything that HTML gives a meaning written out. */
void cf_html_text(FILE *page, const char *text);
void cf_html_open(FILE *page, const char *title);
void cf_html_close(FILE *page);

void cf_html_table(FILE *page, const cf_table *table);

/* An SVG document as part of the page: without its prolog, its ids made unique by `name`. */
void cf_html_svg(FILE *page, const char *svg, const char *name);

#endif
