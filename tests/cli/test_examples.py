#!/usr/bin/env python3
"""Every example runs at a small size, from problem file to report, and each dataset of its result has a unit and
an equation. Usage: test_examples.py CONTRAFLOW"""
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

PROGRAM = os.path.abspath(sys.argv[1])
ROOT = pathlib.Path(__file__).resolve().parents[2]
SMALL = ["--set", "time.end=1", "--set", "time.outputs={spacing: log, first: 0.01, count: 5}"]
FEW = ["--set", "data.points-per-cluster=8"]  # of data that are generated
NARROW = {
    "width-study": ["flows.shallow-net.network.widths=[8, 16, 32]", "flows.shallow-net.seeds=[1, 2]",
                    "flows.deep-net.network.widths=[8, 16, 32]", "flows.deep-net.seeds=[1, 2]"],
    "mean-field": ["flows.ensemble.network.widths=64", "flows.mean-field.network.widths=[8, 16, 32]",
                   "flows.mean-field.seeds=[1, 2]"],
    "paper-figure-6": ["flows.four-layers.network.widths=16"],
    "authors-line": ["augmentation.views=3", "flows.sgd.train.steps=100", "flows.sgd.train.learning-rate=1e-2"],
}
GNUPLOT = shutil.which("gnuplot")  # without it pages have no figures
DATASET = re.compile(r"  \w+ +\d+(?: x \d+)* +(?:real|integer|text)\b *(.*)")  # name, shape, type, then unit and equation
failures = 0
examples = sorted((ROOT / "examples").glob("*/*.yaml"))
for number, example in enumerate(examples, 1):
    narrow = [word for setting in NARROW.get(example.parent.name, []) for word in ("--set", setting)]
    few = [] if "kind: file" in example.read_text(encoding="utf-8").split("latent:")[0] else FEW
    with tempfile.TemporaryDirectory() as folder:
        result = pathlib.Path(folder) / "out.h5"
        run = subprocess.run([PROGRAM, "run", str(example), "-o", str(result), *SMALL, *few, *narrow], capture_output=True, text=True)
        report = subprocess.run([PROGRAM, "report", str(result)], capture_output=True, text=True)
        info = subprocess.run([PROGRAM, "info", str(result)], capture_output=True, text=True).stdout
        rests = [match[1].split() for match in map(DATASET.fullmatch, info.splitlines()) if match]
        bare = [rest for rest in rests if len(rest) != 2]
        page = result.with_suffix(".html")
        ok = run.returncode == 0 and report.returncode == 0 and len(rests) > 10 and not bare and (
            "<svg" in page.read_text(encoding="utf-8") or not GNUPLOT)
    failures += not ok
    print(f"{'ok' if ok else 'not ok'} {number} - {example.parent.name}/{example.name}")
    if not ok:
        print(f"# datasets without unit or equation: {len(bare)} of {len(rests)}")
        print("\n".join("# " + line for line in (run.stderr + report.stderr).splitlines()[:12]))
print(f"1..{len(examples)}")
sys.exit(failures > 0 or not examples)
