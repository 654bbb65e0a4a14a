#!/usr/bin/env python3
"""Writes tests/data/survival.txt: curves, quantiles, tests (E61 - E64) and fits of censored lifetimes (E65, E66). Curves
and tests are those of lifelines; incidences with ties, of which lifelines has no exact variance, and the fits are
computed here by other formulas than in the program (sums over pairs of times; automatic differentiation in beta and
log sigma), and held against lifelines where it has them.

    validation/survival/make_reference.py > tests/data/survival.txt       (needs lifelines and jax)

A line of the file is a case, its numbers separated by spaces; a sample is: count times... ends...
    curve sample kind confidence rows; then for each row: time at_risk absent low high error
    quantile sample kind confidence p value low high
    rank sample groups group... statistic degrees p
    fit LAW sample columns x... beta... log_sigma log_likelihood covariance... (of beta and log sigma)
    jackknife LAW sample columns x... units unit... covariance...
    lack LAW sample columns x... groups group... statistic degrees p"""
import warnings

import jax
import jax.numpy as jnp
import lifelines
import numpy as np
import pandas as pd
from jax.scipy.stats import norm
from lifelines.statistics import multivariate_logrank_test
from lifelines.utils import qth_survival_time
from scipy import stats

jax.config.update("jax_enable_x64", True)
warnings.simplefilter("ignore")
random = np.random.default_rng(7)


def text(*values):
    return " ".join(f"{v:.17g}" for v in np.concatenate([np.ravel(np.asarray(v, dtype=float)) for v in values]))


def sample_text(times, ends):
    return text(len(times), times, ends)


# --- curves ---

def incidence(times, ends, kind):
    """Rows time, at risk, absent, error by E62 written out: the variance as a double sum over pairs of times."""
    rows, distinct = [], np.unique(times)
    n = np.array([np.sum(times >= t) for t in distinct], dtype=float)
    d = np.array([np.sum((times == t) & (ends > 0)) for t in distinct], dtype=float)
    dk = np.array([np.sum((times == t) & (ends == kind)) for t in distinct], dtype=float)
    before = np.concatenate([[1], np.cumprod(1 - d / n)[:-1]])
    steps = before * dk / n
    for j, t in enumerate(distinct):
        # The step at time k depends on all conditional hazards up to k: propagate their variances.
        variance = 0.0
        for i in range(j + 1):
            own = before[i] / n[i] if n[i] else 0
            later = steps[i + 1:j + 1].sum()
            q, qk = d[i] / n[i], dk[i] / n[i]
            # derivatives of F(t) by the hazards of the kind and of the others at time i
            by_kind = before[i] - (later / (1 - q) if q < 1 else 0)
            by_other = -(later / (1 - q) if q < 1 else 0)
            covariance = np.array([[qk * (1 - qk), -qk * (q - qk)], [-qk * (q - qk), (q - qk) * (1 - (q - qk))]]) / n[i]
            slope = np.array([by_kind, by_other])
            variance += slope @ covariance @ slope
        rows.append([t, n[j], 1 - steps[:j + 1].sum(), np.sqrt(max(variance, 0))])
    return np.array(rows)


def band(absent, error, confidence):
    z = stats.norm.ppf((1 + confidence) / 2)
    with np.errstate(all="ignore"):
        width = z * error / (absent * np.abs(np.log(absent)))
        return absent ** np.exp(width), absent ** np.exp(-width)


def write_curve(times, ends, kind, confidence):
    rows = incidence(times, ends, kind)
    low, high = band(rows[:, 2], rows[:, 3], confidence)
    known = (rows[:, 2] > 1e-14) & (rows[:, 3] > 0)
    low, high = np.where(known, low, np.nan), np.where(known, high, np.nan)
    if set(ends) <= {0, kind}:  # Kaplan and Meier
        fitter = lifelines.KaplanMeierFitter(alpha=1 - confidence).fit(times, ends == kind)
        values = fitter.survival_function_at_times(rows[:, 0]).to_numpy()
        interval = fitter.confidence_interval_.loc[rows[:, 0]].to_numpy()
        assert np.allclose(values, rows[:, 2], rtol=0, atol=1e-12)
        assert np.allclose(interval[known], np.stack([low, high], 1)[known], rtol=0, atol=1e-12)
        rows[:, 2], low[known], high[known] = values, interval[known, 0], interval[known, 1]
    elif len(np.unique(times)) == len(times):
        fitter = lifelines.AalenJohansenFitter().fit(times, ends, kind)
        values = fitter.cumulative_density_.loc[rows[:, 0]].to_numpy()[:, 0]
        assert np.allclose(1 - values, rows[:, 2], rtol=0, atol=1e-12)
        rows[:, 2] = 1 - values
    table = np.stack([rows[:, 0], rows[:, 1], rows[:, 2], low, high, rows[:, 3]], 1)
    print("curve", sample_text(times, ends), text(kind, confidence, len(table), table))


