#!/usr/bin/env python3
"""Flows by an independent route: the loss E3 written once in JAX, its gradient by automatic differentiation, time by
SciPy's DOP853 at rtol 1e-10, against the program on weighted data, starts and kernels that it reads from files.

Usage: check_flows.py PROGRAM      (needs numpy, scipy, h5py and jax). Prints the largest difference of latents and loss over
the outputs, and fails where one exceeds 1e-6."""
import itertools
import pathlib
import subprocess
import sys
import tempfile

import h5py
import jax
import jax.numpy as jnp
import numpy as np
from scipy.integrate import solve_ivp

jax.config.update("jax_enable_x64", True)
POINTS, END, TOLERANCE = 30, 5.0, 1e-6
METHODS = {"adams": 1e-8, "bdf": 1e-9}
# latent space, dimension, norm floor, loss as the problem file writes it
CASES = {
    "sphere, log, power": ("sphere", 3, 0, {"psi": "log", "eta": "power", "exponent": 1.5, "tau": 0.2}),
    "plane, identity": ("euclidean", 2, 0, {"psi": "identity", "eta": "exponential", "tau": 0.3}),
    "nt-xent": ("sphere", 4, 0, {"kind": "nt-xent", "tau": 0.2}),
    "circle with a norm floor": ("sphere", 2, 0.3, {"psi": "log1p", "eta": "exponential", "tau": 0.15}),
    "R^5, log1p, power": ("euclidean", 5, 0, {"psi": "log1p", "eta": "power", "exponent": 1.5, "tau": 0.5}),
}
PSI = {"log1p": jnp.log1p, "log": jnp.log, "identity": lambda q: q}


def loss_function(loss, weights):
    """E3 (for nt-xent: E1 with one view) of latent points z."""
    tau = loss["tau"]

    def evaluate(z):
        s = 0.5 * ((z[:, None] - z[None]) ** 2).sum(-1)
        eta = (1 + s / tau) ** -loss["exponent"] if loss.get("eta") == "power" else jnp.exp(-s / tau)
        g = eta @ weights
        if loss.get("kind") == "nt-xent":
            return jnp.mean(jnp.log(2 * len(z) * g - 1))
        return (weights * PSI[loss["psi"]](g)).sum()
    return evaluate


def write_csv(path, prefix, rows, extra=()):
    names = [f"{prefix}{k}" for k in range(len(rows[0]))] + [name for name, _ in extra]
    lines = [",".join([f"{v:.17g}" for v in row] + [f"{column[i]:.17g}" for _, column in extra])
             for i, row in enumerate(rows)]
    path.write_text("\n".join([",".join(names)] + lines) + "\n")


def run(program, folder, kind, case, method):
    space, d, floor, loss = case
    latent = f"{{space: {space}, dimension: {d}{f', norm-floor: {floor}' if floor else ''}}}"
    flow = "{name: flow, kind: vanilla}" if kind == "vanilla" else \
        "{name: flow, kind: neural, kernel: {kind: file, path: kernel.csv}}"
    body = ", ".join(f"{key}: {value}" for key, value in loss.items())
    (folder / "problem.yaml").write_text(
        f"format: 1\ndata: {{kind: file, path: data.csv}}\nlatent: {latent}\nstart: {{kind: file, path: start.csv}}\n"
        f"loss: {{{body}}}\nflows: [{flow}]\ntime: {{end: {END}, outputs: [0.1, 0.5, 1, 2]}}\n"
        f"integrator: {{method: {method}, rtol: {METHODS[method]}}}\n")
    subprocess.run([program, "run", str(folder / "problem.yaml"), "--quiet"], check=True)
    with h5py.File(folder / "problem.h5") as result:
        flow = result["flows/flow"]
        return flow["time"][:], flow["latent"][:], flow["loss"][:]


def check(program, folder, kind, name, method, random):
    space, d, floor, loss = CASES[name]
    weights = np.ones(POINTS) if loss.get("kind") == "nt-xent" else random.uniform(0.5, 1.5, POINTS)
    weights /= weights.sum()
    start = 0.5 * random.normal(size=(POINTS, d)) + (np.eye(d)[0] if space == "sphere" else 0)
    factor = random.normal(size=(POINTS, 5))
    theta = factor @ factor.T / 5 + 0.3
    write_csv(folder / "data.csv", "x", random.normal(size=(POINTS, 3)), [("label", np.arange(POINTS) % 3), ("weight", weights)])
    write_csv(folder / "start.csv", "h", start)
    write_csv(folder / "kernel.csv", "k", theta)
    times, latents, losses = run(program, folder, kind, CASES[name], method)

    delta = 0 if kind == "vanilla" else floor
    latent = (lambda h: h / jnp.sqrt((h ** 2).sum(1, keepdims=True) + delta ** 2)) if space == "sphere" else (lambda h: h)
    value = jax.jit(lambda h: loss_function(loss, weights)(latent(h)))
    gradient = jax.jit(jax.grad(value))
    if kind == "vanilla" and space == "sphere":
        start = start / np.linalg.norm(start, axis=1, keepdims=True)

    def rate(_, y):
        h = y.reshape(POINTS, d)
        g = np.asarray(gradient(h))
        if kind == "neural":
            return (-theta @ g).ravel()  # E7
        scale = (h ** 2).sum(1, keepdims=True) if space == "sphere" else 1
        return (-scale * g / weights[:, None]).ravel()  # E6

    solution = solve_ivp(rate, (0, END), start.ravel(), method="DOP853", rtol=1e-10, atol=1e-12, t_eval=times)
    states = [solution.y[:, k].reshape(POINTS, d) for k in range(len(times))]
    points = np.max([np.abs(np.asarray(latent(h)) - z).max() for h, z in zip(states, latents)])
    energy = np.max([abs(float(value(h)) - known) for h, known in zip(states, losses)])
    print(f"{kind:8} {name:26} {method:6} latent {points:.1e}  loss {energy:.1e}")
    return points < TOLERANCE and energy < TOLERANCE


def main():
    random = np.random.default_rng(0)
    with tempfile.TemporaryDirectory() as folder:
        passed = [check(sys.argv[1], pathlib.Path(folder), *case, random)
                  for case in itertools.product(("vanilla", "neural"), CASES, METHODS)]
    print(f"{sum(passed)} of {len(passed)} within {TOLERANCE}")
    sys.exit(not all(passed))


main()
