#!/usr/bin/env python3
"""Holds trainings in steps to torch.optim: the parameters after 60 steps of sgd, momentum and Adam, from the same start.

    python3 validation/training/check_training.py build/cli/contraflow

Needs numpy, h5py and torch. The differences were 4e-12 (sgd, whose long steps amplify rounding), 1e-15 and 6e-15."""
import pathlib
import subprocess
import sys
import tempfile

import h5py
import torch

STEPS, TAU = 60, 0.2
RULES = [("sgd", 0.05, lambda p: torch.optim.SGD(p, lr=0.05)),
         ("momentum", 0.01, lambda p: torch.optim.SGD(p, lr=0.01, momentum=0.9)),
         ("adam", 0.01, lambda p: torch.optim.Adam(p, lr=0.01))]
PROBLEM = f"""format: 1
data: {{kind: discs, points-per-cluster: 10, radius: 0.3}}
latent: {{space: sphere, dimension: 2}}
start: {{kind: near-point, spread: 0.3}}
loss: {{psi: log1p, tau: {TAU}}}
flows:
""" + "".join(f"""  - name: {name}
    kind: network
    network: {{widths: 16, activation: tanh, parametrization: standard}}
    train: {{method: {name}, learning-rate: {rate}, steps: {STEPS}}}
""" for name, rate, _ in RULES) + "time: {end: 100, outputs: [1]}\n"


def train(flow, x, make):
    network = torch.nn.Sequential(torch.nn.Linear(2, 16), torch.nn.Tanh(), torch.nn.Linear(16, 2))
    torch.nn.utils.vector_to_parameters(torch.tensor(flow["parameters_start"][:]), network.parameters())
    with torch.no_grad():
        offset = torch.tensor(flow["embedding"][0]) - network(x)
    rule = make(network.parameters())
    for _ in range(STEPS):
        h = offset + network(x)
        z = h / h.norm(dim=1, keepdim=True)
        rule.zero_grad()
        torch.log1p(torch.exp((z @ z.T - 1) / TAU).mean(1)).mean().backward()
        rule.step()
    return torch.nn.utils.parameters_to_vector(network.parameters()).detach()


def main():
    torch.set_default_dtype(torch.float64)
    passed = True
    with tempfile.TemporaryDirectory() as folder:
        problem = pathlib.Path(folder) / "problem.yaml"
        problem.write_text(PROBLEM)
        subprocess.run([sys.argv[1], "run", problem, "--quiet"], check=True)
        with h5py.File(problem.with_suffix(".h5")) as file:
            x = torch.tensor(file["data/points"][:])
            for name, _, make in RULES:
                flow = file[f"flows/{name}.width-16.seed-1"]
                error = float((train(flow, x, make) - torch.tensor(flow["parameters_end"][:])).abs().max())
                print(f"{name}: largest difference of a parameter {error:.1e}")
                passed = passed and error < 1e-10  # false of NaN, which max() may drop
    sys.exit(not passed)


main()
