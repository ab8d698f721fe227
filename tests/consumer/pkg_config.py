"""Compiles and runs the program with nothing but what pkg-config says about the installed library."""
import argparse
import os
import pathlib
import shlex
import subprocess

parser = argparse.ArgumentParser()
parser.add_argument("--compiler", required=True)
parser.add_argument("--prefix", required=True, type=pathlib.Path)
parser.add_argument("--version", required=True)
parser.add_argument("--work", required=True, type=pathlib.Path)
options = parser.parse_args()

environment = dict(os.environ, PKG_CONFIG_PATH=str(options.prefix / "share" / "pkgconfig"))


def pkg_config(*arguments):
    command = ["pkg-config", *arguments, "latchwork"]
    return subprocess.run(command, env=environment, check=True, capture_output=True, text=True).stdout.strip()


version = pkg_config("--modversion")
if version != options.version:
    raise SystemExit(f"pkg-config says version '{version}' instead of '{options.version}'")
source = pathlib.Path(__file__).resolve().parent / "program"
program = options.work / "pkg_config_program"
subprocess.run(
    [options.compiler, "-std=c++20", *shlex.split(pkg_config("--cflags")), str(source / "main.cpp"),
     str(source / "other.cpp"), "-o", str(program), *shlex.split(pkg_config("--libs"))], check=True)
subprocess.run([str(program)], check=True)
