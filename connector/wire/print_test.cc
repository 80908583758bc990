#include "connector/wire/print.h"

#include <cstdint>
#include <string>
#include <vector>

#include "connector/core/buffer.h"
#include "connector/core/ids.h"
#include "connector/core/uuid.h"
#include "connector/wire/commands.h"
#include "gtest/gtest.h"

namespace pravega::wire {
namespace {

const WriterId kWriter{Uuid{0x0011223344556677, 0x8899aabbccddeeff}};

TEST(Print, NamesFieldsAsTheProtocolDoes) {
  EXPECT_EQ(ToString(KeepAlive{}), "KeepAlive{}");
  EXPECT_EQ(ToString(AppendSetup{RequestId(7), "sc/st/0.#epoch.0", kWriter, EventNumber::None()}),
            "AppendSetup{requestId=7, segment=\"sc/st/0.#epoch.0\", "
            "writerId=00112233-4455-6677-8899-aabbccddeeff, lastEventNumber=none}");
  EXPECT_EQ(ToString(AppendBlock{kWriter, Buffer::Copy("hello")}),
            "AppendBlock{writerId=00112233-4455-6677-8899-aabbccddeeff, data=5 bytes 68656c6c6f}");
  EXPECT_EQ(ToString(TableKeysRead{RequestId(1), "t", {TableKey{Buffer::Copy("k"), 3}}, Buffer()}),
            "TableKeysRead{requestId=1, segment=\"t\", keys=[{key=1 byte 6b, version=3}], continuationToken=0 bytes}");
}

TEST(Print, AbbreviatesWhatIsLong) {
  std::string text = ToString(SegmentRead{.segment = "s", .data = Buffer(std::string(1000000, 'd'))});
  EXPECT_LT(text.size(), 250u);
  EXPECT_NE(text.find("1000000 bytes 6464"), std::string::npos);
  text = ToString(NoSuchSegment{.segment = "s", .server_stack_trace = std::string(2000, 't')});
  EXPECT_NE(text.find("t\"... (2000 bytes)"), std::string::npos);
  EXPECT_LT(text.size(), 300u);
  text = ToString(TableEntriesUpdated{RequestId(1), std::vector<int64_t>(100, 5)});
  EXPECT_EQ(text, "TableEntriesUpdated{requestId=1, updatedVersions=[5, 5, 5, 5, 5, 5, 5, 5, ... (100 in all)]}");
}

TEST(Print, EscapesAndHides) {
  EXPECT_EQ(ToString(ErrorMessage{RequestId(1), "s", "a\n\"b\"\\", RequestError::kIllegalArgument}),
            "ErrorMessage{requestId=1, segment=\"s\", message=\"a\\x0a\\\"b\\\"\\\\\", errorCode=0}");
  EXPECT_EQ(ToString(SealSegment{RequestId(1), "s", "secret"}),
            "SealSegment{requestId=1, segment=\"s\", token=(6 bytes)}");
}

}  // namespace
}  // namespace pravega::wire
