"""What `latchwork ingest` promises, seen from outside: ingest_test.py TOOL [unittest arguments]."""

import collections
import fcntl
import json
import os
import pathlib
import pty
import random
import re
import resource
import shutil
import signal
import socket
import struct
import subprocess
import sys
import tempfile
import termios
import unittest

TOOL = ""
GUIDE = pathlib.Path(__file__).resolve().parents[2] / "docs" / "guide" / "ingest.md"
LONGEST_LINE = 1 << 20
FIRST_READ = 64 << 10
NOBODY = 65534
TIMEOUT = 120


def run(*arguments, **options):
    options.setdefault("stdout", subprocess.PIPE)
    options.setdefault("stderr", subprocess.PIPE)
    command = [options.pop("tool", TOOL), "ingest", *map(os.fspath, arguments)]
    return subprocess.run(command, timeout=TIMEOUT, stdin=subprocess.DEVNULL, check=False, **options)


def start(*arguments, **options):
    """A run that is observed while it works. It receives Ctrl-C even where the tests run in the background."""
    options.setdefault("stdout", subprocess.PIPE)
    options.setdefault("preexec_fn", lambda: signal.signal(signal.SIGINT, signal.default_int_handler))
    return subprocess.Popen([TOOL, "ingest", *map(os.fspath, arguments)], stdin=subprocess.DEVNULL, **options)


def under_limit(kind, size):
    return lambda: resource.setrlimit(kind, (size, size))


def as_nobody():
    if os.getuid() == 0:
        os.setgroups([])
        os.setgid(NOBODY)
        os.setuid(NOBODY)


def tool_is_sanitized():
    """Sanitizers reserve terabytes of address space, so that no limit on it can be set."""
    done = subprocess.run([TOOL, "--version"], preexec_fn=under_limit(resource.RLIMIT_AS, 1 << 30),
                          stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False)
    return done.returncode != 0


class IngestTest(unittest.TestCase):
    def setUp(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="latchwork_ingest."))
        self.folder.chmod(0o755)
        self.addCleanup(shutil.rmtree, self.folder, ignore_errors=True)
        self.corpus = self.folder / "corpus"
        self.corpus.mkdir()

    def write(self, name, content):
        path = self.corpus / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return path

    def write_lines(self, name, count):
        return self.write(name, "".join(f"observation {i} of {name}\n" for i in range(count)))

    def results(self, *arguments, status=0, **options):
        done = run(*arguments, "--json", "-", **options)
        self.assertEqual(done.returncode, status, done.stderr.decode(errors="replace"))
        return json.loads(done.stdout)

    def assert_one_line(self, done, status, *words):
        """The error is one line; a run of over 2 seconds may have shown its progress before."""
        text = done.stderr.decode(errors="backslashreplace")
        text = "".join(line for line in text.splitlines(keepends=True) if not line.startswith("ingest: "))
        self.assertEqual(done.returncode, status, text)
        self.assertEqual(text.count("\n"), 1, text)
        self.assertTrue(text.startswith("latchwork: ") and text.endswith("\n"), text)
        for word in words:
            self.assertIn(word, text)


class Expected:
    """The counts of a corpus, made without the tool."""

    def __init__(self):
        self.read = self.not_utf8 = self.nul_byte = self.too_long = self.bytes = self.terms = 0
        self.lengths = collections.Counter()
        self.lines_with = collections.Counter()

    def add_file(self, data):
        lines = data.split(b"\n")
        if lines[-1] == b"":
            lines.pop()
        for line in lines:
            self.add_line(line)
        return self

    def add_line(self, line):
        self.read += 1
        if len(line) > LONGEST_LINE:
            self.too_long += 1
            return
        line = line[:-1] if line.endswith(b"\r") else line
        if b"\0" in line:
            self.nul_byte += 1
            return
        try:
            line.decode("utf-8")
        except UnicodeDecodeError:
            self.not_utf8 += 1
            return
        terms = [term[:64] for term in re.findall(rb"[a-z0-9_\x80-\xff]{2,}", line.lower())]
        self.bytes += len(line)
        self.terms += len(terms)
        self.lengths[(1 << len(line).bit_length()) - 1] += 1
        self.lines_with.update(set(terms))

    @property
    def rejected(self):
        return self.not_utf8 + self.nul_byte + self.too_long

    def check(self, test, found):
        test.assertEqual(found["read"], self.read)
        test.assertEqual(found["indexed"], self.read - self.rejected)
        test.assertEqual(found["rejected"], self.rejected)
        test.assertEqual(found["rejected_lines"], {"not_utf8": self.not_utf8, "nul_byte": self.nul_byte,
                                                   "too_long": self.too_long, "over_capacity": 0})
        corpus = found["corpus"]
        test.assertEqual(corpus["bytes"], self.bytes)
        test.assertEqual(corpus["terms"], self.terms)
        test.assertEqual(corpus["distinct_terms"], len(self.lines_with))
        test.assertEqual({one["up_to_bytes"]: one["lines"] for one in corpus["line_lengths"]}, self.lengths)
        most = [count for _, count in self.lines_with.most_common(len(corpus["frequent_terms"]))]
        test.assertEqual([one["lines"] for one in corpus["frequent_terms"]], most)
        for one in corpus["frequent_terms"]:
            test.assertEqual(self.lines_with[one["term"].encode()], one["lines"], one)
        test.assertTrue(found["checks"]["passed"], found["checks"])


def random_file(chooser, words, lines):
    """Lines of all kinds, on both sides of the limits; the first read holds no NUL byte."""
    parts = []
    for number in range(lines):
        text = b" ".join(chooser.choices(words, k=chooser.randrange(14)))
        kind = chooser.random()
        if kind < 0.02:
            text += b"\xff\xfe"
        elif kind < 0.04 and sum(map(len, parts)) > FIRST_READ:
            text += b"\0"
        elif kind < 0.0405:
            text += b"x" * chooser.choice([LONGEST_LINE - len(text), LONGEST_LINE + 1, 3 * LONGEST_LINE])
        parts.append(text + (b"\r\n" if number % 5 == 0 else b"\n"))
    if chooser.random() < 0.5:
        parts.append(b"no newline at the end")
    return b"".join(parts)


