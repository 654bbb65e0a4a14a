#!/usr/bin/env python3
"""Writes tests/data/bessel.csv: e^-x I_v(x) of integer and half-integer order, from 50 digits.

    python3 -m venv venv && venv/bin/pip install mpmath
    venv/bin/python validation/bessel/make_reference.py > tests/data/bessel.csv

By the power series sum_m (x/2)^(2m+v) / (m! Gamma(m+v+1)), all terms positive, summed outwards from
its largest term; where mpmath's own besseli converges, the two are compared before anything is
written. Takes seconds.
"""
from mpmath import besseli, exp, floor, log, loggamma, mp, mpf, pi, sqrt

mp.dps = 60
LEAST = mpf(10) ** -300


def scaled(order, x):
    half = x / 2
    peak = int(floor((sqrt(order * order + x * x) - order) / 2))
    top = exp((2 * peak + order) * log(half) - loggamma(peak + 1) - loggamma(peak + order + 1) - x)
    total, term, m = top, top, peak
    while term > total * mpf(10) ** -58:
        m += 1
        term *= half * half / (m * (m + order))
        total += term
    term, m = top, peak
    while m > 0 and term > total * mpf(10) ** -58:
        term *= m * (m + order) / (half * half)
        m -= 1
        total += term
    return total


def orders(x):
    width = sqrt(x)
    steps = [0, 1, 2, 3, 5, 8, 13, 20, 40, 150]
    return sorted({k for k in steps + [int(f * width) for f in (0.5, 1, 2, 4, 6, 8)]})


def main():
    print('# kind,x,order,value: e^-x I_order(x) for kind 0, e^-x i_order(x) for kind 1')
    for x in ['1e-6', '1e-3', '0.1', '1', '10', '31.6', '100', '1e3', '1e4', '1e5', '1e6']:
        for kind in (0, 1):
            for k in orders(mpf(x)):
                argument, order = mpf(float(x)), k + mpf(kind) / 2
                value = scaled(order, argument)
                if float(x) <= 100 and k <= 40:
                    other = besseli(order, argument) * exp(-argument)
                    assert abs(value / other - 1) < mpf(10) ** -45, (x, order)
                if kind == 1:
                    value *= sqrt(pi / (2 * argument))
                if value > LEAST:
                    print(f'{kind},{x},{k},{mp.nstr(value, 25)}')


if __name__ == '__main__':
    main()
