#include "connector/core/names.h"

#include <string>

#include "gtest/gtest.h"

namespace pravega {
namespace {

TEST(NamesTest, ScopedStreamIsTwoNames) {
  absl::StatusOr<ScopedStream> stream = ScopedStream::Parse("sc/st");
  ASSERT_TRUE(stream.ok());
  EXPECT_EQ(*stream, (ScopedStream{"sc", "st"}));
  EXPECT_EQ(stream->ToString(), "sc/st");
  for (const char* text : {"", "/", "sc", "sc/", "/st", "sc/st/0", "sc//st"}) {
    EXPECT_FALSE(ScopedStream::Parse(text).ok()) << text;
  }
}

TEST(NamesTest, SegmentNamesRoundTrip) {
  SegmentRef segment{{"sc", "st"}, SegmentId(Epoch(4), 2)};
  EXPECT_EQ(segment.ToString(), "sc/st/2.#epoch.4");
  absl::StatusOr<SegmentRef> parsed = SegmentRef::Parse("sc/st/2.#epoch.4");
  ASSERT_TRUE(parsed.ok());
  EXPECT_EQ(*parsed, segment);
  EXPECT_EQ(SegmentRef::Parse("sc/_RGgroup/0.#epoch.0")->stream.stream, "_RGgroup");
}

TEST(NamesTest, SegmentsWithoutEpochAreOfEpochZero) {
  EXPECT_EQ(SegmentRef::Parse("sc/st/7")->ToString(), "sc/st/7.#epoch.0");
}

TEST(NamesTest, OtherTextsAreNoSegments) {
  for (const char* text :
       {"", "sc", "sc/st", "sc/st/", "sc/st/x", "sc/st/0.#epoch.", "sc/st/.#epoch.0", "sc/st/0.#epoch.0x",
        "/st/0.#epoch.0", "sc/st/-1.#epoch.0", "sc/st/-0.#epoch.0", "sc/st/0.#epoch.-0", "sc/st/+1.#epoch.0",
        "sc/st/2147483648.#epoch.0", "sc/st/0.#epoch.2147483648", "a/sc/st/0.#epoch.0", "sc/st/ 0.#epoch.0"}) {
    EXPECT_FALSE(SegmentRef::Parse(text).ok()) << text;
  }
}

TEST(NamesTest, UserNames) {
  EXPECT_TRUE(ValidateUserName("Stream-1.a").ok());
  EXPECT_TRUE(ValidateUserName(std::string(250, 'a')).ok());
  for (const std::string& name :
       {std::string(), std::string(251, 'a'), std::string("_a"), std::string("a_b"), std::string("a/b"),
        std::string("a b"), std::string("a#b"), std::string("\xc3\xa9"), std::string("a\0b", 3)}) {
    EXPECT_FALSE(ValidateUserName(name).ok()) << name;
  }
}

TEST(NamesTest, InternalNamesAndScopesMayBeginWithAnUnderscore) {
  EXPECT_TRUE(ValidateInternalName("_RGgroup").ok());
  EXPECT_TRUE(ValidateScopeName("_system").ok());
  EXPECT_TRUE(ValidateInternalName("_" + std::string(254, 'a')).ok());
  EXPECT_FALSE(ValidateInternalName(std::string(256, 'a')).ok());
  EXPECT_FALSE(ValidateInternalName("__a").ok());
  EXPECT_FALSE(ValidateInternalName("_").ok());
}

TEST(NamesTest, ErrorsSayWhatAndWhere) {
  absl::Status status = ValidateInternalName("_ab$");
  EXPECT_NE(status.ToString().find("position 3"), std::string::npos) << status.ToString();
}

TEST(NamesTest, TransactionSegments) {
  TxnId txn{Uuid{0x0000000100000000, 0xff}};
  std::string name = TransactionSegmentName("sc/st/0.#epoch.1", txn);
  EXPECT_EQ(name, "sc/st/0.#epoch.1#transaction.000000010000000000000000000000ff");
  EXPECT_TRUE(IsTransactionSegment(name));
  EXPECT_FALSE(IsTransactionSegment("sc/st/0.#epoch.1"));
  EXPECT_EQ(ParentSegmentName(name), "sc/st/0.#epoch.1");
  EXPECT_EQ(ParentSegmentName("sc/st/0.#epoch.1#transaction.0123"), "sc/st/0.#epoch.1#transaction.0123");
  EXPECT_EQ(ParentSegmentName("sc/st/0.#epoch.1"), "sc/st/0.#epoch.1");
  std::string hex(32, 'a');
  EXPECT_EQ(ParentSegmentName("sc/st/0.#epoch.1#transient." + hex + "." + hex), "sc/st/0.#epoch.1");
}

TEST(NamesTest, InternalStreams) {
  EXPECT_EQ(ReaderGroupStreamName("group"), "_RGgroup");
  EXPECT_EQ(MarkStreamName("st"), "_MARKst");
}

TEST(NamesTest, AllEpochsAndTransactionsOfANumberShareTheContainerKey) {
  TxnId txn{Uuid{1, 2}};
  EXPECT_EQ(ContainerKey("sc/st/3.#epoch.0"), "sc/st/3");
  EXPECT_EQ(ContainerKey("sc/st/3.#epoch.12"), "sc/st/3");
  EXPECT_EQ(ContainerKey(TransactionSegmentName("sc/st/3.#epoch.2", txn)), "sc/st/3");
  EXPECT_EQ(ContainerKey("_system/containers/metadata_0"), "_system/containers/metadata_0");
}

}  // namespace
}  // namespace pravega
