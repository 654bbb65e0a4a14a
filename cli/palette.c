#include "palette.h"

unsigned cf_palette_cluster(size_t cluster)
{
    static const unsigned colors[] = {0x0072B2, 0xE69F00, 0x009E73, 0xCC79A7,
                                      0xD55E00, 0x56B4E9, 0x000000, 0xB8A800};
    return colors[cluster % (sizeof colors / sizeof *colors)];
}

unsigned cf_palette_flow(size_t flow)
{
    static const unsigned colors[] = {0x4D4D4D, 0xD55E00, 0x0072B2, 0x009E73,
                                      0xCC79A7, 0xE69F00, 0x56B4E9, 0x000000};
    return colors[flow % (sizeof colors / sizeof *colors)];
}

/* Circles until the colours have run out, then squares, diamonds, triangles. */
int cf_palette_marker(size_t cluster)
{
    static const int markers[] = {7, 5, 13, 9, 11};
    return markers[cluster / 8 % (sizeof markers / sizeof *markers)];
}

/* Lines are solid until the colours have run out. */
int cf_palette_dash(size_t flow)
{
    return 1 + (int)(flow / 8 % 4);
}
