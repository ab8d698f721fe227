#!/usr/bin/env python3
"""`latchwork compare` from outside: compare_test.py PATH_OF_LATCHWORK [unittest arguments]"""

import json
import os
import re
import shutil
import signal
import stat
import subprocess
import sys
import tempfile
import time
import unittest
from pathlib import Path

LATCHWORK = ""

PROGRAMS = (
    "combining_lock_bench", "combining_sweep_bench", "lock_map_bench", "cache_lock_map_bench", "semaphore_bench",
    "bounded_queue_bench", "lane_queue_bench", "queue_semantics", "segmented_queue_bench",
)  # fmt: skip

VERDICT = re.compile(
    r"^(?P<family>\w+) +(?P<part>\w+)  (?P<workload>[^:]+): (?P<ratio>[\d.]+) x .+ "
    r"\([\d.]+ \.\. [\d.]+ over \d+ rounds?\), [\d.e+]+ M [^:]+/s: "
    r"(use it|keep std::[\w ]+|no clear winner)$"
)


def compare(*arguments, **options):
    return subprocess.run(
        [LATCHWORK, "compare", *arguments], capture_output=True, text=True, timeout=300, check=False, **options
    )


def is_running(program):
    """Whether a process has the program in its command line."""
    for line in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            if os.fsencode(program) in line.read_bytes():
                return True
        except OSError:  # it has ended
            continue
    return False


with_benches = unittest.skipIf("LATCHWORK_TEST_WITHOUT_BENCHES" in os.environ, "no benchmark programs in this build")


@with_benches
class VerdictTest(unittest.TestCase):
    """With the real benchmark programs."""

    def test_quick_prints_one_verdict_for_each_headline(self):
        with tempfile.NamedTemporaryFile() as result:
            done = compare("--quick", "--rounds", "2", "--json", result.name)
            self.assertEqual(done.returncode, 0, done.stderr)
            verdicts = json.loads(Path(result.name).read_text(encoding="utf-8"))["verdicts"]
        lines = done.stdout.splitlines()
        self.assertEqual(len(lines), len(verdicts))
        self.assertGreater(len(lines), 0)
        for line, verdict in zip(lines, verdicts):
            said = VERDICT.match(line)
            self.assertTrue(said, line)
            self.assertEqual(said["family"], verdict["family"])
            self.assertEqual(said["part"], verdict["part"])
            self.assertAlmostEqual(float(said["ratio"]), verdict["speedup"]["median"], delta=0.051)

    def test_interrupt_ends_it_at_once(self):
        running = subprocess.Popen(
            [LATCHWORK, "compare", "--quick", "--rounds", "500"], stdout=subprocess.PIPE, stderr=subprocess.PIPE
        )
        time.sleep(0.5)  # anywhere in its run will do
        asked = time.monotonic()
        running.send_signal(signal.SIGINT)
        running.communicate(timeout=60)
        self.assertLess(time.monotonic() - asked, 2)
        self.assertEqual(running.returncode, -signal.SIGINT)


class FakeTest(unittest.TestCase):
    """With a stand-in for the benchmark program, so that the figures are known."""

    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)
        (self.folder / "tool").mkdir()
        (self.folder / "bench").mkdir()
        self.latchwork = self.folder / "tool" / "latchwork"
        shutil.copy(LATCHWORK, self.latchwork)
        for name in PROGRAMS:
            self.program = self.folder / "bench" / name
            shutil.copy(Path(__file__).with_name("fake_bench.py"), self.program)
            self.program.chmod(0o755)

    def compare(self, benchmarks, *arguments):
        self.program.with_suffix(".json").write_text(json.dumps(benchmarks), encoding="utf-8")
        self.program.with_suffix(".log").unlink(missing_ok=True)
        command = [self.latchwork, "compare", *arguments]
        return subprocess.run(command, capture_output=True, text=True, timeout=300, check=False)

    def document(self, benchmarks, *arguments):
        target = self.folder / "result.json"
        done = self.compare(benchmarks, "--json", str(target), *arguments)
        self.assertEqual(done.returncode, 0, done.stderr)
        return json.loads(target.read_text(encoding="utf-8"))

    def calls(self):
        return self.program.with_suffix(".log").read_text(encoding="utf-8").splitlines()

    THROUGHPUT = {
        "throughput/8B/4p4c/segmented_queue": {"items_per_second": [1, 40e6, 80e6, 60e6]},
        "throughput/8B/4p4c/mutex_deque": {"items_per_second": [1, 10e6, 10e6, 20e6]},
    }


