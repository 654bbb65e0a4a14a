#!/usr/bin/env python3
"""The library as it is installed: examples/api compiles and runs with what pkg-config says, and links no CBLAS but
OpenBLAS. Usage: test_install.py SOURCE-FOLDER BUILD-FOLDER"""
import os
import pathlib
import shlex
import subprocess
import sys
import tempfile

SOURCE, BUILD = sys.argv[1:]


def call(*command, **options):
    return subprocess.run(command, capture_output=True, text=True, **options)


def skip(reason):
    print(f"1..0 # SKIP {reason}")
    sys.exit(0)


def flags(root, package):
    prefix = call("pkg-config", "--variable=prefix", str(package)).stdout.strip()
    done = call("pkg-config", f"--define-variable=prefix={root}{prefix}", "--cflags", "--libs", "--static", str(package))
    return shlex.split(done.stdout) if done.returncode == 0 else None


with tempfile.TemporaryDirectory() as folder:
    installed = call("meson", "install", "-C", BUILD, "--no-rebuild", "--quiet", "--destdir", folder)
    packages = list(pathlib.Path(folder).rglob("contraflow.pc"))
    if installed.returncode != 0 or not packages:
        skip("meson cannot install here: " + installed.stderr.strip().replace("\n", " ")[:100])
    found = flags(folder, packages[0])
    if found is None:
        skip("pkg-config does not know the libraries")
    program = pathlib.Path(folder) / "two_blobs"
    compiled = call(*shlex.split(os.environ.get("CC", "cc")), f"{SOURCE}/examples/api/two_blobs.c", *found, "-o", str(program))
    ran = call(str(program)) if compiled.returncode == 0 else compiled
    claims = [(ran.returncode == 0 and "the clusters emerge" in ran.stdout, "examples/api compiles against the installed library, and runs"),
              (not any("gslcblas" in flag for flag in found), "the CBLAS is OpenBLAS's")]
    for number, (ok, claim) in enumerate(claims, 1):
        print(f"{'ok' if ok else 'not ok'} {number} - {claim}")
    if not all(ok for ok, _ in claims):
        print("\n".join("# " + line for line in (shlex.join(found) + "\n" + compiled.stderr + ran.stderr).splitlines()[:12]))
    print(f"1..{len(claims)}")
    sys.exit(not all(ok for ok, _ in claims))
