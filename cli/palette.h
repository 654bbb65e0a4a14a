/* Colours that readers with any colour vision can tell apart (Okabe and Ito, 2008), then other
 * shapes and dashes; private to cli/. */
#ifndef CONTRAFLOW_CLI_PALETTE_H
#define CONTRAFLOW_CLI_PALETTE_H

#include <stdio.h>

/* 0xRRGGBB */
unsigned cf_palette_cluster(size_t cluster);
unsigned cf_palette_flow(size_t flow);

/* From dark to light, of a part in [0, 1] (viridis; van der Walt and Smith, 2015). */
unsigned cf_palette_sequence(double part);

/* gnuplot's point type of a filled marker, and a dash type. */
int cf_palette_marker(size_t cluster);
int cf_palette_dash(size_t flow);

#endif
