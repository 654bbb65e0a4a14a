#!/usr/bin/env python3
"""The program as a user meets it: bad input of every kind ends with exit code 2 and one message that names
place, key, value and rule, and leaves no file behind; interruption and numerical ends keep their
results. Usage: test_commands.py CONTRAFLOW"""
import csv
import os
import pathlib
import re
import resource
import signal
import subprocess
import sys
import tempfile
import time

PROGRAM = os.path.abspath(sys.argv[1])
claims = failures = 0

PROBLEM = """format: 1
data: {kind: discs, points-per-cluster: 10, radius: 0.3}
latent: {space: sphere, dimension: 2}
start: {kind: near-point, spread: 0.05, seed: 2}
loss: {psi: log1p, tau: 0.1}
flows:
  - {name: vanilla, kind: vanilla}
  - {name: wide, kind: neural, kernel: {hidden-layers: 1, activation: relu}}
time: {end: 5, outputs: {spacing: log, first: 0.01, count: 8}}
"""
FILE_PROBLEM = PROBLEM.replace("kind: discs, points-per-cluster: 10, radius: 0.3", "kind: file, path: points.csv")
CSV = "x0,x1,label\n" + "".join(f"{i % 2 + 0.01 * i},{i // 2},{i % 2}\n" for i in range(12))


def check(ok, claim, evidence=""):
    global claims, failures
    claims += 1
    failures += not ok
    print(f"{'ok' if ok else 'not ok'} {claims} - {claim}")
    if not ok:
        print("\n".join("# " + line for line in str(evidence).splitlines()[:12]))


def call(*arguments, cwd, **options):
    return subprocess.run([PROGRAM, *map(str, arguments)], cwd=cwd, capture_output=True, text=True, timeout=300,
                          **options)


FOLDERS = tempfile.TemporaryDirectory(prefix="contraflow-test-")


def folder(problem=PROBLEM, **files):
    path = pathlib.Path(tempfile.mkdtemp(dir=FOLDERS.name))
    (path / "problem.yaml").write_text(problem)
    for name, text in files.items():
        (path / name.replace("_csv", ".csv")).write_text(text)
    return path


def contents(path):
    return {p.name: p.read_bytes() if p.is_file() else None for p in path.iterdir()}


def refused(claim, path, *needles, arguments=("run", "problem.yaml", "--quiet"), **options):
    """Exit 2, one line of message with every needle in it (below it the usage, where an argument is wrong), and every
    file as it was."""
    before = contents(path)
    done = call(*arguments, cwd=path, **options)
    lines = [line for line in done.stderr.splitlines() if not line.startswith("usage: ")]
    missing = [n for n in needles if n not in done.stderr]
    left = contents(path)
    ok = done.returncode == 2 and len(lines) == 1 and not missing and left == before
    check(ok, claim, f"exit {done.returncode}, missing {missing}, files {sorted(left)}\n{done.stdout}{done.stderr}")


def replaced(old, new, text=PROBLEM):
    assert old in text
    return text.replace(old, new)


