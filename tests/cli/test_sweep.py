#!/usr/bin/env python3
"""Sweeps as a user meets them: the same table, bit for bit, whatever the number of processes and however often all of
them are killed; failures as rows; refusals with one message and exit code 2. Usage: test_sweep.py CONTRAFLOW"""
import csv
import os
import pathlib
import random
import signal
import subprocess
import sys
import tempfile
import time

PROGRAM = os.path.abspath(sys.argv[1])
claims = failures = 0
FOLDERS = tempfile.TemporaryDirectory(prefix="contraflow-test-")

PROBLEM = """format: 1
data: {kind: discs, points-per-cluster: 8, radius: 0.3}
latent: {space: sphere, dimension: 2}
start: {kind: near-point, spread: 0.05}
loss: {psi: log1p, tau: 0.1}
flows:
  - {name: vanilla, kind: vanilla}
  - {name: wide, kind: neural, kernel: {hidden-layers: 1, activation: relu}}
time: {end: 5, outputs: {spacing: log, first: 0.01, count: 8}}
"""
SWEEP = """sweep:
  axes:
    data.radius: {from: 0.1, to: 0.8, count: 4, spacing: log}
    loss.tau: [0.1, 0.2]
  repeat: 10
"""


def check(ok, claim, evidence=""):
    global claims, failures
    claims += 1
    failures += not ok
    print(f"{'ok' if ok else 'not ok'} {claims} - {claim}")
    if not ok:
        print("\n".join("# " + line for line in str(evidence).splitlines()[:12]))


def folder(text=PROBLEM + SWEEP):
    path = pathlib.Path(tempfile.mkdtemp(dir=FOLDERS.name))
    (path / "problem.yaml").write_text(text)
    return path


def start(path, *arguments):
    return subprocess.Popen([PROGRAM, "sweep", "problem.yaml", "-o", "out", *arguments], cwd=path,
                            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True)


def sweep(path, *arguments):
    process = start(path, *arguments)
    output, errors = process.communicate(timeout=300)
    return process.returncode, output, errors


