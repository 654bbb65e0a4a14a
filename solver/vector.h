/* One vector of the instruction set that the including file is compiled for, and 2^x on it. For
 * files that are compiled once per instruction set. */
#ifndef CONTRAFLOW_SOLVER_VECTOR_H
#define CONTRAFLOW_SOLVER_VECTOR_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

#define CF_INLINE static inline __attribute__((always_inline))

/* A loop over a few rows or coordinates, unrolled so that each has its registers. */
#ifdef __clang__
#define VEC_EACH(k, count)                                                                         \
    _Pragma("clang loop unroll(full)") for (size_t(k) = 0; (k) < (size_t)(count); (k)++)
#else
#define VEC_EACH(k, count)                                                                         \
    _Pragma("GCC unroll 16") for (size_t(k) = 0; (k) < (size_t)(count); (k)++)
#endif

#if defined(__AVX512F__)
#include <immintrin.h>
enum { VEC = 8, TABLE_BITS = 4 };
#elif defined(__AVX2__)
#include <immintrin.h>
enum { VEC = 4, TABLE_BITS = 0 };
#else
enum { VEC = 2, TABLE_BITS = 0 };
#endif

typedef double vec __attribute__((vector_size(VEC * sizeof(double))));
typedef int64_t vec_bits __attribute__((vector_size(VEC * sizeof(double))));
typedef uint64_t vec_count __attribute__((vector_size(VEC * sizeof(double))));
typedef vec vec_in_memory __attribute__((may_alias));

/* Arrays are aligned to whole vectors. */
CF_INLINE vec vec_load(const double *x)
{
    return *(const vec_in_memory *)x;
}

CF_INLINE void vec_store(double *x, vec v)
{
    *(vec_in_memory *)x = v;
}

/* a b + c, rounded once where the instruction set can; min(a, b); the sum of the elements. */
#if defined(__AVX512F__)
CF_INLINE vec vec_set(double x)
{
    return _mm512_set1_pd(x);
}

CF_INLINE vec vec_fma(vec a, vec b, vec c)
{
    return _mm512_fmadd_pd(a, b, c);
}

CF_INLINE vec vec_min(vec a, vec b)
{
    return _mm512_min_pd(a, b);
}
#elif defined(__AVX2__)
CF_INLINE vec vec_set(double x)
{
    return _mm256_set1_pd(x);
}

CF_INLINE vec vec_fma(vec a, vec b, vec c)
{
    return _mm256_fmadd_pd(a, b, c);
}

CF_INLINE vec vec_min(vec a, vec b)
{
    return _mm256_min_pd(a, b);
}
#else
CF_INLINE vec vec_set(double x)
{
    return (vec){x, x};
}

CF_INLINE vec vec_fma(vec a, vec b, vec c)
{
    return a * b + c;
}

CF_INLINE vec vec_min(vec a, vec b)
{
    vec_bits less = a < b;
    return (vec)((less & (vec_bits)a) | (~less & (vec_bits)b));
}
#endif

/* x + y, y - x and x y + sum for one number x in memory and a vector y. Within these instructions
 * the copies of x cost nothing; compilers make vectors of them first, which takes an adder's time.
 */
#if defined(__AVX512F__)
CF_INLINE vec vec_add_one(const double *x, vec y)
{
    vec sum;
    __asm__("vaddpd %2%{1to8%}, %1, %0" : "=v"(sum) : "v"(y), "m"(*x));
    return sum;
}

CF_INLINE vec vec_subtract_one(vec y, const double *x)
{
    vec rest;
    __asm__("vsubpd %2%{1to8%}, %1, %0" : "=v"(rest) : "v"(y), "m"(*x));
    return rest;
}

CF_INLINE vec vec_fma_one(const double *x, vec y, vec sum)
{
    __asm__("vfmadd231pd %2%{1to8%}, %1, %0" : "+v"(sum) : "v"(y), "m"(*x));
    return sum;
}
#else
CF_INLINE vec vec_add_one(const double *x, vec y)
{
    return vec_set(*x) + y;
}

CF_INLINE vec vec_subtract_one(vec y, const double *x)
{
    return y - vec_set(*x);
}

CF_INLINE vec vec_fma_one(const double *x, vec y, vec sum)
{
    return vec_fma(vec_set(*x), y, sum);
}
#endif

CF_INLINE double vec_sum(vec v)
{
#if defined(__AVX512F__)
    return ((v[0] + v[4]) + (v[2] + v[6])) + ((v[1] + v[5]) + (v[3] + v[7]));
#elif defined(__AVX2__)
    return (v[0] + v[2]) + (v[1] + v[3]);
#else
    return v[0] + v[1];
#endif
}

