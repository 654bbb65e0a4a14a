#!/usr/bin/env python3
"""Every example runs at a small size, from problem file to report. Usage: test_examples.py CONTRAFLOW"""
import os
import pathlib
import subprocess
import sys
import tempfile

PROGRAM = os.path.abspath(sys.argv[1])
ROOT = pathlib.Path(__file__).resolve().parents[2]
SMALL = ["--set", "data.points-per-cluster=8", "--set", "time.end=1", "--set", "time.outputs={spacing: log, first: 0.01, count: 5}"]
failures = 0
examples = sorted((ROOT / "examples").glob("*/problem.yaml"))
for number, example in enumerate(examples, 1):
    with tempfile.TemporaryDirectory() as folder:
        result = pathlib.Path(folder) / "out.h5"
        run = subprocess.run([PROGRAM, "run", str(example), "-o", str(result), *SMALL], capture_output=True, text=True)
        report = subprocess.run([PROGRAM, "report", str(result)], capture_output=True, text=True)
        page = result.with_suffix(".html")
        ok = run.returncode == 0 and report.returncode == 0 and "<svg" in page.read_text(encoding="utf-8")
    failures += not ok
    print(f"{'ok' if ok else 'not ok'} {number} - {example.parent.name}")
    if not ok:
        print("\n".join("# " + line for line in (run.stderr + report.stderr).splitlines()[:12]))
print(f"1..{len(examples)}")
sys.exit(failures > 0 or not examples)
