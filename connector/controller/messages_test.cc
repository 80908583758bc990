// Goal: the messages have the protocol's shape on the wire, and this library's types survive the way there and back.
// Method: bytes written by hand from the protocol's table of fields; round trips.
#include "connector/controller/messages.h"

#include <gtest/gtest.h>

#include <string>

#include "connector/controller/serialize.h"

namespace pravega::controller {
namespace {

std::string Hex(const std::string& bytes) {
  static constexpr char kDigits[] = "0123456789abcdef";
  std::string hex;
  for (unsigned char c : bytes) {
    hex.push_back(kDigits[c >> 4]);
    hex.push_back(kDigits[c & 15]);
  }
  return hex;
}

SegmentId Id(int32_t number, int32_t epoch) { return SegmentId(Epoch(epoch), number); }

TEST(MessagesTest, ASuccessIsAnEmptyMessage) {
  proto::CreateStreamStatus status;
  status.set_status(proto::CreateStreamStatus::SUCCESS);
  EXPECT_EQ(SerializeDeterministically(status), "");
  proto::PingTxnStatus ping;
  ping.set_status(proto::PingTxnStatus::UNKNOWN);
  EXPECT_EQ(Hex(SerializeDeterministically(ping)), "0807");
}

// Pitfall 15: -1 is an ordinary varint of ten bytes, in maps too; and maps are written in the order of their keys.
TEST(MessagesTest, NegativeOffsetsAreOrdinaryVarints) {
  proto::StreamCut cut;
  CutPositions positions;
  positions[Id(2, 1)] = SegmentPosition::Finished();
  positions[Id(0, 0)] = SegmentPosition::At(Offset(10));
  ToMessage(positions, cut.mutable_cut());
  EXPECT_EQ(Hex(SerializeDeterministically(cut)),
            "1204"
            "0800100a"
            "1211"
            "08828080801010ffffffffffffffffff01");
  proto::StreamCut parsed;
  ASSERT_TRUE(parsed.ParseFromString(SerializeDeterministically(cut)));
  absl::StatusOr<CutPositions> back = FromMessage(parsed.cut());
  ASSERT_TRUE(back.ok());
  EXPECT_EQ(*back, positions);
  (*parsed.mutable_cut())[5] = -2;
  EXPECT_EQ(FromMessage(parsed.cut()).status().code(), absl::StatusCode::kDataLoss);
}

TEST(MessagesTest, FieldNumbersThatAreEasilyGotWrong) {
  proto::ListCompletedTxnResponse list;
  list.add_response();
  EXPECT_EQ(Hex(SerializeDeterministically(list)), "1200") << "there is no field 1";
  proto::ReaderGroupConfigResponse config;
  config.mutable_config();
  config.set_status(proto::ReaderGroupConfigResponse::RG_NOT_FOUND);
  EXPECT_EQ(Hex(SerializeDeterministically(config)), "0a001002") << "the configuration comes first";
  proto::RemoveWriterRequest remove;
  remove.set_writer("w");
  EXPECT_EQ(Hex(SerializeDeterministically(remove)), "0a0177");
  proto::SubscribersResponse subscribers;
  subscribers.add_subscribers("s");
  subscribers.set_status(proto::SubscribersResponse::FAILURE);
  EXPECT_EQ(Hex(SerializeDeterministically(subscribers)), "0a01731001");
  proto::StreamConfig stream;
  stream.set_rolloversizebytes(1);
  EXPECT_EQ(Hex(SerializeDeterministically(stream)), "3001");
  proto::CreateTxnResponse txn;
  txn.mutable_txnid()->set_highbits(int64_t{1} << 32);
  txn.mutable_txnid()->set_lowbits(-1);
  EXPECT_EQ(Hex(SerializeDeterministically(txn)),
            "0a11088080808010"
            "10ffffffffffffffffff01");
}

// Pitfall 16: the retention type is a plain number on the wire.
TEST(MessagesTest, RetentionTypeIsANumber) {
  proto::ReaderGroupConfiguration message;
  message.set_retentiontype(9);
  EXPECT_EQ(Hex(SerializeDeterministically(message)), "3009");
  proto::ReaderGroupConfiguration parsed;
  ASSERT_TRUE(parsed.ParseFromString(SerializeDeterministically(message)));
  EXPECT_EQ(parsed.retentiontype(), 9);
  message.set_readergroupid(Uuid().ToString());
  EXPECT_EQ(FromMessage(message).status().code(), absl::StatusCode::kDataLoss);
  message.set_retentiontype(2);
  EXPECT_TRUE(FromMessage(message).ok());
  message.set_readergroupid("x");
  EXPECT_EQ(FromMessage(message).status().code(), absl::StatusCode::kDataLoss);
}

TEST(MessagesTest, StreamConfigurationsSurvive) {
  StreamConfiguration full;
  full.scaling = {ScalingPolicy::Type::kKilobytesPerSecond, 100, 3, 4};
  full.retention = RetentionPolicy{RetentionPolicy::Type::kSize, 10, 20};
  full.tags = {"a", "b"};
  full.timestamp_aggregation_timeout_ms = 5;
  full.rollover_size_bytes = 6;
  EXPECT_EQ(FromMessage(ToMessage({"scope", "stream"}, full)), full);
  StreamConfiguration bare;
  EXPECT_EQ(FromMessage(ToMessage({"scope", "stream"}, bare)), bare);
  EXPECT_FALSE(ToMessage({"scope", "stream"}, bare).has_retentionpolicy());
}

TEST(MessagesTest, ReaderGroupConfigurationsSurvive) {
  ReaderGroupConfig config;
  config.group_refresh_ms = 1;
  config.automatic_checkpoint_interval_ms = -1;
  config.max_outstanding_checkpoints = 7;
  config.retention = ReaderGroupConfig::Retention::kManual;
  config.generation = 3;
  config.id = Uuid{1, 2};
  config.starting_cuts[{"scope", "one"}][Id(0, 0)] = SegmentPosition::At(Offset(4));
  config.starting_cuts[{"scope", "two"}];
  config.ending_cuts[{"scope", "one"}][Id(0, 0)] = SegmentPosition::Finished();
  absl::StatusOr<ReaderGroupConfig> back = FromMessage(ToMessage("scope", "group", config));
  ASSERT_TRUE(back.ok()) << back.status();
  EXPECT_TRUE(back->SameContent(config));
  EXPECT_EQ(back->id, config.id);
  ReaderGroupConfig other = config;
  other.id = Uuid{3, 4};
  EXPECT_TRUE(other.SameContent(config)) << "the id is no content";
  other.starting_cuts[{"scope", "two"}][Id(1, 0)] = SegmentPosition::At(Offset(1));
  EXPECT_FALSE(other.SameContent(config));
}

TEST(MessagesTest, TransactionIdsSurvive) {
  TxnId txn{Uuid{0xffffffff00000001u, 0x8000000000000000u}};
  EXPECT_EQ(FromMessage(ToMessage(txn)), txn);
}

}  // namespace
}  // namespace pravega::controller