/* A distance out of all reach in one lane and 0 in the others; 0 everywhere for lane >= VEC. */
CF_INLINE vec vec_far_at(size_t lane)
{
    static const double far[2 * VEC] = {[VEC] = 1e300};
    vec v = vec_set(0);
    if (lane < VEC)
        memcpy(&v, far + VEC - lane, sizeof v);
    return v;
}

CF_INLINE double vec_smallest(vec v)
{
    double smallest = v[0];
    for (int l = 1; l < VEC; l++)
        smallest = v[l] < smallest ? v[l] : smallest;
    return smallest;
}

/* Adding this to x rounds x to a multiple of 2^-TABLE_BITS and leaves that multiple in the low bits
 * of the mantissa. */
#define VEC_ROUNDER (0x1.8p52 / (1 << TABLE_BITS))

/* 2^k for the multiple k >= -1021 in `shifted` = k + VEC_ROUNDER; and (2^r - 1)/r for |r| <=
 * 2^-TABLE_BITS / 2, a polynomial that interpolates at Chebyshev nodes, coefficient of the highest
 * power first, relative errors of 2^r below 2e-17. */
#if defined(__AVX512F__)
/* 2^(i/16), less what i adds to the exponent when it is shifted there with the integer part. */
#define VEC_POWER(i, bits) ((bits) - ((int64_t)(i) << 48))
static const int64_t VEC_POWERS[16] __attribute__((aligned(64))) = {
    VEC_POWER(0, 0x3ff0000000000000),  VEC_POWER(1, 0x3ff0b5586cf9890f),
    VEC_POWER(2, 0x3ff172b83c7d517b),  VEC_POWER(3, 0x3ff2387a6e756238),
    VEC_POWER(4, 0x3ff306fe0a31b715),  VEC_POWER(5, 0x3ff3dea64c123422),
    VEC_POWER(6, 0x3ff4bfdad5362a27),  VEC_POWER(7, 0x3ff5ab07dd485429),
    VEC_POWER(8, 0x3ff6a09e667f3bcd),  VEC_POWER(9, 0x3ff7a11473eb0187),
    VEC_POWER(10, 0x3ff8ace5422aa0db), VEC_POWER(11, 0x3ff9c49182a3f090),
    VEC_POWER(12, 0x3ffae89f995ad3ad), VEC_POWER(13, 0x3ffc199bdd85529c),
    VEC_POWER(14, 0x3ffd5818dcfba487), VEC_POWER(15, 0x3ffea4afa2a490da)};
static const double VEC_POLYNOMIAL[] = {0.00015403723980749256, 0.0013333781576784268,
                                        0.009618129106919537,   0.0555041086566393,
                                        0.24022650695910075,    0.6931471805599457};

CF_INLINE vec vec_power(vec shifted)
{
    __m512d low = _mm512_load_pd((const double *)VEC_POWERS);
    __m512d high = _mm512_load_pd((const double *)(VEC_POWERS + 8));
    __m512d power = _mm512_permutex2var_pd(low, (__m512i)shifted, high);
    return (vec)((vec_count)power + ((vec_count)shifted << 48));
}
#else
static const double VEC_POLYNOMIAL[] = {
    4.4549605981865186e-10, 7.072585949269223e-09, 1.0178062445845774e-07, 1.321544258792169e-06,
    1.525273382983612e-05,  0.0001540353044173605, 0.0013333558146416936,  0.009618129107606888,
    0.0555041086648216,     0.24022650695910097,   0.6931471805599453};

CF_INLINE vec vec_power(vec shifted)
{
    const uint64_t one = 0x3ff0000000000000;
    return (vec)(((vec_count)shifted << 52) + one);
}
#endif

/* p[a] = (2^r[a] - 1)/r[a], a < rows <= 8, operations interleaved. */
CF_INLINE void vec_tail(size_t rows, const vec r[], vec p[])
{
    VEC_EACH (a, rows)
        p[a] = vec_set(VEC_POLYNOMIAL[0]);
    VEC_EACH (k, sizeof VEC_POLYNOMIAL / sizeof *VEC_POLYNOMIAL - 1)
        VEC_EACH (a, rows)
            p[a] = vec_fma(p[a], r[a], vec_set(VEC_POLYNOMIAL[k + 1]));
}

/* power[a] = 2^(k[a] + r[a]); power = k + VEC_ROUNDER on entry. Relative error below 2.5e-16. */
CF_INLINE void vec_exp2(size_t rows, const vec r[], vec power[])
{
    vec p[8];
    vec_tail(rows, r, p);
    VEC_EACH (a, rows)
        power[a] = vec_power(power[a]);
    VEC_EACH (a, rows)
        power[a] = vec_fma(power[a], p[a] * r[a], power[a]);
}

#endif
