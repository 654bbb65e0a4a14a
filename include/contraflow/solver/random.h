/* Counter-based random numbers (Philox 4x32-10; Salmon et al., SC 2011): a value depends on seed,
 * stream, index and component alone, so point i of seed s never changes, whatever else is drawn. */
#ifndef CONTRAFLOW_SOLVER_RANDOM_H
#define CONTRAFLOW_SOLVER_RANDOM_H

#include <stddef.h>
#include <stdint.h>

/* What the numbers are used for; one constant per use, never renumbered. */
typedef enum {
    CF_STREAM_DATA = 1,
    CF_STREAM_START = 2,
    CF_STREAM_NETWORK = 3,
    CF_STREAM_AUGMENTATION = 4,
    CF_STREAM_PROBE = 5, /* test vectors of spectral-radius and identity checks */
    CF_STREAM_BATCH = 6,
    CF_STREAM_DIRECTION = 7, /* of sliced distances */
    CF_STREAM_BOOTSTRAP = 8
} cf_stream;

typedef struct {
    uint64_t seed;
    cf_stream stream;
} cf_random;

/* Uniform on the open interval (0,1): (k + 1/2) 2^-52, k an integer of 52 bits. */
double cf_random_uniform(cf_random random, uint64_t index, uint32_t component);

/* Standard normal (Box-Muller on the two uniforms of one counter). */
double cf_random_normal(cf_random random, uint64_t index, uint32_t component);

/* order [n]: a permutation of 0..n-1, each as likely as any other; index and n are below 2^32. */
void cf_random_permutation(cf_random random, uint64_t index, size_t n, size_t *order);

#endif
