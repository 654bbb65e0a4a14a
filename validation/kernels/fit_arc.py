#!/usr/bin/env python3
"""Prints ARC and CAP of models/gaussian_kernels.c: Chebyshev's expansions, turned into polynomials in u = m - 1, of
s/sqrt(m) and (sin s - s cos s)/sqrt(m)^3, where s is the angle whose chord 2 sin(s/2) is sqrt(m), for m in [0, 2]
(E84); and what they leave out. Needs mpmath."""
from mpmath import asin, cos, fsum, mp, mpf, pi, sin, sqrt

mp.dps = 60
NODES, TERMS = 60, 20


def arc(u):
    chord = sqrt(u + 1)
    return 2 * asin(chord / 2) / chord


def cap(u):
    chord = sqrt(u + 1)
    s = 2 * asin(chord / 2)
    return (sin(s) - s * cos(s)) / chord**3


def chebyshev(f):
    nodes = [cos(pi * (j + mpf(1) / 2) / NODES) for j in range(NODES)]
    values = [f(u) for u in nodes]
    return [(2 - (k == 0)) / mpf(NODES) * fsum(values[j] * cos(pi * k * (j + mpf(1) / 2) / NODES)
                                               for j in range(NODES)) for k in range(NODES)]


def polynomial(c):
    """The coefficients of sum c_k T_k."""
    before, now = [mpf(1)], [mpf(0), mpf(1)]
    out = [mpf(0)] * len(c)
    for weight in c:
        for j, a in enumerate(before):
            out[j] += weight * a
        after = [mpf(0)] + [2 * a for a in now]
        for j, a in enumerate(before):
            after[j] -= a
        before, now = now, after
    return out


for name, f in [("ARC", arc), ("CAP", cap)]:
    c = chebyshev(f)
    print(f"{name}: " + ", ".join(f"{float(a):.17g}" for a in polynomial(c[:TERMS])))
    print(f"left out: {float(fsum(abs(a) for a in c[TERMS:])):.1e}")