def test_keys():
    cases = [
        ("an unknown key", "tau: 0.1", "tua: 0.1", ("problem.yaml:5", "loss.tua", "tau")),
        ("a wrong type", "tau: 0.1", "tau: small", ("problem.yaml:5", "loss.tau = small")),
        ("tau = 0", "tau: 0.1", "tau: 0", ("problem.yaml:5", "loss.tau = 0", "1e-06")),
        ("a negative tau", "tau: 0.1", "tau: -1", ("problem.yaml:5", "loss.tau = -1")),
        ("tau that is not a number", "tau: 0.1", "tau: .nan", ("problem.yaml:5", "loss.tau")),
        ("dimension 0", "dimension: 2", "dimension: 0", ("problem.yaml:3", "latent.dimension = 0")),
        ("a circle of dimension 1", "dimension: 2", "dimension: 1", ("problem.yaml:3", "latent.dimension = 1")),
        ("a negative end", "end: 5", "end: -5", ("problem.yaml:9", "time.end = -5")),
        ("a negative output time", "{spacing: log, first: 0.01, count: 8}", "[-1, 2]", ("problem.yaml:9", "-1")),
        ("an unknown flow", "kind: vanilla", "kind: vanila", ("problem.yaml:7", "vanila", "vanilla")),
        ("an unknown activation", "activation: relu", "activation: rleu", ("problem.yaml:8", "rleu", "relu")),
        ("a network of no width", "kind: vanilla", "kind: network, network: {widths: 0}", ("problem.yaml:7", "widths = 0")),
        ("two flows of one name", "name: wide", "name: vanilla", ("problem.yaml:8", "vanilla")),
        ("a syntax error", "loss: {", "loss: [", ("problem.yaml:",)),
        ("no points", "points-per-cluster: 10", "points-per-cluster: 0", ("problem.yaml:2", "points-per-cluster")),
        ("a negative radius", "radius: 0.3", "radius: -0.3", ("problem.yaml:2", "radius = -0.3")),
        ("radii that match no centers", "radius: 0.3", "radius: [1, 2, 3]", ("problem.yaml:2", "radius")),
        ("one point", "points-per-cluster: 10", "centers: [[0, 0]], points-per-cluster: 1", ("problem.yaml:2",)),
        ("a kernel beyond its accuracy", "activation: relu", "activation: tanh, weight-variance: 1e4",
         ("problem.yaml:8", "tanh")),
        ("more memory than there is", "points-per-cluster: 10", "points-per-cluster: 400000000",
         ("problem.yaml:2", "GiB")),
    ]
    for claim, old, new, needles in cases:
        refused(claim, folder(replaced(old, new)), *needles)
    refused("views that need more memory than there is", folder(), "problem.yaml:2", "1000 views", "GiB",
            arguments=("run", "problem.yaml", "--set", "augmentation={kind: gaussian, views: 1000}",
                       "--set", "data.points-per-cluster=1000000"))
    refused("points that would take minutes to draw", folder(), "data", "GiB",
            arguments=("run", "problem.yaml", "--set", "data.points-per-cluster=1000000000"))
    refused("a --set of an unknown key", folder(), "--set", "loss.tua", "tau",
            arguments=("run", "problem.yaml", "--set", "loss.tua=1"))
    refused("a --set out of range", folder(), "--set loss.tau=-1",
            arguments=("run", "problem.yaml", "--set", "loss.tau=-1"))
    refused("a missing problem file", folder(), "nothing.yaml", arguments=("run", "nothing.yaml"))
    refused("an unknown option", folder(), "--fast", arguments=("run", "problem.yaml", "--fast"))
    refused("an unknown command", folder(), "rnu", arguments=("rnu", "problem.yaml"))
    refused("threads that are no number", folder(), "--threads", arguments=("run", "problem.yaml", "--threads", "two"))


