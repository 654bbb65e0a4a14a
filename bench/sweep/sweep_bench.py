#!/usr/bin/env python3
"""Sweeps at size: a thousand runs of four discs of 25 points, alone and killed five times (kill -9 to all processes at
random moments), whose tables must be equal byte for byte; then the cost of a run that does nothing, and the gain of two
processes over one. Needs nothing but Python.

    bench/sweep/sweep_bench.py build/cli/contraflow [RUNS]"""
import os
import pathlib
import random
import resource
import signal
import subprocess
import sys
import tempfile
import time

PROGRAM = os.path.abspath(sys.argv[1])
RUNS = int(sys.argv[2]) if sys.argv[2:] else 1000

FOUR_DISCS = """format: 1
data: {kind: discs, centers: [[-1,-1],[-1,1],[1,-1],[1,1]], radius: 0.3, points-per-cluster: 25}
flows: [{name: nn, kind: neural, kernel: {hidden-layers: 1, activation: relu}}]
time: {end: 20, outputs: {spacing: log, first: 0.01, count: 12}}
"""
NOTHING = """format: 1
data: {kind: discs, points-per-cluster: 2}
flows: [{name: v, kind: vanilla}]
time: {end: 1e-6, outputs: {spacing: linear, count: 1}}
"""


def start(folder, *arguments):
    return subprocess.Popen([PROGRAM, "sweep", "problem.yaml", "-o", "out", "--quiet", *arguments], cwd=folder,
                            start_new_session=True)


def run(folder, *arguments):
    """Wall-clock and processor seconds."""
    before, started = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    assert start(folder, *arguments).wait() == 0
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return (time.perf_counter() - started,
            after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)


def folder_of(base, name, problem, runs):
    folder = pathlib.Path(base) / name
    folder.mkdir()
    (folder / "problem.yaml").write_text(problem + f"sweep: {{repeat: {runs}}}\n")
    return folder


def tables(folder):
    return [(folder / "out" / name).read_bytes() for name in ("table.csv", "table.h5")]


def kill_and_resume(folder, seconds):
    moments = random.Random(11)
    for kill in range(5):
        process = start(folder, "--jobs", "2", "--resume")
        time.sleep(moments.uniform(0.05, 0.3) * seconds)
        assert process.poll() is None, "the sweep ended before it was killed"
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        rows = (folder / "out/table.csv").read_text().splitlines()
        print(f"  killed {kill + 1}: {sum('pending' not in row for row in rows) - 1} of {RUNS} runs in the table", flush=True)
    run(folder, "--jobs", "2", "--resume")


with tempfile.TemporaryDirectory() as base:
    alone = folder_of(base, "alone", FOUR_DISCS, RUNS)
    two, cpu = run(alone, "--jobs", "2")
    print(f"{RUNS} runs, 2 processes: {two:.1f} s, {cpu:.1f} s of processor time", flush=True)
    killed = folder_of(base, "killed", FOUR_DISCS, RUNS)
    kill_and_resume(killed, two)
    assert tables(alone) == tables(killed), "the tables differ"
    print("  resumed: the same table, byte for byte")
    single = folder_of(base, "single", FOUR_DISCS, RUNS // 4)
    pair = folder_of(base, "pair", FOUR_DISCS, RUNS // 4)
    one, one_cpu = run(single, "--jobs", "1")
    two, two_cpu = run(pair, "--jobs", "2")
    assert tables(single) == tables(pair), "the tables differ"
    print(f"{RUNS // 4} runs: {one:.1f} s with 1 process, {two:.1f} s with 2: efficiency {one / two / 2:.2f}; processor time "
          f"{one_cpu:.1f} s and {two_cpu:.1f} s: {one_cpu / two_cpu:.2f}")
    nothing = folder_of(base, "nothing", NOTHING, RUNS)
    wall, cpu = run(nothing, "--jobs", "1")
    print(f"a run that does nothing: {1e3 * cpu / RUNS:.2f} ms of processor time, {1e3 * wall / RUNS:.2f} ms in all")