class CountsTest(IngestTest):
    @classmethod
    def setUpClass(cls):
        cls.seed = int(os.environ.get("LATCHWORK_SEED", "1"))
        chooser = random.Random(cls.seed)
        words = [f"word{i}".encode() for i in range(3000)] + ["Größe".encode(), "数据".encode(), b"A_B", b"(", b"+="]
        words = chooser.choices(words, weights=[1 / (i + 1) for i in range(len(words))], k=3000)
        cls.files = {f"{folder}/{i}.txt": random_file(chooser, words, chooser.choice([1, 10, 700, 4000]))
                     for folder in (".", "first", "second/deep") for i in range(8)}
        cls.expected = Expected()
        for data in cls.files.values():
            cls.expected.add_file(data)

    def setUp(self):
        super().setUp()
        for name, data in self.files.items():
            self.write(name, data)

    def check_mode(self, *options):
        with self.subTest(seed=self.seed, options=options):
            found = self.results(self.corpus, *options)
            self.expected.check(self, found)
            self.assertEqual(found["files"]["found"], len(self.files))
            self.assertEqual(found["corpus"]["spaces"], 3)

    def test_counts_of_generated_corpus_are_those_of_an_independent_count(self):
        for threads in ((1, 1), (1, 2), (4, 4)):
            self.check_mode("--readers", str(threads[0]), "--workers", str(threads[1]))

    def test_counts_with_baseline_are_the_same(self):
        self.check_mode("--baseline", "--readers", "2", "--workers", "3")

    def test_counts_with_lanes_in_order_are_the_same(self):
        lanes = ["--high", "*/first/*", "--low", "*/[0-3].txt", "--order", "space"]
        for options in ([], ["--baseline"], ["--capacity", "50", "--readers", "3", "--workers", "4"]):
            self.check_mode(*lanes, *options)

    def test_counts_with_floor_are_the_same(self):
        for threads in ("1", "3"):
            self.check_mode("--floor", "--workers", threads)

    def test_limit_below_the_corpus_reads_exactly_that_many(self):
        for mode in ([], ["--baseline"], ["--floor"]):
            for limit in (1, 255, 256, 257, 5000, self.expected.read - 1):
                with self.subTest(mode=mode, limit=limit):
                    found = self.results(self.corpus, "--limit", str(limit), "--readers", "3", "--workers", "3", *mode)
                    self.assertEqual(found["read"], limit)
                    self.assertTrue(found["checks"]["passed"])

    def test_limit_above_the_corpus_reads_all_of_it(self):
        for limit in (self.expected.read, self.expected.read + 1, 2**63 - 1):
            found = self.results(self.corpus, "--limit", str(limit))
            self.assertEqual(found["read"], self.expected.read)
            self.assertEqual(found["files"]["not_read"] + found["files"]["partly_read"], 0)