def test_files():
    rows = CSV.splitlines()
    marked = folder()
    (marked / "problem.yaml").write_text("\ufeff" + PROBLEM, encoding="utf-8")
    check(call("check", "problem.yaml", cwd=marked).returncode == 0, "a byte order mark does not disturb")
    cases = [
        ("NaN in the data", CSV.replace(rows[3], "nan,1,0"), ("points.csv:4", "x0")),
        ("text in the data", CSV.replace(rows[3], "0,one,0"), ("points.csv:4", "x1", "one")),
        ("ragged rows", CSV.replace(rows[3], "0,1"), ("points.csv:4",)),
        ("a fractional label", CSV.replace(rows[3], "0,1,0.5"), ("points.csv:4", "label")),
        ("one point in the file", "\n".join(rows[:2]) + "\n", ("points.csv",)),
        ("an empty file", "", ("points.csv",)),
        ("zero weights", "x0,x1,weight\n0,0,0\n1,1,1\n", ("points.csv:2", "weight")),
        ("no coordinate columns", "a,b\n1,2\n3,4\n", ("points.csv",)),
    ]
    for claim, text, needles in cases:
        refused(claim, folder(FILE_PROBLEM, points_csv=text), *needles)
    refused("a missing data file", folder(FILE_PROBLEM), "points.csv")
    bare = "x0,x1\n" + "".join(",".join(row.split(",")[:2]) + "\n" for row in rows[1:])
    refused("labels that clusters need", folder(FILE_PROBLEM + "clusters: {threshold: 0.8}\n", points_csv=bare),
            "problem.yaml:10", "label")
    refused("labels that knn needs", folder(FILE_PROBLEM + "observers: {knn: {neighbors: 3}}\n", points_csv=bare),
            "problem.yaml:10", "label")
    refused("more neighbours than points", folder(FILE_PROBLEM + "observers: {knn: {neighbors: 50}}\n", points_csv=CSV),
            "problem.yaml:10", "50")
    start = FILE_PROBLEM.replace("start: {kind: near-point, spread: 0.05, seed: 2}", "start: {kind: file, path: h.csv}")
    refused("a start of the wrong shape", folder(start, points_csv=CSV, h_csv="h0,h1\n1,0\n"), "problem.yaml:4", "12")
    zero = "h0,h1\n" + "0,0\n" * 12
    refused("a start at the origin", folder(start, points_csv=CSV, h_csv=zero), "problem.yaml:4", "origin")
    flat = FILE_PROBLEM.replace("kind: vanilla}", "kind: network, network: {biases: false, centered: false}}")
    refused("a network that is 0 at a point", folder(flat, points_csv=CSV), "point 1", "origin")
    block = FILE_PROBLEM.replace("{hidden-layers: 1, activation: relu}", "{kind: block, matrix: [[1, 2], [2, 1]]}")
    refused("a block kernel that is indefinite", folder(block, points_csv=CSV), "problem.yaml:8", "matrix")
    theta = FILE_PROBLEM.replace("{hidden-layers: 1, activation: relu}", "{kind: file, path: k.csv}")
    header = ",".join(f"k{k}" for k in range(12)) + "\n"
    matrix = [[1.0 if i == j else -0.2 for j in range(12)] for i in range(12)]
    rows = header + "".join(",".join(map(str, row)) + "\n" for row in matrix)
    refused("a kernel file that is indefinite", folder(theta, points_csv=CSV, k_csv=rows), "problem.yaml:8", "k.csv",
            "semidefinite")
    unlabelled = call("run", "problem.yaml", "--quiet", cwd=folder(FILE_PROBLEM, points_csv=bare))
    check(unlabelled.returncode == 0, "unlabelled data run when nothing asks for labels", unlabelled.stderr)


