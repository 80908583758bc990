// Files: reading and writing, names, and what a crash leaves.
#include <gmock/gmock.h>

#include <algorithm>
#include <utility>

#include "connector/core/strings.h"
#include "connector/runtime/conformance/conformance.h"

namespace pravega::runtime {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using FileOr = absl::StatusOr<std::unique_ptr<File>>;
using Log = std::vector<std::string>;
using Mode = Files::Mode;

Task<absl::Status> AppendText(File* file, std::string text) {
  absl::Status appended = co_await file->Append(Buffer(std::move(text)));
  co_return appended;
}

// Appends to a file of that name; with `sync`, syncs it too.
Task<void> WriteFile(Runtime* node, std::string path, std::string text, bool sync) {
  FileOr file = co_await node->files().Open(path, Mode::kAppend);
  CO_ASSERT(file.ok(), file.status());
  absl::Status appended = co_await AppendText(file->get(), std::move(text));
  CO_ASSERT(appended.ok(), appended);
  if (!sync) co_return;
  absl::Status synced = co_await (*file)->Sync();
  EXPECT_TRUE(synced.ok()) << synced;
}

// The content, or the name of an error.
Task<std::string> ReadFile(Runtime* node, std::string path) {
  FileOr file = co_await node->files().Open(std::move(path), Mode::kRead);
  if (!file.ok()) co_return CodeName(file.status());
  absl::StatusOr<int64_t> size = co_await (*file)->Size();
  if (!size.ok()) co_return CodeName(size.status());
  absl::StatusOr<Buffer> bytes = co_await (*file)->Read(0, static_cast<size_t>(*size) + 10);
  if (!bytes.ok()) co_return CodeName(bytes.status());
  EXPECT_EQ(static_cast<int64_t>(bytes->size()), *size);
  co_return bytes->ToString();
}

Task<void> ListInto(Runtime* node, std::string directory, Log* log) {
  absl::StatusOr<std::vector<std::string>> names = co_await node->files().List(std::move(directory));
  CO_ASSERT(names.ok(), names.status());
  *log = *std::move(names);
}

Task<void> AppendAndRead(Runtime* node) {
  co_await WriteFile(node, "data/log", "hello ", false);
  FileOr file = co_await node->files().Open("data/log", Mode::kAppend);
  CO_ASSERT(file.ok(), file.status());
  absl::Status appended = co_await AppendText(file->get(), "world");
  EXPECT_TRUE(appended.ok()) << appended;
  std::string all = co_await ReadFile(node, "data/log");
  EXPECT_EQ(all, "hello world");
  FileOr reader = co_await node->files().Open("data/log", Mode::kRead);
  CO_ASSERT(reader.ok(), reader.status());
  absl::StatusOr<Buffer> middle = co_await (*reader)->Read(4, 4);
  EXPECT_EQ(middle.ok() ? middle->ToString() : CodeName(middle.status()), "o wo");
  absl::StatusOr<Buffer> tail = co_await (*reader)->Read(9, 100);
  EXPECT_EQ(tail.ok() ? tail->ToString() : CodeName(tail.status()), "ld");
  for (int64_t behind : {11, 12, 1'000'000}) {
    absl::StatusOr<Buffer> nothing = co_await (*reader)->Read(behind, 1);
    EXPECT_EQ(nothing.ok() ? nothing->ToString() : CodeName(nothing.status()), "");
  }
  absl::Status refused = co_await AppendText(reader->get(), "not opened for this");
  EXPECT_FALSE(refused.ok());
}

TEST_P(RuntimeConformance, WhatIsAppendedCanBeRead) {
  Runtime& node = Add("node");
  Start("node", "files", AppendAndRead(&node));
  Finish();
}

Task<void> MissingFiles(Runtime* node) {
  std::string missing = co_await ReadFile(node, "data/missing");
  EXPECT_EQ(missing, "NOT_FOUND");
  absl::Status removed = co_await node->files().Remove("data/missing");
  EXPECT_EQ(CodeName(removed), "NOT_FOUND");
  absl::Status renamed = co_await node->files().Rename("data/missing", "data/other");
  EXPECT_EQ(CodeName(renamed), "NOT_FOUND");
  Log names;
  co_await ListInto(node, "data", &names);
  EXPECT_THAT(names, IsEmpty());
}

TEST_P(RuntimeConformance, WhatDoesNotExistIsNotFound) {
  Runtime& node = Add("node");
  Start("node", "files", MissingFiles(&node));
  Finish();
}

Task<void> RenameAndRemove(Runtime* node) {
  co_await WriteFile(node, "data/a", "a", false);
  co_await WriteFile(node, "data/b", "b", false);
  FileOr replaced = co_await node->files().Open("data/b", Mode::kRead);
  CO_ASSERT(replaced.ok(), replaced.status());
  absl::Status renamed = co_await node->files().Rename("data/a", "data/b");
  EXPECT_TRUE(renamed.ok()) << renamed;
  std::string old_name = co_await ReadFile(node, "data/a");
  EXPECT_EQ(old_name, "NOT_FOUND");
  std::string new_name = co_await ReadFile(node, "data/b");
  EXPECT_EQ(new_name, "a");
  absl::StatusOr<Buffer> still = co_await (*replaced)->Read(0, 10);
  EXPECT_EQ(still.ok() ? still->ToString() : CodeName(still.status()), "b") << "an open file stays what it was";
  absl::Status removed = co_await node->files().Remove("data/b");
  EXPECT_TRUE(removed.ok()) << removed;
  std::string gone = co_await ReadFile(node, "data/b");
  EXPECT_EQ(gone, "NOT_FOUND");
}

TEST_P(RuntimeConformance, FilesAreRenamedAndRemoved) {
  Runtime& node = Add("node");
  Start("node", "files", RenameAndRemove(&node));
  Finish();
}

Task<void> FillDirectories(Runtime* node, Log* data, Log* other) {
  for (const char* path : {"data/b", "data/a", "data/B", "data/a1", "other/x", "data/deep/y"}) {
    co_await WriteFile(node, path, path, false);
  }
  absl::Status removed = co_await node->files().Remove("data/a1");
  EXPECT_TRUE(removed.ok()) << removed;
  co_await ListInto(node, "data", data);
  co_await ListInto(node, "other", other);
}

TEST_P(RuntimeConformance, ListingGivesTheFilesOfADirectoryInByteOrder) {
  Runtime& node = Add("node");
  Log data;
  Log other;
  Start("node", "files", FillDirectories(&node, &data, &other));
  Finish();
  EXPECT_THAT(data, ElementsAre("B", "a", "b"));
  EXPECT_THAT(other, ElementsAre("x"));
}

constexpr char kSynced[] = "synced.";
constexpr char kUnsynced[] = "This was appended but not synced.";

Task<void> WriteBeforeCrash(Runtime* node, bool* done) {
  co_await WriteFile(node, "data/log", kSynced, true);
  absl::Status synced = co_await node->files().SyncDirectory("data");
  EXPECT_TRUE(synced.ok()) << synced;
  co_await WriteFile(node, "data/log", kUnsynced, false);
  // A file with a durable content and a name that is not.
  co_await WriteFile(node, "data/unnamed", kSynced, true);
  *done = true;
}

Task<void> ReadInto(Runtime* node, std::string path, std::string* out) {
  std::string text = co_await ReadFile(node, std::move(path));
  *out = std::move(text);
}

TEST_P(RuntimeConformance, ACrashKeepsWhatWasSyncedAndAnyPrefixOfTheRest) {
  for (int i = 0; i < 10; ++i) {
    std::string name = StrCat("node-", i);
    Runtime& node = Add(name);
    bool done = false;
    Start(name, "write", WriteBeforeCrash(&node, &done));
    Finish();
    ASSERT_TRUE(done);
    world().Crash(name);
    world().Restart(name);
    std::string log;
    std::string unnamed;
    Start(name, "read", ReadInto(&world().node(name), "data/log", &log));
    Start(name, "read", ReadInto(&world().node(name), "data/unnamed", &unnamed));
    Finish();
    std::string all = StrCat(std::string_view(kSynced), std::string_view(kUnsynced));
    EXPECT_GE(log.size(), std::string_view(kSynced).size()) << log;
    EXPECT_EQ(log, all.substr(0, log.size()));
    EXPECT_TRUE(unnamed == kSynced || unnamed == "NOT_FOUND") << unnamed;
    // What was left is durable: another crash takes nothing.
    world().Crash(name);
    world().Restart(name);
    std::string again;
    Start(name, "read", ReadInto(&world().node(name), "data/log", &again));
    Finish();
    EXPECT_EQ(again, log);
  }
}

Task<void> ReplaceDurably(Runtime* node) {
  co_await WriteFile(node, "data/current", "old", true);
  absl::Status first = co_await node->files().SyncDirectory("data");
  EXPECT_TRUE(first.ok()) << first;
  co_await WriteFile(node, "data/next", "new", true);
  absl::Status renamed = co_await node->files().Rename("data/next", "data/current");
  EXPECT_TRUE(renamed.ok()) << renamed;
}

Task<void> SyncNames(Runtime* node) {
  absl::Status synced = co_await node->files().SyncDirectory("data");
  EXPECT_TRUE(synced.ok()) << synced;
}

TEST_P(RuntimeConformance, ReplacingByRenameGivesTheOldOrTheNewFileAndTheNewOneOnceSynced) {
  for (int i = 0; i < 10; ++i) {
    bool sync = i % 2 == 0;
    std::string name = StrCat("node-", i);
    Runtime& node = Add(name);
    Start(name, "replace", ReplaceDurably(&node));
    Finish();
    if (sync) Start(name, "sync", SyncNames(&node));
    Finish();
    world().Crash(name);
    world().Restart(name);
    std::string current;
    Start(name, "read", ReadInto(&world().node(name), "data/current", &current));
    Finish();
    EXPECT_TRUE(current == "new" || (!sync && current == "old")) << current;
  }
}

}  // namespace
}  // namespace pravega::runtime
