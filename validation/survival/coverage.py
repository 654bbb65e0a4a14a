#!/usr/bin/env python3
"""How often nominal 95% intervals hold the truth, which is why E63 and E66 are as they are. Prints two tables.

    validation/survival/coverage.py [SAMPLES]       (needs numpy and scipy; 300 samples take a minute)

Medians: log-normal and Weibull times of one group, a part censored at a fixed time; the interval of the band of log(-log),
and percentiles of the bootstrap. Exponents: times c x^-1 times log-normal or Weibull factors at five values of x, in
which a seed keeps a part of its factor at all x, the longest times censored; the information of the fit, the jackknife
over seeds, and a bootstrap of seeds."""
import sys

import numpy as np
from scipy import stats

SAMPLES = int(sys.argv[1]) if sys.argv[1:] else 300
REPLICATES = 199
random = np.random.default_rng(3)


def curve(times, ends):
    distinct = np.unique(times)
    n = np.array([np.sum(times >= t) for t in distinct])
    d = np.array([np.sum((times == t) & ends) for t in distinct])
    with np.errstate(all="ignore"):
        s = np.cumprod(1 - d / n)
        error = np.sqrt(np.cumsum(d / (n * (n - d))))
        width = stats.norm.ppf(0.975) * error / np.abs(np.log(s))
        low, high = s ** np.exp(width), s ** np.exp(-width)
    gone = ~(s > 0)
    low[gone] = 0
    if gone.any():
        high[gone] = high[~gone][-1] if (~gone).any() else 1
    return distinct, s, np.where(s >= 1, 1, low), np.where(s >= 1, 1, high)


def first(times, values):
    below = np.nonzero(values <= 0.5 + 1e-12)[0]
    return times[below[0]] if len(below) else np.inf


def median(times, ends):
    t, s, low, high = curve(times, ends)
    return first(t, s), first(t, low), first(t, high)


def fit(law, y, ends, x):
    """beta and sigma with the covariance of beta, by Newton's method in beta/sigma and 1/sigma."""
    rows = np.column_stack([-np.ones(len(y)), -x, y])
    theta = np.array([y.mean(), 0.0, 1.0])
    for _ in range(100):
        u = rows @ theta
        if law == "log-normal":
            hazard = np.exp(stats.norm.logpdf(u) - stats.norm.logsf(u))
            slope, bend = np.where(ends, -u, -hazard), np.where(ends, 1, hazard * (hazard - u))
        else:
            slope, bend = ends - np.exp(u), np.exp(u)
        gradient = rows.T @ slope + np.array([0, 0, ends.sum() / theta[2]])
        matrix = (rows * bend[:, None]).T @ rows
        matrix[2, 2] += ends.sum() / theta[2] ** 2
        step = np.linalg.solve(matrix, gradient)
        length = min(1.0, 2.0 / max(2.0, np.abs(rows @ step).max()))
        while theta[2] + length * step[2] <= 0:
            length /= 2
        theta = theta + length * step
        if np.abs(step).max() < 1e-9:
            break
    change = np.array([[1, 0, -theta[0] / theta[2]], [0, 1, -theta[1] / theta[2]]]) / theta[2]
    return theta[:2] / theta[2], change @ np.linalg.inv(matrix) @ change.T


def slope_intervals(law, y, ends, x, seed, seeds):
    beta, covariance = fit(law, y, ends, x)
    width = stats.norm.ppf(0.975) * np.sqrt(covariance[1, 1])
    yield "information", beta[1] - width, beta[1] + width
    without = [fit(law, y[seed != s], ends[seed != s], x[seed != s])[0][1] for s in range(seeds)]
    width = stats.t.ppf(0.975, seeds - 1) * np.sqrt((seeds - 1) * np.var(without))
    yield "jackknife", beta[1] - width, beta[1] + width
    slopes = []
    for _ in range(REPLICATES // 4):
        drawn = np.concatenate([np.nonzero(seed == s)[0] for s in random.integers(0, seeds, seeds)])
        slopes.append(fit(law, y[drawn], ends[drawn], x[drawn])[0][1])
    yield "bootstrap", *np.quantile(slopes, [0.025, 0.975])


def report(title, held, length):
    print(f"{title}: " + "; ".join(f"{name} {100 * np.mean(held[name]):.1f}% (length {np.median(length[name]):.2f})"
                                   for name in held), flush=True)


def medians():
    for law in ("log-normal", "weibull"):
        for count, part in [(8, 0.0), (16, 0.0), (16, 0.4), (64, 0.25)]:
            held, length = {}, {}
            law_of = stats.lognorm(0.3) if law == "log-normal" else stats.weibull_min(3)
            truth, end = law_of.ppf(0.5), law_of.ppf(1 - part) if part else np.inf
            for _ in range(SAMPLES):
                times = law_of.rvs(count, random_state=random)
                ends, times = times < end, np.minimum(times, end)
                _, low, high = median(times, ends)
                draws = random.integers(0, count, (REPLICATES, count))
                values = np.sort([median(times[k], ends[k])[0] for k in draws])
                for name, interval in (("band", (low, high)), ("bootstrap", (values[4], values[194]))):
                    held.setdefault(name, []).append(interval[0] <= truth <= interval[1])
                    length.setdefault(name, []).append(np.inf if np.isinf(interval[1]) else interval[1] - interval[0])
            report(f"median of {count} {law}, {100 * part:.0f}% censored", held, length)


def exponents():
    points = np.log([0.05, 0.1, 0.2, 0.4, 0.8])
    for truth, law, seeds, shared in [("log-normal", "log-normal", 16, 0.0), ("log-normal", "log-normal", 16, 0.8),
                                      ("log-normal", "log-normal", 5, 0.5), ("weibull", "log-normal", 16, 0.5),
                                      ("log-normal", "weibull", 16, 0.5), ("weibull", "weibull", 16, 0.5)]:
        held, length = {}, {}
        x, seed = np.repeat(points, seeds), np.tile(np.arange(seeds), len(points))
        for _ in range(SAMPLES // 3):
            normal = np.sqrt(shared) * random.normal(size=seeds)[seed] + np.sqrt(1 - shared) * random.normal(size=len(x))
            factor = normal if truth == "log-normal" else np.log(-np.log(stats.norm.sf(normal)))
            y, end = -x + 0.3 * factor, -points[0] - 0.1
            ends, y = y < end, np.minimum(y, end)
            for name, low, high in slope_intervals(law, y, ends, x, seed, seeds):
                held.setdefault(name, []).append(low <= -1 <= high)
                length.setdefault(name, []).append(high - low)
        report(f"exponent by the {law} law, {truth} times, {seeds} seeds, shared {shared}", held, length)


medians()
exponents()
