#!/usr/bin/env python3
"""`contraflow validate` as a user meets it: exit codes, refusals that name what is valid, reports in every
format, an interruption. Usage: test_validate.py CONTRAFLOW"""
import json
import os
import pathlib
import signal
import subprocess
import sys
import tempfile
import time

PROGRAM = os.path.abspath(sys.argv[1])
claims = failures = 0


def check(ok, claim, evidence=""):
    global claims, failures
    claims += 1
    failures += not ok
    print(f"{'ok' if ok else 'not ok'} {claims} - {claim}")
    if not ok:
        print("\n".join("# " + line for line in str(evidence).splitlines()[:12]))


def call(*arguments):
    return subprocess.run([PROGRAM, "validate", *arguments], cwd=FOLDER, capture_output=True, text=True, timeout=300)


FOLDERS = tempfile.TemporaryDirectory(prefix="contraflow-test-")
FOLDER = pathlib.Path(FOLDERS.name)

for arguments, says in [(["C99"], "no such claim"),
                        (["C6", "--set", "C6.clsuters=3"], "did you mean `clusters`?"),
                        (["C6", "--set", "C6.tau=2"], "must be in [0.001, 1]"),
                        (["C6", "--set", "C7.tau=0.1"], "not among the claims"),
                        (["C6", "--set", "C6.tau"], "key=value"),
                        (["C6", "--quick", "--full"], "only one of them"),
                        (["C6", "--report", "report.pdf"], ".md, .html or .json"),
                        (["C6", "--report", "nowhere/report.md"], "nowhere"),
                        (["C6", "--report"], "needs a value"),
                        (["C6", "-o", "x.md"], "unknown option")]:
    run = call(*arguments)
    check(run.returncode == 2 and says in run.stderr and run.stderr.startswith("contraflow: ") and not run.stdout,
          f"{' '.join(arguments)}: refused", run.stderr + run.stdout)
check(not list(FOLDER.iterdir()), "and no file is left behind", list(FOLDER.iterdir()))

run = call("C1", "C6", "--quick", "--report", "report.html", "--report", "report.md", "--report", "report.json")
check(run.returncode == 0, "two claims hold", run.stdout + run.stderr)
check("C1 holds" in run.stdout and "C6 holds" in run.stdout and "fails, as it must" in run.stdout,
      "their numbers and their controls are shown", run.stdout)
check("about" in run.stderr and "two cores" in run.stderr, "what it will take is said beforehand", run.stderr)
page, text = (FOLDER / "report.html").read_text(), (FOLDER / "report.md").read_text()
data = json.loads((FOLDER / "report.json").read_text())
check(data["holds"] and [c["claim"] for c in data["claims"]] == ["C1", "C6"], "JSON: both claims hold", data["holds"])
numbers = [n for c in data["claims"] for n in c["numbers"]]
check(all(n["holds"] != n["control"] for n in numbers), "JSON: every number holds, every control fails")
check(data["git_commit"] and data["build"] and "validate C1 C6" in data["command"], "JSON: commit, build, command")
for name, report in [("HTML", page), ("Markdown", text)]:
    check(all(word in report for word in
              ["C1: an invariant loss", "Proposition 2.1", "fails, as it must", data["git_commit"], "one vertex is displaced"]),
          f"{name}: statement, source, numbers, controls, commit", report[:400])

one, other = call("C6", "--quick", "--quiet"), call("C6", "--quick")
check(one.returncode == 0 and one.stderr == "" and len(one.stdout) < len(other.stdout), "--quiet: the summary alone", one)
row = call("C6", "--quick", "--set", "C6.tau=0.33").stdout
check("tau 0.33" in row and "tau 0.05" not in row, "--set looks elsewhere", row)

process = subprocess.Popen([PROGRAM, "validate", "C7", "--full", "--report", "partial.json"], cwd=FOLDER,
                           stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
time.sleep(2)
process.send_signal(signal.SIGINT)
out, err = process.communicate(timeout=120)
check(process.returncode == 130, "an interruption ends with 130", out[-300:] + err)
check(not json.loads((FOLDER / "partial.json").read_text())["holds"], "and its report does not say that all hold")

print(f"1..{claims}")
sys.exit(failures > 0)
