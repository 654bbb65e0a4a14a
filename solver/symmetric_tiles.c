/* A symmetric matrix in square tiles: each pair of blocks of points has one, which serves both. The
 * tiles are stored, or computed again strip by strip in every product, with the same bits. */
#include <stdalign.h>
#include <stdlib.h>
#include <string.h>

#include "block_pairs.h"
#include "contraflow/solver/memory.h"
#include "symmetric_engine.h"
#include "symmetric_kernels.h"
#include "vector_kernels.h"

enum { STRIP = 8, WIDEST = 256 };

struct cf_symmetric_tiles {
    cf_symmetric_entries entries;
    cf_symmetric_multiply *multiply;
    cf_block_layout layout;
    size_t n, columns;
    double *stored; /* [blocks (blocks + 1)/2] tiles [block*block], or NULL */
    double *x, *y;  /* [columns*stride] by column */
};

static cf_block_layout layout_of(size_t n, size_t columns)
{
    const cf_pair_sum_setup points = {.n = n, .d = columns, .pairs = CF_PAIRS_ALL};
    return cf_block_layout_of(&points, CF_LANES);
}

static size_t stored_count(const cf_block_layout *l)
{
    return l->blocks * (l->blocks + 1) / 2 * l->block * l->block;
}

double cf_symmetric_tiles_bytes(size_t n)
{
    cf_block_layout l = layout_of(n, 1);
    return 8 * (double)stored_count(&l);
}

/* The tile of two blocks, host <= guest. */
static double *stored_tile(const cf_symmetric_tiles *t, size_t host, size_t guest)
{
    size_t before = host * t->layout.blocks - host * (host + 1) / 2 + guest;
    return t->stored + before * t->layout.block * t->layout.block;
}

static size_t least(size_t a, size_t b)
{
    return a < b ? a : b;
}

/* Rows of the tile of two blocks, whose width is padded with zeros. */
static void fill(const cf_symmetric_tiles *t, const cf_symmetric_strip *s, double *entries)
{
    size_t there = least(s->column + s->width, t->n) - s->column;
    for (size_t r = 0; r < s->rows; r++) {
        double *out = entries + r * s->width;
        t->entries.get(t->entries.context, s->row + r, s->column, there, out);
        memset(out + there, 0, (s->width - there) * sizeof *out);
    }
}

/* The whole tile of two blocks in either order, but for its entries. */
static cf_symmetric_strip tile_of(const cf_symmetric_tiles *t, size_t *host, size_t *guest)
{
    size_t first, second = *host < *guest ? *guest : *host, end;
    *host = least(*host, *guest);
    *guest = second;
    cf_symmetric_strip s = {.mirrored = *host != *guest,
                            .x = t->x,
                            .y = t->y,
                            .columns = t->columns,
                            .stride = t->layout.stride};
    cf_block_bounds(&t->layout, *host, &first, &end);
    s.row = first;
    s.rows = least(end, t->n) - first;
    cf_block_bounds(&t->layout, *guest, &first, &end);
    s.column = first;
    s.width = end - first;
    return s;
}

static void store(const void *context, size_t host, size_t guest)
{
    const cf_symmetric_tiles *t = context;
    const cf_symmetric_strip tile = tile_of(t, &host, &guest);
    fill(t, &tile, stored_tile(t, host, guest));
}

static void multiply(const void *context, size_t host, size_t guest)
{
    alignas(64) double entries[STRIP * WIDEST];
    const cf_symmetric_tiles *t = context;
    const cf_symmetric_strip tile = tile_of(t, &host, &guest);
    const double *stored = t->stored != NULL ? stored_tile(t, host, guest) : NULL;
    for (size_t r = 0; r < tile.rows; r += STRIP) {
        cf_symmetric_strip strip = tile;
        strip.row = tile.row + r;
        strip.rows = least(tile.rows - r, STRIP);
        strip.entries = stored != NULL ? stored + r * tile.width : entries;
        if (stored == NULL)
            fill(t, &strip, entries);
        t->multiply(&strip);
    }
}

cf_status cf_symmetric_tiles_create(const cf_symmetric_setup *setup,
                                    const cf_symmetric_entries *entries, bool stored,
                                    cf_symmetric_tiles **out, cf_err *err)
{
    *out = NULL;
    cf_symmetric_tiles *t = cf_allocate("matrix", 1, sizeof *t, err);
    if (t == NULL)
        return CF_ESYSTEM;
    *out = t;
    t->entries = *entries;
    t->multiply = cf_symmetric_multiply_get(CF_SIMD_BEST);
    t->layout = layout_of(setup->n, setup->columns);
    t->n = setup->n;
    t->columns = setup->columns;
    t->x = cf_allocate("matrix product", t->columns * t->layout.stride, sizeof(double), err);
    t->y = cf_allocate("matrix product", t->columns * t->layout.stride, sizeof(double), err);
    if (stored)
        t->stored = cf_allocate("matrix", stored_count(&t->layout), sizeof(double), err);
    if (t->x == NULL || t->y == NULL || (stored && t->stored == NULL)) {
        cf_symmetric_tiles_free(out);
        return CF_ESYSTEM;
    }
    if (stored)
        cf_block_pairs_once(&t->layout, store, t);
    return CF_OK;
}

void cf_symmetric_tiles_free(cf_symmetric_tiles **tiles)
{
    cf_symmetric_tiles *t = *tiles;
    if (t == NULL)
        return;
    free(t->x);
    free(t->y);
    free(t->stored);
    free(t);
    *tiles = NULL;
}

void cf_symmetric_tiles_times(cf_symmetric_tiles *t, const double *x, double *out)
{
    size_t n = t->n, columns = t->columns, stride = t->layout.stride;
    for (size_t k = 0; k < columns; k++)
        for (size_t i = 0; i < n; i++)
            t->x[k * stride + i] = x[i * columns + k];
    memset(t->y, 0, columns * stride * sizeof *t->y);
    cf_block_pairs_once(&t->layout, multiply, t);
    for (size_t k = 0; k < columns; k++)
        for (size_t i = 0; i < n; i++)
            out[i * columns + k] = t->y[k * stride + i];
}

cf_symmetric_multiply *cf_symmetric_multiply_get(cf_simd simd)
{
#ifdef CF_HAVE_X86
    simd = cf_simd_resolve(simd);
    if (simd == CF_SIMD_AVX512)
        return cf_symmetric_multiply_avx512;
    if (simd == CF_SIMD_AVX2)
        return cf_symmetric_multiply_avx2;
#endif
    (void)simd;
    return cf_symmetric_multiply_portable;
}
