#include "ingest/file_list.hpp"
#include "support/bad_input.hpp"

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

namespace {

namespace fs = std::filesystem;
using namespace tool::ingest;

class file_list_test : public testing::Test {
protected:
    file_list_test() {
        std::string name = (fs::temp_directory_path() / "latchwork_files.XXXXXX").string();
        if (::mkdtemp(name.data()) == nullptr) { throw std::runtime_error("no temporary folder"); }
        root_ = name;
    }
    ~file_list_test() override { fs::remove_all(root_); }

    void write(const std::string& name, const std::string& text = "line\n") const {
        fs::create_directories((root_ / name).parent_path());
        std::ofstream(root_ / name) << text;
    }

    [[nodiscard]] static file_list find(const std::vector<std::string>& paths) {
        return find_files(paths, [](std::uint64_t) { return true; });
    }

    [[nodiscard]] std::vector<std::string> names(const file_list& list) const {
        std::vector<std::string> result;
        result.reserve(list.files.size());
        for (const source_file& file : list.files) {
            result.push_back(file.path.substr(root_.string().size() + 1));
        }
        return result;
    }

    static std::uint64_t settled(const file_list& list, file_outcome outcome) {
        return list.settled[static_cast<std::size_t>(outcome)];
    }

    fs::path root_;
};

TEST_F(file_list_test, files_come_in_order_of_their_names) {
    for (const char* const name : {"b/2", "a", "b/1", "c", "b/d/3"}) { write(name); }
    const std::vector<std::string> expected{"a", "b/1", "b/2", "b/d/3", "c"};
    EXPECT_EQ(names(find({root_})), expected);
}

TEST_F(file_list_test, space_is_the_top_level_folder) {
    write("top");
    write("one/a");
    write("one/deep/b");
    write("two/c");
    const file_list list = find({root_.string() + "//", (root_ / "two/c").string()});
    std::vector<std::string> spaces;
    spaces.reserve(list.files.size());
    for (const source_file& file : list.files) { spaces.push_back(list.spaces[file.space]); }
    const std::string root = root_.string();
    EXPECT_EQ(spaces, (std::vector<std::string>{root + "/one", root + "/one", root, root + "/two"}));
}

TEST_F(file_list_test, links_lead_to_a_file_once) {
    write("real");
    fs::create_symlink("real", root_ / "a_link");
    fs::create_hard_link(root_ / "real", root_ / "z_hard_link");
    const file_list list = find({root_, root_ / "real"});
    EXPECT_EQ(names(list), std::vector<std::string>{"real"});
    EXPECT_EQ(settled(list, file_outcome::duplicate), 3U);
    EXPECT_EQ(list.found, 4U);
}

TEST_F(file_list_test, link_out_of_the_folder_is_followed) {
    write("outside/file");
    fs::create_directory(root_ / "inside");
    fs::create_symlink("../outside", root_ / "inside/link");
    EXPECT_EQ(names(find({root_ / "inside"})), std::vector<std::string>{"inside/link/file"});
}

TEST_F(file_list_test, circle_of_folders_is_entered_once) {
    write("a/b/file");
    fs::create_symlink("../..", root_ / "a/b/up");
    fs::create_symlink(".", root_ / "a/self");
    const file_list list = find({root_});
    EXPECT_EQ(names(list), std::vector<std::string>{"a/b/file"});
    EXPECT_EQ(settled(list, file_outcome::duplicate), 2U);
}

TEST_F(file_list_test, links_that_lead_nowhere_are_counted) {
    fs::create_symlink("missing", root_ / "dangling");
    fs::create_symlink("self", root_ / "self");
    EXPECT_EQ(settled(find({root_}), file_outcome::dangling_link), 2U);
}

TEST_F(file_list_test, path_that_does_not_exist_is_refused_by_name) {
    write("file");
    try {
        (void)find({root_, root_ / "missing"});
        FAIL() << "nothing was thrown";
    } catch (const tool::bad_input& error) {
        EXPECT_NE(std::string(error.what()).find((root_ / "missing").string()), std::string::npos);
    }
}

TEST_F(file_list_test, search_ends_when_told_to) {
    for (int i = 0; i < 20; ++i) { write("file" + std::to_string(i)); }
    const file_list list = find_files({root_}, [](std::uint64_t found) { return found < 5; });
    EXPECT_EQ(list.found, 5U);
}

} // namespace
