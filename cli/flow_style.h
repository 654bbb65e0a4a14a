/* How a flow is drawn among the others; private to cli/. */
#ifndef CONTRAFLOW_CLI_FLOW_STYLE_H
#define CONTRAFLOW_CLI_FLOW_STYLE_H

#include <stdbool.h>
#include <stdio.h>

#include "contraflow/run/flow_view.h"

/* Networks of a family are thin lines, of one colour for each width, which is the darker the wider;
 * the other flows are bold where there are families. */
typedef struct {
    unsigned color; /* 0xRRGGBB */
    int dash;
    double width; /* of the line */
    bool family;
    bool titled; /* named in legends: of a width the first seed */
    char title[96];
} cf_flow_style;

cf_flow_style cf_flow_style_of(const cf_result *result, const cf_flow_view *flow);

/* The colour of a family as a whole. */
unsigned cf_family_color(size_t family);

bool cf_result_has_families(const cf_result *result);
bool cf_result_has_networks(const cf_result *result);

/* How many names a legend of all flows has, and the characters of the longest. */
size_t cf_legend_names(const cf_result *result, size_t *longest);

/* "with lines lw 0.7 lc rgb '#1d91c0' title 'N = 64'", without the data. */
void cf_flow_style_write(FILE *script, const cf_flow_style *style, bool titled);

#endif
