/* Instruction sets of the innermost loops, chosen at run time. Each has its own rounding (lanes,
 * fused operations); a result names the one that it was computed with. */
#ifndef CONTRAFLOW_SOLVER_SIMD_H
#define CONTRAFLOW_SOLVER_SIMD_H

#include <stdbool.h>

typedef enum { CF_SIMD_BEST, CF_SIMD_PORTABLE, CF_SIMD_AVX2, CF_SIMD_AVX512 } cf_simd;

/* Whether this build and this processor have it; `best` and `portable` always are. */
bool cf_simd_available(cf_simd simd);

/* What `best` stands for in this process from now on: the widest set that there is, again with
 * `best`. As the number of threads it is set before anything is computed. */
void cf_simd_use(cf_simd simd);

/* Resolves `best`, and to portable what is not available. */
cf_simd cf_simd_resolve(cf_simd simd);

/* "portable", "avx2", "avx512"; `best` is resolved to what it stands for. */
const char *cf_simd_name(cf_simd simd);

#endif