class OneFileTest(IngestTest):
    """Single files, each with the one thing that may go wrong."""

    def count(self, data, **outcome):
        path = self.write("file", data)
        found = self.results(path)
        Expected().add_file(data if not outcome.get("binary") else b"").check(self, found)
        for name, number in (outcome or {"indexed": 1}).items():
            self.assertEqual(found["files"][name], number, name)

    def test_file_without_last_newline_keeps_its_last_line(self):
        self.count(b"one\ntwo")

    def test_file_with_carriage_returns_keeps_none_of_them(self):
        self.count(b"one\r\ntwo\r\n\r\nlone\rreturn\r\n")

    def test_file_of_blank_lines_is_indexed(self):
        self.count(b"\n\n   \n\t\n")

    def test_empty_file_is_counted_as_empty(self):
        self.count(b"", empty=1)

    def test_nul_byte_in_first_read_makes_the_file_binary(self):
        self.count(b"text\n" * 100 + b"\0" + b"text\n", binary=1)
        self.count(b"x\n" * (FIRST_READ // 2 - 1) + b"x\0", binary=1)

    def test_nul_byte_after_first_read_rejects_its_line(self):
        self.count(b"x\n" * (FIRST_READ // 2) + b"a\0b\nlast\n")

    def test_line_of_invalid_utf8_is_rejected(self):
        self.count(b"good\n\xc3\x28\ngood\n\xed\xa0\x80\nna\xc3\xafve\n")

    def test_file_whose_lines_are_all_rejected_is_counted_so(self):
        self.count(b"\xff\n\xfe\n", rejected=1, indexed=0)

    def test_line_at_the_limit_is_indexed_and_one_byte_more_is_not(self):
        self.count(b"a\n" + b"y" * LONGEST_LINE + b"\nb\n" + b"z" * (LONGEST_LINE + 1) + b"\nc")

    def test_line_of_64_mib_is_rejected_without_holding_it(self):
        path = self.write("file", b"before\n" + b"x" * (64 << 20) + b"\nafter\n")
        found = self.results(path, "--query", "after", "--workers", "2")
        self.assertEqual((found["read"], found["rejected_lines"]["too_long"], found["indexed"]), (3, 1, 2))
        self.assertEqual(found["recalls"][0]["lines"][0]["line"], 3)
        if not tool_is_sanitized():
            self.assertLess(found["memory"]["peak_resident_bytes"], 48 << 20)


class TreeTest(IngestTest):
    """What a folder may hold besides text."""

    def outcomes(self, *arguments, **options):
        found = self.results(*(arguments or [self.corpus]), **options)
        self.assertTrue(found["checks"]["passed"], found["checks"])
        return {name: count for name, count in found["files"].items() if count}

    def test_corpus_without_a_line_gives_zeros(self):
        (self.corpus / "empty_folder").mkdir()
        self.write("empty_file", b"")
        done = run(self.corpus)
        self.assertEqual(done.returncode, 0)
        self.assertIn(b"0 lines of 0 files", done.stdout)
        found = self.results(self.corpus, "--query", "anything")
        self.assertEqual((found["read"], found["indexed"], found["rejected"]), (0, 0, 0))
        self.assertEqual(found["latency"]["p50_ns"], 0)
        self.assertEqual(found["recalls"][0]["lines"], [])

    def test_link_to_a_listed_file_is_not_read_again(self):
        self.write_lines("file", 3)
        (self.corpus / "link").symlink_to("file")
        os.link(self.corpus / "file", self.corpus / "zz_hard_link")
        self.assertEqual(self.outcomes(), {"found": 3, "indexed": 1, "duplicate": 2})

    def test_path_given_twice_is_read_once(self):
        self.write_lines("folder/file", 3)
        self.assertEqual(self.outcomes(self.corpus, self.corpus / "folder", self.corpus / "folder" / "file"),
                         {"found": 3, "indexed": 1, "duplicate": 2})

    def test_link_to_a_file_elsewhere_is_followed(self):
        outside = self.folder / "outside"
        outside.write_text("text\n")
        (self.corpus / "link").symlink_to(outside)
        self.assertEqual(self.outcomes(), {"found": 1, "indexed": 1})

    def test_circle_of_folder_links_ends(self):
        self.write_lines("a/b/file", 3)
        (self.corpus / "a" / "b" / "up").symlink_to("../..")
        (self.corpus / "a" / "self").symlink_to(".")
        self.assertEqual(self.outcomes(), {"found": 3, "indexed": 1, "duplicate": 2})

    def test_links_to_nothing_are_counted(self):
        (self.corpus / "dangling").symlink_to("missing")
        (self.corpus / "self").symlink_to("self")
        self.assertEqual(self.outcomes(), {"found": 2, "dangling_link": 2})

    def test_special_files_are_never_opened(self):
        os.mkfifo(self.corpus / "fifo")  # opening it would hang
        listener = socket.socket(socket.AF_UNIX)
        self.addCleanup(listener.close)
        listener.bind(os.fspath(self.corpus / "socket"))
        (self.corpus / "device").symlink_to("/dev/zero")
        self.assertEqual(self.outcomes(), {"found": 3, "special": 3})
        self.assertEqual(self.outcomes(self.corpus / "fifo"), {"found": 1, "special": 1})

    def test_unreadable_file_and_folder_are_counted(self):
        tool = shutil.copy(TOOL, self.folder / "latchwork")
        self.write_lines("readable", 3)
        self.write_lines("file", 3).chmod(0)
        self.write_lines("folder/file", 3)
        (self.corpus / "folder").chmod(0)
        try:
            self.assertEqual(self.outcomes(tool=tool, preexec_fn=as_nobody),
                             {"found": 3, "indexed": 1, "unreadable": 2})
        finally:
            (self.corpus / "folder").chmod(0o755)

    def test_more_readers_than_open_files_take_turns(self):
        for i in range(100):
            self.write_lines(str(i), 10)
        found = self.outcomes("--readers", "64", self.corpus,
                              preexec_fn=under_limit(resource.RLIMIT_NOFILE, 40))
        self.assertEqual(found, {"found": 100, "indexed": 100})

    def test_file_without_size_is_counted_as_empty(self):
        self.assertEqual(self.outcomes("/proc/self/status"), {"found": 1, "empty": 1})


class HostileNameTest(IngestTest):
    LINE = "the longest line by far, to be named in the summary"

    def setUp(self):
        super().setUp()
        self.name = b"new\nline\x1b[31m\xff.txt"
        path = os.path.join(os.fsencode(self.corpus), self.name)
        with open(path, "wb") as file:
            file.write(self.LINE.encode() + b"\nshort\n")

    def test_name_in_the_summary_is_escaped(self):
        done = run(self.corpus, "--query", self.LINE)
        self.assertEqual(done.returncode, 0)
        self.assertIn(b"new\\nline\\x1b[31m\\xff.txt:1", done.stdout)
        self.assertNotIn(b"\x1b", done.stdout)
        done.stdout.decode()

    def test_name_in_the_json_is_replaced(self):
        found = self.results(self.corpus, "--query", self.LINE)
        path = found["recalls"][0]["lines"][0]["path"]
        self.assertTrue(path.endswith("new\nline\x1b[31m\ufffd.txt"), path)
        self.assertEqual(found["corpus"]["longest_line"]["path"], path)

    def test_name_given_as_a_path_is_taken(self):
        found = self.results(os.path.join(os.fsencode(self.corpus), self.name))
        self.assertEqual(found["read"], 2)

    def test_missing_name_in_the_message_is_escaped(self):
        missing = os.path.join(os.fsencode(self.corpus), b"no\nsuch\xff")
        self.assert_one_line(run(missing), 2, "no\\nsuch\\xff")


class ChangingFileTest(IngestTest):
    """Files that change under the reader. The run is held back by --rate and watched through a terminal."""

    def run_and(self, change, *arguments):
        run_in_terminal = Terminal(*arguments, "--json", "-")
        run_in_terminal.read_until(rb"indexed")
        change()
        status, output = run_in_terminal.finish()
        self.assertEqual(status, 0)
        found = json.loads(output)
        self.assertTrue(found["checks"]["passed"], found["checks"])
        return found

    def test_file_that_vanishes_before_its_turn_is_unreadable(self):
        self.write_lines("a", 300)
        vanishing = self.write_lines("b", 50)
        found = self.run_and(vanishing.unlink, self.corpus, "--rate", "300")
        self.assertEqual(found["files"]["unreadable"], 1)
        self.assertEqual(found["read"], 300)

    def test_file_that_became_a_fifo_is_not_waited_for(self):
        self.write_lines("a", 300)
        path = self.write_lines("b", 50)

        def replace():
            path.unlink()
            os.mkfifo(path)

        found = self.run_and(replace, self.corpus, "--rate", "300")
        self.assertEqual(found["files"]["special"], 1)

    def test_file_that_shrinks_ends_where_it_ends(self):
        data = b"x" * 99 + b"\n"
        path = self.write("a", data * 3000)
        found = self.run_and(lambda: os.truncate(path, 100_050), path, "--rate", "2000")
        self.assertEqual(found["read"], 1001)
        self.assertEqual(found["files"]["indexed"], 1)

    def test_file_that_grows_is_read_to_its_size_when_opened(self):
        path = self.write_lines("a", 300)

        def grow():
            with open(path, "ab") as file:
                file.write(b"more\n" * 10)

        self.assertEqual(self.run_and(grow, path, "--rate", "300")["read"], 300)


class RecallTest(IngestTest):
    def setUp(self):
        super().setUp()
        chooser = random.Random(5)
        words = "queue lock wait wake thread batch shard permit lane waiter cache index line term".split()
        self.lines = [" ".join(chooser.choices(words, k=chooser.randrange(2, 12))) for _ in range(20_000)]
        self.lines[12_345] = "The Queue is closed; nothing more comes."
        self.lines[77] = "zebrs"
        self.lines[78] = "a long line in which a zebra stands between many other words of all kinds"
        self.path = self.write("folder/file", "\r\n".join(self.lines) + "\r\n")

    def best(self, query, *options):
        return self.results(self.corpus, "--query", query, *options)["recalls"][0]["lines"]

    def test_exact_line_comes_first(self):
        chooser = random.Random(6)
        for number in [12_345, *(chooser.randrange(len(self.lines)) for _ in range(4))]:
            best = self.best(self.lines[number])[0]
            self.assertEqual(best["text"], self.lines[number])
            self.assertEqual(best["line"], self.lines.index(self.lines[number]) + 1)
            self.assertEqual(best["same"], self.lines.count(self.lines[number]) - 1)
            self.assertEqual(best["path"], os.fspath(self.path))
            self.assertEqual(best["space"], os.fspath(self.corpus / "folder"))
            self.assertAlmostEqual(best["score"], 1, places=6)

    def test_case_and_blanks_around_do_not_matter(self):
        self.assertEqual(self.best("  the QUEUE is closed; nothing more comes.")[0]["line"], 12_346)

    def test_near_line_comes_before_others(self):
        self.assertEqual(self.best("is the queue closed? nothing more comes")[0]["line"], 12_346)

    def test_line_with_the_term_comes_before_one_that_looks_like_it(self):
        self.assertEqual([line["line"] for line in self.best("zebra")[:2]], [79, 78])

    def test_every_mode_recalls_the_same(self):
        expected = self.best("wait for the queue", "--workers", "1")
        for options in (["--workers", "4", "--readers", "2"], ["--baseline"], ["--floor", "--workers", "2"],
                        ["--order", "space", "--low", "*", "--workers", "3"]):
            self.assertEqual(self.best("wait for the queue", *options), expected, options)

    def test_scores_fall_and_no_line_comes_twice(self):
        lines = self.best("lock the shard")
        self.assertEqual(len(lines), 5)
        self.assertEqual(sorted((line["score"] for line in lines), reverse=True), [line["score"] for line in lines])
        self.assertEqual(len({line["text"] for line in lines}), 5)

    def test_terms_are_counted_by_line(self):
        terms = self.results(self.corpus, "--query", "Permit permit absent_term")["recalls"][0]["terms"]
        lines = sum("permit" in line.split() for line in self.lines)
        self.assertEqual(terms, [{"term": "permit", "lines": lines}, {"term": "absent_term", "lines": 0}])

    def test_queries_are_answered_in_order(self):
        found = self.results(self.corpus, "--query", "lane", "--query", "shard", "--limit", "100")
        self.assertEqual([one["query"] for one in found["recalls"]], ["lane", "shard"])

    def test_query_does_not_swallow_the_path(self):
        self.assertEqual(self.results("--query", "lane", self.corpus)["read"], len(self.lines))

    def test_line_whose_file_has_changed_is_not_shown(self):
        self.write("zz", "the last line of all\n" * 600)
        path = self.write("a", "a line that will change\n")
        watched = Terminal(self.corpus / "a", self.corpus / "zz", "--rate", "500", "--json", "-",
                           "--query", "a line that will change")
        watched.read_until(rb"indexed")
        path.write_text("is something else now..\n")
        status, output = watched.finish()
        self.assertEqual(status, 0)
        best = json.loads(output)["recalls"][0]["lines"][0]
        self.assertEqual((best["path"], best["line"], best["text"]), (os.fspath(path), 1, None))


MODES = ([], ["--baseline"])


class LaneTest(IngestTest):
    """Each file's lines take the lane that its path asks for."""

    def lanes(self, found):
        return {one["lane"]: one for one in found["lanes"]}

    def test_lines_take_the_lane_of_their_path(self):
        self.write_lines("a/urgent.log", 300)
        self.write_lines("a/other.log", 500)
        self.write_lines("b/file.txt", 700)
        self.write_lines("b/.hidden", 1100)
        for mode in MODES:
            found = self.results(self.corpus, "--high", "*/urgent*", "--low", "*.log", "--low", "*/.h?dden", *mode)
            self.assertTrue(found["checks"]["passed"])
            self.assertEqual({name: one["indexed"] for name, one in self.lanes(found).items()},
                             {"high": 300, "normal": 700, "low": 1600})
            self.assertEqual((found["config"]["high"], found["config"]["low"]), (["*/urgent*"], ["*.log", "*/.h?dden"]))
            for one in found["lanes"]:
                self.assertTrue(0 < one["latency"]["p50_ns"] <= one["latency"]["p99_ns"] <= one["latency"]["p999_ns"])

    def test_pattern_does_not_swallow_the_path(self):
        self.write_lines("file", 3)
        self.assertEqual(self.lanes(self.results("--high", "*", self.corpus))["high"]["indexed"], 3)

    def test_summary_shows_the_lanes_that_have_lines(self):
        self.write_lines("a", 300)
        self.write_lines("b", 20)
        text = run(self.corpus, "--low", "*/a").stdout.decode()
        self.assertRegex(text, r"\n  low +300   half within .*99\.9 % within")
        self.assertRegex(text, r"\n  normal +20   half within")
        self.assertNotRegex(text, r"\n  high ")

    def test_high_lane_is_not_held_up_by_the_low_one(self):
        """The low lane waits in a queue that is full; what is urgent passes it by, in hundreds of small files."""
        low = "".join(f"{i} " + " ".join(f"w{(i * j) % 9973}" for j in range(20)) + "\n" for i in range(1000))
        for i in range(300):
            self.write(f"{i:03}_low", low)
            self.write(f"{i:03}_urgent", f"urgent {i}\n" * 5)
        for mode in MODES:
            found = self.results(self.corpus, "--high", "*_urgent", "--low", "*_low", "--workers", "1",
                                 "--capacity", "150000", *mode)
            lanes = self.lanes(found)
            self.assertGreater(found["backpressure"]["episodes"], 0)
            self.assertEqual((lanes["high"]["indexed"], lanes["low"]["indexed"]), (1500, 300_000))
            self.assertLessEqual(10 * lanes["high"]["latency"]["p99_ns"], lanes["low"]["latency"]["p99_ns"])

    def test_low_lane_has_its_turn_while_the_high_one_is_never_empty(self):
        self.write("a_low", "low\n" * 50)
        self.write("b_high", "high\n" * 200_000)
        for mode in MODES:
            found = self.results(self.corpus, "--high", "*/b*", "--low", "*/a*", "--workers", "1", "--capacity", "1000",
                                 "--readers", "2", *mode)
            self.assertLess(self.lanes(found)["low"]["latency"]["max_ns"], 0.5e9 * found["seconds"])


class PressureTest(IngestTest):
    def test_rejected_lines_are_counted_and_leave_no_gap(self):
        for name in ("a/1", "a/2", "b/3"):
            self.write(name, "a line that may not find room\n" * 30_000)
        for options in ([], ["--order", "space"], ["--low", "*/3", "--readers", "3"]):
            for mode in MODES:
                with self.subTest(options=options, mode=mode):
                    found = self.results(self.corpus, "--on-pressure", "reject", "--capacity", "50", "--workers", "1",
                                         *options, *mode)
                    self.assertEqual(found["read"], 90_000)
                    self.assertEqual(found["read"], found["indexed"] + found["rejected"])
                    self.assertGreater(found["rejected_lines"]["over_capacity"], 0)
                    self.assertEqual(found["rejected"], found["rejected_lines"]["over_capacity"])
                    self.assertEqual(found["rejected"], sum(one["rejected"] for one in found["lanes"]))
                    self.assertEqual(found["parked_waits"]["readers_for_admission"], 0)
                    self.assertTrue(found["checks"]["passed"], found["checks"])

    def test_rejection_is_named_in_the_summary(self):
        self.write("file", "line\n" * 100_000)
        text = run(self.corpus, "--on-pressure", "reject", "--capacity", "10").stdout.decode()
        self.assertRegex(text, r"\n  rejected +[\d,]+   [\d,]+ when the queue was full")
        self.assertRegex(text, r"\n  backpressure episodes +[\d,]+   \S+ \w+ in all")
        self.assertNotIn("FAILED", text)

    def test_episode_that_outlasts_the_reading_ends_with_the_queue(self):
        self.write("file", ("w " * 300 + "\n") * 20_000)
        for mode in MODES:
            found = self.results(self.corpus, "--high", "*", "--capacity", "1000", "--workers", "1", *mode)
            self.assertGreater(found["backpressure"]["episodes"], 0)
            self.assertGreater(found["backpressure"]["seconds"], 0)

    def test_queue_with_room_rejects_nothing(self):
        self.write_lines("file", 2000)
        found = self.results(self.corpus, "--on-pressure", "reject")
        self.assertEqual((found["indexed"], found["backpressure"]["episodes"]), (2000, 0))


class OrderTest(IngestTest):
    def setUp(self):
        super().setUp()
        for i in range(60):
            self.write_lines(f"space{i % 7}/{i}", 40 * (i % 5) ** 3 + 1)

    def test_spaces_are_indexed_in_order(self):
        for mode in MODES:
            for options in (["--workers", "1"], ["--readers", "3", "--workers", "4"],
                            ["--readers", "4", "--workers", "3", "--capacity", "100", "--high", "*/1*", "--low", "*/2*"]):
                found = self.results(self.corpus, "--order", "space", *options, *mode)
                self.assertTrue(found["checks"]["passed"], found["checks"])
                self.assertIs(found["checks"]["indexed_in_order"], True)
                self.assertEqual(found["config"]["order"], "space")

    def test_order_is_named_in_the_summary_where_it_was_asked_for(self):
        text = run(self.corpus, "--order", "space").stdout.decode()
        self.assertIn("ok      indexed in order", text)
        self.assertIn("spaces taken over", text)
        self.assertNotIn("in order", run(self.corpus).stdout.decode())
        self.assertIsNone(self.results(self.corpus)["checks"]["indexed_in_order"])

    def test_worker_without_spaces_of_its_own_helps(self):
        # Of two workers all these spaces belong to the first.
        for i in range(40):
            self.write_lines(f"odd{i}/file", 1 if i % 2 else 3000)
        found = self.results(*(self.corpus / f"odd{i}" for i in range(40)), "--order", "space", "--workers", "2")
        self.assertGreater(found["spaces_taken_over"], 0)
        self.assertTrue(found["checks"]["passed"], found["checks"])


ALL_MODES = ([], ["--baseline"], ["--floor"])


class MergeTest(IngestTest):
    """Memory spaces a, b, c and d; what is merged is where it was sent, whenever that happened."""
    LINES = {"a": 5000, "b": 3000, "c": 700, "d": 10, ".": 40}

    def setUp(self):
        super().setUp()
        for name, count in self.LINES.items():
            for part in range(4):
                self.write_lines(f"{name}/{part}", count)
        self.write_lines("c/0", 701)
        self.write("a/0", "".join(f"the {i}th line to be recalled\n" for i in range(5000)))

    def space(self, name):
        return os.fspath(self.corpus if name == "." else self.corpus / name)

    def merge(self, *pairs):
        return [word for pair in pairs for word in ("--merge", ":".join(map(self.space, pair)))]

    def lines(self, **changed):
        lines = {name: 4 * count for name, count in self.LINES.items()}
        lines["c"] += 1
        return {self.space(name): count for name, count in {**lines, **changed}.items()}

    def check(self, found, **changed):
        self.assertTrue(found["checks"]["passed"], found["checks"])
        self.assertTrue(found["checks"]["spaces_hold_theirs"])
        spaces = {one["space"]: one["lines"] for one in found["spaces"]}
        self.assertEqual(len(spaces), len(found["spaces"]))
        self.assertEqual(spaces, self.lines(**changed))
        self.assertEqual(sum(spaces.values()), found["indexed"])

    def went(self, found):
        return [(one["from"], one["to"], one["moved"] + one["later"]) for one in found["merges"]]

    def test_spaces_are_listed_with_their_lines(self):
        for mode in ALL_MODES:
            found = self.results(self.corpus, *mode)
            self.check(found)
            self.assertEqual(found["merges"], [])

    def test_merged_space_is_empty_and_the_other_has_the_lines_of_both(self):
        for mode in ALL_MODES:
            for options in ([], ["--workers", "1"], ["--workers", "4"]):
                with self.subTest(mode=mode, options=options):
                    found = self.results(self.corpus, *self.merge("ab"), *options, *mode)
                    self.check(found, a=0, b=32_000)
                    self.assertEqual(self.went(found), [(self.space("a"), self.space("b"), 20_000)])
                    self.assertEqual(found["config"]["merge"], [f"{self.space('a')}:{self.space('b')}"])
                    self.assertEqual(found["corpus"]["spaces"], 5)

    def test_chain_ends_in_its_last_space_in_whatever_order_it_is_given(self):
        passed = {"ab": 20_000, "bc": 32_000, "cd": 34_801}
        for mode in ALL_MODES:
            for pairs in (("ab", "bc", "cd"), ("cd", "bc", "ab"), ("bc", "ab", "cd")):
                with self.subTest(mode=mode, pairs=pairs):
                    found = self.results(self.corpus, *self.merge(*pairs), "--workers", "3", *mode)
                    self.check(found, a=0, b=0, c=0, d=34_841)
                    self.assertEqual(self.went(found), [(self.space(pair[0]), self.space(pair[1]), passed[pair])
                                                        for pair in pairs])

    def test_several_spaces_go_into_one(self):
        for mode in ALL_MODES:
            found = self.results(self.corpus, *self.merge("ac", "b.", "dc", "c.", "ac"), *mode)
            self.check(found, **{"a": 0, "b": 0, "c": 0, "d": 0, ".": 35_001})
            self.assertEqual(len(found["merges"]), 4)  # the pair that came twice counts once

    def test_order_of_a_space_is_kept_while_it_is_merged(self):
        for mode in MODES:
            found = self.results(self.corpus, *self.merge("ab", "db"), "--order", "space", "--workers", "3",
                                 "--low", "*/1", *mode)
            self.check(found, a=0, b=32_040, d=0)
            self.assertIs(found["checks"]["indexed_in_order"], True)

    def test_merge_is_made_while_lines_are_indexed(self):
        """Of 100 lines 96 fill chunks; the rest is with its worker when the other space comes."""
        self.write("early/file", "early\n" * 100)
        self.write("late/file", "late\n" * 1000)
        for mode in MODES:
            found = self.results(self.corpus / "early", self.corpus / "late", *self.merge(("early", "late")),
                                 "--rate", "1000", "--readers", "1", "--workers", "1", *mode)
            self.assertEqual([(one["moved"], one["later"]) for one in found["merges"]], [(96, 4)])
        found = self.results(self.corpus / "early", self.corpus / "late", *self.merge(("early", "late")), "--floor",
                             "--workers", "1")
        self.assertEqual([(one["moved"], one["later"]) for one in found["merges"]], [(100, 0)])

    def test_space_without_lines_can_be_merged_and_merged_into(self):
        (self.corpus / "empty").mkdir()
        for mode in ALL_MODES:
            found = self.results(self.corpus, *self.merge(("empty", "a"), ("b", "empty")), *mode)
            self.check(found, a=32_000, b=0, empty=0)
            found = self.results(self.corpus, *self.merge(("b", "empty")), "--limit", "1", *mode)
            self.assertEqual(sum(one["lines"] for one in found["spaces"]), 1)
            self.assertTrue(found["checks"]["passed"])

    def test_name_with_colons_is_found(self):
        self.write_lines("x:y", 10)
        self.write_lines("x:y:z/file", 10)
        path = self.space("x:y:z")
        found = self.results(self.corpus, "--merge", f"{path}:{self.space('a')}")
        self.assertEqual(self.went(found), [(path, self.space("a"), 10)])
        found = self.results(self.corpus, "--merge", f"{self.space('d')}:{path}")
        self.assertEqual(self.went(found), [(self.space("d"), path, 40)])

    def test_recall_is_the_same_and_names_the_space_after_the_merge(self):
        def best(*options):
            found = self.results(self.corpus, "--query", "the 77th line to be recalled", *options)
            return found["recalls"][0]["lines"]

        expected = best()
        self.assertEqual({line["space"] for line in expected}, {self.space("a")})
        for mode in ALL_MODES:
            for pairs, last in ((("ab",), "b"), (("bd", "ab"), "d"), (("bc",), "a")):
                renamed = [{**line, "space": self.space(last)} for line in expected]
                self.assertEqual(best(*self.merge(*pairs), *mode), renamed, (mode, pairs))
        text = run(self.corpus, "--query", "the 77th line to be recalled", *self.merge("ab")).stdout.decode()
        self.assertIn(f"{self.space('a')}/0:78  (now in {self.space('b')})\n", text)

    def test_merge_has_a_line_in_the_summary(self):
        text = run(self.corpus, *self.merge("ab", "bd")).stdout.decode()
        for pair in ("ab", "bd"):
            self.assertRegex(text, r"\n  moved +[\d,]+   at once, and [\d,]+ later, from "
                             f"{re.escape(self.space(pair[0]))} into {re.escape(self.space(pair[1]))}\n")
        self.assertIn("ok      each memory space holds the lines that it should: 0 wrong", text)
        self.assertNotIn("Merged", run(self.corpus).stdout.decode())

    def test_interrupted_run_is_merged(self):
        watched = Terminal(self.corpus, "--rate", "1000", "--json", "-", *self.merge("ab", ".d"))
        watched.read_until(rb"indexed")
        watched.process.send_signal(signal.SIGINT)
        status, output = watched.finish()
        self.assertEqual(status, 130)
        found = json.loads(output)
        self.assertTrue(found["checks"]["passed"], found["checks"])
        merged = (self.space("a"), self.space("."))
        self.assertEqual([one["lines"] for one in found["spaces"] if one["space"] in merged], [0, 0])

    def test_wrong_merge_is_refused_in_one_line(self):
        a, b, c = map(self.space, "abc")
        for pairs, words in (
                (["ab"], ["--merge", "A:B", "'ab'"]), ([""], ["--merge"]), ([":"], ["A:B"]), ([f"{a}:"], ["A:B"]),
                ([f":{a}"], ["A:B"]), ([f"{a}:{b}x"], [f"'{b}x'", "no memory space", self.space(".")]),
                (["a:b"], ["no memory space 'a'"]), ([f"x\n:{b}"], ["no memory space 'x\\n'"]),
                ([f"{a}:{a}"], ["come back to itself", f"{a}:{a}"]),
                ([f"{a}:{b}", f"{b}:{a}"], ["come back to itself"]),
                ([f"{a}:{b}", f"{b}:{c}", f"{c}:{a}"], ["come back to itself", f"{c}:{a}"]),
                ([f"{a}:{b}", f"{a}:{c}"], [f"{a}:{c}", f"goes over into '{b}'"])):
            for mode in ALL_MODES:
                with self.subTest(pairs=pairs, mode=mode):
                    done = run(self.corpus, *(word for pair in pairs for word in ("--merge", pair)), *mode,
                               "--json", self.folder / "out")
                    self.assert_one_line(done, 2, *words)
                    self.assertEqual(done.stdout, b"")
                    self.assertFalse((self.folder / "out").exists())
        self.assert_one_line(run(self.corpus, "--merge"), 2, "--merge")


class CommandLineTest(IngestTest):
    def test_wrong_options_are_refused_in_one_line(self):
        self.write_lines("file", 3)
        for arguments, word in (
                (["--readers", "0"], "--readers"), (["--workers", "0"], "--workers"),
                (["--readers", "100000"], "--readers"), (["--workers", "two"], "--workers"),
                (["--limit", "0"], "--limit"), (["--limit", "-1"], "--limit"), (["--limit", "1x"], "--limit"),
                (["--limit", "99999999999999999999"], "--limit"), (["--rate", "0"], "--rate"),
                (["--rate", "-5"], "--rate"), (["--rate", "nan"], "--rate"), (["--rate", ""], "--rate"),
                (["--high", ""], "--high"), (["--high", "a[b"], "without its ]"), (["--low", "a\\"], "backslash"),
                (["--low"], "--low"), (["--capacity", "0"], "--capacity"), (["--capacity", "many"], "--capacity"),
                (["--capacity", "9999999999"], "--capacity"), (["--on-pressure", "panic"], "wait or reject"),
                (["--order", "line"], "none or space"), (["--floor", "--high", "*"], "--floor"),
                (["--floor", "--low", "*"], "--floor"), (["--floor", "--capacity", "9"], "--floor"),
                (["--floor", "--on-pressure", "wait"], "--floor"), (["--order", "space", "--floor"], "--floor"),
                (["--index", "hnsw"], "only flat"), (["--query", ""], "--query"), (["--query", " \t"], "--query"),
                (["--query"], "--query"), (["--query", b"\xff"], "UTF-8"), (["--bogus"], "--bogus"),
                (["--baseline", "--floor"], "--floor"), (["--json"], "--json"), (["--json", ""], "--json")):
            with self.subTest(arguments=arguments):
                done = run(self.corpus, *arguments)
                self.assert_one_line(done, 2, word)
                self.assertEqual(done.stdout, b"")

    def test_path_that_does_not_exist_is_named_before_any_work(self):
        self.write_lines("file", 3)
        done = run(self.corpus, self.folder / "missing", "--json", self.folder / "out")
        self.assert_one_line(done, 2, os.fspath(self.folder / "missing"))
        self.assertFalse((self.folder / "out").exists())

    def test_help_is_printed(self):
        done = run("--help")
        self.assertEqual(done.returncode, 0)
        for option in (b"--query", b"--readers", b"--workers", b"--limit", b"--rate", b"--index", b"--baseline",
                       b"--floor", b"--json", b"--high", b"--low", b"--capacity", b"--on-pressure", b"--order",
                       b"--merge"):
            self.assertIn(option, done.stdout)

    def test_line_offered_to_idle_workers_is_indexed_soon(self):
        self.write_lines("file", 1000)
        for mode in ([], ["--baseline"]):
            found = self.results(self.corpus, "--rate", "1000", *mode)
            self.assertGreater(found["parked_waits"]["workers_for_lines"], 100)
            self.assertLess(found["latency"]["p50_ns"], 50_000_000)

    def test_rate_is_kept(self):
        self.write_lines("file", 1000)
        for mode in ([], ["--floor"]):
            found = self.results(self.corpus, "--rate", "2000", "--readers", "2", *mode)
            # A late reader may catch up by 20 ms, so the whole may be that much faster than the rate.
            self.assertGreater(found["seconds"], 0.45)
            self.assertLess(found["observations_per_second"], 2250)
            self.assertEqual(found["config"]["rate"], 2000)


class OutputTest(IngestTest):
    def setUp(self):
        super().setUp()
        self.write_lines("file", 300)
        (self.corpus / "folder").mkdir()

    def test_summary_says_what_was_checked(self):
        text = run(self.corpus, "--query", "observation 7 of file").stdout.decode()
        for part in ("300 lines of 1 file indexed", "read 300 = indexed 300 + rejected 0",
                     "0 missing, 0 twice, 0 unknown", "enqueued to indexed", "peak queue depth",
                     "waits that parked", "embedding cache hits", "Recall of", ":8", "observation 7 of file"):
            self.assertIn(part, text)
        self.assertNotIn("FAILED", text)

    def test_json_dash_takes_the_standard_output_and_the_summary_moves(self):
        done = run(self.corpus, "--json", "-")
        self.assertEqual(json.loads(done.stdout)["read"], 300)
        self.assertIn(b"300 lines of 1 file", done.stderr)

    def test_every_json_key_is_documented(self):
        found = self.results(self.corpus, "--query", "observation",
                             "--merge", f"{self.corpus}:{self.corpus / 'folder'}")

        def keys(value):
            if isinstance(value, dict):
                for key, inner in value.items():
                    yield key
                    yield from keys(inner)
            elif isinstance(value, list):
                for inner in value:
                    yield from keys(inner)

        documented = set(re.findall(r"`([a-z0-9_]+)`", GUIDE.read_text()))
        self.assertLessEqual(set(keys(found)), documented)

    def test_json_dash_does_not_need_standard_error(self):
        with open("/dev/full", "wb") as full:
            for options in ({"stderr": full}, {"stderr": None, "preexec_fn": lambda: os.close(2)}):
                done = run(self.corpus, "--json", "-", **options)
                self.assertEqual(done.returncode, 0)
                self.assertEqual(json.loads(done.stdout)["read"], 300)

    def test_json_has_the_promised_keys(self):
        found = self.results(self.corpus, "--workers", "2")
        for key in ("observations_per_second", "read", "indexed", "rejected", "peak_depth", "checks", "files",
                    "time", "interrupted"):
            self.assertIn(key, found)
        for key in ("p50_ns", "p99_ns", "p999_ns"):
            self.assertGreater(found["latency"][key], 0)
        config = found["config"]
        self.assertEqual((config["mode"], config["workers"], config["paths"]),
                         ("latchwork", 2, [os.fspath(self.corpus)]))
        self.assertTrue(config["compiler"] and config["version"])
        self.assertFalse(found["interrupted"])
        self.assertTrue(0 < found["peak_depth"] <= 300)

    def test_json_file_replaces_the_old_one_and_keeps_its_mode(self):
        target = self.folder / "out.json"
        target.write_text("old")
        target.chmod(0o600)
        link = self.folder / "link.json"
        link.symlink_to("out.json")
        self.assertEqual(run(self.corpus, "--json", link).returncode, 0)
        self.assertEqual(json.loads(target.read_text())["read"], 300)
        self.assertEqual(target.stat().st_mode & 0o777, 0o600)
        self.assertTrue(link.is_symlink())

    def test_json_file_where_it_cannot_be_is_refused_before_the_work(self):
        (self.folder / "dangling").symlink_to("nowhere/at/all")
        for target in (self.folder / "missing" / "out.json", self.folder, self.folder / "dangling"):
            with self.subTest(target=target):
                done = run(self.corpus, "--json", target)
                self.assert_one_line(done, 2, os.fspath(target))
                self.assertEqual(done.stdout, b"")

    def test_json_file_in_a_folder_without_permission_is_refused_before_the_work(self):
        tool = shutil.copy(TOOL, self.folder / "latchwork")
        done = run(self.corpus, "--json", self.folder / "out.json", tool=tool, preexec_fn=as_nobody)
        if os.getuid() == 0:
            self.assert_one_line(done, 2, "out.json")

    def test_json_to_a_full_device_fails_after_the_summary(self):
        done = run(self.corpus, "--json", "/dev/full")
        self.assert_one_line(done, 1, "/dev/full")
        self.assertIn(b"300 lines of 1 file", done.stdout)

    def test_json_on_a_full_disk_leaves_the_old_file(self):
        target = self.folder / "out.json"
        target.write_text("old")
        before = sorted(os.listdir(self.folder))
        done = run(self.corpus, "--json", target, preexec_fn=under_limit(resource.RLIMIT_FSIZE, 100))
        self.assert_one_line(done, 1, "out.json")
        self.assertIn(b"300 lines of 1 file", done.stdout)
        self.assertEqual(target.read_text(), "old")
        self.assertEqual(sorted(os.listdir(self.folder)), before)

    def test_json_to_a_pipe_is_written_directly(self):
        fifo = self.folder / "fifo"
        os.mkfifo(fifo)
        process = start(self.corpus, "--json", fifo)
        self.assertEqual(json.loads(fifo.read_text())["read"], 300)
        process.communicate(timeout=TIMEOUT)
        self.assertEqual(process.returncode, 0)

    def test_standard_output_that_is_full_fails_in_one_line(self):
        with open("/dev/full", "wb") as full:
            self.assert_one_line(run(self.corpus, stdout=full), 1, "standard output")

    def test_standard_output_that_is_closed_fails_in_one_line(self):
        target = self.folder / "out.json"
        done = run(self.corpus, "--json", target, stdout=None, preexec_fn=lambda: os.close(1))
        self.assert_one_line(done, 1, "standard output")
        self.assertEqual(json.loads(target.read_text())["read"], 300)

    def test_standard_output_whose_reader_is_gone_fails_in_one_line(self):
        reading, writing = os.pipe()
        os.close(reading)
        try:
            self.assert_one_line(run(self.corpus, stdout=writing), 1, "standard output")
        finally:
            os.close(writing)


class Terminal:
    """A run whose standard error is a terminal."""

    def __init__(self, *arguments, columns=200):
        self.master, slave = pty.openpty()
        fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
        self.process = start(*arguments, stderr=slave)
        os.close(slave)
        self.shown = b""

    def read_until(self, pattern):
        while not re.search(pattern, self.shown):
            self.shown += os.read(self.master, 4096)

    def finish(self):
        output = self.process.communicate(timeout=TIMEOUT)[0]
        try:
            while data := os.read(self.master, 4096):
                self.shown += data
        except OSError:  # the other end is closed and read empty
            pass
        os.close(self.master)
        return self.process.returncode, output


class ProgressTest(IngestTest):
    def setUp(self):
        super().setUp()
        for name in "abc":
            self.write_lines(name, 300)

    def test_progress_on_a_terminal_is_one_line_rewritten(self):
        watched = Terminal(self.corpus, "--rate", "900")
        status, _ = watched.finish()
        self.assertEqual(status, 0)
        shown = watched.shown
        self.assertNotIn(b"\n", shown)
        self.assertTrue(shown.endswith(b"\r\x1b[K"), shown)
        states = re.findall(rb"\ringest: (\d+) %  ([\d,]+) indexed  [\d,]+/s  depth [\d,]+  (\d+) files? to go  "
                            rb"(\d+ s left|time left unknown)\x1b\[K", shown)
        self.assertGreaterEqual(len(states), 3, shown)
        percentages = [int(state[0]) for state in states]
        self.assertEqual(sorted(percentages), percentages)
        self.assertLess(percentages[0], percentages[-1])
        self.assertEqual({state[2] for state in states} & {b"3", b"2", b"1"}, {b"3", b"2", b"1"})

    def test_progress_on_a_narrow_terminal_does_not_wrap(self):
        watched = Terminal(self.corpus, "--rate", "900", columns=30)
        watched.finish()
        texts = re.findall(rb"\r([^\r\x1b]+)\x1b\[K", watched.shown)
        self.assertTrue(texts)
        self.assertLessEqual(max(map(len, texts)), 29)

    def test_progress_into_a_pipe_is_plain_lines(self):
        process = start(self.corpus, "--rate", "350", stderr=subprocess.PIPE)
        _, shown = process.communicate(timeout=TIMEOUT)
        self.assertEqual(process.returncode, 0)
        self.assertRegex(shown, rb"\Aingest: \d+ %  [\d,]+ indexed .*\n\Z")
        self.assertNotIn(b"\r", shown)
        self.assertNotIn(b"\x1b", shown)

    def test_short_run_shows_no_progress(self):
        self.assertEqual(run(self.corpus).stderr, b"")


class InterruptTest(IngestTest):
    def setUp(self):
        super().setUp()
        self.write_lines("a", 100_000)
        self.write_lines("b", 10)

    def check_interrupted(self, how, *options):
        watched = Terminal(self.corpus, "--rate", "1000", "--readers", "2", "--json", "-", *options)
        watched.read_until(rb"indexed")
        watched.process.send_signal(how)
        status, output = watched.finish()
        self.assertEqual(status, 130)
        found = json.loads(output)
        self.assertTrue(found["interrupted"])
        self.assertTrue(found["checks"]["passed"], found["checks"])
        self.assertTrue(0 < found["read"] < 100_000)
        self.assertEqual(found["read"], found["indexed"])
        self.assertGreaterEqual(found["files"]["partly_read"], 1)
        self.assertIn(b"INTERRUPTED", watched.shown)

    def test_interrupt_drains_and_reports(self):
        for options in ([], ["--baseline"], ["--floor", "--workers", "2"], ["--workers", "4"],
                        ["--order", "space", "--capacity", "5", "--low", "*/a"]):
            with self.subTest(options=options):
                self.check_interrupted(signal.SIGINT, *options)

    def test_termination_drains_and_reports(self):
        self.check_interrupted(signal.SIGTERM)

    def test_interrupt_ends_a_very_slow_rate_at_once(self):
        for i in range(40):
            self.write_lines(f"c{i}", 10)
        # At one line a second the last of 40 readers has its turn after 40 seconds.
        watched = Terminal(self.corpus, "--rate", "1", "--readers", "40", "--json", "-")
        watched.read_until(rb"indexed")
        watched.process.send_signal(signal.SIGINT)
        status, output = watched.finish()
        self.assertEqual(status, 130)
        self.assertLess(json.loads(output)["seconds"], 20)

    def test_second_interrupt_ends_the_process(self):
        fifo = self.folder / "fifo"
        os.mkfifo(fifo)  # nobody reads it: after the summary the run waits here
        process = start(self.corpus, "--rate", "1000", "--json", fifo, stderr=subprocess.PIPE)
        process.stderr.readline()
        process.send_signal(signal.SIGINT)
        self.assertIn(b"INTERRUPTED", process.stdout.readline())
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=TIMEOUT)
        self.assertEqual(process.returncode, -signal.SIGINT)

    def test_ignored_interrupt_stays_ignored(self):
        watched = start(self.corpus / "b", "--rate", "4", "--json", "-", stderr=subprocess.PIPE,
                        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_IGN))
        watched.stderr.readline()
        watched.send_signal(signal.SIGINT)
        output, _ = watched.communicate(timeout=TIMEOUT)
        self.assertEqual(watched.returncode, 0)
        self.assertEqual(json.loads(output)["read"], 10)


class MemoryTest(IngestTest):
    def test_too_little_memory_ends_in_one_line(self):
        if tool_is_sanitized():
            self.skipTest("a sanitizer needs the address space")
        chooser = random.Random(3)
        self.write("file", "".join(f"{chooser.getrandbits(160):x} {chooser.getrandbits(160):x}\n"
                                   for _ in range(300_000)))
        failures = 0
        for mebibytes in (40, 60, 80, 100, 140, 180, 220, 260, 300):
            for mode in ([], ["--baseline", "--order", "space"], ["--floor", "--workers", "2"]):
                with self.subTest(mebibytes=mebibytes, mode=mode):
                    done = run(self.corpus, *mode, preexec_fn=under_limit(resource.RLIMIT_AS, mebibytes << 20))
                    if done.returncode != 0:
                        self.assert_one_line(done, 1)
                        self.assertEqual(done.stdout, b"")
                        failures += 1
        self.assertGreater(failures, 0)

    def test_memory_stays_bounded_when_readers_are_faster(self):
        self.write("file", b"short\n" * 2_000_000)
        for mode in ([], ["--baseline"]):
            for capacity in (1, 1000, 16_384):
                limit = str(200 * capacity)
                found = self.results(self.corpus, "--readers", "1", "--workers", "1", "--limit", limit,
                                     "--capacity", str(capacity), *mode)
                self.assertTrue(capacity // 2 < found["peak_depth"] <= capacity + 1, found["peak_depth"])
                if capacity > 1:  # the rest of the room is the high lane's
                    batch = min(found["config"]["largest_batch"], capacity // 16)
                    self.assertLess(found["peak_depth"], 0.8 * capacity + batch)
                    self.assertGreater(found["parked_waits"]["readers_for_admission"], 0)
                    self.assertGreater(found["backpressure"]["episodes"], 0)
                    self.assertTrue(0 < found["backpressure"]["seconds"] <= found["seconds"])
                self.assertEqual(found["rejected_lines"]["over_capacity"], 0)


if __name__ == "__main__":
    TOOL = os.path.abspath(sys.argv.pop(1))
    unittest.main(verbosity=2)
