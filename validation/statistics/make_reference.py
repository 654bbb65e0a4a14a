#!/usr/bin/env python3
"""Writes tests/data/statistics.txt: means, power laws with their jackknife intervals (E53) and Student quantiles, by NumPy
and SciPy. With `coverage` it prints instead how often 95% intervals of several kinds hold the true slope, which is why
E53 is as it is.

    validation/statistics/make_reference.py > tests/data/statistics.txt       (needs numpy and scipy)
    validation/statistics/make_reference.py coverage

A line of the file is a case, its numbers separated by spaces:
    student p degrees quantile
    mean count values... mean error
    power points repetitions confidence x... values... slope factor low high"""
import sys

import numpy as np
from scipy import stats

SAMPLES, DRAWS = 1000, 100  # of `coverage`, and of each of its bootstraps


def fit(x, values):
    means = [np.mean(row[~np.isnan(row)]) for row in values]
    return stats.linregress(np.log(x), np.log(means))


def slope_of(x, values):
    deviation = np.log(x) - np.log(x).mean()
    return deviation @ np.log(np.nanmean(values, axis=1)) / (deviation @ deviation)


def jackknife(x, values, confidence):
    seeds = values.shape[1]
    slopes = [slope_of(x, np.delete(values, s, axis=1)) for s in range(seeds)]
    error = np.sqrt((seeds - 1) * np.var(slopes))
    width = error * stats.t.ppf((1 + confidence) / 2, seeds - 1)
    slope = slope_of(x, values)
    return slope - width, slope + width


def text(*numbers):
    return " ".join(f"{v:.17g}" for v in np.concatenate([np.ravel(v) for v in numbers]))


def write_power(x, values, confidence):
    full = fit(x, values)
    print("power", *values.shape, text(confidence, x, values, full.slope, np.exp(full.intercept),
                                       jackknife(x, values, confidence)))


def write_reference():
    random = np.random.default_rng(20)
    for p, degrees in [(0.975, 1), (0.975, 2), (0.975, 4), (0.95, 7), (0.995, 19), (0.6, 3.5), (0.025, 7), (0.9999, 30)]:
        print("student", text(p, degrees, stats.t.ppf(p, degrees)))
    for count in (1, 2, 5, 40):
        values = random.lognormal(size=count)
        error = stats.sem(values) if count > 1 else np.nan
        print("mean", count, text(values, values.mean(), error))
    for x, seeds, confidence in [((64, 256, 1024), 2, 0.95), ((128, 512, 2048), 8, 0.95), (2.0 ** np.arange(3, 12), 5, 0.9),
                                 ((1, 10, 12, 900), 20, 0.99)]:
        x = np.asarray(x, dtype=float)
        values = x[:, None] ** -0.5 * random.lognormal(0, 0.4, (len(x), seeds))
        write_power(x, values, confidence)
    values[0, 3] = values[2, 7] = values[2, 3] = np.nan  # failed runs
    write_power(x, values, confidence)


def intervals(x, values, random):
    """By name, of one sample: the jackknife, bootstraps that draw seeds once or for each width, the regression."""
    seeds = values.shape[1]
    yield "jackknife", jackknife(x, values, 0.95)
    slopes = [slope_of(x, values[:, random.integers(0, seeds, seeds)]) for _ in range(DRAWS)]
    yield "bootstrap of seeds", tuple(np.quantile(slopes, [0.025, 0.975]))
    slopes = [slope_of(x, np.stack([row[random.integers(0, seeds, seeds)] for row in values])) for _ in range(DRAWS)]
    yield "bootstrap of each width", tuple(np.quantile(slopes, [0.025, 0.975]))
    line = fit(x, values)
    width = stats.t.ppf(0.975, len(x) - 2) * line.stderr
    yield "regression", (line.slope - width, line.slope + width)


def print_coverage():
    """Errors N^-1/2 times log-normal factors; a seed shares half of its variance among the widths, or nothing."""
    random = np.random.default_rng(1)
    for seeds, widths, shared in [(3, 3, 0), (5, 3, 0.5), (8, 3, 0), (8, 3, 0.5), (8, 5, 0.5), (20, 5, 0)]:
        x = 128 * 4.0 ** np.arange(widths)
        held, length = {}, {}
        for _ in range(SAMPLES):
            common, own = random.normal(size=(1, seeds)), random.normal(size=(widths, seeds))
            factors = np.exp(0.4 * (np.sqrt(shared) * common + np.sqrt(1 - shared) * own))
            for name, (low, high) in intervals(x, x[:, None] ** -0.5 * factors, random):
                held[name] = held.get(name, 0) + (low <= -0.5 <= high) / SAMPLES
                length[name] = length.get(name, 0) + (high - low) / SAMPLES
        print(f"{seeds} seeds, {widths} widths, shared {shared}: " +
              "; ".join(f"{name} {100 * held[name]:.1f}% (length {length[name]:.2f})" for name in held))


print_coverage() if sys.argv[1:] == ["coverage"] else write_reference()
