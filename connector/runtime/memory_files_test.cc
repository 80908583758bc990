// Disks in memory: what a crash may take, one prefix at a time, and what it may not.
#include "connector/runtime/memory_files.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "connector/core/check.h"
#include "connector/core/strings.h"
#include "connector/runtime/manual_runtime.h"
#include "connector/runtime/sync.h"

namespace pravega::runtime {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using Mode = Files::Mode;

// Runs one operation after the other on a node of its own.
class Machine {
 public:
  explicit Machine(DiskPace* pace = nullptr) : pace_(pace), node_(std::make_unique<ManualRuntime>()) {
    files_ = disk_.Open(*node_, pace_);
  }

  template <typename T>
  T Do(Task<T> task) {
    std::optional<T> result;
    node_->Spawn("operation", Store(std::move(task), &result));
    node_->Run();
    CHECK(result.has_value());
    return *std::move(result);
  }

  std::unique_ptr<File> Open(std::string path) {
    absl::StatusOr<std::unique_ptr<File>> file = Do(files_->Open(path, Mode::kAppend));
    EXPECT_TRUE(file.ok()) << file.status();
    return *std::move(file);
  }
  void Write(std::string path, std::string text, bool sync) {
    std::unique_ptr<File> file = Open(std::move(path));
    EXPECT_EQ(Do(file->Append(Buffer(std::move(text)))), absl::OkStatus());
    if (!sync) return;
    EXPECT_EQ(Do(file->Sync()), absl::OkStatus());
  }
  std::string Read(std::string path) {
    absl::StatusOr<std::unique_ptr<File>> file = Do(files_->Open(std::move(path), Mode::kRead));
    if (!file.ok()) return std::string(ToStd(absl::StatusCodeToString(file.status().code())));
    absl::StatusOr<Buffer> bytes = Do((*file)->Read(0, 1'000'000));
    return bytes->ToString();
  }
  std::vector<std::string> List(std::string directory) {
    absl::StatusOr<std::vector<std::string>> names = Do(files_->List(std::move(directory)));
    EXPECT_TRUE(names.ok()) << names.status();
    return *std::move(names);
  }
  void SyncDirectory(std::string directory) {
    EXPECT_EQ(Do(files_->SyncDirectory(std::move(directory))), absl::OkStatus());
  }

  void Crash(const MemoryDisk::Keep& keep) {
    files_.reset();
    node_ = std::make_unique<ManualRuntime>();
    disk_.Crash(keep);
    files_ = disk_.Open(*node_, pace_);
  }

  Files& files() { return *files_; }
  ManualRuntime& node() { return *node_; }

 private:
  template <typename T>
  static Task<void> Store(Task<T> task, std::optional<T>* out) {
    T result = co_await std::move(task);
    out->emplace(std::move(result));
  }

