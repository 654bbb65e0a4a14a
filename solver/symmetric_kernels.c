/* Compiled once per instruction set (CF_SYMMETRIC names the function). An entry is read once for
 * both of its places and for up to four columns. */
#include "symmetric_kernels.h"

#include "vector.h"

/* `rows`, `columns` and `mirrored` are constants where it is called, and everything but the entries
 * stays in registers. */
CF_INLINE void multiply(const cf_symmetric_strip *s, size_t from, size_t rows, size_t first,
                        size_t columns, bool mirrored)
{
    const double *entries = s->entries + from * s->width;
    const double *x = s->x + first * s->stride;
    double *y = s->y + first * s->stride;
    vec sum[4][4], ours[4][4];
    VEC_EACH (r, rows)
        VEC_EACH (k, columns) {
            sum[r][k] = vec_set(0);
            ours[r][k] = vec_set(x[k * s->stride + s->row + from + r]);
        }
    for (size_t j = 0; j < s->width; j += VEC) {
        vec theirs[4], out[4];
        VEC_EACH (k, columns) {
            theirs[k] = vec_load(x + k * s->stride + s->column + j);
            out[k] = mirrored ? vec_load(y + k * s->stride + s->column + j) : vec_set(0);
        }
        VEC_EACH (r, rows) {
            vec entry = vec_load(entries + r * s->width + j);
            VEC_EACH (k, columns) {
                sum[r][k] = vec_fma(entry, theirs[k], sum[r][k]);
                out[k] = vec_fma(entry, ours[r][k], out[k]);
            }
        }
        if (mirrored)
            VEC_EACH (k, columns)
                vec_store(y + k * s->stride + s->column + j, out[k]);
    }
    VEC_EACH (r, rows)
        VEC_EACH (k, columns)
            y[k * s->stride + s->row + from + r] += vec_sum(sum[r][k]);
}

CF_INLINE void all_rows(const cf_symmetric_strip *s, size_t first, size_t columns, bool mirrored)
{
    const size_t group = columns > 2 ? 2 : 4;
    size_t r = 0;
    for (; r + group <= s->rows; r += group)
        multiply(s, r, group, first, columns, mirrored);
    for (; r < s->rows; r++)
        multiply(s, r, 1, first, columns, mirrored);
}

CF_INLINE void all_columns(const cf_symmetric_strip *s, bool mirrored)
{
    size_t first = 0;
    for (; first + 4 <= s->columns; first += 4)
        all_rows(s, first, 4, mirrored);
    switch (s->columns - first) {
    case 1:
        all_rows(s, first, 1, mirrored);
        break;
    case 2:
        all_rows(s, first, 2, mirrored);
        break;
    case 3:
        all_rows(s, first, 3, mirrored);
        break;
    default:
        break;
    }
}

void CF_SYMMETRIC(const cf_symmetric_strip *strip)
{
    if (strip->mirrored)
        all_columns(strip, true);
    else
        all_columns(strip, false);
}