def rows_of(path):
    with open(path / "out/table.csv", encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def files_of(path):
    return [(path / "out" / name).read_bytes() for name in ("table.csv", "table.h5")]


def test_table():
    one = folder()
    code, output, errors = sweep(one, "--jobs", "1")
    check(code == 0 and "80 of 80 runs" in output, "a sweep runs to its end", errors)
    rows = rows_of(one)
    check(len(rows) == 160, "a row for each flow of each run", len(rows))
    check([float(r["data.radius"]) for r in rows[::40]] == [0.1, 0.2, 0.4, 0.8], "equal ratios are round numbers",
          [r["data.radius"] for r in rows[::40]])
    check([int(r["run"]) for r in rows[::2]] == list(range(80)) and
          [(r["point"], r["repetition"]) for r in rows[18:22:2]] == [("0", "9"), ("1", "0")], "the repetition varies first")
    check(len({r["loss.final"] for r in rows if r["flow"] == "wide"}) == 80, "every run is another one")
    alone = subprocess.run([PROGRAM, "run", "problem.yaml", "-o", "one.h5", "--quiet", "--set", "data.radius=0.2", "--set",
                            "data.seed=4", "--set", "start.seed=5", "--set", "loss.tau=0.2"], cwd=one)
    info = subprocess.run([PROGRAM, "info", "one.h5"], cwd=one, capture_output=True, text=True)
    row = next(r for r in rows if (r["data.radius"], r["loss.tau"], r["repetition"], r["flow"]) == ("0.2", "0.2", "3", "wide"))
    check(alone.returncode == 0 and f"{float(row['loss.final']):.6f}" in info.stdout,
          "a run of the sweep is the run with its settings, seeds grown by the repetition", info.stdout)
    for jobs in "2", "3":
        other = folder()
        sweep(other, "--jobs", jobs)
        check(files_of(other) == files_of(one), f"{jobs} processes write the same bytes as one")
    return files_of(one)


def test_kill(expected):
    """kill -9 to all processes, at random moments."""
    moments = random.Random(5)
    path, kills, longest = folder(), 0, 0.25
    while kills < 4:
        process = start(path, "--jobs", "2", "--resume")
        time.sleep(moments.uniform(0.02, 1) * longest)
        ended = process.poll() is not None
        if not ended:
            os.killpg(process.pid, signal.SIGKILL)
        process.communicate()
        if ended:  # before it was killed: anew, and sooner
            path, kills, longest = folder(), 0, longest / 2
            continue
        kills += 1
        whole = (path / "out/table.csv").exists()
        if whole:
            states = [r["status"] for r in rows_of(path)]
            check(len(states) >= 80 and set(states) <= {"pending", "complete", "norm-collapse"},
                  "after kill -9 the table is whole: every run is there", states[:5])
    check(kills == 4, f"the sweep was killed {kills} times")
    with open(path / "out/journal", "ab") as journal:
        journal.write(b"7 0.01 500 0123456789abcdef\n7,0,7,")
    code, _, errors = sweep(path, "--jobs", "2", "--resume")
    check(code == 0 and files_of(path) == expected, "killed, with a torn journal, and resumed: the same bytes", errors)
    before = (path / "out/journal").read_bytes()
    code, output, _ = sweep(path, "--resume")
    check(code == 0 and (path / "out/journal").read_bytes() == before, "a sweep that is done runs nothing again", output)


def test_interrupt(expected):
    for _ in range(20):  # until it is interrupted before its end
        path = folder()
        process = start(path, "--jobs", "2")
        while not (path / "out/journal").exists() or (path / "out/journal").stat().st_size == 0:
            time.sleep(0.001)
        process.send_signal(signal.SIGTERM)
        process.communicate()
        if process.returncode != 0:
            break
    check(process.returncode == 130, "SIGTERM ends a sweep with exit code 130", process.returncode)
    check("pending" in {r["status"] for r in rows_of(path)}, "its table says what is pending")
    sweep(path, "--resume")
    check(files_of(path) == expected, "resumed, it is the same table")


def test_worker_death():
    """The death of one process costs its run one more attempt, and nothing else."""
    path = folder()
    process = start(path, "--jobs", "2")
    children = pathlib.Path(f"/proc/{process.pid}/task/{process.pid}/children")
    for _ in range(2000):
        found = children.read_text().split() if children.exists() else []
        if found:
            os.kill(int(found[0]), signal.SIGKILL)
            break
        time.sleep(0.001)
    process.communicate()
    states = {r["status"] for r in rows_of(path)}
    check(process.returncode == 0 and states == {"complete", "norm-collapse"}, "a killed worker is replaced and its run repeated", states)


def test_failures():
    text = PROBLEM.replace("flows:", "flows:\n  - {name: block, kind: neural, kernel: {kind: block, matrix: [[1,0],[0,1]]}}")
    path = folder(text + "sweep: {axes: {\"data.centers\": [[[0, 0], [1, 1]], [[0, 0], [1, 1], [2, 2]]]}, keep: true}\n")
    code, output, errors = sweep(path)
    rows = rows_of(path)
    bad = [r for r in rows if r["status"] == "failed"]
    check(code == 3 and "1 failed" in output, "failed runs give exit code 3", (code, output, errors))
    check(len(bad) == 1 and "matrix" in bad[0]["message"] and bad[0]["point"] == "1", "a failed run is a row that says why",
          bad)
    check([r["status"] for r in rows[:3]] == ["complete"] * 3, "and stops no other")
    check(sorted(p.name for p in (path / "out/runs").iterdir()) == ["000000.h5"], "keep: true keeps whole results")
    code, _, _ = sweep(path, "--resume")
    check(code == 3 and rows_of(path) == rows, "what failed for its own reasons is not tried again")


def refused(claim, path, *needles, arguments=()):
    code, output, errors = sweep(path, *arguments)
    lines = [line for line in errors.splitlines() if not line.startswith("usage: ")]
    check(code == 2 and len(lines) == 1 and all(n in lines[0] for n in needles), claim, f"exit {code}: {errors}")


def test_refusals():
    def axes(text, rest=""):
        return folder(PROBLEM + "sweep:\n  axes:\n    " + text + "\n" + rest)

    refused("an unknown key, with its line", axes("loss.tua: [0.1]"), "problem.yaml:12: sweep.axes.loss.tua", "tau")
    refused("a value out of range", axes("loss.tau: [0.1, -1]"), "problem.yaml:12: sweep.axes.loss.tau, value -1", "must be in")
    refused("an axis without values", axes("loss.tau: []"), "problem.yaml:12", "at least one value")
    refused("an axis that is one value", axes("loss.tau: 0.1"), "problem.yaml:12", "must be a list")
    refused("a range without a count", axes("loss.tau: {from: 0.1, to: 1}"), "problem.yaml:12", "count")
    refused("a typo in a range", axes("loss.tau: {from: 0.1, too: 1}"), "problem.yaml:12", "did you mean", "to")
    refused("a logarithmic range from 0", axes("loss.tau: {from: 0, to: 1, count: 3, spacing: log}"), "positive")
    refused("axes of unequal length in zip", axes("loss.tau: [0.1]\n    data.radius: [1, 2]", "  design: zip\n"),
            "as many values")
    refused("lists in a Sobol sequence", axes("loss.tau: [0.1, 0.2]", "  design: sobol\n"), "range")
    refused("a sweep of the sweep", axes("sweep.repeat: [1, 2]"), "problem.yaml:12", "itself")
    refused("what cannot be collected", axes("loss.tau: [0.1]", "  collect: [loss.last]\n"), "problem.yaml:13",
            "sweep.collect.0 = loss.last", "final")
    refused("repetitions without a seed",
            axes("start.seed: [1]\n    data.seed: [1]", "  repeat: 3\n"), "sweep.repeat = 3", "same run")
    refused("more runs than anybody has time for", axes("data.seed: {from: 1, to: 2, count: 100000}", "  repeat: 1000\n"),
            "at most")
    refused("no sweep", folder(PROBLEM), "no section sweep", "contraflow run")
    refused("a folder that cannot be made", folder(), "nowhere/out", arguments=("-o", "nowhere/out"))
    refused("a number of processes below 1", folder(), "--jobs 0", arguments=("--jobs", "0"))


def test_folder():
    path = folder()
    sweep(path, "--jobs", "2")
    refused("a folder that holds a sweep", path, "holds a sweep already", "--resume")
    text = (path / "problem.yaml").read_text()
    (path / "problem.yaml").write_text(text.replace("psi: log1p", "psi: log"))
    refused("a sweep that has changed, with the difference", path, "loss.psi: log1p", "loss.psi: log`",
            arguments=("--resume",))
    (path / "problem.yaml").write_text(text + "  # only a comment\n")
    code, _, errors = sweep(path, "--resume")
    check(code == 0, "a comment changes nothing", errors)
    path = folder(PROBLEM.replace("points-per-cluster: 8", "points-per-cluster: 100") + SWEEP)
    process = start(path, "--jobs", "1")
    while not (path / "out/journal").exists():
        time.sleep(0.005)
    refused("a folder in use", path, f"in use by process {process.pid}", arguments=("--resume",))
    process.kill()
    process.communicate()


def test_report():
    path = folder()
    sweep(path, "--jobs", "2")
    done = subprocess.run([PROGRAM, "report", "out"], cwd=path, capture_output=True, text=True)
    page = (path / "out/report.html").read_text()
    check(done.returncode == 0 and "Problem file" in page and "data.radius" in page, "report of a folder shows its sweep",
          done.stderr)
    with open(path / "out/report-points.csv", encoding="utf-8", newline="") as file:
        points = list(csv.DictReader(file))
    check(len(points) == 2 * 4 * 2 * 3 and {p["time"] for p in points} == {"persistence", "dissolution", "emergence"},
          "with the statistics of every point as a table", len(points))
    wide = [p for p in points if p["flow"] == "wide" and p["time"] == "emergence"]
    check(all(int(p["sample"]) == 10 for p in wide) and all(float(p["low"]) <= float(p["median"]) for p in wide),
          "whose samples are the repetitions", wide[:2])
    laws = (path / "out/report-laws.csv").read_text().splitlines()
    check(laws[0].startswith("series,time,law,parameter,value"), "and the laws as another", laws[:1])
    if (path / "out/report-figures").exists():
        names = {f.name for f in (path / "out/report-figures").iterdir()}
        check({"law.svg", "law.png", "survival.svg", "survival.png"} <= names and page.count("<svg") == 2,
              "figures are drawn, and in the page", names)


def test_clusters():
    """A table of clusters: the same whatever the number of processes, and whether resumed or not."""
    text = PROBLEM.replace("points-per-cluster: 8", "points-per-cluster: [8, 16, 4, 4]") + "sweep: {repeat: 12, clusters: true}\n"
    one, other, killed = folder(text), folder(text), folder(text)
    code, _, errors = sweep(one, "--jobs", "1")
    sweep(other, "--jobs", "3")
    process = start(killed, "--jobs", "2")
    time.sleep(0.05)
    os.killpg(process.pid, signal.SIGKILL)
    process.communicate()
    sweep(killed, "--jobs", "2", "--resume")
    files = [[(p / "out" / name).read_bytes() for name in ("table.csv", "table.h5", "clusters.csv")] for p in (one, other, killed)]
    check(code == 0 and files[0] == files[1] == files[2], "clusters.csv: the same bytes on 1 and 3 processes, and killed", errors)
    with open(one / "out/clusters.csv", encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    check(len(rows) == 12 * 2 * 4 and [r["cluster"] for r in rows[:4]] == ["1", "2", "3", "4"] and
          all(abs(float(r["mass"]) - [0.25, 0.5, 0.125, 0.125][int(r["cluster"]) - 1]) < 1e-12 for r in rows),
          "a row for each cluster of each flow of each run", rows[:2])
    flows = {(r["run"], r["flow"]): r for r in rows_of(one)}
    check(all(r["observed_until"] == flows[r["run"], r["flow"]]["observed_until"] for r in rows) and
          any(float(r["emergence"]) > 0 for r in rows), "beside the table of the flows", rows[-1])
    done = subprocess.run([PROGRAM, "report", "out"], cwd=one, capture_output=True, text=True)
    with open(one / "out/report-clusters.csv", encoding="utf-8", newline="") as file:
        fates = list(csv.DictReader(file))
    page = (one / "out/report.html").read_text()
    check(done.returncode == 0 and len(fates) == 8 and "first" in done.stdout and "Clusters" in page,
          "the report tells which cluster dissolves first", done.stderr)
    check(sum(int(r["first"]) for r in fates if r["flow"] == "wide") == int(fates[-1]["of"]), "in each run one", fates[-1])


def test_designs():
    sobol = "sweep:\n  axes:\n    loss.tau: {from: 0.1, to: 1, spacing: log}\n    data.radius: {from: 0, to: 1}\n"
    path = folder(PROBLEM + sobol + "  design: sobol\n  points: 4\n")
    sweep(path)
    found = [(float(r["loss.tau"]), float(r["data.radius"])) for r in rows_of(path)[::2]]
    expected = [(10 ** (u - 1), v) for u, v in [(0.5, 0.5), (0.75, 0.25), (0.25, 0.75), (0.375, 0.375)]]
    check(all(abs(a - b) < 1e-11 for f, e in zip(found, expected) for a, b in zip(f, e)) and len(found) == 4,
          "a Sobol sequence between the ends of the ranges", found)
    path = folder(PROBLEM + "sweep:\n  design: zip\n  axes:\n    loss.tau: [0.1, 0.2]\n    start: [random, {kind: near-point, "
                  "spread: 0.1}]\n")
    code, _, errors = sweep(path, "--set", "time.end=1")
    found = [(r["loss.tau"], r["start"], r["end"]) for r in rows_of(path)[::2]]
    check(code == 0 and found == [("0.1", "random", "1"), ("0.2", "{kind: near-point, spread: 0.1}", "1")],
          "zip pairs values, which may be whole sections; --set holds for all runs", (found, errors))
    plain = subprocess.run([PROGRAM, "run", "problem.yaml", "--quiet"], cwd=path, capture_output=True, text=True)
    check(plain.returncode == 0, "run takes the file as it stands", plain.stderr)


expected = test_table()
test_kill(expected)
test_interrupt(expected)
test_worker_death()
test_failures()
test_refusals()
test_folder()
test_designs()
test_clusters()
test_report()
FOLDERS.cleanup()
print(f"1..{claims}")
sys.exit(failures > 0)