  DiskPace* pace_;
  MemoryDisk disk_;
  std::unique_ptr<ManualRuntime> node_;
  std::unique_ptr<Files> files_;
};

size_t Nothing(size_t) { return 0; }
size_t Everything(size_t unsynced) { return unsynced; }

TEST(MemoryFilesTest, ACrashLeavesSyncedBytesAndThePrefixThatItIsToldTo) {
  for (size_t kept = 0; kept <= 8; ++kept) {
    Machine machine;
    machine.Write("d/f", "synced|", true);
    machine.SyncDirectory("d");
    machine.Write("d/f", "unsynced", false);
    machine.Crash([&](size_t unsynced) {
      EXPECT_EQ(unsynced, 8u);
      return kept;
    });
    EXPECT_EQ(machine.Read("d/f"), "synced|" + std::string("unsynced").substr(0, kept));
    machine.Crash([](size_t) -> size_t {
      ADD_FAILURE() << "everything is durable after a crash";
      return 0;
    });
  }
}

TEST(MemoryFilesTest, NamesAreDurableAfterTheirDirectoryIsSynced) {
  Machine machine;
  machine.Write("d/f", "synced", true);
  machine.Write("e/g", "synced", true);
  machine.SyncDirectory("d");
  machine.Crash(Nothing);
  EXPECT_EQ(machine.Read("d/f"), "synced");
  EXPECT_EQ(machine.Read("e/g"), "NOT_FOUND");
  EXPECT_THAT(machine.List("e"), IsEmpty());
}

TEST(MemoryFilesTest, ChangesOfNamesSurviveInOrder) {
  // create a, create b, rename a to c, remove b: each prefix of the four.
  std::vector<std::vector<std::string>> expected = {{}, {"a"}, {"a", "b"}, {"b", "c"}, {"c"}};
  for (size_t kept = 0; kept <= 4; ++kept) {
    Machine machine;
    machine.Write("d/a", "A", true);
    machine.Write("d/b", "B", true);
    EXPECT_EQ(machine.Do(machine.files().Rename("d/a", "d/c")), absl::OkStatus());
    EXPECT_EQ(machine.Do(machine.files().Remove("d/b")), absl::OkStatus());
    EXPECT_THAT(machine.List("d"), ElementsAre("c"));
    machine.Crash([&](size_t changes) {
      EXPECT_EQ(changes, 4u);
      return kept;
    });
    EXPECT_EQ(machine.List("d"), expected[kept]);
    for (const std::string& name : expected[kept]) EXPECT_EQ(machine.Read("d/" + name), name == "b" ? "B" : "A");
  }
}

TEST(MemoryFilesTest, ReplacingByRenameIsAtomic) {
  for (size_t kept = 0; kept <= 2; ++kept) {
    Machine machine;
    machine.Write("d/current", "old", true);
    machine.SyncDirectory("d");
    machine.Write("d/next", "new", true);
    EXPECT_EQ(machine.Do(machine.files().Rename("d/next", "d/current")), absl::OkStatus());
    machine.Crash([&](size_t) { return kept; });
    EXPECT_EQ(machine.Read("d/current"), kept == 2 ? "new" : "old");
  }
}

TEST(MemoryFilesTest, ARemovalThatWasSyncedIsNotUndone) {
  Machine machine;
  machine.Write("d/f", "text", true);
  machine.SyncDirectory("d");
  EXPECT_EQ(machine.Do(machine.files().Remove("d/f")), absl::OkStatus());
  machine.SyncDirectory("d");
  machine.Write("d/f", "again", false);
  machine.Crash(Nothing);
  EXPECT_EQ(machine.Read("d/f"), "NOT_FOUND");
}

TEST(MemoryFilesTest, ADiskThatLosesNothingKeepsAll) {
  Machine machine;
  machine.Write("f", "unsynced", false);
  machine.Write("/abs/f", "other", false);
  machine.Crash(Everything);
  EXPECT_EQ(machine.Read("f"), "unsynced");
  EXPECT_EQ(machine.Read("/abs/f"), "other");
  EXPECT_THAT(machine.List(""), ElementsAre("f"));
  EXPECT_THAT(machine.List("/abs"), ElementsAre("f"));
}

TEST(MemoryFilesTest, WhatIsNoPathIsRefused) {
  Machine machine;
  for (const char* path : {"", "/", "a/", "a//b", "../a", "a/../b", "a/.", "./a", "a/b/.."}) {
    EXPECT_TRUE(absl::IsInvalidArgument(machine.Do(machine.files().Open(path, Mode::kAppend)).status())) << path;
    EXPECT_TRUE(absl::IsInvalidArgument(machine.Do(machine.files().Remove(path)))) << path;
    EXPECT_TRUE(absl::IsInvalidArgument(machine.Do(machine.files().Rename("a", path)))) << path;
  }
  for (const char* directory : {"a/", "a//b", "..", "./a"}) {
    EXPECT_TRUE(absl::IsInvalidArgument(machine.Do(machine.files().List(directory)).status())) << directory;
    EXPECT_TRUE(absl::IsInvalidArgument(machine.Do(machine.files().SyncDirectory(directory)))) << directory;
  }
  machine.Write("a/f", "x", false);
  EXPECT_TRUE(absl::IsInvalidArgument(machine.Do(machine.files().Rename("a/f", "b/f"))));
  EXPECT_EQ(machine.Do(machine.files().Rename("a/f", "a/f")), absl::OkStatus());
  EXPECT_EQ(machine.Read("a/f"), "x");
}

// Holds every operation until it is told to let it go, and can refuse it.
class Gate : public DiskPace {
 public:
  Task<absl::Status> Before(DiskOperation operation, std::string path, size_t bytes) override {
    log.push_back(StrCat(DiskOperationName(operation), " ", path, " ", bytes));
    absl::Status waited = co_await open.Wait();
    if (!waited.ok()) co_return waited;
    co_return verdict;
  }
  std::vector<std::string> log;
  Event open{"the disk"};
  absl::Status verdict;
};

TEST(MemoryFilesTest, ASyncPromisesWhatWasAppendedBeforeItBegan) {
  Gate gate;
  gate.open.Set();
  Machine machine(&gate);
  std::unique_ptr<File> file = machine.Open("f");
  std::unique_ptr<File> other = machine.Open("f");
  machine.SyncDirectory("");
  EXPECT_EQ(machine.Do(file->Append(Buffer("first"))), absl::OkStatus());
  gate.open.Reset();
  std::string log;
  auto sync = [](File* f, std::string* l) -> Task<void> {
    absl::Status synced = co_await f->Sync();
    *l = synced.ok() ? "synced" : "failed";
  };
  machine.node().Spawn("sync", sync(file.get(), &log));
  machine.node().Run();
  EXPECT_EQ(log, "");
  auto append = [](File* f) -> Task<void> { absl::Status appended = co_await f->Append(Buffer("second")); };
  machine.node().Spawn("append", append(other.get()));
  machine.node().Run();
  // Both go on; the append was held behind the beginning of the sync.
  gate.open.Set();
  machine.node().Run();
  EXPECT_EQ(log, "synced");
  file.reset();
  other.reset();
  machine.Crash(Nothing);
  EXPECT_EQ(machine.Read("f"), "first");
  EXPECT_THAT(gate.log, ::testing::Contains("sync f 5"));
}

TEST(MemoryFilesTest, ARefusedOperationHasNoEffect) {
  Gate gate;
  gate.open.Set();
  Machine machine(&gate);
  machine.Write("f", "text", false);
  std::unique_ptr<File> file = machine.Open("f");
  gate.verdict = absl::ResourceExhaustedError("the disk is full");
  EXPECT_EQ(machine.Do(file->Append(Buffer("more"))), gate.verdict);
  EXPECT_EQ(machine.Do(file->Sync()), gate.verdict);
  EXPECT_EQ(machine.Do(machine.files().Remove("f")), gate.verdict);
  EXPECT_EQ(machine.Do(machine.files().Rename("f", "g")), gate.verdict);
  EXPECT_EQ(machine.Do(machine.files().SyncDirectory("")), gate.verdict);
  gate.verdict = absl::OkStatus();
  EXPECT_EQ(machine.Read("f"), "text");
  file.reset();
  machine.Crash(Nothing);
  EXPECT_EQ(machine.Read("f"), "NOT_FOUND");
}

TEST(MemoryFilesTest, ACrashInTheMiddleOfASyncPromisesNothing) {
  Gate gate;
  gate.open.Set();
  Machine machine(&gate);
  {
    std::unique_ptr<File> file = machine.Open("f");
    machine.SyncDirectory("");
    gate.open.Reset();
    auto body = [](std::unique_ptr<File> f, Gate* g) -> Task<void> {
      g->open.Set();
      absl::Status appended = co_await f->Append(Buffer("text"));
      g->open.Reset();
      absl::Status synced = co_await f->Sync();
      ADD_FAILURE() << "went on";
    };
    machine.node().Spawn("write", body(std::move(file), &gate));
    machine.node().Run();
  }
  machine.Crash(Nothing);
  gate.open.Set();
  EXPECT_EQ(machine.Read("f"), "");
}

TEST(MemoryFilesTest, FilesOfADeadNodeDoNothing) {
  MemoryDisk disk;
  ManualRuntime living;
  std::unique_ptr<Files> files;
  std::unique_ptr<File> file;
  {
    auto dying = std::make_unique<ManualRuntime>();
    files = disk.Open(*dying);
    std::optional<std::unique_ptr<File>> opened;
    auto open = [](Files* f, std::optional<std::unique_ptr<File>>* out) -> Task<void> {
      absl::StatusOr<std::unique_ptr<File>> result = co_await f->Open("f", Mode::kAppend);
      *out = *std::move(result);
    };
    dying->Spawn("open", open(files.get(), &opened));
    dying->Run();
    file = *std::move(opened);
    dying->Die();
    // The node object is still there, as the interface asks; a task of another node must not get anywhere with it.
    std::string log;
    auto append = [](File* f, std::string* l) -> Task<void> {
      absl::Status appended = co_await f->Append(Buffer("ghost"));
      *l = std::string(ToStd(appended.message()));
    };
    living.Spawn("append", append(file.get(), &log));
    living.Run();
    EXPECT_EQ(log, "the node is dead");
    file.reset();
    files.reset();
  }
}

}  // namespace
}  // namespace pravega::runtime