class FigureTest(FakeTest):
    def test_ratios_are_formed_within_the_round(self):
        document = self.document(self.THROUGHPUT, "--rounds", "3")
        figure = next(f for f in document["figures"] if f["peer"] == "segmented_queue")
        self.assertEqual(figure["rounds"], [40e6, 80e6, 60e6])  # the first look does not count
        self.assertEqual(figure["baseline"], "mutex_deque")
        self.assertEqual(figure["ratios"], [4, 8, 3])
        self.assertEqual(figure["ratio"], {"median": 4, "mean": 5, "min": 3, "p90": 8, "max": 8})
        self.assertEqual(document["verdicts"][0]["verdict"], "use")

    def test_document_has_the_documented_keys(self):
        document = self.document(self.THROUGHPUT)
        self.assertEqual(
            list(document),
            ["schema", "program", "version", "commit", "compiler", "flags", "date", "machine", "quick", "rounds",
             "peers", "verdicts", "expectations", "figures", "failures"],
        )  # fmt: skip
        self.assertEqual(document["schema"], 2)
        self.assertEqual(document["rounds"], 5)
        self.assertEqual(document["machine"]["cpus_used"], len(os.sched_getaffinity(0)))
        self.assertEqual(document["peers"]["mutex_deque"], {"title": "the mutex_deque", "version": "1.0"})
        self.assertEqual(document["failures"], [])

    def test_peers_take_turns_within_a_round(self):
        self.compare(self.THROUGHPUT, "--rounds", "2")
        ran = ["segmented" if "segmented" in call else "mutex" for call in self.calls()[1:]]
        self.assertEqual(ran, ["segmented", "mutex", "segmented", "mutex", "mutex", "segmented"])

    def test_aim_is_reached_or_missed_by_the_median(self):
        for factor, met in ((4.1, True), (3.9, False)):
            benchmarks = {
                "throughput/8B/4p4c/segmented_queue": {"items_per_second": [factor * 1e7]},
                "throughput/8B/4p4c/mutex_deque": {"items_per_second": [1e7]},
            }
            [aim] = self.document(benchmarks)["expectations"]
            self.assertEqual((aim["value"], aim["relation"], aim["met"]), (4, "at least", met))
            word = "reached" if met else "missed"
            self.assertIn(f"| {word} |", self.compare(benchmarks).stdout.replace("  ", ""))

    def test_latency_aim_is_at_most(self):
        benchmarks = {
            "push_latency/8B/growing/segmented_queue": {"p50_ns": [8]},
            "push_latency/8B/growing/crossbeam_seg_queue": {"p50_ns": [10]},
        }
        [aim] = self.document(benchmarks)["expectations"]
        self.assertEqual((aim["relation"], aim["got"]["median"], aim["met"]), ("at most", 0.8, True))

    def test_keep_is_said_when_the_part_loses(self):
        benchmarks = {
            "pairs/8B/1t/segmented_queue": {"pair_ns": [20]},
            "pairs/8B/1t/mutex_deque": {"pair_ns": [10]},
        }
        done = self.compare(benchmarks, "--quick")
        self.assertRegex(done.stdout, r"0\.50 x the mutex_deque .* 50\.0 M push and pop pairs/s: keep std::mutex\n$")

    def test_threads_are_passed_on(self):
        self.compare(self.THROUGHPUT, "--rounds", "1", "--threads", "3,12")
        self.assertTrue(all("--threads=3,12" in call for call in self.calls()))

    def test_only_and_peers_choose(self):
        benchmarks = self.THROUGHPUT | {"pairs/8B/1t/segmented_queue": {"pair_ns": [20]}}
        done = self.document(benchmarks, "--only", "^pairs")
        self.assertEqual({f["workload"] for f in done["figures"]}, {"pairs/8B/1t"})
        done = self.document(benchmarks, "--peers", "mutex_deque")
        self.assertEqual({f["peer"] for f in done["figures"]}, {"mutex_deque"})


