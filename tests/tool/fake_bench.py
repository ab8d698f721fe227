#!/usr/bin/env python3
"""Stands in for a benchmark program: FILE.json beside it says which benchmarks it has and what each run gives;
without that file it has none.

    {"NAME": {"counter": [first run, second run, ...], ...}, ...}

The last value is repeated. "error": [TEXT, ...] makes the runs whose text is not empty fail as a wrong result does, "hang": true makes it
sleep, "crash": true end without a result. Every call is appended to FILE.log.
"""

import json
import re
import sys
import time
from pathlib import Path

SUFFIX = "/iterations:1/manual_time"


def main():
    here = Path(sys.argv[0])
    what = here.with_suffix(".json")
    benchmarks = json.loads(what.read_text(encoding="utf-8")) if what.exists() else {}
    log = here.with_suffix(".log")
    before = log.read_text(encoding="utf-8").splitlines() if log.exists() else []
    with log.open("a", encoding="utf-8") as file:
        print(*sys.argv[1:], file=file)
    if "--benchmark_list_tests" in sys.argv:
        print("".join(name + SUFFIX + "\n" for name in benchmarks), end="")
        return 0
    asked = next(a.split("=", 1)[1] for a in sys.argv if a.startswith("--benchmark_filter="))
    [name] = [name for name in benchmarks if re.search(asked, name + SUFFIX)]
    counters = dict(benchmarks[name])
    if counters.pop("hang", False):
        time.sleep(600)
    if counters.pop("crash", False):
        print("the program broke down", file=sys.stderr)
        return 3
    run = sum(asked in line for line in before)
    result = {"name": name + SUFFIX, "iterations": 1, "real_time": 1.0}
    result |= {key: values[min(run, len(values) - 1)] for key, values in counters.items()}
    if error := result.pop("error", None):
        result |= {"error_occurred": True, "error_message": error}
    peers = {name.rsplit("/", 1)[1] for name in benchmarks}
    context = {f"peer {peer}": f"the {peer}" for peer in peers} | {f"version {peer}": "1.0" for peer in peers}
    json.dump({"context": context, "benchmarks": [result]}, sys.stdout)
    return 1 if "error_occurred" in result else 0


if __name__ == "__main__":
    sys.exit(main())