def write_quantile(times, ends, confidence, p):
    fitter = lifelines.KaplanMeierFitter(alpha=1 - confidence).fit(times, ends == 1)
    level = 1 - p + 1e-12  # a curve that is at the level but for rounding has reached it
    value = qth_survival_time(level, fitter.survival_function_)
    band = fitter.confidence_interval_.copy()
    gone = fitter.survival_function_.to_numpy()[:, 0] <= 0  # where the band is 0 below and stays above
    band.iloc[gone, 0] = 0
    band.iloc[gone, 1] = band[~gone].iloc[-1, 1] if gone.any() else np.nan
    interval = [qth_survival_time(level, band.iloc[:, [k]]) for k in (0, 1)]
    print("quantile", sample_text(times, ends), text(1, confidence, p, value, interval))


def write_rank(times, ends, groups):
    test = multivariate_logrank_test(times, groups, ends == 1)
    print("rank", sample_text(times, ends), text(groups.max() + 1, groups, test.test_statistic,
                                                 len(set(groups)) - 1, test.p_value))


# --- fits ---

def log_likelihood(law, theta, times, ends, x):
    sigma = 1.0 if law == "exponential" else jnp.exp(theta[-1])
    u = (jnp.log(times) - x @ theta[:x.shape[1]]) / sigma
    if law == "log-normal":
        density, tail = norm.logpdf(u), norm.logsf(u)
    else:
        density, tail = u - jnp.exp(u), -jnp.exp(u)
    return jnp.sum(jnp.where(ends == 1, density - jnp.log(sigma) - jnp.log(times), tail))


def maximize(law, times, ends, columns):
    """beta and log sigma (0 for the exponential law), the likelihood, the covariance."""
    x = jnp.column_stack([jnp.ones(len(times)), columns])
    size = x.shape[1] + (law != "exponential")
    theta = jnp.zeros(size).at[0].set(jnp.log(times).mean())
    if law != "exponential":
        theta = theta.at[-1].set(jnp.log(jnp.log(times).std()))
    value = lambda p: -log_likelihood(law, p, times, ends, x)
    gradient, hessian = jax.jit(jax.grad(value)), jax.jit(jax.hessian(value))
    for _ in range(100):
        matrix = hessian(theta)
        shift = max(0.0, 1e-3 - float(jnp.linalg.eigvalsh(matrix).min()))
        step, length = jnp.linalg.solve(matrix + shift * jnp.eye(size), gradient(theta)), 1.0
        while not value(theta - length * step) <= value(theta) + 1e-9:
            length /= 2
        theta = theta - length * step
        if jnp.abs(step).max() < 1e-13:
            break
    covariance = jnp.zeros((x.shape[1] + 1,) * 2).at[:size, :size].set(jnp.linalg.inv(hessian(theta)))
    full = jnp.concatenate([theta, jnp.zeros(x.shape[1] + 1 - size)])
    return np.array(full), -float(value(theta)), np.array(covariance)


