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

unsigned cf_palette_sequence(double part)
{
    static const unsigned stops[] = {0x440154, 0x414487, 0x2A788E, 0x22A884, 0x7AD151, 0xFDE725};
    enum { LAST = sizeof stops / sizeof *stops - 1 };
    double place = part <= 0 ? 0 : part >= 1 ? LAST : part * LAST;
    int k = place < LAST ? (int)place : LAST - 1;
    unsigned color = 0;
    for (int shift = 0; shift <= 16; shift += 8) {
        double low = stops[k] >> shift & 0xFF, high = stops[k + 1] >> shift & 0xFF;
        color |= (unsigned)(low + (high - low) * (place - k) + 0.5) << shift;
    }
    return color;
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
