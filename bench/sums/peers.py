#!/usr/bin/env python3
"""The right-hand side of E6 (Psi = log, equal masses) as users of other libraries write it, timed and written out.

Usage: peers.py NAME N D TAU THREADS POINTS VELOCITIES, where POINTS and VELOCITIES are files of N*D doubles. Prints a
line of JSON. Names: the functions below; numpy, torch (autograd as it comes), torch-blocked (by hand, in blocks of
rows), jax, keops, finufft (the circle). torch-tuned is torch where the environment keeps freed memory
(MALLOC_MMAP_THRESHOLD_ and MALLOC_TRIM_THRESHOLD_): bench/run sets it."""
import json
import os
import sys
import time

name, n, d, tau, threads, source, target = sys.argv[1:]
n, d, tau, threads = int(n), int(d), float(tau), int(threads)
for variable in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ[variable] = str(threads)
os.environ["XLA_FLAGS"] = f"--xla_cpu_multi_thread_eigen={'true' if threads > 1 else 'false'}"

import numpy as np  # noqa: E402  (after the number of threads)


def numpy_rate(z):
    kernel = np.exp((z @ z.T - 1) / tau)
    slope = 1 / kernel.mean(axis=1)
    kernel *= slope[:, None] + slope[None, :]
    u = (kernel.sum(axis=1)[:, None] * z - kernel @ z) / (-tau * n)
    return (z * u).sum(axis=1)[:, None] * z - u


def with_torch(rate):
    import torch
    torch.set_num_threads(threads)
    return lambda z: rate(torch, torch.from_numpy(z)).numpy()


def torch_rate(torch, z):
    z = z.requires_grad_(True)
    loss = torch.log(torch.exp((z @ z.T - 1) / tau).mean(dim=1)).mean()
    (gradient,) = torch.autograd.grad(loss, z)
    u = n * gradient
    return ((z * u).sum(dim=1, keepdim=True) * z - u).detach()


def torch_blocked_rate(torch, z, rows=256):
    with torch.no_grad():
        blocks = range(0, n, rows)
        slope = torch.cat([1 / torch.exp((z[i:i + rows] @ z.T - 1) / tau).mean(dim=1) for i in blocks])
        u = torch.empty_like(z)
        for i in blocks:
            kernel = torch.exp((z[i:i + rows] @ z.T - 1) / tau)
            kernel *= slope[i:i + rows, None] + slope[None, :]
            u[i:i + rows] = (kernel.sum(dim=1, keepdim=True) * z[i:i + rows] - kernel @ z) / (-tau * n)
        return (z * u).sum(dim=1, keepdim=True) * z - u


def jax_rate():
    import jax
    import jax.numpy as jnp
    jax.config.update("jax_enable_x64", True)

    @jax.jit
    def rate(z):
        u = n * jax.grad(lambda z: jnp.log(jnp.exp((z @ z.T - 1) / tau).mean(axis=1)).mean())(z)
        return (z * u).sum(axis=1, keepdims=True) * z - u
    return lambda z: np.asarray(rate(z))


def keops_rate():
    from pykeops.numpy import LazyTensor

    def rate(z):
        row, column = LazyTensor(z[:, None, :].copy()), LazyTensor(z[None, :, :].copy())
        kernel = (((row - column) ** 2).sum(-1) * (-0.5 / tau)).exp()
        slope = n / kernel.sum(axis=1)
        weight = kernel * (LazyTensor(slope[:, None, :].copy()) + LazyTensor(slope[None, :, :].copy()))
        u = (weight * (row - column)).sum(axis=1) / (-tau * n)
        return (z * u).sum(axis=1)[:, None] * z - u
    return rate


def finufft_rate():
    import finufft
    from scipy.special import ive
    modes = int(np.ceil(np.sqrt(2 * 33 / tau)) + 8)
    k = np.arange(-modes, modes + 1)
    kernel = ive(np.abs(k), 1 / tau)
    options = {"eps": 1e-12, "nthreads": threads}

    def rate(z):
        angle = np.arctan2(z[:, 1], z[:, 0])
        to = finufft.Plan(1, (2 * modes + 1,), isign=-1, **options)
        back = finufft.Plan(2, (2 * modes + 1,), isign=1, **options)
        both = finufft.Plan(2, (2 * modes + 1,), isign=1, n_trans=2, **options)
        for plan in (to, back, both):
            plan.setpts(angle)
        first = kernel * to.execute(np.full(n, 1 / n, dtype=complex))
        G = back.execute(first).real
        second = kernel * to.execute((1 / (n * G)).astype(complex))
        slope = both.execute(np.stack([1j * k * first, 1j * k * second])).real
        return -(slope[0] / G + slope[1])[:, None] * np.stack([-z[:, 1], z[:, 0]], axis=1)
    return rate


def make():
    return {"numpy": lambda: numpy_rate, "torch": lambda: with_torch(torch_rate),
            "torch-tuned": lambda: with_torch(torch_rate), "torch-blocked": lambda: with_torch(torch_blocked_rate),
            "jax": jax_rate, "keops": keops_rate, "finufft": finufft_rate}[name]()


z = np.fromfile(source).reshape(n, d)
rate = make()
velocity = rate(z.copy())
times = []
while len(times) < 5 or (sum(times) < 1.5 and len(times) < 50):
    points = z.copy()
    started = time.perf_counter()
    velocity = rate(points)
    times.append(time.perf_counter() - started)
np.ascontiguousarray(velocity).tofile(target)
print(json.dumps({"seconds": min(times), "threads": threads}))
