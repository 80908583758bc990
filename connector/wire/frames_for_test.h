// Files of recorded frames, and frames to and from hex: for the tests of the codec.
#ifndef PRAVEGA_CONNECTOR_WIRE_FRAMES_FOR_TEST_H_
#define PRAVEGA_CONNECTOR_WIRE_FRAMES_FOR_TEST_H_

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "connector/wire/commands.h"
#include "connector/wire/frame_parser.h"
#include "gtest/gtest.h"

namespace pravega::wire {

// CHECKs that the text is hex.
std::string FromHex(std::string_view hex);
std::string ToHex(std::string_view bytes);

// The lines of a file in testdata/ without comments, split at spaces. CHECKs that it is there.
std::vector<std::vector<std::string>> ReadTestData(std::string_view file);

// The one frame in `bytes`; an error also if it is incomplete or followed by anything.
absl::StatusOr<Command> ParseOne(std::string_view bytes, FrameParser::Options options = {});

// All commands of a stream that arrives in chunks of `chunk_bytes`.
absl::StatusOr<std::vector<Command>> ParseAll(std::string_view bytes, size_t chunk_bytes,
                                              FrameParser::Options options = {});

// The frame of a command, and an empty string if it cannot be encoded.
std::string BytesOf(const Command& command);

// Whether commands are equal, with both in the message if not: EXPECT_TRUE(Same(a, b)). EXPECT_EQ would say the same,
// but has the compiler learn to print each of the 70 commands in every test.
testing::AssertionResult Same(const Command& a, const Command& b);
testing::AssertionResult Same(const std::vector<Command>& a, const std::vector<Command>& b);

}  // namespace pravega::wire

#endif  // PRAVEGA_CONNECTOR_WIRE_FRAMES_FOR_TEST_H_
