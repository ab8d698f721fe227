#!/usr/bin/env python3
"""`latchwork compare` from outside: compare_test.py PATH_OF_LATCHWORK [unittest arguments]"""

import json
import os
import re
import signal
import stat
import subprocess
import sys
import tempfile
import time
import unittest
from pathlib import Path

LATCHWORK = ""

VERDICT = re.compile(
    r"^(?P<family>\w+) +(?P<part>\w+)  (?P<workload>[^:]+): (?P<ratio>[\d.]+) x .+ "
    r"\([\d.]+ \.\. [\d.]+ over \d+ rounds?\), [\d.e+]+ M [^:]+/s: "
    r"(use it|keep std::\w+|no clear winner)$"
)


def compare(*arguments, **options):
    return subprocess.run(
        [LATCHWORK, "compare", *arguments], capture_output=True, text=True, timeout=300, check=False, **options
    )


class VerdictTest(unittest.TestCase):
    def test_quick_prints_one_verdict_for_each_comparison(self):
        done = compare("--quick", "--rounds", "2", "--json", "/dev/fd/2")
        self.assertEqual(done.returncode, 0, done.stderr)
        comparisons = json.loads(done.stderr)["comparisons"]
        lines = done.stdout.splitlines()
        self.assertEqual(len(lines), len(comparisons))
        for line, comparison in zip(lines, comparisons):
            verdict = VERDICT.match(line)
            self.assertTrue(verdict, line)
            self.assertEqual(verdict["family"], comparison["family"])
            self.assertEqual(verdict["workload"], comparison["workload"])
            self.assertAlmostEqual(float(verdict["ratio"]), comparison["ratio"]["median"], delta=0.051)

    def test_family_runs_that_family_only(self):
        done = compare("--quick", "--rounds", "1", "--family", "queue")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual({line.split()[0] for line in done.stdout.splitlines()}, {"queue"})
        self.assertEqual(done.stderr, "", "progress is for terminals")

    def test_interrupt_ends_it_at_once(self):
        running = subprocess.Popen([LATCHWORK, "compare", "--quick", "--rounds", "9"], stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        running.stdout.readline()  # it is past its start
        asked = time.monotonic()
        running.send_signal(signal.SIGINT)
        running.communicate(timeout=60)
        self.assertLess(time.monotonic() - asked, 2)
        self.assertIn(running.returncode, (-signal.SIGINT, 130))


class JsonTest(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)

    def test_file_has_the_documented_keys_and_consistent_figures(self):
        target = self.folder / "result.json"
        target.write_text("an older result", encoding="utf-8")
        done = compare("--quick", "--rounds", "3", "--json", str(target))
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual([path.name for path in self.folder.iterdir()], ["result.json"])
        document = json.loads(target.read_text(encoding="utf-8"))
        self.check_run(document)
        for comparison in document["comparisons"]:
            self.check_comparison(comparison, rounds=3)

    def check_run(self, document):
        for key in ("schema", "program", "version", "commit", "compiler", "flags", "date", "machine", "quick", "rounds"):
            self.assertIn(key, document)
        self.assertEqual(set(document["machine"]), {"cpu", "cpus", "cpus_used"})
        self.assertIs(document["quick"], True)
        self.assertEqual(document["rounds"], 3)
        self.assertEqual(document["machine"]["cpus_used"], len(os.sched_getaffinity(0)))

    def check_comparison(self, comparison, rounds):
        self.assertEqual(
            list(comparison),
            ["family", "workload", "operation", "operations_per_round", "part", "baseline", "ratios", "ratio", "verdict"],
        )
        rates = comparison["part"]["rates"], comparison["baseline"]["rates"]
        self.assertEqual([len(rates[0]), len(rates[1]), len(comparison["ratios"])], [rounds] * 3)
        for part, baseline, ratio in zip(*rates, comparison["ratios"]):
            self.assertAlmostEqual(part / baseline, ratio)
        ratio = comparison["ratio"]
        self.assertEqual(list(ratio), ["median", "mean", "min", "p90", "max"])
        self.assertEqual(ratio["median"], sorted(comparison["ratios"])[rounds // 2])
        expected = "use" if ratio["min"] > 1 else "keep" if ratio["max"] < 1 else "unclear"
        self.assertEqual(comparison["verdict"], expected)

    def test_dash_puts_json_alone_on_the_standard_output(self):
        done = compare("--quick", "--rounds", "1", "--json", "-")
        self.assertEqual(done.returncode, 0, done.stderr)
        document = json.loads(done.stdout)
        self.assertEqual(len(done.stderr.splitlines()), len(document["comparisons"]))

    def test_device_is_written_to_and_not_replaced(self):
        done = compare("--quick", "--rounds", "1", "--json", "/dev/null")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertTrue(stat.S_ISCHR(os.stat("/dev/null").st_mode))


class BadInputTest(unittest.TestCase):
    def check_refused(self, *arguments, naming):
        with self.subTest(arguments=arguments):
            done = compare(*arguments)
            self.assertEqual(done.returncode, 2)
            self.assertEqual(done.stdout, "")
            self.assertEqual(len(done.stderr.splitlines()), 1, done.stderr)
            self.assertIn(naming, done.stderr)

    def test_wrong_arguments_are_refused_in_one_line(self):
        self.check_refused("--bogus", naming="--bogus")
        self.check_refused("surplus", naming="surplus")
        self.check_refused("--rounds", "0", naming="--rounds")
        self.check_refused("--rounds", "-1", naming="--rounds")
        self.check_refused("--rounds", "many", naming="--rounds")
        self.check_refused("--rounds", naming="--rounds")

    def test_unknown_family_is_refused_naming_the_known_ones(self):
        self.check_refused("--family", "stack", naming="queue")
        self.check_refused("--family", "", naming="queue")

    def test_unwritable_json_is_refused_before_measuring(self):
        with tempfile.TemporaryDirectory() as folder:
            self.check_refused("--json", f"{folder}/absent/result.json", naming="absent/result.json")
            self.check_refused("--json", folder, naming=folder)
            self.check_refused("--json", "", naming="--json")
            self.assertEqual(os.listdir(folder), [])


if __name__ == "__main__":
    LATCHWORK = sys.argv.pop(1)
    unittest.main()