def check_with_lifelines(law, times, ends, columns, theta, likelihood):
    if columns.shape[1] == 0:
        fitter = {"exponential": lifelines.ExponentialFitter, "weibull": lifelines.WeibullFitter,
                  "log-normal": lifelines.LogNormalFitter}[law]().fit(times, ends == 1)
        if law == "exponential":
            got, want = [fitter.lambda_], [np.exp(theta[0])]
        elif law == "weibull":
            got, want = [fitter.lambda_, fitter.rho_], [np.exp(theta[0]), np.exp(-theta[1])]
        else:
            got, want = [fitter.mu_, fitter.sigma_], [theta[0], np.exp(theta[1])]
    elif law != "exponential":
        frame = pd.DataFrame(columns, columns=[f"x{k}" for k in range(columns.shape[1])])
        frame["t"], frame["e"] = times, ends == 1
        fitter = {"weibull": lifelines.WeibullAFTFitter, "log-normal": lifelines.LogNormalAFTFitter}[law]()
        fitter.fit(frame, "t", "e")
        place, scale = {"weibull": ("lambda_", "rho_"), "log-normal": ("mu_", "sigma_")}[law]
        got = [fitter.params_[place]["Intercept"]] + [fitter.params_[place][f"x{k}"] for k in range(columns.shape[1])]
        got.append(fitter.params_[scale]["Intercept"] * (-1 if law == "weibull" else 1))
        want = theta
    else:
        return
    assert np.allclose(got, want, rtol=1e-5, atol=1e-5), (law, got, want)
    assert abs(fitter.log_likelihood_ - likelihood) < 1e-6, (law, fitter.log_likelihood_, likelihood)


def model_text(law, times, ends, columns):
    return f"{law} {sample_text(times, ends)} {text(columns.shape[1], columns)}"


def write_fit(law, times, ends, columns):
    theta, likelihood, covariance = maximize(law, times, ends, columns)
    check_with_lifelines(law, times, ends, columns, theta, likelihood)
    print("fit", model_text(law, times, ends, columns), text(theta, likelihood, covariance))


def write_jackknife(law, times, ends, columns, units):
    count = units.max() + 1
    fits = []
    for unit in range(count):
        keep = units != unit
        fits.append(maximize(law, times[keep], ends[keep], columns[keep])[0])
    covariance = (count - 1) * np.cov(np.array(fits), rowvar=False, bias=True)
    print("jackknife", model_text(law, times, ends, columns), text(count, units, covariance))


def write_lack(law, times, ends, columns, groups):
    free = np.stack([(groups == g).astype(float) for g in range(1, groups.max() + 1)], 1)
    statistic = 2 * (maximize(law, times, ends, free)[1] - maximize(law, times, ends, columns)[1])
    degrees = groups.max() - columns.shape[1]
    print("lack", model_text(law, times, ends, columns),
          text(groups.max() + 1, groups, statistic, degrees, stats.chi2.sf(statistic, degrees)))


def censored(count, ties, kinds=1, rate=0.4):
    times = random.weibull(1.5, count) * 3 + 0.05
    if ties:
        times = np.ceil(times * 4) / 4
    return times, np.where(random.random(count) < rate, 0, random.integers(1, kinds + 1, count))


def curves():
    for count, ties, kinds, rate in [(1, False, 1, 0), (12, False, 1, 0), (30, False, 1, 0.4), (40, True, 1, 0.3),
                                     (25, False, 2, 0.3), (60, True, 3, 0.2)]:
        times, ends = censored(count, ties, kinds, rate)
        for kind in range(1, kinds + 1):
            write_curve(times, ends, kind, 0.9 if ties else 0.95)
        if kinds == 1:
            for p in (0.25, 0.5, 0.75):
                write_quantile(times, ends, 0.95, p)
    for count, groups, ties in [(20, 2, False), (60, 2, True), (80, 5, True)]:
        times, ends = censored(count, ties)
        group = np.arange(count) % groups
        write_rank(times * (1 + 0.4 * group), ends, group)


def fits():
    seeds, radius = 6, np.array([0.05, 0.1, 0.2, 0.4])
    x, unit = np.repeat(np.log(radius), seeds), np.tile(np.arange(seeds), len(radius))
    times = 3 / np.exp(x) * np.exp(0.2 * random.normal(size=len(x)) + 0.1 * random.normal(size=seeds)[unit])
    ends = (times < 40).astype(int)
    times = np.minimum(times, 40)
    plain, other = censored(50, False), random.normal(size=(50, 2))
    for law in ("exponential", "weibull", "log-normal"):
        write_fit(law, *plain, np.zeros((50, 0)))
        write_fit(law, plain[0] * np.exp(other @ [0.5, -1.5]), plain[1], other)
        write_fit(law, times, ends, x[:, None])
        write_lack(law, times, ends, x[:, None], np.arange(len(x)) // seeds)
    for law in ("weibull", "log-normal"):
        write_jackknife(law, times, ends, x[:, None], unit)


curves()
fits()
