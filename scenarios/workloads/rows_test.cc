// Goal: rows come out of a CSV as they stand there, and whatever is wrong with one is said with its place.
#include "scenarios/workloads/rows.h"

#include <gtest/gtest.h>

#include <set>

namespace pravega::scenarios {
namespace {

std::string ErrorOf(std::string text, std::string_view key = "b") {
  absl::StatusOr<Rows> rows = Rows::FromCsv(std::move(text), "f.csv", key, 0);
  return rows.ok() ? "OK" : std::string(rows.status().message());
}

TEST(RowsTest, ReadsQuotedFieldsLinesAndKeys) {
  absl::StatusOr<Rows> rows = Rows::FromCsv("a,b\r\n1,\"x, \"\"y\"\"\nz\"\r\n2,w", "f.csv", "b", 0);
  ASSERT_TRUE(rows.ok()) << rows.status();
  ASSERT_EQ(rows->rows().size(), 2u);
  EXPECT_EQ(rows->rows()[0].key, "x, \"y\"\nz");
  EXPECT_EQ(rows->rows()[0].text, "1,\"x, \"\"y\"\"\nz\"");
  EXPECT_EQ(rows->rows()[1].key, "w");
}

TEST(RowsTest, StopsAtTheLimit) {
  absl::StatusOr<Rows> rows = Rows::FromCsv("a,b\n1,2\n3,4\n5,6\n", "f.csv", "b", 2);
  ASSERT_TRUE(rows.ok());
  EXPECT_EQ(rows->rows().size(), 2u);
}

TEST(RowsTest, SaysWhatIsWrongAndWhere) {
  EXPECT_EQ(ErrorOf("a,b\n1,2\n3\n"), "f.csv:3:1: 1 fields: expected 2 as in the header");
  EXPECT_EQ(ErrorOf("a,b\n1,\"2\n"), "f.csv:2:3: this quoted field does not end");
  EXPECT_EQ(ErrorOf("a,b\n1,2\"\n"), "f.csv:2:4: a quote inside a field that does not begin with one");
  EXPECT_EQ(ErrorOf("a,b\n1,\"2\"x\n"), "f.csv:2:6: expected a comma or the end of the line");
  EXPECT_EQ(ErrorOf("a,b\n1,2\n", "c"), "f.csv:1:1: no column is called 'c'; the header is: a,b");
  EXPECT_EQ(ErrorOf("a,b\n"), "f.csv:2:1: no rows: expected at least one behind the header");
  EXPECT_EQ(ErrorOf("b,a,b\n1,2,3\n"), "f.csv:1:1: two columns are called 'b': expected one that holds the keys");
  EXPECT_EQ(ErrorOf("a,b\n1," + std::string(70'000, 'k') + "\n"),
            "f.csv:2:1: a key of 70000 bytes: expected at most 65536");
  EXPECT_EQ(ErrorOf(""), "f.csv:1:1: no column is called 'b'; the header is: ");
}

TEST(RowsTest, PayloadsCarryTheirIdentity) {
  std::string text = "k,v\n";
  for (int i = 0; i < 401; ++i) text += "1,2\n";
  Rows rows = *Rows::FromCsv(text + "a,\"b\nc\"\n", "f.csv", "k", 0);
  std::string payload = EncodePayload({"writer-3", 17, 401}, "a,\"b\nc\"");
  EventIdentity identity = Identify(payload, rows);
  EXPECT_EQ(identity.writer, "writer-3");
  EXPECT_EQ(identity.sequence, 17);
  EXPECT_EQ(identity.row, 401);
  for (const char* bad : {"", "x", "w 1 2", "w 1\n", "w x 2\n", " 1 2\n", "w 1 2x\n"}) {
    EXPECT_TRUE(Identify(bad, rows).writer.starts_with("damaged")) << bad;
    EXPECT_EQ(Identify(bad, rows).row, -1) << bad;
  }
}

TEST(RowsTest, APayloadWithOtherContentIsNobodys) {
  Rows rows = Rows::MadeUp(1000, 10);
  const std::string payload = EncodePayload({"writer-3", 17, 401}, "row-401");
  EXPECT_EQ(Identify(payload, rows).writer, "writer-3");
  for (size_t i = 0; i < payload.size(); ++i) {
    std::string damaged = payload;
    damaged[i] ^= 1;
    const EventIdentity identity = Identify(damaged, rows);
    EXPECT_FALSE(identity.writer == "writer-3" && identity.sequence == 17 && identity.row == 401) << damaged;
  }
  for (const std::string& damaged :
       {payload + "x", payload.substr(0, payload.size() - 1), EncodePayload({"writer-3", 17, 402}, "row-401"),
        EncodePayload({"writer-3", 17, 1000}, "row-1000")}) {
    EXPECT_EQ(Identify(damaged, rows).writer, "damaged:writer-3") << damaged;
    EXPECT_EQ(Identify(damaged, rows).row, -1) << damaged;
  }
}

TEST(RowsTest, AByteOrderMarkIsNoPartOfTheHeader) {
  absl::StatusOr<Rows> rows = Rows::FromCsv("\xef\xbb\xbfk,v\na,1\n", "f.csv", "k", 0);
  ASSERT_TRUE(rows.ok()) << rows.status();
  EXPECT_EQ(rows->rows()[0].key, "a");
}

TEST(RowsTest, KeysSpreadOverWriters) {
  Rows rows = Rows::MadeUp(1000, 100);
  std::set<int> writers;
  for (const Row& row : rows.rows()) writers.insert(WriterOf(row.key, 4));
  EXPECT_EQ(writers.size(), 4u);
  EXPECT_EQ(rows.rows()[205].key, "key-5");
}

}  // namespace
}  // namespace pravega::scenarios
