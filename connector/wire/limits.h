// Sizes of frames.
#ifndef PRAVEGA_CONNECTOR_WIRE_LIMITS_H_
#define PRAVEGA_CONNECTOR_WIRE_LIMITS_H_

#include <cstdint>

namespace pravega::wire {

// int32 type and int32 length, which are not counted in the length.
inline constexpr int32_t kFrameHeaderBytes = 8;
// What a server accepts, header included, and hence the most that anybody may send.
inline constexpr int32_t kMaxFrameBytes = 0xffffff;
inline constexpr int32_t kMaxPayloadBytes = kMaxFrameBytes - kFrameHeaderBytes;
// What a client accepts: the same number, but without the header.
inline constexpr int32_t kMaxPayloadBytesFromServer = 0xffffff;

}  // namespace pravega::wire

#endif  // PRAVEGA_CONNECTOR_WIRE_LIMITS_H_
