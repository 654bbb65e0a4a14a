#!/usr/bin/env python3
"""Networks beside PyTorch on the CPU, on the same threads of the same machine, in turn: one step of training of
authors-line.yaml (fresh views, E2 of 1600 points with two views, a network of 100 units), and forward and backward
passes of three hidden layers of 4096 units at 1000 points. Gradients are compared before anything is timed.

    ninja -C build bench/bench-steps
    python3 bench/networks/torch_networks.py build/bench/bench-steps [--threads 2]

Needs numpy and torch (pip install torch). Times are the shortest of several; rows say what they are of."""
import argparse
import copy
import json
import os
import pathlib
import subprocess
import sys
import tempfile
import time

import numpy as np
import torch

HERE = pathlib.Path(__file__).resolve().parent
TAU, POINTS, WIDTH = 0.1, 1600, 100
N, WIDE = 1000, 4096


def run(program, *arguments, threads):
    environment = dict(os.environ, OMP_NUM_THREADS=str(threads))
    done = subprocess.run([program, *map(str, arguments)], env=environment, capture_output=True, text=True, check=True)
    return json.loads(done.stdout)


def shortest(work, runs):
    work()
    times = []
    for _ in range(runs):
        started = time.perf_counter()
        work()
        times.append(time.perf_counter() - started)
    return min(times)


def split(numbers, *counts):
    places = np.cumsum(counts)
    assert places[-1] == len(numbers)
    return np.split(numbers, places[:-1])


def load(network, theta):
    """Parameters in the order of the layers, weights by row and then biases."""
    torch.nn.utils.vector_to_parameters(torch.from_numpy(np.array(theta)), network.parameters())


def gradient_of(network):
    return torch.cat([p.grad.flatten() for p in network.parameters()]).numpy()


def check(mine, theirs, what):
    error = np.linalg.norm(mine - theirs) / np.linalg.norm(theirs)
    print(f"{what}: relative difference of the gradients {error:.1e}")
    if not error < 1e-12:
        sys.exit("the gradients differ: nothing is timed")


# --- one step of training ---

def generalized_loss(z1, z2):
    """E2 of two views, log1p: R of both orders from one matrix."""
    eta = torch.exp(-(z1 - z2.T)**2 / (2 * TAU))
    own = torch.exp(-(z1 - z2)**2 / (2 * TAU))[:, 0]
    return (torch.log1p(eta.mean(1) / own).mean() + torch.log1p(eta.mean(0) / own).mean()) / 2


def line(program, threads):
    network = torch.nn.Sequential(torch.nn.Linear(2, WIDTH), torch.nn.LeakyReLU(0.2), torch.nn.Linear(WIDTH, 1))
    start = copy.deepcopy(network)
    parameters = sum(p.numel() for p in network.parameters())
    with tempfile.TemporaryDirectory() as folder:
        file = pathlib.Path(folder) / "line"
        own = run(program, "line", HERE / "authors-line.yaml", file, threads=threads)
        parts = split(np.fromfile(file), parameters, parameters, 4 * POINTS, 2 * POINTS, 2 * POINTS, parameters)
    load(start, parts[0])
    load(network, parts[1])
    given = torch.from_numpy(parts[2].reshape(POINTS, 2, 2))
    b = torch.from_numpy(parts[3].reshape(POINTS, 2, 1))
    z = torch.from_numpy(parts[4].reshape(POINTS, 2, 1))
    points = given.mean(1)

    def views():
        return [points + torch.randn(POINTS, 1) for _ in range(2)]

    def step(x):
        with torch.no_grad():
            offset = [b[:, v] - start(x[v]) for v in range(2)]
        network.zero_grad()
        generalized_loss(*(offset[v] + network(x[v]) for v in range(2))).backward()

    def passes(x):
        with torch.no_grad():
            start(x)
        network.zero_grad()
        network(x).sum().backward()

    def loss(leaves):
        for leaf in leaves:
            leaf.grad = None
        generalized_loss(*leaves).backward()

    step([given[:, v] for v in range(2)])
    check(parts[5], gradient_of(network), "authors-line")
    x, leaves = given.reshape(-1, 2), [z[:, v].clone().requires_grad_() for v in range(2)]
    peer = {"step": shortest(lambda: step(views()), 30), "views": shortest(views, 30),
            "network": shortest(lambda: passes(x), 30), "loss": shortest(lambda: loss(leaves), 30)}
    again = run(program, "line", HERE / "authors-line.yaml", os.devnull, threads=threads)
    rows = [("a step of authors-line", "step"), ("  its views", "views"), ("  its network", "network"),
            ("  its loss", "loss")]
    return [(name, min(own[key], again[key]), peer[key]) for name, key in rows]


# --- wide layers ---

def wide(program, threads):
    layers = [torch.nn.Linear(2, WIDE), torch.nn.ReLU(), torch.nn.Linear(WIDE, WIDE), torch.nn.ReLU(),
              torch.nn.Linear(WIDE, WIDE), torch.nn.ReLU(), torch.nn.Linear(WIDE, 2)]
    network = torch.nn.Sequential(*layers)
    parameters = sum(p.numel() for p in network.parameters())
    with tempfile.TemporaryDirectory() as folder:
        file = pathlib.Path(folder) / "wide"
        own = run(program, "wide", N, WIDE, file, threads=threads)
        parts = split(np.fromfile(file), parameters, 2 * N, 2 * N, parameters)
    load(network, parts[0])
    x, g = (torch.from_numpy(part.reshape(N, 2)) for part in parts[1:3])

    def passes():
        network.zero_grad()
        (network(x) * g).sum().backward()

    passes()
    check(parts[3], gradient_of(network), f"3 x {WIDE}")
    return own, shortest(passes, 3)


def main():
    words = argparse.ArgumentParser()
    words.add_argument("program")
    words.add_argument("--threads", type=int, default=2)
    words = words.parse_args()
    torch.set_default_dtype(torch.float64)
    torch.set_num_threads(words.threads)
    rows = line(words.program, words.threads)
    own, peer = wide(words.program, words.threads)
    rows.append((f"3 x {WIDE}, {N} points", own["passes"], peer))
    print(f"\n{words.threads} threads, PyTorch {torch.__version__}; milliseconds\n")
    print(f"{'':28}{'contraflow':>12}{'PyTorch':>12}{'ratio':>8}")
    for name, mine, theirs in rows:
        print(f"{name:28}{1e3 * mine:12.3f}{1e3 * theirs:12.3f}{theirs / mine:8.2f}")
    print(f"\n3 x {WIDE}: {own['rate'] / 1e9:.1f} GFlop/s, {own['rate'] / own['dgemm']:.0%} of the rate of dgemm, "
          f"{own['dgemm'] / 1e9:.1f} GFlop/s")


main()
