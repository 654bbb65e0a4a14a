#!/usr/bin/env python3
"""Long runs as a user meets them: killed with kill -9 at random moments and resumed they give the same result; SIGTERM
writes a checkpoint; a full disk leaves the last good one. Usage: test_checkpoint.py CONTRAFLOW"""
import os
import pathlib
import random
import re
import resource
import signal
import subprocess
import sys
import tempfile
import time

PROGRAM = os.path.abspath(sys.argv[1])
claims = failures = 0
FOLDERS = tempfile.TemporaryDirectory(prefix="contraflow-test-")

PROBLEM = """format: 1
data: {kind: discs, points-per-cluster: 60, radius: 0.3}
start: {kind: near-point, spread: 0.05}
flows:
  - {name: vanilla, kind: vanilla}
  - {name: wide, kind: neural, kernel: {hidden-layers: 1, activation: relu}}
time: {end: 12, outputs: {spacing: linear, count: 100}}
observers: {}
integrator: {rtol: 1e-9}
checkpoint: {restart-steps: 20, outputs: 1}
"""


def check(ok, claim, evidence=""):
    global claims, failures
    claims += 1
    failures += not ok
    print(f"{'ok' if ok else 'not ok'} {claims} - {claim}")
    if not ok:
        print("\n".join("# " + line for line in str(evidence).splitlines()[:12]))


def folder(text=PROBLEM):
    path = pathlib.Path(tempfile.mkdtemp(dir=FOLDERS.name))
    (path / "problem.yaml").write_text(text)
    return path


def start(path, *arguments, command="run", **options):
    return subprocess.Popen([PROGRAM, command, "problem.yaml", "--threads", "1", *arguments], cwd=path,
                            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, **options)


def finish(process):
    output, errors = process.communicate(timeout=300)
    return process.returncode, output, errors


def table_of(path):
    """What info says, without times of the clock and the command."""
    text = subprocess.run([PROGRAM, "info", "problem.h5"], cwd=path, capture_output=True, text=True).stdout
    return re.sub(r"^command .*|20\d\d-\S+|\d+\.\d\d$", "", text, flags=re.MULTILINE)


def wait_for(path, process):
    while not path.exists() and process.poll() is None:
        time.sleep(0.002)


def test_kill():
    whole = folder()
    code, _, errors = finish(start(whole))
    check(code == 0 and not (whole / "problem.h5.checkpoint").exists(), "a run with checkpoints ends without one", errors)
    path, moments, kills = folder(), random.Random(3), 0
    while kills < 5:
        process = start(path, "--resume")
        wait_for(path / "problem.h5.checkpoint", process)
        time.sleep(moments.uniform(0.01, 0.12))
        if process.poll() is not None:
            finish(process)
            break
        process.kill()
        finish(process)
        kills += 1
    check(kills >= 3, f"killed {kills} times")
    code, _, errors = finish(start(path, "--resume"))
    check(code == 0 and table_of(path) == table_of(whole) and "complete" in table_of(path),
          "killed and resumed: the same result", errors)
    return whole


def kill_while_writing(path, name):
    """Stops the program where it has begun to write, to see that it has not ended yet, and kills it. Where that never
    succeeds, on disks without delay, half a file is put there."""
    part = path / f"{name}.unfinished.part"
    process = start(path, "--resume")
    while process.poll() is None:
        if part.exists():
            process.send_signal(signal.SIGSTOP)
            if part.exists():
                break
            process.send_signal(signal.SIGCONT)
        time.sleep(0.0001)
    process.kill()
    finish(process)
    if not part.exists():
        part.write_text("half")


def test_leavings(whole):
    path = folder()
    for name in ("problem.h5.checkpoint", "problem.h5"):
        kill_while_writing(path, name)
    code, _, errors = finish(start(path, "--resume"))
    check(code == 0 and table_of(path) == table_of(whole), "killed while it writes: the same result", errors)
    check(sorted(p.name for p in path.iterdir()) == ["problem.h5", "problem.yaml"], "and nothing left behind",
          list(path.iterdir()))


def test_interrupt():
    path = folder(PROBLEM.replace("outputs: 1}", "minutes: 60}"))
    process = start(path)
    line = process.stderr.readline()
    time.sleep(0.05)
    process.send_signal(signal.SIGTERM)
    code, output, errors = finish(process)
    check(code == 130 and (path / "problem.h5.checkpoint").exists() and "--resume" in output,
          "SIGTERM writes a checkpoint and ends with 130", (code, line, output, errors))
    (path / "problem.yaml").write_text(PROBLEM.replace("outputs: 1}", "minutes: 60}").replace("0.05", "0.06"))
    code, _, errors = finish(start(path, "--resume"))
    check(code == 2 and "start.spread: 0.05" in errors and "0.06" in errors, "another problem is refused, with the difference",
          errors)
    (path / "problem.yaml").write_text(PROBLEM.replace("outputs: 1}", "minutes: 60}"))
    code, _, errors = finish(start(path, "--resume"))
    check(code == 0 and not (path / "problem.h5.checkpoint").exists(), "and the same is gone on with", errors)
    path = folder(PROBLEM.replace("checkpoint: {restart-steps: 20, outputs: 1}\n", ""))
    code, _, errors = finish(start(path, "--resume"))
    check(code == 2 and "no section checkpoint" in errors and len(errors.splitlines()) == 1,
          "nothing can be resumed without checkpoints", errors)


def test_full():
    """Checkpoints grow with the outputs, so that a limit stops them on the way."""
    path = folder()
    process = start(path)
    wait_for(path / "problem.h5.checkpoint", process)
    process.kill()
    finish(process)
    size = (path / "problem.h5.checkpoint").stat().st_size

    def limit():
        resource.setrlimit(resource.RLIMIT_FSIZE, (size + 20000, size + 20000))
    code, _, errors = finish(start(path, "--resume", preexec_fn=limit))
    check(code == 2 and "problem.h5" in errors, "where the disk is full the run says so", (code, errors))
    check((path / "problem.h5.checkpoint").exists(), "the last checkpoint stays")
    code, _, errors = finish(start(path, "--resume"))
    whole = folder()
    finish(start(whole))
    check(code == 0 and table_of(path) == table_of(whole), "and the run goes on from it", errors)


def test_sweep():
    text = PROBLEM + "sweep: {axes: {data.radius: [0.2, 0.3]}}\n"
    whole, path = folder(text), folder(text)
    finish(start(whole, "-o", "out", command="sweep"))
    for _ in range(4):
        process = start(path, "-o", "out", "--resume", command="sweep", start_new_session=True)
        wait_for(path / "out/runs/000000.checkpoint", process)
        time.sleep(0.1)
        os.killpg(process.pid, signal.SIGKILL)
        finish(process)
    code, _, errors = finish(start(path, "-o", "out", "--resume", command="sweep"))
    tables = [[(p / "out" / name).read_bytes() for name in ("table.csv", "table.h5")] for p in (whole, path)]
    check(code == 0 and tables[0] == tables[1], "long runs of a killed sweep go on within, with the same bits", errors)
    check(not list((path / "out/runs").iterdir()), "and leave no checkpoints")


test_leavings(test_kill())
test_interrupt()
test_full()
test_sweep()
FOLDERS.cleanup()
print(f"1..{claims}")
sys.exit(failures > 0)