def test_targets():
    refused("a target in a missing folder", folder(), "nowhere",
            arguments=("run", "problem.yaml", "--quiet", "-o", "nowhere/out.h5"))
    path = folder()
    (path / "taken.h5").mkdir()
    refused("a target that is a folder", path, "taken.h5",
            arguments=("run", "problem.yaml", "--quiet", "-o", "taken.h5"))

    path = folder(FILE_PROBLEM, points_csv=CSV)
    for name in ("problem.yaml", "points.csv"):
        refused(f"{name} as the target of its own run", path, name, "-o",
                arguments=("run", "problem.yaml", "--quiet", "-o", name))
    call("run", "problem.yaml", "--quiet", cwd=path)
    refused("a result that is the data of the run", path, "problem.h5", "-o",
            arguments=("run", "problem.yaml", "--quiet", "--set", "data.path=problem.h5"))
    refused("a report over its own result", path, "problem.h5", "-o",
            arguments=("report", "problem.h5", "-o", "problem.h5"))

    def small_files():
        resource.setrlimit(resource.RLIMIT_FSIZE, (4096, 4096))
    refused("a full target", folder(), "problem.h5", preexec_fn=small_files)
    full = call("init", "-o", "new.yaml", cwd=(path := folder()), preexec_fn=small_files)
    check(full.returncode == 2 and list(contents(path)) == ["problem.yaml"], "init leaves no half file", full.stderr)
    path = folder()
    call("run", "problem.yaml", "--quiet", cwd=path)
    old = (path / "problem.h5").read_bytes()
    done = call("run", "problem.yaml", "--quiet", cwd=path, preexec_fn=small_files)
    check(done.returncode == 2 and (path / "problem.h5").read_bytes() == old, "a failed write leaves the old result",
          done.stderr)
    for name, content in [("text.h5", b"not a result"), ("cut.h5", old[:len(old) // 2])]:
        (path / name).write_bytes(content)
        refused(f"info of {name}", path, name, arguments=("info", name))
        refused(f"report of {name}", path, name, arguments=("report", name))


def wait_for_start(process):
    """Until the program prints its first progress line, that is until a flow runs."""
    line = process.stderr.readline()
    time.sleep(0.3)
    return line


def test_interruption():
    long_problem = replaced("end: 5", "end: 1e9").replace("points-per-cluster: 10", "points-per-cluster: 300")
    for number, name in [(signal.SIGINT, "Ctrl-C"), (signal.SIGTERM, "SIGTERM")]:
        path = folder(long_problem)
        process = subprocess.Popen([PROGRAM, "run", "problem.yaml"], cwd=path, stderr=subprocess.PIPE,
                                   stdout=subprocess.PIPE, text=True)
        wait_for_start(process)
        process.send_signal(number)
        try:
            process.communicate(timeout=60)
        except subprocess.TimeoutExpired:
            process.kill()
        info = call("info", "problem.h5", cwd=path)
        check(process.returncode == 130 and info.returncode == 0 and "interrupted" in info.stdout and
              sorted(p.name for p in path.iterdir()) == ["problem.h5", "problem.yaml"],
              f"{name} ends with 130 and a valid result", f"{process.returncode}\n{info.stdout}{info.stderr}")


def test_numbers():
    collapse = """format: 1
data: {kind: file, path: points.csv}
latent: {space: sphere, dimension: 2}
start: {kind: file, path: h.csv}
loss: {psi: log1p, tau: 0.1}
flows:
  - {name: exact, kind: neural, kernel: {kind: file, path: theta.csv}}
  - {name: vanilla, kind: vanilla}
time: {end: 100, outputs: {spacing: log, first: 0.01, count: 8}}
integrator: {rtol: 1e-8}
"""
    files = {"points_csv": "x0,x1,label\n0,0,0\n1,0,1\n0,1,1\n", "h_csv": "h0,h1\n0.3,0.02\n1,0.4\n1,-0.5\n",
             "theta_csv": "k0,k1,k2\n0.9,0.9,0.9\n0.9,2,0.9\n0.9,0.9,2\n"}
    path = folder(collapse, **files)
    done = call("run", "problem.yaml", cwd=path)
    check(done.returncode == 3 and "norm-collapse" in done.stdout and
          re.search(r"vanilla\s+complete", done.stdout) is not None,
          "norm collapse ends its flow with code 3, and the other flow goes on", done.stdout + done.stderr)
    done = call("run", "problem.yaml", "--quiet", cwd=path)
    check(done.returncode == 3 and done.stdout == "" and done.stderr.startswith("exact: norm collapse") and
          len(done.stderr.splitlines()) == 1, "... and --quiet leaves nothing but the reason", done.stdout + done.stderr)
    done = call("run", "problem.yaml", "--set", "latent.norm-floor=1e-3", "--set", "integrator.method=bdf", cwd=path)
    check(done.returncode == 0, "with a norm floor of 1e-3 BDF goes through", done.stdout + done.stderr)
    path = folder("""format: 1
data: {kind: discs, points-per-cluster: 3}
augmentation: {kind: gaussian, size: 3}
latent: {space: euclidean, dimension: 2}
loss: {psi: identity, tau: 1e-5}
flows:
  - {name: far, kind: network, network: {widths: 4, activation: erf, centered: false}}
  - {name: vanilla, kind: vanilla}
time: {end: 1, outputs: [0.5]}
""")
    done = call("run", "problem.yaml", cwd=path)
    info = call("info", "problem.h5", cwd=path)
    check(done.returncode == 3 and "far.width-4.seed-1: loss = inf: must be finite; psi: identity" in done.stdout and
          re.search(r"vanilla\s+complete", info.stdout) is not None and "stopped" in info.stdout,
          "a start of infinite loss fails its flow with its reason, and the other flow goes on",
          done.stdout + done.stderr + info.stdout)


NETWORK = PROBLEM.replace("{name: wide, kind: neural, kernel: {hidden-layers: 1, activation: relu}}", """{name: wide, kind: network,
     network: {widths: 8}, seeds: [1, 2],
     train: {method: sgd,
             learning-rate: 0.01}}""")


def test_networks():
    cases = [
        ("width 0", "widths: 8", "widths: 0", ("problem.yaml:9", "flows.1.network.widths = 0", "[1, ")),
        ("a list of widths of the wrong length", "widths: 8", "hidden-layers: 3, widths: [[8, 4]]",
         ("problem.yaml:9", "flows.1.network.widths", "needs 3 widths", "not 2")),
        ("a deep mean-field network", "widths: 8", "widths: 8, hidden-layers: 2, parametrization: mean-field",
         ("problem.yaml:9", "flows.1.network.hidden-layers = 2", "one hidden layer")),
        ("a batch larger than the data", "learning-rate: 0.01", "batch: 900000000",
         ("problem.yaml:11", "flows.1.train.batch = 900000000", "at most 40")),
        ("a batch of one", "learning-rate: 0.01", "batch: 1", ("problem.yaml:11", "flows.1.train.batch = 1", "[2, ")),
        ("fresh views without augmentation", "learning-rate: 0.01", "fresh-views: true",
         ("problem.yaml:11", "flows.1.train.fresh-views = true", "augmentation")),
        ("fresh views of a gradient flow", "train: {method: sgd,\n             learning-rate: 0.01}",
         "train: {method: flow, fresh-views: true}",
         ("problem.yaml:10", "flows.1.train.fresh-views", "only with method: sgd, momentum, adam")),
        ("views that are not fresh", "learning-rate: 0.01", "views: 3", ("problem.yaml:11", "flows.1.train.views")),
        ("training beyond the end", "learning-rate: 0.01", "learning-rate: 0.01, steps: 501",
         ("problem.yaml:11", "flows.1.train.steps = 501", "t = 5.01", "time.end = 5")),
        ("a step longer than the run", "learning-rate: 0.01", "learning-rate: 11",
         ("problem.yaml:11", "flows.1.train.learning-rate = 11", "time.end = 5")),
        ("more memory than there is", "widths: 8", "hidden-layers: 3, widths: 400000",
         ("problem.yaml:9", "flows.1.network.widths", "wide.width-400000.seed-1", "parameters", "GiB")),
    ]
    for claim, old, new, needles in cases:
        refused(claim, folder(replaced(old, new, NETWORK)), *needles)
        refused(claim + " (check)", folder(replaced(old, new, NETWORK)), *needles, arguments=("check", "problem.yaml"))
    done = call("check", "problem.yaml", cwd=folder(NETWORK))
    check(done.returncode == 0 and "ms a step" in done.stdout and "for 500" in done.stdout,
          "check tells the time of all steps of a training", done.stdout + done.stderr)
    done = call("run", "problem.yaml", cwd=folder(NETWORK))
    check(done.returncode == 0 and "wide.width-8.seed-2" in done.stdout, "networks are trained", done.stderr)
    views = replaced("start:", "augmentation: {kind: gaussian, views: 2}\nstart:", NETWORK)
    plane = views.replace("space: sphere", "space: euclidean")
    path = folder(plane)
    done = call("run", "problem.yaml", "--set", "flows.wide.train.learning-rate=100", "--set", "time.end=1e4", cwd=path)
    check(done.returncode == 3 and re.search(r"diverged at step \d+ \(t = \d+\).*lower the learning rate", done.stdout)
          and re.search(r"vanilla\s+complete", done.stdout), "a learning rate that diverges ends with code 3",
          done.stdout + done.stderr)
    done = call("info", "problem.h5", cwd=path)
    check(done.returncode == 0 and "failed" in done.stdout, "and leaves a result", done.stdout + done.stderr)
    check(call("report", "problem.h5", cwd=path).returncode == 0, "that can be reported")


FAMILY = PROBLEM.replace("flows:\n", """flows:
  - name: net
    kind: network
    network: {hidden-layers: 1, widths: [8, 16, 32], activation: erf, centered: true}
    seeds: [1, 2]
    kernel-drift: true
""").replace("end: 5", "end: 0.5")


def test_compare():
    path = folder(FAMILY)
    run = call("run", "problem.yaml", "--quiet", cwd=path)
    done = call("compare", "problem.h5", "-o", "out.csv", cwd=path)
    check(run.returncode == 0 and done.returncode == 0 and re.search(r"^reference: wide; up to t = 0.5", done.stdout)
          and "kernel error at the start ~ N^" in done.stdout, "compare finds its reference and fits a family", done.stdout + done.stderr)
    check(re.search(r"^wide +complete +0 +0 +0 +0", done.stdout, re.MULTILINE) is not None,
          "a flow compared with itself differs by 0", done.stdout)
    with open(path / "out.csv", newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    slopes = [row for row in rows if row["level"] == "slope"]
    check({row["level"] for row in rows} == {"time", "flow", "width", "slope"} and
          any(row["quantity"] == "kernel_error" and float(row["low"]) < float(row["value"]) < float(row["high"])
              for row in slopes), "the table has times, flows, widths and slopes with their intervals", rows[:3])
    last = [float(row["value"]) for row in rows if row["level"] == "time" and row["name"] == "net.width-8.seed-1"
            and row["quantity"] == "distance"]
    most = [float(row["value"]) for row in rows if row["level"] == "flow" and row["name"] == "net.width-8.seed-1"
            and row["quantity"] == "distance"]
    check(len(last) == 9 and most == [max(last)], "and the largest distance is the largest of its times", (last, most))
    (path / "other").mkdir()
    call("run", "problem.yaml", "--quiet", "-o", "other/more.h5", "--set", "data.points-per-cluster=12", cwd=path)
    call("run", "problem.yaml", "--quiet", "-o", "other/same.h5", "--set", "loss.tau=0.2", cwd=path)
    done = call("compare", "problem.h5", "--reference", "other/same.h5:wide", cwd=path)
    check(done.returncode == 0 and "reference: other/same.h5:wide" in done.stdout, "another result may be the reference",
          done.stdout + done.stderr)
    done = call("compare", "problem.h5", "--reference", "other/more.h5:wide", cwd=path)
    check(done.returncode == 0 and "40 points or nodes are not those of the reference, 48" in done.stdout
          and "transport" in done.stdout and "discrepancy" in done.stdout, "other data are compared as measures",
          done.stdout + done.stderr)
    old = (path / "problem.h5").read_bytes()
    (path / "cut.h5").write_bytes(old[:len(old) // 2])
    for claim, needles, arguments in [
            ("an unknown reference", ("problem.h5", "wied", "did you mean `wide`"), ("problem.h5", "--reference", "wied")),
            ("a reference in a missing file", ("no.h5",), ("problem.h5", "--reference", "no.h5:wide")),
            ("a reference in a damaged file", ("cut.h5",), ("problem.h5", "--reference", "cut.h5:wide")),
            ("a damaged result", ("cut.h5",), ("cut.h5",)),
            ("a table in a missing folder", ("nowhere",), ("problem.h5", "-o", "nowhere/out.csv")),
            ("a reference without a value", ("--reference",), ("problem.h5", "--reference"))]:
        refused("compare: " + claim, path, *needles, arguments=("compare", *arguments))
    refused("report: an unknown reference", path, "did you mean `wide`", arguments=("report", "problem.h5", "--reference", "wied"))
    help_text = call("compare", "--help", cwd=path)
    check(help_text.returncode == 0 and "--reference [FILE:]FLOW" in help_text.stdout, "compare --help says how", help_text.stdout)


def test_stationary():
    path = folder()
    for claim, arguments, needles in [
            ("nothing to look at", (), ("problem file", "configuration")),
            ("an unknown configuration", ("pyramid",), ("pyramid", "polygon[-SIZE]", "icosahedron")),
            ("a polygon of one vertex", ("polygon-1",), ("vertices = 1",)),
            ("masses that break the symmetry", ("polygon-3,masses=1:2:3",), ("polygon-3", "not stationary")),
            ("taus that descend", ("cube", "--tau", "1:0.1:5"), ("--tau 1:0.1:5", "FROM:TO:COUNT")),
            ("tau = 0", ("cube", "--tau", "0,1"), ("--tau 0,1",)),
            ("taus for a problem file", ("problem.yaml", "--tau", "0.1:1:5"), ("--set loss.tau",)),
            ("two problem files", ("problem.yaml", "other.yaml"), ("other.yaml",)),
            ("settings that configurations do not have", ("cube", "--set", "data.seed=1"), ("data.seed", "loss")),
            ("points in R^d", ("problem.yaml", "--set", "latent={space: euclidean, dimension: 2}"), ("must be sphere",)),
            ("views", ("problem.yaml", "--set", "augmentation={kind: gaussian, size: 0.1, views: 2}"), ("one view",)),
            ("a folder that cannot be made", ("cube", "-o", "nowhere/out"), ("nowhere/out",)),
            ("a result in a missing folder", ("problem.yaml", "-o", "nowhere/rest.h5"), ("nowhere",)),
            ("a result over its problem", ("problem.yaml", "-o", "problem.yaml"), ("problem.yaml", "-o"))]:
        refused("stationary: " + claim, path, *needles, arguments=("stationary", *arguments))
    scan = call("stationary", "polygon-2..7", "cube,masses=1:5:5:1:5:1:1:5", "--tau", "0.05:1:7", "-o", "scan", cwd=path)
    files = sorted(p.name for p in (path / "scan").iterdir()) if scan.returncode == 0 else []
    check(scan.returncode == 0 and "0.302026991" in scan.stdout and "saddle 2" in scan.stdout and "states.csv" in files,
          "stationary: phases of configurations", scan.stdout + scan.stderr)
    with open(path / "scan/states.csv", newline="") as stream:
        rows = list(csv.DictReader(stream))
    check(len(rows) == 49 and all(float(row["residual"]) < 1e-12 for row in rows), "stationary: a row for each tau", rows[:2])
    rest = call("stationary", "problem.yaml", "--set", "data.points-per-cluster=2", "-o", "rest.h5", cwd=path)
    check(rest.returncode == 0 and "state       stable" in rest.stdout, "stationary: a problem comes to rest",
          rest.stdout + rest.stderr)
    again = call("run", "problem.yaml", "--set", "data.points-per-cluster=2", "--set", "start={kind: file, path: rest.h5}",
                 "--set", "flows=[{kind: vanilla}]", "-o", "again.h5", cwd=path)
    info = call("info", "again.h5", cwd=path).stdout
    check(again.returncode == 0 and "complete" in info, "stationary: which is a start for other runs", again.stderr + info)


def test_export():
    path = folder()
    call("run", "problem.yaml", "--quiet", cwd=path)
    flow = "flows/vanilla/"
    done = call("export", "problem.h5", flow + "time", flow + "loss", "-o", "loss.csv", cwd=path)
    with open(path / "loss.csv", newline="") as stream:
        rows = list(csv.DictReader(stream))
    losses = [float(row["loss"]) for row in rows]
    check(done.returncode == 0 and rows[0]["time"] == "0" and losses == sorted(losses, reverse=True) and len(rows) == 9,
          "export: time and loss side by side, a row for each output", done.stderr)
    wide = call("export", "problem.h5", "/flows/vanilla/snapshot_time", "flows/vanilla/latent", cwd=path).stdout.splitlines()
    check(wide[0].startswith("snapshot_time,latent_0_0,latent_0_1,latent_1_0") and len(wide[1].split(",")) == 1 + 40 * 2,
          "export: points of a snapshot in one row", wide[0][:200])
    none = call("export", "problem.h5", flow + "events/time", flow + "events/latent", cwd=path)
    check(none.returncode == 0 and none.stdout.startswith("time,latent_0_0,latent_0_1") and none.stdout.count("\n") == 1,
          "export: of no events the names alone", f"exit {none.returncode}\n{none.stdout[:200]}{none.stderr}")
    for claim, arguments, needles in [
            ("no dataset", ("problem.h5",), ("dataset",)),
            ("an unknown dataset", ("problem.h5", flow + "lost"), (flow + "lost", "contraflow info")),
            ("datasets of different lengths", ("problem.h5", flow + "time", "data/labels"), ("40 rows", "9")),
            ("a table over its result", ("problem.h5", flow + "time", "-o", "problem.h5"), ("replace the result",))]:
        refused("export: " + claim, path, *needles, arguments=("export", *arguments))


def test_waiting():
    """libgomp tells its settings as it starts: the last are those of the program that computes."""
    for choice, expected in (({}, ["1000"]), ({"OMP_WAIT_POLICY": "passive"}, ["0"]), ({"GOMP_SPINCOUNT": "7"}, ["7"])):
        environment = {k: v for k, v in os.environ.items() if k not in ("OMP_WAIT_POLICY", "GOMP_SPINCOUNT")}
        told = call("check", "problem.yaml", cwd=folder(), env={**environment, **choice, "OMP_DISPLAY_ENV": "verbose"})
        spins = re.findall(r"GOMP_SPINCOUNT = '(\d+)'", told.stderr)
        check(told.returncode == 0 and spins[-1:] in ([], expected),  # none: not libgomp, or without threads
              f"threads wait as {choice or 'nobody'} says: they spin {expected[0]} times", told.stderr)


def test_help():
    path = folder()
    done = call("init", "-o", "new.yaml", cwd=path)
    check(done.returncode == 0 and call("check", "new.yaml", cwd=path).returncode == 0, "init writes a valid problem",
          done.stderr)
    refused("init over an existing file", path, "new.yaml", arguments=("init", "-o", "new.yaml"))
    check(call("--help", cwd=path).returncode == 0 and call("run", "--help", cwd=path).returncode == 0, "help is there")
    reference = pathlib.Path(__file__).resolve().parents[2] / "docs/problem-file.md"
    check(call("reference", cwd=path).stdout == reference.read_text(encoding="utf-8"),
          "docs/problem-file.md is what `contraflow reference` prints")
    check("contraflow" in call("--version", cwd=path).stdout, "so is the version")


for test in (test_keys, test_files, test_targets, test_interruption, test_numbers, test_networks, test_compare, test_stationary, test_export,
             test_waiting, test_help):
    test()
FOLDERS.cleanup()
print(f"1..{claims}")
sys.exit(failures > 0)
