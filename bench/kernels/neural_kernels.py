#!/usr/bin/env python3
"""Neural flows of many points: what products with their kernels cost in time and memory by each engine, and what a
kernel of low rank does to the trajectory. Four discs on the circle, one hidden layer, from a start near a point.

    python3 bench/kernels/neural_kernels.py build/cli/contraflow [--scale 1] [--threads 2] [--json OUT.json]

Needs numpy and h5py. Flows of different engines are compared before anything is reported: entries that are computed
anew must give the bits of those that are kept. --scale 0.1 takes a tenth of all points, for a trial."""
import argparse
import json
import os
import pathlib
import platform
import subprocess
import sys
import tempfile
import time

import h5py
import numpy as np

PROBLEM = """format: 1
data: {{kind: discs, centers: [[-1, -1], [-1, 1], [1, -1], [1, 1]], radius: 0.3, points-per-cluster: {cluster}, seed: 1}}
latent: {{space: sphere, dimension: 2}}
start: {{kind: near-point, spread: 0.02, seed: 2}}
loss: {{kind: generalized, psi: log1p, tau: 0.1}}
flows: [{{name: flow, kind: neural, kernel: {{hidden-layers: 1, activation: {activation}}}}}]
time: {{end: {end}, outputs: {outputs}}}
snapshots: all
integrator: {{rtol: {rtol}}}
sums: {{engine: {engine}, tolerance: {tolerance}}}
"""
# points, activation, engine, tolerance, end; the ReLU kernel of 10^5 points would fill 40 GB.
COSTS = [(10000, "relu", "direct", 1e-12, 1.0), (10000, "erf", "direct", 1e-12, 1.0),
         (10000, "erf", "low-rank", 1e-8, 1.0), (100000, "erf", "low-rank", 1e-4, 1.0),
         (100000, "erf", "low-rank", 1e-8, 1.0), (100000, "relu", "direct", 1e-12, 1e-3)]
EFFECT_POINTS, EFFECT_TOLERANCES = 2000, [1e-2, 1e-4, 1e-6, 1e-8, 1e-10, 1e-12]


class Bench:
    def __init__(self, program, threads, folder):
        self.program, self.folder = program, pathlib.Path(folder)
        self.environment = dict(os.environ, OMP_NUM_THREADS=str(threads))
        self.runs = 0

    def flow(self, points, rtol=1e-6, outputs="{count: 5}", **problem):
        """Runs a flow: its result, seconds on the clock and of all processors, and the largest memory in MB."""
        self.runs += 1
        source, result = self.folder / f"{self.runs}.yaml", self.folder / f"{self.runs}.h5"
        source.write_text(PROBLEM.format(cluster=points // 4, rtol=rtol, outputs=outputs, **problem))
        started = time.perf_counter()
        process = subprocess.Popen([self.program, "run", source, "-o", result, "--quiet"], env=self.environment,
                                   stdout=subprocess.DEVNULL)
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = status
        seconds = time.perf_counter() - started
        if status != 0:
            sys.exit(f"{source}: contraflow run failed")
        with h5py.File(result) as file:
            group = file["flows/flow"]
            flow = {key: group.attrs[key] for key in ("rhs_evaluations", "energy_defect")}
            flow["kernel"] = group.attrs["kernel_engine"]
            flow["kernel"] = flow["kernel"].decode() if isinstance(flow["kernel"], bytes) else str(flow["kernel"])
            flow["latent"] = group["latent"][:]
            flow["time"] = group["snapshot_time"][:]
        result.unlink()
        return flow, (seconds, usage.ru_utime + usage.ru_stime), usage.ru_maxrss / 1024


def costs(bench, scale):
    rows = []
    for points, activation, engine, tolerance, end in COSTS:
        points = max(int(points * scale) // 4 * 4, 8)
        flow, seconds, memory = bench.flow(points, activation=activation, engine=engine, tolerance=tolerance, end=end)
        evaluations = int(flow["rhs_evaluations"])
        rows.append({"points": points, "activation": activation, "kernel": flow["kernel"].split(", predicted")[0],
                     "end": end, "seconds": seconds[0], "processor_seconds": seconds[1],
                     "evaluations": evaluations, "ms": 1e3 * seconds[0] / evaluations, "MB": memory, "defect": float(flow["energy_defect"])})
        print("#", rows[-1], file=sys.stderr, flush=True)
    return rows


def effect(bench, scale):
    """Root mean square difference of latent points from those of the exact kernel, per tolerance."""
    points = max(int(EFFECT_POINTS * scale) // 4 * 4, 8)
    setting = dict(activation="erf", end=100, rtol=1e-10, outputs="[0.1, 0.3, 1, 10]")
    exact, _, _ = bench.flow(points, engine="direct", tolerance=1e-12, **setting)
    rows = []
    for tolerance in EFFECT_TOLERANCES:
        flow, _, _ = bench.flow(points, engine="low-rank", tolerance=tolerance, **setting)
        rms = np.sqrt(np.mean(np.sum((flow["latent"] - exact["latent"])**2, axis=-1), axis=-1))
        rows.append({"tolerance": tolerance, "kernel": flow["kernel"].split(", predicted")[0],
                     "rms": dict(zip([f"{t:g}" for t in flow["time"]], rms.tolist()))})
        print("#", rows[-1], file=sys.stderr, flush=True)
    if not rows[-1]["rms"]["1"] < 1e-8:
        sys.exit("a kernel of low rank to 1e-12 does not give the trajectory of the exact one")
    return points, rows


def machine():
    cpu = platform.processor()
    if os.path.exists("/proc/cpuinfo"):
        cpu = next((line.split(":")[1].strip() for line in open("/proc/cpuinfo", encoding="utf-8")
                    if line.startswith("model name")), cpu)
    return f"{cpu}, {os.cpu_count()} processors, {os.sysconf('SC_PAGE_SIZE') * os.sysconf('SC_PHYS_PAGES') / 1e9:.0f} GB"


def main():
    arguments = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    arguments.add_argument("program")
    arguments.add_argument("--scale", type=float, default=1)
    arguments.add_argument("--threads", type=int, default=2)
    arguments.add_argument("--json")
    given = arguments.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        bench = Bench(given.program, given.threads, folder)
        points, effects = effect(bench, given.scale)
        rows = costs(bench, given.scale)
    print(f"{machine()}, {given.threads} threads\n")
    print("| points | activation | kernel | to t | seconds | of processors | evaluations | ms each | peak MB |")
    print("|" + " --- |" * 9)
    for r in rows:
        print(f"| {r['points']} | {r['activation']} | {r['kernel']} | {r['end']:g} | {r['seconds']:.3g} | "
              f"{r['processor_seconds']:.3g} | {r['evaluations']} | {r['ms']:.3g} | {r['MB']:.0f} |")
    times = list(effects[0]["rms"])
    print(f"\nerf, {points} points, rtol 1e-10: root mean square difference of the latent points from the exact kernel's\n")
    print("| tolerance | kernel | " + " | ".join(f"t = {t}" for t in times) + " |")
    print("| --- | --- |" + " --- |" * len(times))
    for r in effects:
        print(f"| {r['tolerance']:g} | {r['kernel']} | " + " | ".join(f"{r['rms'][t]:.1e}" for t in times) + " |")
    if given.json:
        pathlib.Path(given.json).write_text(json.dumps({"machine": machine(), "threads": given.threads, "costs": rows,
                                                        "effect": effects}, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
