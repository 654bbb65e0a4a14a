#!/usr/bin/env python3
"""The four-discs example as a NumPy right-hand side under SciPy's integrators: the peer that a theorist would write.

Usage: scipy_four_discs.py RESULT.h5     (needs numpy, scipy and h5py; RESULT.h5 comes from
`contraflow run examples/four-discs/problem.yaml`). It integrates both flows from the same data and start to
the same end with LSODA at the same tolerance, checks its answers against the result, and prints seconds and
right-hand sides of both programs with their ratio. One thread or two: set OMP_NUM_THREADS."""
import sys
import time

import h5py
import numpy as np
from scipy.integrate import solve_ivp

TAU, RTOL, THRESHOLD = 0.1, 1e-6, 0.9


def relu_ntk(x, depth=3, weight=2.0, bias=0.1):
    """E11-E12 for ReLU."""
    k = weight * x @ x.T / x.shape[1] + bias
    theta = k.copy()
    for _ in range(depth):
        scale = np.sqrt(np.outer(np.diag(k), np.diag(k)))
        c = np.clip(k / scale, -1, 1)
        angle = np.arccos(c)
        theta = weight * (np.pi - angle) / (2 * np.pi) * theta
        k = weight * scale * (np.sin(angle) + (np.pi - angle) * c) / (2 * np.pi) + bias
        theta += k
    return theta


def gradient(z):
    """u_i = grad phi(z_i) of E5, equal weights, Psi = log1p, eta exponential."""
    n = len(z)
    kernel = np.exp((z @ z.T - 1) / TAU)
    slope = 1 / (1 + kernel.mean(axis=1))
    weight = (slope[:, None] + slope[None, :]) * kernel / (-TAU * n)
    return weight.sum(axis=1)[:, None] * z - weight @ z


def tangent(z, u):
    return u - (z * u).sum(axis=1)[:, None] * z


def vanilla(_, y):
    h = y.reshape(-1, 2)
    r = np.linalg.norm(h, axis=1)[:, None]
    z = h / r
    return (-r * tangent(z, gradient(z))).ravel()


def neural(theta):
    def rate(_, y):
        h = y.reshape(-1, 2)
        r = np.linalg.norm(h, axis=1)[:, None]
        z = h / r
        return (-theta @ (tangent(z, gradient(z)) / (r * len(z)))).ravel()
    return rate


def main():
    with h5py.File(sys.argv[1]) as result:
        x = result["data/points"][:]
        flows = {name: {"start": group["embedding"][0], "end": group["latent"][-1], "time": group["time"][:],
                        "seconds": group.attrs["wall_seconds"], "evaluations": group.attrs["rhs_evaluations"],
                        "products": group.attrs["jacobian_products"] + group.attrs["linearizations"]}
                 for name, group in result["flows"].items()}
    print(f"{'flow':16} {'contraflow s':>12} {'rhs + Jv':>12} {'SciPy s':>10} {'rhs':>8} {'ratio':>7} {'difference':>11}")
    total = [0.0, 0.0]
    for name, flow in flows.items():
        started = time.perf_counter()
        rate = vanilla if name == "vanilla" else neural(relu_ntk(x))
        solution = solve_ivp(rate, (0, flow["time"][-1]), flow["start"].ravel(), method="LSODA", rtol=RTOL,
                             atol=RTOL / 1000, t_eval=flow["time"])
        seconds = time.perf_counter() - started
        h = solution.y[:, -1].reshape(-1, 2)
        z = h / np.linalg.norm(h, axis=1)[:, None]
        assert np.abs(z - flow["end"]).max() < 1e-4, f"{name}: the two programs disagree"
        print(f"{name:16} {flow['seconds']:12.3f} {flow['evaluations']:6d}+{flow['products']:<5d} {seconds:10.2f} "
              f"{solution.nfev:8d} {seconds / flow['seconds']:7.1f} {np.abs(z - flow['end']).max():11.1e}")
        total[0] += flow["seconds"]
        total[1] += seconds
    print(f"{'both':16} {total[0]:12.3f} {'':12} {total[1]:10.2f} {'':8} {total[1] / total[0]:7.1f}")


if __name__ == "__main__":
    main()
