/* Compiled once per instruction set (CF_WINDOW_TABLE names the table). Vectors as long as registers
 * are written out (an extension of gcc and clang), for compilers do not find them across these
 * loops. Without fused operations and with a fixed order of sums all give the same bits. */
#include "window_kernels.h"

#if defined(__AVX512F__)
#define REGISTER 64
#elif defined(__AVX__)
#define REGISTER 32
#else
#define REGISTER 16
#endif

typedef double lanes __attribute__((vector_size(REGISTER)));
typedef double loose __attribute__((vector_size(REGISTER), aligned(8), may_alias));

enum { LANES = REGISTER / 8, MOST_PARTS = CF_WINDOW_MOST / LANES };

/* Weights of the nodes in every dimension; 1 where there is none. */
typedef struct {
    lanes node[MOST_PARTS], row[MOST_PARTS], plane[MOST_PARTS];
    size_t rows, planes;
    size_t node_first, row_first, plane_first;
} weights;

static inline void evaluate(const cf_window_points *p, double u, int parts, lanes *out)
{
    lanes sum[MOST_PARTS];
    for (int i = 0; i < parts; i++)
        sum[i] = *(const loose *)&p->polynomial[CF_WINDOW_DEGREE][i * LANES];
#pragma GCC unroll 16
    for (int k = CF_WINDOW_DEGREE - 1; k >= 0; k--)
        for (int i = 0; i < parts; i++)
            sum[i] = sum[i] * u + *(const loose *)&p->polynomial[k][i * LANES];
    for (int i = 0; i < parts; i++)
        out[i] = sum[i];
}

static inline void weigh(const cf_window_points *p, size_t j, int parts, weights *w)
{
    const uint32_t *first = p->first + j * (size_t)p->rank;
    const double *place = p->place + j * (size_t)p->rank;
    int last = p->rank - 1;
    evaluate(p, place[last], parts, w->node);
    w->node_first = first[last];
    if (p->rank > 1) {
        evaluate(p, place[last - 1], parts, w->row);
        w->row_first = first[last - 1];
    }
    if (p->rank > 2) {
        evaluate(p, place[0], parts, w->plane);
        w->plane_first = first[0];
    }
}

static inline void prepare(const cf_window_points *p, int parts, weights *w)
{
    w->rows = p->rank > 1 ? (size_t)(parts * LANES) : 1;
    w->planes = p->rank > 2 ? (size_t)(parts * LANES) : 1;
    w->row[0] = w->plane[0] = (lanes){1};
    w->row_first = w->plane_first = 0;
}

/* Start of a row under the window. */
static inline size_t row_offset(const cf_window_points *p, const weights *w, size_t plane,
                                size_t row)
{
    size_t z = w->plane_first + plane, y = w->row_first + row;
    z = z >= p->length ? z - p->length : z;
    y = y >= p->length ? y - p->length : y;
    return (z * p->length + y) * p->stride + w->node_first;
}

static inline double weight_of(const weights *w, size_t plane, size_t row)
{
    return ((const double *)w->plane)[plane] * ((const double *)w->row)[row];
}

static inline void spread_parts(const cf_window_points *p, size_t from, size_t to, const double *q,
                                double *grid, int parts)
{
    weights w;
    prepare(p, parts, &w);
    for (size_t j = from; j < to; j++) {
        lanes node[MOST_PARTS];
        weigh(p, j, parts, &w);
        for (int i = 0; i < parts; i++)
            node[i] = q[j] * w.node[i];
        for (size_t plane = 0; plane < w.planes; plane++)
            for (size_t row = 0; row < w.rows; row++) {
                loose *g = (loose *)(grid + row_offset(p, &w, plane, row));
                double weight = weight_of(&w, plane, row);
                for (int i = 0; i < parts; i++)
                    g[i] += weight * node[i];
            }
    }
}

static inline double gather_one(const cf_window_points *p, const weights *w, const double *grid,
                                int parts)
{
    lanes sum[MOST_PARTS] = {{0}};
    for (size_t plane = 0; plane < w->planes; plane++)
        for (size_t row = 0; row < w->rows; row++) {
            const loose *g = (const loose *)(grid + row_offset(p, w, plane, row));
            double weight = weight_of(w, plane, row);
            for (int i = 0; i < parts; i++)
                sum[i] += weight * g[i];
        }
    double product[CF_WINDOW_MOST];
    for (int i = 0; i < parts; i++)
        *(loose *)&product[i * LANES] = sum[i] * w->node[i];
    for (int half = parts * LANES / 2; half > 0; half /= 2)
        for (int m = 0; m < half; m++)
            product[m] += product[m + half];
    return product[0];
}

static inline void gather_parts(const cf_window_points *p, size_t from, size_t to, int fields,
                                const double *const *grid, double *values, int parts)
{
    weights w;
    prepare(p, parts, &w);
    for (size_t j = from; j < to; j++) {
        weigh(p, j, parts, &w);
        for (int f = 0; f < fields; f++)
            values[f * CF_WINDOW_BLOCK + (int)(j - from)] = gather_one(p, &w, grid[f], parts);
    }
}

static void spread(const cf_window_points *points, size_t from, size_t to, const double *q,
                   double *grid)
{
    if (points->width == 8)
        spread_parts(points, from, to, q, grid, 8 / LANES);
    else
        spread_parts(points, from, to, q, grid, 16 / LANES);
}

static void gather(const cf_window_points *points, size_t from, size_t to, int fields,
                   const double *const *grid, double *values)
{
    if (points->width == 8)
        gather_parts(points, from, to, fields, grid, values, 8 / LANES);
    else
        gather_parts(points, from, to, fields, grid, values, 16 / LANES);
}

const cf_window_kernels CF_WINDOW_TABLE = {spread, gather};