class ClaimTest(FakeTest):
    def test_claim_is_told_apart_from_what_is_to_be_reached(self):
        benchmarks = {
            "throughput/64B/4p4c/crossbeam_seg_queue": {"items_per_second": [50e6]},
            "throughput/64B/4p4c/rust_mutex_vec_deque": {"items_per_second": [10e6]},
        }
        claims = self.document(benchmarks)["expectations"]
        met = {(c["subject"], len(c["relative_to"])): c["met"] for c in claims}
        self.assertEqual(
            met,
            {("crossbeam_seg_queue", 1): False, ("crossbeam_seg_queue", 0): True, ("rust_mutex_vec_deque", 0): False},
        )  # fmt: skip
        self.assertTrue(all(c["claimed_by"] == "Engram" for c in claims))
        text = self.compare(benchmarks).stdout
        self.assertNotIn("## Figures to reach", text)
        self.assertIn("does not hold", text[text.index("## Claims") :])
        self.assertRegex(text, r"crossbeam_seg_queue throughput/64B/4p4c, M items/s +\| +Engram \| at least 4.80 \| +50.0 ")

    def test_one_violation_in_any_round_is_shown(self):
        benchmarks = {"semantics/exact_empty/moodycamel": {"violations": [0, 0, 3, 0, 0]}}
        self.assertRegex(self.compare(benchmarks).stdout, r"\| moodycamel +\| +3 \|")


