#!/usr/bin/env python3
"""Network flows along kinks by an independent route: Euler's polygons of the sharp right-hand side, whose limits solve the
inclusion of E114, with gradients by automatic differentiation, against the program, from the parameters that it starts with.

Usage: check_kinks.py PROGRAM      (needs numpy, h5py and jax). Polygons of a step s are off by a multiple of s, as long as
units slide: prints the largest difference of embeddings at the end for two steps, and of what they extrapolate to. Fails where
that exceeds 2e-5."""
import pathlib
import subprocess
import sys
import tempfile

import h5py
import jax
import jax.numpy as jnp
import numpy as np

jax.config.update("jax_enable_x64", True)
TAU, END, STEPS, TOLERANCE = 0.3, 5.0, (2e-5, 1e-5), 2e-5
SLOPES = {"relu": 0, "leaky-relu": 0.2, "abs": -1}
# activation, hidden layers, width, seed, parametrization
CASES = [
    ("relu", 1, 16, 1, "ntk"),
    ("leaky-relu", 2, 8, 1, "ntk"),
    ("abs", 1, 8, 3, "standard"),
    ("relu", 1, 8, 2, "mean-field"),
]


def layers(hidden, width, parametrization):
    """Of each layer the fan-in, the fan-out, the scales of weights and biases, and whether there are biases."""
    sizes = [2] + hidden * [width] + [2]
    for l, (fan_in, fan_out) in enumerate(zip(sizes, sizes[1:])):
        if parametrization == "ntk":
            yield fan_in, fan_out, (2 / fan_in) ** 0.5, 0.1**0.5, True
        else:
            last = parametrization == "mean-field" and l == hidden
            yield fan_in, fan_out, 1 / fan_in if last else 1, 1, not last


def network(shape, slope, theta, x):
    shape = list(shape)
    at = 0
    for l, (fan_in, fan_out, s, t, biased) in enumerate(shape):
        weights = theta[at : at + fan_in * fan_out].reshape(fan_out, fan_in)
        at += fan_in * fan_out
        u = s * x @ weights.T
        if biased:
            u = u + t * theta[at : at + fan_out]
            at += fan_out
        x = jnp.where(u > 0, u, slope * u) if l + 1 < len(shape) else u
    return x


def loss(h):
    squares = ((h[:, None, :] - h[None, :, :]) ** 2).sum(2)
    return jnp.log1p(jnp.exp(-squares / 2 / TAU).mean(1)).mean()


def polygon(shape, slope, rate, theta, x, offset, step):
    gradient = jax.grad(lambda theta: loss(offset + network(shape, slope, theta, x)))
    advance = lambda _, theta: theta - step * rate * gradient(theta)
    theta = jax.jit(lambda theta: jax.lax.fori_loop(0, round(END / step), advance, theta))(theta)
    return np.asarray(offset + network(shape, slope, theta, x))


def run(program, folder, case, rtol):
    activation, hidden, width, seed, parametrization = case
    (folder / "problem.yaml").write_text(
        f"""format: 1
data: {{kind: discs, points-per-cluster: 3, radius: 0.5}}
latent: {{space: euclidean, dimension: 2}}
start: {{kind: near-point, spread: 0.3}}
loss: {{psi: log1p, tau: {TAU}}}
flows:
  - kind: network
    network: {{hidden-layers: {hidden}, widths: {width}, activation: {activation}, parametrization: {parametrization}}}
    seeds: {seed}
time: {{end: {END}, outputs: [1]}}
integrator: {{rtol: {rtol}}}
"""
    )
    subprocess.run([program, "run", "problem.yaml", "--quiet"], cwd=folder, check=True)
    with h5py.File(folder / "problem.h5") as result:
        flow = result[f"flows/network.width-{width}.seed-{seed}"]
        return result["data/points"][:], flow["parameters_start"][:], flow["latent"][:]


def main():
    program, worst = str(pathlib.Path(sys.argv[1]).resolve()), 0
    with tempfile.TemporaryDirectory() as name:
        for case in CASES:
            activation, hidden, width, _, parametrization = case
            x, theta, h = run(program, pathlib.Path(name), case, 1e-8)
            default = run(program, pathlib.Path(name), case, 1e-6)[2][-1]
            shape = tuple(layers(hidden, width, parametrization))
            slope = SLOPES[activation]
            offset = h[0] - network(shape, slope, theta, x)
            rate = width if parametrization == "mean-field" else 1
            coarse, fine = (polygon(shape, slope, rate, theta, x, offset, step) for step in STEPS)
            differences = [abs(h[-1] - exact).max() for exact in (coarse, fine, 2 * fine - coarse)]
            worst = max(worst, differences[-1])
            print(*case, "steps %g and %g: %.1e, %.1e;" % (*STEPS, *differences[:2]), "extrapolated %.1e;" % differences[2],
                  "at rtol 1e-6 %.1e" % abs(default - 2 * fine + coarse).max(), flush=True)
    print("worst %.1e" % worst)
    sys.exit(worst > TOLERANCE)


if __name__ == "__main__":
    main()
