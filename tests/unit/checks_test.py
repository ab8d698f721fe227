"""The source checks, each seen failing: a tree with one fault is refused, with the fault named."""
import pathlib
import subprocess
import sys
import tempfile
import unittest

SCRIPTS = pathlib.Path(__file__).resolve().parents[2] / "scripts"


def run(check, files):
    with tempfile.TemporaryDirectory() as folder:
        root = pathlib.Path(folder)
        for name, text in files.items():
            path = root / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
        return subprocess.run([sys.executable, SCRIPTS / check, root], capture_output=True, text=True, check=False)


class CheckTest(unittest.TestCase):
    def assert_refused(self, check, files, *words):
        result = run(check, files)
        self.assertEqual(result.returncode, 1, result.stdout + result.stderr)
        for word in words:
            self.assertIn(word, result.stderr)

    def assert_accepted(self, check, files):
        result = run(check, files)
        self.assertEqual(result.returncode, 0, result.stderr)


class Layers(CheckTest):
    def refuse(self, file, include, *words):
        self.assert_refused("check_layers", {file: f"#include {include}\n"}, f"{file}:1", *words)

    def test_core_includes_family_refused(self):
        self.refuse("include/latchwork/core/spin.hpp", "<latchwork/queue/segmented_queue.hpp>", "core/ must not know")

    def test_family_includes_other_family_refused(self):
        self.refuse("include/latchwork/queue/a.hpp", "<latchwork/keyed/lock_map.hpp>", "queue/ must not know")

    def test_family_includes_umbrella_refused(self):
        self.refuse("include/latchwork/queue/a.hpp", "<latchwork/latchwork.hpp>", "queue/ must not know")

    def test_standard_atomics_outside_the_seam_refused(self):
        self.refuse("include/latchwork/queue/a.hpp", "<atomic>", "belongs in the seam")

    def test_system_header_outside_its_files_refused(self):
        self.refuse("include/latchwork/core/spin.hpp", "<unistd.h>", "core/barrier.hpp")

    def test_third_party_in_the_library_refused(self):
        self.refuse("include/latchwork/queue/a.hpp", "<fmt/format.h>", "standard library alone")

    def test_unknown_folder_refused(self):
        self.refuse("include/latchwork/misc/a.hpp", "<vector>", "no layer is named so")

    def test_tool_includes_internals_refused(self):
        self.refuse("tool/main.cpp", "<latchwork/core/segment_list.hpp>", "not part of the public surface")

    def test_allowed_includes_accepted(self):
        self.assert_accepted("check_layers", {
            "include/latchwork/queue/a.hpp": "#include <latchwork/core/atomic.hpp>\n#include <latchwork/fwd.hpp>\n",
            "include/latchwork/core/atomic.hpp": "#include <atomic>\n",
            "tool/main.cpp": "#include <latchwork/queue/segmented_queue.hpp>\n",
        })


class Orders(CheckTest):
    FILE = "include/latchwork/core/a.hpp"
    PAIR = ("// [a.put] release -> [a.get]\nx.store(1, memory_order_release);\n"
            "// [a.get] acquire <- [a.put]\ny = x.load(memory_order_acquire);\n")

    def refuse(self, text, *words):
        self.assert_refused("check_orders", {self.FILE: text}, *words)

    def accept(self, text):
        self.assert_accepted("check_orders", {self.FILE: text})

    def test_tagged_pair_accepted(self):
        self.accept(self.PAIR)

    def test_later_use_of_a_tag_accepted(self):
        self.accept(self.PAIR + "\nz = x.load(memory_order_acquire); // [a.get]\n")

    def test_order_without_tag_refused(self):
        self.refuse(self.PAIR + "\nz = x.load(memory_order_acquire);\n", f"{self.FILE}:6", "acquire without a tag")

    def test_undefined_tag_refused(self):
        self.refuse(self.PAIR + "\nz = x.load(memory_order_acquire); // [a.take]\n", "[a.take] is not defined")

    def test_missing_partner_refused(self):
        self.refuse("// [a.put] release -> [a.get]\nx.store(1, memory_order_release);\n", "[a.get], which is not defined")

    def test_one_sided_partner_refused(self):
        self.refuse(self.PAIR + "// [a.set] release -> [a.get]\nx.store(2, memory_order_release);\n",
                    "[a.set] names [a.get], which does not name it in turn")

    def test_relaxed_without_reason_refused(self):
        self.refuse("y = x.load(memory_order_relaxed);\n", "relaxed without a comment")

    def test_relaxed_with_reason_accepted(self):
        self.accept("y = x.load(memory_order_relaxed); // relaxed: a statistic\n")

    def test_default_order_refused(self):
        self.refuse("y = x.load();\n", f"{self.FILE}:1", "leaves its memory order to the default")


class Snippets(CheckTest):
    EXAMPLE = {"examples/a.cpp": "int main() {\n    int x = 1;\n    return x;\n}\n"}

    def page(self, block, source="<!-- examples/a.cpp -->"):
        return {**self.EXAMPLE, "README.md": f"Text\n\n{source}\n```cpp\n{block}```\n"}

    def test_excerpt_accepted(self):
        self.assert_accepted("check_snippets", self.page("int x = 1;\nreturn x;\n"))

    def test_changed_line_refused(self):
        self.assert_refused("check_snippets", self.page("int x = 2;\n"), "README.md:5", "not an excerpt")

    def test_unnamed_source_refused(self):
        self.assert_refused("check_snippets", self.page("int x = 1;\n", "as follows:"), "names no example")

    def test_missing_source_refused(self):
        self.assert_refused("check_snippets", self.page("int x;\n", "<!-- examples/b.cpp -->"), "does not exist")


if __name__ == "__main__":
    unittest.main()
