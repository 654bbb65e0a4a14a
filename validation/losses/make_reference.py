#!/usr/bin/env python3
"""Writes tests/data/losses.txt: losses of several views with their gradients, from automatic differentiation.

    python3 -m venv venv && venv/bin/pip install numpy torch
    venv/bin/python validation/losses/make_reference.py > tests/data/losses.txt

Independent of the program: E1 is the cross entropy of a classifier over the other embeddings, as SimCLR
trains it (for more than two views, the mean over the partners: Khosla et al. 2020, eq. 2); E2 is written
out with R and A as they stand in the theory, and before anything is written, the gradients are compared with
NumPy's central differences of a second implementation by loops. Each case is a line of names and numbers:
loss psi eta tau exponent V n d, then the masses of the points [n], the embeddings [n V d], L, and dL/dz
[n V d].
"""
import itertools
import math

import numpy as np
import torch

torch.set_default_dtype(torch.float64)
PSI = {"log1p": torch.log1p, "log": torch.log, "identity": lambda q: q}
SCALAR_PSI = {"log1p": math.log1p, "log": math.log, "identity": lambda q: q}


def profile(name, s, tau, p):
    return torch.exp(-s / tau) if name == "exponential" else (1 + s / tau) ** -p


def generalized(z, m, psi, eta, tau, p):
    """E2 at z [n, V, d]."""
    views = z.shape[1]
    total = 0
    for v, w in itertools.permutations(range(views), 2):
        s = ((z[:, None, v] - z[None, :, w]) ** 2).sum(-1) / 2
        k = profile(eta, s, tau, p)
        total = total + (m * PSI[psi]((k * m).sum(1) / k.diagonal())).sum()
    return total / (views * (views - 1))


def nt_xent(z, tau):
    """E1 at unit vectors z [n, V, d]: cross entropy against each partner, over all embeddings but itself."""
    n, views, d = z.shape
    flat = z.reshape(n * views, d)
    logits = (flat @ flat.T / tau).masked_fill(torch.eye(n * views, dtype=bool), -torch.inf)
    losses = []
    for shift in range(1, views):
        partner = torch.tensor([i * views + (v + shift) % views for i in range(n) for v in range(views)])
        losses.append(torch.nn.functional.cross_entropy(logits, partner))
    return sum(losses) / len(losses)


def loops(z, m, loss, psi, eta, tau, p):
    """The same with scalars, to check that the formulas above say what they should."""
    n, views, _ = z.shape
    k = (lambda a, b: math.exp(-sum((a - b) ** 2) / 2 / tau)) if eta == "exponential" else (
        lambda a, b: (1 + sum((a - b) ** 2) / 2 / tau) ** -p)
    total = 0.0
    for i, v, w in itertools.product(range(n), range(views), range(views)):
        if v == w:
            continue
        near = k(z[i, v], z[i, w])
        if loss == "generalized":
            q = sum(m[j] * k(z[i, v], z[j, w]) for j in range(n)) / near
            total += m[i] * SCALAR_PSI[psi](q) / (views * (views - 1))
        else:
            others = sum(k(z[i, v], z[j, b]) for j in range(n) for b in range(views) if (j, b) != (i, v))
            total -= math.log(near / others) / (n * views * (views - 1))
    return total


def case(random, loss, psi, eta, tau, p, views, n, d):
    z = random.standard_normal((n, views, d))
    m = np.exp(0.5 * random.standard_normal(n))
    if loss == "nt-xent":
        z /= np.linalg.norm(z, axis=2, keepdims=True)
        m[:] = 1
    m /= m.sum()
    x = torch.tensor(z, requires_grad=True)
    value = nt_xent(x, tau) if loss == "nt-xent" else generalized(x, torch.tensor(m), psi, eta, tau, p)
    value.backward()
    assert abs(value.item() - loops(z, m, loss, psi, eta, tau, p)) < 1e-13 * max(1, abs(value.item()))
    gradient = x.grad.numpy()
    direction = random.standard_normal(z.shape)
    if loss == "nt-xent":  # s = (|a|^2 + |b|^2)/2 - a.b is an inner product on the sphere only
        direction -= (direction * z).sum(2, keepdims=True) * z
    step = 1e-3 * math.sqrt(tau)
    slope = sum(c * (loops(z + k * step * direction, m, loss, psi, eta, tau, p)
                     - loops(z - k * step * direction, m, loss, psi, eta, tau, p))
                for k, c in ((1, 3 / 4), (2, -3 / 20), (3, 1 / 60))) / step
    assert abs(slope - (gradient * direction).sum()) < 1e-9 * np.abs(gradient * direction).sum()
    if loss == "nt-xent":  # the tangential part, on which both ways of writing s agree
        gradient = gradient - (gradient * z).sum(2, keepdims=True) * z
    numbers = np.concatenate([m, z.ravel(), [value.item()], gradient.ravel()])
    print(loss, psi, eta, repr(tau), repr(p), views, n, d, *(f"{number:.17g}" for number in numbers))


def main():
    random = np.random.default_rng(1)
    for psi, eta, views in itertools.product(PSI, ("exponential", "power"), (2, 3)):
        case(random, "generalized", psi, eta, 0.4, 1.5, views, 7, 1 + views % 2)
    for psi in ("log1p", "log"):
        case(random, "generalized", psi, "exponential", 0.02, 1.0, 2, 9, 2)
    for tau, views, d in ((0.5, 2, 2), (0.05, 2, 3), (0.2, 3, 3)):
        case(random, "nt-xent", "-", "exponential", tau, 1.0, views, 8, d)


main()
