#!/usr/bin/env python3
"""What `check` says of memory against the peak of the run: never less, and not much more. Usage: test_memory.py CONTRAFLOW"""
import os
import pathlib
import re
import subprocess
import sys
import tempfile

PROGRAM = os.path.abspath(sys.argv[1])
os.environ.pop("MALLOC_PERTURB_", None)  # Meson's; it writes to what is only reserved
PROBLEM = """format: 1
data: {kind: discs, points-per-cluster: 2, radius: 0.3}
start: {kind: near-point, spread: 0.05}
loss: {tau: 0.01}
flows: [{kind: network, network: {hidden-layers: 2, widths: 550, activation: tanh}}]
time: {end: 0.1, outputs: {spacing: linear, count: 2}}
snapshots: [0.1]
"""
DISTANCES = ["flows=[{name: a, kind: vanilla}, {name: b, kind: vanilla}]", "distances.from=a", "data.points-per-cluster=2000",
             "latent.space=sphere", "latent.dimension=3", "time.end=0.01", "time.outputs=[0.005]", "snapshots=[0.01]"]
GRID = ["flows=[{kind: vanilla}]", "data.points-per-cluster=50000", "latent={space: euclidean, dimension: 2}",
        "time.end=0.001", "time.outputs=[0.0005]", "snapshots=[0.001]"]
CASES = [("Adams", 1.6, ["integrator.method=adams"]),
         ("BDF", 1.6, ["integrator.method=bdf"]),
         ("either, with checkpoints", 2, ["checkpoint.restart-steps=20", "checkpoint.outputs=1"]),
         ("distances", 2, DISTANCES), ("sums on a grid", 2.5, GRID)]


def measure(path, settings):
    """MiB, estimated and at the peak."""
    arguments = ["problem.yaml", "--threads", "1"] + [word for s in settings for word in ("--set", s)]
    text = subprocess.run([PROGRAM, "check", *arguments], cwd=path, capture_output=True, text=True, timeout=300).stdout
    run = subprocess.Popen([PROGRAM, "run", *arguments, "--quiet"], cwd=path)
    _, status, usage = os.wait4(run.pid, 0)
    run.returncode = os.waitstatus_to_exitcode(status)
    return run.returncode, float(re.search(r"memory (\S+) MiB", text).group(1)), usage.ru_maxrss / 1024


with tempfile.TemporaryDirectory(prefix="contraflow-test-") as folder:
    (pathlib.Path(folder) / "problem.yaml").write_text(PROBLEM)
    failures = 0
    for k, (name, most, settings) in enumerate(CASES, 1):
        code, estimate, peak = measure(folder, settings)
        ok = code == 0 and peak <= estimate <= most * peak
        failures += not ok
        print(f"{'ok' if ok else 'not ok'} {k} - {name}: {estimate:.1f} MiB estimated, {peak:.1f} at the peak, exit {code}")
print(f"1..{len(CASES)}")
sys.exit(failures > 0)
