#!/usr/bin/env python3
"""The density on the circle beside 10^4 particles: what does the limit cost, and what does a sample of it?

Usage: density_circle.py CONTRAFLOW     (the program; needs numpy and h5py). The start of examples/density-circle, to
t = 1. The density is integrated to an error of 1e-8 of its largest value, against a reference of twice the
nodes at a hundredth of the tolerance; 10^4 particles to their own noise level, the distance W1 of their measure from
the density, at a tolerance where they have it and not before. Seconds are right-hand sides times what one takes by
`contraflow check`. Set OMP_NUM_THREADS for the number of threads."""
import re
import subprocess
import sys
import tempfile

import h5py
import numpy as np

PROGRAM = sys.argv[1]
HEAD = """format: 1
data: {{kind: discs, points-per-cluster: {points}, seed: 1}}
latent: {{space: sphere, dimension: 2}}
start: {{kind: near-point, spread: 0.02, seed: 2}}
loss: {{tau: 0.1}}
flows: [{{name: flow, kind: vanilla{options}}}]
time: {{end: {end}, outputs: [{end}]}}
integrator: {{rtol: {rtol}}}
sums: {{engine: {engine}}}
"""
DENSITY = ", representation: density, grid: {{nodes: {}}}"


def run(folder, points=2, options="", end=1.0, rtol=1e-6, engine="auto"):
    """The last density or points, right-hand sides, and the engine."""
    problem, result = folder + "/problem.yaml", folder + "/result.h5"
    with open(problem, "w", encoding="utf-8") as file:
        file.write(HEAD.format(points=points, options=options, end=end, rtol=rtol, engine=engine))
    subprocess.run([PROGRAM, "run", problem, "-o", result, "--quiet"], check=True)
    with h5py.File(result) as file:
        flow = file["flows/flow"]
        record = flow["density" if "density" in flow else "latent"][-1]
        return record, int(flow.attrs["rhs_evaluations"]), flow.attrs["engine"].split(",")[0]


def seconds(folder, evaluations):
    """Of the last problem: the best of five measurements."""
    def measure():
        out = subprocess.run([PROGRAM, "check", folder + "/problem.yaml"], check=True, capture_output=True, text=True)
        return float(re.search(r"([\d.e+-]+) ms an evaluation", out.stdout)[1])
    return evaluations * min(measure() for _ in range(5)) / 1000


def distance(angles, masses, nodes, density):
    """W1 on the circle (E28): the mean absolute difference of the distribution functions, less its median."""
    fine = np.linspace(-np.pi, np.pi, 20001)
    order = np.argsort(angles)
    sample = np.searchsorted(angles[order], fine, side="right") * masses
    values = np.interp(fine, nodes, density, period=2 * np.pi)
    cumulated = np.concatenate([[0], np.cumsum(0.5 * (values[1:] + values[:-1]) * np.diff(fine))])
    difference = sample - cumulated / cumulated[-1]
    return np.abs(difference - np.median(difference)).mean() * 2 * np.pi


with tempfile.TemporaryDirectory() as folder:
    reference = run(folder, options=DENSITY.format(3072), rtol=1e-12)[0][0]
    for rtol in (1e-7, 1e-8, 1e-9, 1e-10, 1e-11):
        density, evaluations, _ = run(folder, options=DENSITY.format(1536), rtol=rtol)
        error = np.abs(density[0] - reference[::2]).max() / reference.max()
        if error < 1e-8:
            break
    assert error < 1e-8, error
    limit = seconds(folder, evaluations)
    print(f"density, 1536 nodes, rtol {rtol:g}: error {error:.2g}, {evaluations} right-hand sides, {limit:.3g} s")
    nodes = 2 * np.pi * np.arange(3072) / 3072
    for engine in ("auto", "direct"):
        exact = run(folder, points=2500, rtol=1e-8)[0]
        for rtol in (1e-2, 1e-3, 1e-4, 1e-5, 1e-6):
            points, evaluations, name = run(folder, points=2500, rtol=rtol, engine=engine)
            noise = [distance(np.arctan2(z[:, 1], z[:, 0]), 1e-4, nodes, reference) for z in (points, exact)]
            if abs(noise[0] / noise[1] - 1) < 0.01:
                break
        assert abs(noise[0] / noise[1] - 1) < 0.01, noise
        sample = seconds(folder, evaluations)
        print(f"10^4 particles, {name}, rtol {rtol:g}: W1 {noise[0]:.3g}, {evaluations} right-hand sides, {sample:.3g} s, "
              f"{sample / limit:.3g} times the density")
