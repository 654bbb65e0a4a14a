/* C = alpha op(A) op(B) + beta C with few inner terms, few rows or few columns: what the first and
 * the last layer of a network with few inputs and outputs need. Rows or columns go to threads, and
 * every entry of C is summed in an order that the shape alone decides. */
#include "slim_product.h"

#include <string.h>

#include "contraflow/solver/threads.h"
#include "slim_kernels.h"
#include "vector_kernels.h"

enum { ROWS = 256, COLUMNS = 128 }; /* of a piece of work */

typedef struct {
    const cf_matrix_product *product;
    const cf_slim_kernels *kernels;
    double slim[CF_SLIM][CF_SLIM_STRIDE];
    size_t first, width; /* columns in slim */
    bool few_rows;
} work;

static size_t least(size_t a, size_t b)
{
    return a < b ? a : b;
}

static size_t pieces(size_t count, size_t size)
{
    return (count + size - 1) / size;
}

static double kept(double beta, double c)
{
    return beta == 0 ? 0 : beta * c;
}

/* --- few inner terms: rows of C combine the rows of op(B) --- */

static void combine_rows(void *context, size_t piece)
{
    const work *w = context;
    const cf_matrix_product *p = w->product;
    size_t row = piece * ROWS, across = p->a_transposed ? 1 : p->inner;
    const cf_slim_shape shape = {.rows = least(p->rows - row, ROWS),
                                 .width = w->width,
                                 .stride = p->columns,
                                 .slim = p->inner,
                                 .coefficients = p->a + row * across,
                                 .across = across,
                                 .along = p->a_transposed ? p->rows : 1};
    w->kernels->combine(&shape, w->slim[0], p->beta, p->c + row * p->columns + w->first);
}

static void combine(work *w, bool threaded)
{
    const cf_matrix_product *p = w->product;
    for (w->first = 0; w->first < p->columns; w->first += CF_SLIM_STRIDE) {
        w->width = least(p->columns - w->first, CF_SLIM_STRIDE);
        for (size_t k = 0; k < p->inner; k++)
            for (size_t j = 0; j < w->width; j++) {
                size_t column = w->first + j;
                w->slim[k][j] =
                    p->alpha *
                    p->b[p->b_transposed ? column * p->inner + k : k * p->columns + column];
            }
        cf_parallel(pieces(p->rows, ROWS), threaded, combine_rows, w);
    }
}

/* --- few rows, or few columns, and A transposed: sums over the inner index --- */

static void gather_columns(void *context, size_t piece)
{
    const work *w = context;
    const cf_matrix_product *p = w->product;
    double slim[CF_SLIM][CF_SLIM_STRIDE];
    size_t first = piece * COLUMNS, few = w->few_rows ? p->rows : p->columns;
    const cf_slim_shape shape = {.rows = p->inner,
                                 .width =
                                     least((w->few_rows ? p->columns : p->rows) - first, COLUMNS),
                                 .stride = w->few_rows ? p->columns : p->rows,
                                 .slim = few,
                                 .coefficients = w->few_rows ? p->a : p->b,
                                 .across = few,
                                 .along = 1};
    for (size_t k = 0; k < few; k++)
        memset(slim[k], 0, shape.width * sizeof slim[k][0]);
    w->kernels->gather(&shape, (w->few_rows ? p->b : p->a) + first, slim[0]);
    for (size_t k = 0; k < few; k++)
        for (size_t j = first; j < first + shape.width; j++) {
            double *c = p->c + (w->few_rows ? k * p->columns + j : j * few + k);
            *c = kept(p->beta, *c) + p->alpha * slim[k][j - first];
        }
}

/* --- few columns: scalar products of rows of A with columns of op(B) --- */

static void project_rows(void *context, size_t piece)
{
    const work *w = context;
    const cf_matrix_product *p = w->product;
    double out[ROWS * CF_SLIM];
    size_t first = piece * ROWS;
    const cf_slim_shape shape = {.rows = least(p->rows - first, ROWS),
                                 .width = p->inner,
                                 .stride = p->inner,
                                 .slim = p->columns};
    w->kernels->project(&shape, p->a + first * p->inner, p->b, out);
    for (size_t k = 0; k < shape.rows * p->columns; k++) {
        double *c = p->c + first * p->columns + k;
        *c = kept(p->beta, *c) + p->alpha * out[k];
    }
}

bool cf_slim_multiply(const cf_matrix_product *p)
{
    double terms = (double)p->rows * (double)p->columns * (double)p->inner;
    bool threaded = terms >= 2 * CF_WORTH_THREADS;
    work w; /* whose large array is left as it is */
    w.product = p;
    w.kernels = cf_slim_kernels_get(CF_SIMD_BEST);
    w.few_rows = p->rows <= CF_SLIM;
    bool few_columns = p->columns <= CF_SLIM;
    if (p->inner >= 1 && p->inner <= CF_SLIM)
        combine(&w, threaded);
    else if (p->a_transposed && !p->b_transposed && (w.few_rows || few_columns))
        cf_parallel(pieces(w.few_rows ? p->columns : p->rows, COLUMNS), threaded, gather_columns,
                    &w);
    else if (!p->a_transposed && few_columns && (p->b_transposed || p->columns == 1))
        cf_parallel(pieces(p->rows, ROWS), threaded, project_rows, &w);
    else
        return false;
    return true;
}

const cf_slim_kernels *cf_slim_kernels_get(cf_simd simd)
{
#ifdef CF_HAVE_X86
    simd = cf_simd_resolve(simd);
    if (simd == CF_SIMD_AVX512)
        return &cf_slim_kernels_avx512;
    if (simd == CF_SIMD_AVX2)
        return &cf_slim_kernels_avx2;
#endif
    (void)simd;
    return &cf_slim_kernels_portable;
}