class FailureTest(FakeTest):
    def check_failure(self, how, message, rounds=1):
        benchmarks = self.THROUGHPUT | {"throughput/8B/4p4c/tbb_concurrent_queue": how}
        done = self.compare(benchmarks, "--rounds", str(rounds), "--json", str(self.folder / "result.json"))
        self.assertEqual(done.returncode, 1)
        self.assertIn(f"throughput/8B/4p4c/tbb_concurrent_queue: {message}", done.stderr)
        document = json.loads((self.folder / "result.json").read_text(encoding="utf-8"))
        self.assertEqual(len(document["failures"]), 1)
        self.assertEqual({f["peer"] for f in document["figures"]}, {"segmented_queue", "mutex_deque"})

    def test_wrong_result_is_told_and_the_others_are_measured(self):
        self.check_failure({"error": ["wrong result: elements: 3"]}, "wrong result: elements: 3")

    def test_wrong_result_in_a_later_round_takes_the_earlier_ones_along(self):
        self.check_failure({"items_per_second": [1], "error": ["", "", "lost one"]}, "lost one", rounds=3)

    def test_crash_is_told_and_the_others_are_measured(self):
        self.check_failure({"crash": True}, "no result (exit status 3): the program broke down")

    def test_program_does_not_outlive_the_tool(self):
        benchmarks = {"throughput/8B/4p4c/segmented_queue": {"hang": True}}
        self.program.with_suffix(".json").write_text(json.dumps(benchmarks), encoding="utf-8")
        running = subprocess.Popen([self.latchwork, "compare"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        log = self.program.with_suffix(".log")
        while not log.exists() or len(log.read_text(encoding="utf-8").splitlines()) < 2:
            time.sleep(0.01)
        running.kill()
        running.wait(timeout=60)
        end = time.monotonic() + 30
        while is_running(self.program):
            self.assertLess(time.monotonic(), end, "the benchmark program is still there")
            time.sleep(0.05)

    def test_absent_program_is_told_and_the_others_are_measured(self):
        (self.folder / "bench" / "lock_map_bench").unlink()
        done = self.compare(self.THROUGHPUT, "--rounds", "1")
        self.assertEqual(done.returncode, 0)
        self.assertIn("lock_map_bench", done.stderr)

    def test_absent_programs_are_an_error_that_says_what_to_do(self):
        for name in PROGRAMS:
            (self.folder / "bench" / name).unlink()
        done = subprocess.run([self.latchwork, "compare"], capture_output=True, text=True, check=False)
        self.assertEqual(done.returncode, 1)
        self.assertIn("libbenchmark-dev", done.stderr)


class AgainstTest(FakeTest):
    BENCHMARKS = {
        "throughput/8B/4p4c/segmented_queue": {"items_per_second": [1, 40e6, 41e6, 42e6, 43e6, 44e6]},
        "throughput/8B/4p4c/mutex_deque": {"items_per_second": [10e6]},
        "memory/8B/1t/segmented_queue": {"heap_per_item_bytes": [8.5]},
    }

    def setUp(self):
        super().setUp()
        self.before = self.folder / "before.json"
        self.assertEqual(self.compare(self.BENCHMARKS, "--json", str(self.before)).returncode, 0)

    def changes(self, now):
        done = self.compare(self.BENCHMARKS | now, "--against", str(self.before))
        self.assertEqual(done.returncode, 0, done.stderr)
        return done.stdout[done.stdout.index("## Against") :]

    def test_nothing_changed_says_so(self):
        self.assertIn("3 figures compared, 0 changed beyond noise", self.changes({}))

    def test_slower_is_worse(self):
        now = {"throughput/8B/4p4c/segmented_queue": {"items_per_second": [1, 20e6, 21e6, 22e6, 23e6, 24e6]}}
        text = self.changes(now)
        self.assertIn("1 changed beyond noise", text)
        self.assertRegex(text, r"segmented_queue \| items_per_second \| +4\.20 x \| +2\.20 x \| +-48 % \| worse")

    def test_less_memory_is_better(self):
        text = self.changes({"memory/8B/1t/segmented_queue": {"heap_per_item_bytes": [7.0]}})
        self.assertRegex(text, r"heap_per_item_bytes \| +8\.50 \| +7\.00 \| +-18 % \| better")

    def test_overlapping_rounds_are_noise(self):
        now = {"throughput/8B/4p4c/segmented_queue": {"items_per_second": [1, 40e6, 60e6, 60e6, 60e6, 60e6]}}
        self.assertIn("0 changed beyond noise", self.changes(now))

    def test_whole_machine_slower_is_no_change_of_a_ratio(self):
        now = {
            "throughput/8B/4p4c/segmented_queue": {"items_per_second": [1, 20e6, 20.5e6, 21e6, 21.5e6, 22e6]},
            "throughput/8B/4p4c/mutex_deque": {"items_per_second": [5e6]},
        }
        text = self.changes(now)
        self.assertIn("1 changed beyond noise", text)  # the baseline's own figure
        self.assertRegex(text, r"mutex_deque \| items_per_second \| +10000000")


class JsonTest(FakeTest):
    def test_file_appears_whole_and_alone(self):
        target = self.folder / "out" / "result.json"
        target.parent.mkdir()
        target.write_text("an older result", encoding="utf-8")
        done = self.compare(self.THROUGHPUT, "--json", str(target))
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual([path.name for path in target.parent.iterdir()], ["result.json"])
        json.loads(target.read_text(encoding="utf-8"))

    def test_dash_puts_json_alone_on_the_standard_output(self):
        done = self.compare(self.THROUGHPUT, "--quick", "--json", "-")
        self.assertEqual(done.returncode, 0, done.stderr)
        told = [line for line in done.stderr.splitlines() if VERDICT.match(line)]  # a slow run tells its progress too
        self.assertEqual(len(told), len(json.loads(done.stdout)["verdicts"]))

    def test_device_is_written_to_and_not_replaced(self):
        done = self.compare(self.THROUGHPUT, "--quick", "--json", "/dev/null")
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

    def test_wrong_choices_are_refused_in_one_line(self):
        self.check_refused("--threads", "0", naming="--threads")
        self.check_refused("--threads", "2,x", naming="--threads")
        self.check_refused("--only", "(", naming="--only")

    @with_benches
    def test_choices_that_no_program_has_are_refused_in_one_line(self):
        self.check_refused("--only", "no such workload", naming="--only")
        self.check_refused("--peers", "no_such_queue", naming="no_such_queue")

    def test_unusable_earlier_run_is_refused_before_measuring(self):
        with tempfile.TemporaryDirectory() as folder:
            absent = Path(folder) / "absent.json"
            self.check_refused("--against", str(absent), naming="absent.json")
            for text in ("", "[]", "{}", '{"schema": 1}', '{"schema": 2, "date": "", "commit": "", "figures": [{}]}'):
                absent.write_text(text, encoding="utf-8")
                self.check_refused("--against", str(absent), naming="absent.json")

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
