// Goal: this library agrees with the Java client on what happens in a group. Method: three segments that it wrote, of
// groups that read, cross a scale and a merge behind a checkpoint, make stream cuts, and come to the end of a sealed
// stream.
#include <algorithm>
#include <fstream>
#include <map>
#include <sstream>
#include <string>
#include <vector>

#include "connector/client/reader_group/completion.h"
#include "connector/client/reader_group/invariants.h"
#include "connector/client/reader_group/segment_history.h"
#include "connector/client/reader_group/serialization.h"
#include "connector/client/reader_group/testing.h"
#include "connector/core/testing/hex.h"
#include "gtest/gtest.h"

namespace pravega::client {
namespace {

using testing::At;
using testing::Id;
using testing::kEnd;

std::map<std::string, std::vector<std::string>> Logs() {
  std::ifstream in("connector/client/reader_group/testdata/java_group_logs.txt");
  std::map<std::string, std::vector<std::string>> logs;
  std::string line;
  while (std::getline(in, line)) {
    if (line.empty() || line[0] == '#') continue;
    std::istringstream words(line);
    std::string group, offset, hex;
    words >> group >> offset >> hex;
    logs[group].push_back(pravega::testing::FromHex(hex));
  }
  return logs;
}

Record Parsed(const std::string& bytes) {
  absl::StatusOr<Record> record = ParseRecord(bytes);
  CHECK_MSG(record.ok(), record.status().ToString());
  return *record;
}

TEST(JavaLogTest, RecordsAreReadAndWrittenAsJavaDoes) {
  size_t records = 0;
  for (const auto& [group, log] : Logs()) {
    for (const std::string& bytes : log) {
      Record record = Parsed(bytes);
      std::string written = *SerializeRecord(record);
      EXPECT_EQ(Parsed(written), record);
      ++records;
      if (record.initial) {
        // Java pads with zeros; our object is a prefix, apart from the order in its maps.
        EXPECT_LT(written.size(), bytes.size());
        EXPECT_EQ(bytes.substr(written.size()), std::string(bytes.size() - written.size(), '\0'));
        continue;
      }
      // The same bytes, but for the order of maps.
      std::string a = bytes, b = written;
      std::sort(a.begin(), a.end());
      std::sort(b.begin(), b.end());
      EXPECT_EQ(a, b) << group << " " << ToString(record.updates[0]);
    }
  }
  EXPECT_EQ(records, 28u);
}

std::map<ScopedStream, SegmentHistory> Histories() {
  SegmentHistory s1, s2;
  s1.AddEpoch(Epoch(0), {{Id(0), {0, 0.5}}, {Id(1), {0.5, 1}}});
  s1.AddEpoch(Epoch(1), {{Id(1), {0.5, 1}}, {Id(2, 1), {0, 0.25}}, {Id(3, 1), {0.25, 0.5}}});
  s1.AddEpoch(Epoch(2), {{Id(1), {0.5, 1}}, {Id(4, 2), {0, 0.5}}});
  s2.AddEpoch(Epoch(0), {{Id(0), {0, 1}}});
  return {{{"golden", "s1"}, s1}, {{"golden", "s2"}, s2}};
}

TEST(JavaLogTest, NoRuleIsViolated) {
  for (const auto& [group, log] : Logs()) {
    GroupLogChecker checker(Histories());
    for (const std::string& bytes : log) {
      Record record = Parsed(bytes);
      // rg1 and rg2 read s1, rg3 reads s2: look at the streams of the group alone.
      if (record.initial) {
        std::map<ScopedStream, SegmentHistory> histories;
        for (const auto& [stream, cut] : std::get<Init>(record.updates[0]).config.starting_cuts) {
          histories[stream] = Histories().at(stream);
        }
        checker = GroupLogChecker(histories);
      }
      for (const std::string& violation : checker.Observe(record)) ADD_FAILURE() << group << ": " << violation;
    }
  }
}

// What cannot be told from the records alone is no violation either.
TEST(JavaLogTest, NoRuleIsViolatedAsFarAsTheRecordsTell) {
  for (const auto& [group, log] : Logs()) {
    GroupLogChecker checker;
    for (const std::string& bytes : log) {
      for (const std::string& violation : checker.Observe(Parsed(bytes))) ADD_FAILURE() << group << ": " << violation;
    }
  }
}

ReaderGroupState Replayed(const std::string& group, size_t records) {
  GroupLogChecker checker;
  std::vector<std::string> log = Logs().at(group);
  for (size_t i = 0; i < records && i < log.size(); ++i) checker.Observe(Parsed(log[i]));
  return checker.state();
}

TEST(JavaLogTest, StatesAreThoseOfTheSession) {
  const ScopedStream s1{"golden", "s1"};
  auto segment = [&](int32_t number, int32_t epoch) { return SegmentRef{s1, Id(number, epoch)}; };
  ReaderGroupState read = Replayed("rg1", 4);
  EXPECT_TRUE(read.assigned.empty());
  EXPECT_EQ(read.unassigned.Find(segment(0, 0)), At(15));
  EXPECT_EQ(read.unassigned.Find(segment(1, 0)), At(30));

  // Behind the checkpoint the sealed segment is completed and its successors are open.
  ReaderGroupState scaled = Replayed("rg2", 7);
  EXPECT_EQ(scaled.checkpoints.last_completed, (SegmentPositions{{segment(0, 0), kEnd}, {segment(1, 0), At(132)}}));
  EXPECT_EQ(scaled.assigned.at("reader-1"), (SegmentPositions{{segment(1, 0), At(132)}}));
  EXPECT_TRUE(scaled.unassigned.Contains(segment(2, 1)));
  EXPECT_TRUE(scaled.unassigned.Contains(segment(3, 1)));
  EXPECT_EQ(scaled.RangeOf(segment(2, 1)), (KeyRange{0, 0.25}));

  EXPECT_TRUE(AllDataRead(Replayed("rg3", 6)));
  EXPECT_FALSE(AllDataRead(Replayed("rg3", 5)));
}

}  // namespace
}  // namespace pravega::client
