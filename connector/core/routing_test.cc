#include "connector/core/routing.h"

#include <bit>
#include <cmath>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "connector/core/testing/hex.h"
#include "gtest/gtest.h"

namespace pravega {
namespace {

using ::pravega::testing::FromHex;

RoutingTable<int> Quarters() {
  // Not in order, as the controller may give them.
  absl::StatusOr<RoutingTable<int>> table =
      RoutingTable<int>::Create({{{0.5, 0.75}, 2}, {{0, 0.25}, 0}, {{0.75, 1}, 3}, {{0.25, 0.5}, 1}});
  CHECK(table.ok());
  return *table;
}

struct KeyVector {
  std::string key;
  double position;
  uint64_t bits;
  int quarter;
};

// Goal: keys fall where the Java client puts them. Method: vectors that its own classes computed; UTF-8, big-endian
// units, code points or bytes padded as in the Rust client would give others.
TEST(RoutingTest, KeysFallWhereJavaPutsThem) {
  const KeyVector vectors[] = {
      {"", 0.24117842791623523, 0x3fcedeef4a335178, 0},
      {"a", 0.9433912753816884, 0x3fee3042e663131a, 3},
      {"b", 0.9001868759411593, 0x3fecce54b50e9500, 3},
      {"ab", 0.059155362905886966, 0x3fae499c9a20a9e0, 0},
      {"abc", 0.8244720474051517, 0x3fea6213340247fe, 3},
      {"hello", 0.658716230571337, 0x3fe514340f74bec6, 2},
      {"key-0", 0.39205241090023346, 0x3fd91762fec89af0, 1},
      {"key-1", 0.3829162539760538, 0x3fd881b32cfbc658, 1},
      {"key-2", 0.5624246874400733, 0x3fe1ff620ee09494, 2},
      {"key-9", 0.6791628918163612, 0x3fe5bbb3d1204202, 2},
      {"1", 0.36758584297933905, 0x3fd78686c5846814, 1},
      {"42", 0.6049176089042867, 0x3fe35b7c2c6096fa, 2},
      {"user:1001", 0.43783882703565946, 0x3fdc058d24c260cc, 1},
      {"The quick brown fox jumps over the lazy dog", 0.6925408542916907, 0x3fe6294b700a746e, 2},
      {"0123456789abcdef", 0.1651193933618651, 0x3fc522a1dd365850, 0},
      {"0123456789abcde", 0.8436591916612626, 0x3feaff418fa4f518, 3},
      {std::string(100, 'x'), 0.8769755246338502, 0x3fec102ef9b63c0a, 3},
      {"caf\xc3\xa9", 0.7411110778956298, 0x3fe7b72e94487b32, 2},
      {"\xe6\x97\xa5\xe6\x9c\xac\xe8\xaa\x9e", 0.33619521178203393, 0x3fd58438ebeb3d84, 1},
      {"\xf0\x9f\x98\x80", 0.7750255912171164, 0x3fe8cd0277fae608, 3},
      {std::string("\0", 1), 0.5906815497255793, 0x3fe2e6dcfe4d80b4, 2},
      {"\xce\xb1\xce\xb2\xce\xb3", 0.03785626435708633, 0x3fa361e572b98ea0, 0},
      {"\xc3\xa9\xe4\xb8\xad", 0.5410013947848846, 0x3fe14fe22836207a, 2},
      {"00112233-4455-6677-8899-aabbccddeeff", 0.8757980532326299, 0x3fec0689a3911b8c, 3},
      {std::string(41, 'a'), 0.8146046135285123, 0x3fea113db1c8d25e, 3},
  };
  for (const KeyVector& v : vectors) {
    double position = RoutingKeyPosition(v.key);
    EXPECT_EQ(position, v.position) << v.key;
    EXPECT_EQ(std::bit_cast<uint64_t>(position), v.bits) << v.key;
    EXPECT_EQ(Quarters().Find(position).value, v.quarter) << v.key;
  }
}

TEST(RoutingTest, PositionsAreMultiplesOfTheSmallestStepBelowOne) {
  for (int i = 0; i < 1000; ++i) {
    double position = RoutingKeyPosition("key-" + std::to_string(i));
    EXPECT_GE(position, 0);
    EXPECT_LT(position, 1);
    double steps = std::ldexp(position, 52);
    EXPECT_EQ(steps, std::floor(steps));
  }
}

TEST(RoutingTest, TableKeysAreRawBytes) {
  EXPECT_EQ(TableKeyPosition(FromHex("00")), 0.39600621034062633);
  EXPECT_EQ(TableKeyPosition(FromHex("01")), 0.2691368097624567);
  EXPECT_EQ(TableKeyPosition(FromHex("0000000000000001")), 0.6759683568840031);
  EXPECT_EQ(TableKeyPosition("abcdefgh"), 0.48765316868293507);
  EXPECT_EQ(TableKeyPosition("0123456789abcdef"), 0.3339020757249709);
  EXPECT_EQ(TableKeyPosition("0123456789abcdefXYZ"), 0.017068146933051587);
  EXPECT_EQ(TableKeyPosition(FromHex("01020304")), 0.022915216405436478);
  EXPECT_EQ(TableKeyPosition("hello world 12345"), 0.7211921216373705);
}

TEST(RoutingTest, SeededPositionOfTheRoutersNameIsTheRouter) {
  EXPECT_EQ(SeededPosition("hello", "EventRouter"), RoutingKeyPosition("hello"));
  EXPECT_NE(SeededPosition("hello", "reader-1"), SeededPosition("hello", "reader-2"));
}

TEST(RoutingTableTest, ABoundBelongsToTheLowerRange) {
  RoutingTable<int> table = Quarters();
  EXPECT_EQ(table.Find(0).value, 0);
  EXPECT_EQ(table.Find(0.25).value, 0);
  EXPECT_EQ(table.Find(std::nextafter(0.25, 1)).value, 1);
  EXPECT_EQ(table.Find(0.5).value, 1);
  EXPECT_EQ(table.Find(1).value, 3);
}

TEST(RoutingTableTest, RefusesHolesAndOverlaps) {
  using Table = RoutingTable<int>;
  EXPECT_FALSE(Table::Create({}).ok());
  EXPECT_FALSE(Table::Create({{{0, 0.5}, 0}}).ok());
  EXPECT_FALSE(Table::Create({{{0, 0.5}, 0}, {{0.6, 1}, 1}}).ok());
  EXPECT_FALSE(Table::Create({{{0, 0.5}, 0}, {{0.4, 1}, 1}}).ok());
  EXPECT_FALSE(Table::Create({{{0, 1}, 0}, {{0, 1}, 1}}).ok());
  EXPECT_FALSE(Table::Create({{{0, 0.5}, 0}, {{0.5, 0.5}, 2}, {{0.5, 1}, 1}}).ok());
  EXPECT_FALSE(Table::Create({{{0, std::nan("")}, 0}, {{0.5, 1}, 1}}).ok());
}

TEST(RoutingTableTest, TakesEveryNumberOfEqualRangesAsControllersComputeThem) {
  for (int n = 1; n <= 1000; ++n) {
    std::vector<RoutingTable<int>::Entry> entries;
    for (int i = 0; i < n; ++i) entries.push_back({{i * (1.0 / n), (i + 1) * (1.0 / n)}, i});
    absl::StatusOr<RoutingTable<int>> table = RoutingTable<int>::Create(entries);
    ASSERT_TRUE(table.ok()) << table.status();
    EXPECT_EQ(table->Find(1 - 0x1p-52).value, n - 1);
    EXPECT_EQ(table->Find(1).value, n - 1);
    // The last is replaced by one that ends at 1, and that by one that does not.
    const double low = entries.back().range.low;
    ASSERT_TRUE(table->Replace(n - 1, {{{low, 1}, n}}).ok());
    ASSERT_TRUE(table->Replace(n, {{{low, 1 - 0x1p-53}, n + 1}}).ok());
    EXPECT_EQ(table->Find(1 - 0x1p-52).value, n + 1);
  }
}

// Segments 1 and 2 merge into 7; only 1 was found sealed yet, so keys of 2 still belong to 2.
TEST(RoutingTableTest, AMergedSuccessorReplacesOnlyTheSealedSegment) {
  RoutingTable<int> table = Quarters();
  ASSERT_TRUE(table.Replace(1, {{{0.25, 0.75}, 7}}).ok());
  EXPECT_EQ(table.Find(0.4).value, 7);
  EXPECT_EQ(table.Find(0.5).value, 7);
  EXPECT_EQ(table.Find(0.6).value, 2);
  ASSERT_TRUE(table.Replace(2, {{{0.25, 0.75}, 7}}).ok());
  EXPECT_EQ(table.Find(0.6).value, 7);
  // The merged segment is split again: both of its parts are replaced.
  ASSERT_TRUE(table.Replace(7, {{{0.25, 0.45}, 8}, {{0.45, 0.75}, 9}}).ok());
  EXPECT_EQ(table.Find(0.4).value, 8);
  EXPECT_EQ(table.Find(0.47).value, 9);
  EXPECT_EQ(table.Find(0.7).value, 9);
  EXPECT_EQ(table.Find(0.1).value, 0);
}

TEST(RoutingTableTest, ReplaceFailsWithoutAChange) {
  RoutingTable<int> table = Quarters();
  EXPECT_FALSE(table.Replace(5, {{{0, 1}, 6}}).ok());
  EXPECT_FALSE(table.Replace(1, {{{0.25, 0.4}, 6}}).ok());
  EXPECT_FALSE(table.Replace(1, {}).ok());
  ASSERT_EQ(table.entries().size(), 4u);
  EXPECT_EQ(table.Find(0.3).value, 1);
}

}  // namespace
}  // namespace pravega
