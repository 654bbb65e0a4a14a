/* Compiled once per instruction set (CF_PANELS names the table). Differences of coordinates are
 * formed before they are squared or weighted: nothing cancels for points close together. */
#include "pair_panels.h"

#include "vector.h"

/* A panel is that many vectors; so many targets give eight independent sums, which keep the
 * multipliers busy. */
enum { VECTORS = CF_PANEL / VEC, ROWS = 8 / VECTORS };

/* Adds up (y - x) (v - u), or (y - x)^2, over the coordinates of some targets and one panel. */
CF_INLINE void panel_sums(const cf_panel_block *block, size_t row, size_t panel, int motion,
                          vec sum[ROWS][VECTORS])
{
    size_t first = panel * block->d * CF_PANEL;
    const double *y = block->y + row * block->width, *x = block->x_panels + first;
    const double *v = motion ? block->ydot + row * block->width : NULL;
    const double *u = motion ? block->xdot_panels + first : NULL;
    for (size_t k = 0; k < block->d; k++)
        VEC_EACH (l, VECTORS) {
            vec xk = vec_load(x + k * CF_PANEL + l * VEC);
            vec uk = motion ? vec_load(u + k * CF_PANEL + l * VEC) : xk;
            VEC_EACH (a, ROWS) {
                vec X = vec_set(y[a * block->width + k]) - xk;
                vec V = motion ? vec_set(v[a * block->width + k]) - uk : X;
                sum[a][l] = vec_fma(X, V, sum[a][l]);
            }
        }
}

CF_INLINE void all_sums(const cf_panel_block *block, int motion, double factor, double *out)
{
    for (size_t panel = 0; panel < block->sources / CF_PANEL; panel++)
        for (size_t row = 0; row < CF_PANEL_ROWS; row += ROWS) {
            vec sum[ROWS][VECTORS] = {{{0}}};
            panel_sums(block, row, panel, motion, sum);
            VEC_EACH (a, ROWS)
                VEC_EACH (l, VECTORS)
                    vec_store(out + (row + a) * CF_PANEL_MOST + panel * CF_PANEL + l * VEC,
                              factor * sum[a][l]);
        }
}

static void distances(const cf_panel_block *block, double *s)
{
    all_sums(block, 0, 0.5, s);
}

static void motions(const cf_panel_block *block, double *p)
{
    all_sums(block, 1, 1, p);
}

static void weigh(const cf_tile_weights *w, size_t i, size_t j, size_t count, const double *k,
                  double *u, double *v)
{
    const vec ai = vec_set(w->a[i]), qi = vec_set(w->q[i]), bi = vec_set(w->b[i]);
    const double *a = w->a + j, *q = w->q + j, *b = w->b + j;
    for (size_t l = 0; l < count; l += VEC) {
        vec kl = vec_load(k + l);
        vec_store(u + l, vec_fma(ai, vec_load(q + l), vec_load(b + l)) * kl);
        if (v != NULL)
            vec_store(v + l, vec_fma(vec_load(a + l), qi, bi) * kl);
    }
}

/* A vector of coordinates of a few targets with all sources. */
enum { TARGETS = VEC == 8 ? 8 : 4 };

CF_INLINE void strip(const cf_panel_block *block, const double *x, const double *u, const double *v,
                     double *y_out, double *x_out, size_t row, size_t k, int both)
{
    vec y[TARGETS], sum[TARGETS];
    VEC_EACH (a, TARGETS) {
        y[a] = vec_load(block->y + (row + a) * block->width + k);
        sum[a] = vec_set(0);
    }
    for (size_t j = 0; j < block->sources; j++) {
        vec xj = vec_load(x + j * block->width + k), side = vec_set(0);
        VEC_EACH (a, TARGETS) {
            vec X = y[a] - xj;
            sum[a] = vec_fma(vec_set(u[(row + a) * CF_PANEL_MOST + j]), X, sum[a]);
            if (both)
                side = vec_fma(vec_set(v[(row + a) * CF_PANEL_MOST + j]), X, side);
        }
        if (both)
            vec_store(x_out + j * block->width + k, vec_load(x_out + j * block->width + k) - side);
    }
    VEC_EACH (a, TARGETS) {
        double *out = y_out + (row + a) * block->width + k;
        vec_store(out, vec_load(out) + sum[a]);
    }
}

static void moments(const cf_panel_block *block, const double *x, const double *u, const double *v,
                    double *y_out, double *x_out)
{
    const cf_panel_block b = *block;
    for (size_t row = 0; row < CF_PANEL_ROWS; row += TARGETS)
        for (size_t k = 0; k < b.width; k += VEC)
            if (v != NULL)
                strip(&b, x, u, v, y_out, x_out, row, k, 1);
            else
                strip(&b, x, u, v, y_out, x_out, row, k, 0);
}

extern const cf_pair_panels CF_PANELS;
const cf_pair_panels CF_PANELS = {distances, motions, weigh, moments};
