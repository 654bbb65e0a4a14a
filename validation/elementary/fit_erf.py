#!/usr/bin/env python3
"""Prints the coefficients of solver/elementary_kernels.c: Chebyshev's expansions, turned into polynomials, of
erf(x)/x in x^2 on [0, 1] and of (1 + 2x) exp(x^2) erfc(x) in t = (x - 3)/(x + 3) on [-1, 1]. Needs mpmath."""
from mpmath import binomial, cos, erf, erfc, exp, fsum, mp, mpf, pi, sqrt

mp.dps = 60


def chebyshev(f, count):
    nodes = [cos(pi * (j + mpf(1) / 2) / count) for j in range(count)]
    values = [f(x) for x in nodes]
    return [(2 - (k == 0)) / mpf(count) * fsum(values[j] * cos(pi * k * (j + mpf(1) / 2) / count) for j in range(count))
            for k in range(count)]


def polynomial(c):
    """The coefficients of sum c_k T_k."""
    before, now = [mpf(1)], [mpf(0), mpf(1)]
    out = [mpf(0)] * len(c)
    for k, weight in enumerate(c):
        for j, a in enumerate(before):
            out[j] += weight * a
        after = [mpf(0)] + [2 * a for a in now]
        for j, a in enumerate(before):
            after[j] -= a
        before, now = now, after
    return out


def shifted(c):
    """From s = 2y - 1 to y."""
    return [fsum(a * binomial(j, i) * mpf(2)**i * mpf(-1)**(j - i) for j, a in enumerate(c) if j >= i)
            for i in range(len(c))]


def ratio(s):
    y = (s + 1) / 2
    return erf(sqrt(y)) / sqrt(y)


def factor(t):
    x = 3 * (1 + t) / (1 - t)
    return (1 + 2 * x) * exp(x * x) * erfc(x)


for name, c in [("ERF_RATIO", shifted(polynomial(chebyshev(ratio, 40)[:13]))),
                ("ERFC_FACTOR", polynomial(chebyshev(factor, 60)[:26]))]:
    print(f"{name}: " + ", ".join(f"{float(a):.17g}" for a in c))
