#!/usr/bin/env python3
"""The whole four-discs run by other programs, from the same start to the same end: SciPy's LSODA on the NumPy right-hand
side, diffrax, and 20,000 steps of gradient descent with PyTorch.

Usage: peers.py NAME RESULT.h5 [STEPS], NAME: lsoda, diffrax, torch-descent. Prints a line of JSON; with fewer STEPS of
descent, seconds are those of 20,000. An ODE solver whose end is not the result's to 1e-4 fails; the descent, whose
steps are no solution of the flow, must end at its loss to 1e-2."""
import json
import sys
import time

import h5py
import numpy as np

from scipy_four_discs import RTOL, TAU, neural, relu_ntk, vanilla

STEPS = 20000


def lsoda(flow):
    from scipy.integrate import solve_ivp
    rate = vanilla if flow["theta"] is None else neural(flow["theta"])
    solution = solve_ivp(rate, (0, flow["end_time"]), flow["start"].ravel(), method="LSODA", rtol=RTOL, atol=RTOL / 1000)
    return solution.y[:, -1].reshape(-1, 2), solution.nfev


def diffrax(flow):
    import diffrax as dx
    import jax
    import jax.numpy as jnp
    jax.config.update("jax_enable_x64", True)
    theta = None if flow["theta"] is None else jnp.asarray(flow["theta"])
    n = len(flow["start"])

    def loss(h):
        z = h / jnp.linalg.norm(h, axis=1, keepdims=True)
        return jnp.log1p(jnp.exp((z @ z.T - 1) / TAU).mean(axis=1)).mean()

    def rate(t, h, _):
        gradient = jax.grad(loss)(h)
        if theta is not None:
            return -theta @ gradient
        return -n * (h * h).sum(axis=1, keepdims=True) * gradient  # |h| stays: E6 with the norm of the start

    @jax.jit
    def run(h):
        solution = dx.diffeqsolve(dx.ODETerm(rate), dx.Tsit5(), 0, flow["end_time"], None, h, max_steps=1000000,
                                  stepsize_controller=dx.PIDController(rtol=RTOL, atol=RTOL / 1000))
        return solution.ys[-1], solution.stats["num_steps"]
    run(jnp.asarray(flow["start"]))[0].block_until_ready()  # compilation apart
    started = time.perf_counter()
    end, steps = run(jnp.asarray(flow["start"]))
    end.block_until_ready()
    flow["seconds"] = time.perf_counter() - started
    return np.asarray(end), 6 * int(steps)


def torch_descent(flow, steps):
    import torch
    theta = None if flow["theta"] is None else torch.from_numpy(flow["theta"])
    h = torch.from_numpy(flow["start"].copy()).requires_grad_(True)
    step, n = flow["end_time"] / STEPS, len(flow["start"])
    for _ in range(steps):
        z = h / h.norm(dim=1, keepdim=True)
        loss = torch.log1p(torch.exp((z @ z.T - 1) / TAU).mean(dim=1)).mean()
        loss.backward()
        with torch.no_grad():
            h -= step * (n * (h * h).sum(dim=1, keepdim=True) * h.grad if theta is None else theta @ h.grad)
            h.grad.zero_()
    return h.detach().numpy(), steps


def loss_of(z):
    return np.log1p(np.exp((z @ z.T - 1) / TAU).mean(axis=1)).mean()


def main():
    name, path = sys.argv[1:3]
    steps = int(sys.argv[3]) if len(sys.argv) > 3 else STEPS
    answer = {"name": name, "seconds": 0.0, "evaluations": 0, "difference": 0.0, "contraflow_seconds": 0.0}
    with h5py.File(path) as result:
        x = result["data/points"][:]
        flows = [{"name": key, "start": group["embedding"][0], "end": group["latent"][-1],
                  "end_time": float(group["time"][-1]), "own": float(group.attrs["wall_seconds"])}
                 for key, group in result["flows"].items()]
    for flow in flows:
        started = time.perf_counter()
        flow["theta"] = None if flow["name"] == "vanilla" else relu_ntk(x)
        if name == "torch-descent":
            h, evaluations = torch_descent(flow, steps)
            flow.setdefault("seconds", (time.perf_counter() - started) * STEPS / steps)
        else:
            h, evaluations = {"lsoda": lsoda, "diffrax": diffrax}[name](flow)
            flow.setdefault("seconds", time.perf_counter() - started)
        z = h / np.linalg.norm(h, axis=1)[:, None]
        difference = np.abs(z - flow["end"]).max()
        if name != "torch-descent":
            assert difference < 1e-4, f"{flow['name']}: the two programs disagree by {difference:.1e}"
            answer["difference"] = max(answer["difference"], difference)
        elif steps == STEPS:
            gap = abs(loss_of(z) - loss_of(flow["end"]))
            assert gap < 1e-2, f"{flow['name']}: the descent ends at another loss, by {gap:.1e}"
        answer["seconds"] += flow["seconds"]
        answer["evaluations"] += evaluations
        answer["contraflow_seconds"] += flow["own"]
    print(json.dumps(answer))


main()
