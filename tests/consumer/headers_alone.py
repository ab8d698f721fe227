"""Compiles every public header on its own, twice over, with all the project's warnings as errors."""
import argparse
import concurrent.futures
import os
import pathlib
import re
import subprocess
import sys

SKIPPED = 77
WARNINGS = ["-Wall", "-Wextra", "-Wpedantic", "-Wconversion", "-Wshadow", "-Werror"]

parser = argparse.ArgumentParser()
parser.add_argument("--compiler", required=True)
parser.add_argument("include", type=pathlib.Path)
options = parser.parse_args()

if "clang" in options.compiler:
    version = subprocess.run([options.compiler, "--version"], capture_output=True, text=True, check=True).stdout
    major = re.search(r"version (\d+)", version)
    if not major or int(major[1]) < 16:
        print(f"{options.compiler} is older than Clang 16")
        sys.exit(SKIPPED)


def compile_alone(header):
    name = header.relative_to(options.include)
    program = f"#include <{name}>\n#include <{name}>\n"
    command = [options.compiler, "-std=c++20", *WARNINGS, "-fsyntax-only", f"-I{options.include}", "-x", "c++", "-"]
    result = subprocess.run(command, input=program, capture_output=True, text=True, check=False)
    return name, result.returncode, result.stderr


headers = sorted((options.include / "latchwork").rglob("*.hpp"))
with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
    failures = [(name, text) for name, status, text in pool.map(compile_alone, headers) if status != 0]
for name, text in failures:
    print(f"{name} does not compile alone:\n{text}", file=sys.stderr)
print(f"{len(headers) - len(failures)} of {len(headers)} headers compile alone with {options.compiler}")
sys.exit(1 if failures or not headers else 0)
