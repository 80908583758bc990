// The network as a node sees it: byte streams between endpoints.
#ifndef PRAVEGA_CONNECTOR_RUNTIME_NETWORK_H_
#define PRAVEGA_CONNECTOR_RUNTIME_NETWORK_H_

#include <compare>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "connector/core/buffer.h"
#include "connector/core/strings.h"
#include "connector/runtime/task.h"
#include "connector/runtime/time.h"

namespace pravega::runtime {

struct Endpoint {
  std::string host;
  uint16_t port = 0;
  std::string ToString() const { return StrCat(host, ":", port); }
  friend auto operator<=>(const Endpoint&, const Endpoint&) = default;
};

// Carried to the backend, which refuses what it cannot do with Unimplemented.
struct TlsOptions {
  std::string trust_store_pem;  // certificates, PEM text; empty for the system's
  bool verify_host = true;
};

// One end of an ordered, reliable, full-duplex connection. At most one Read and one Write may be in progress. The
// destructor aborts the connection, so that the peer sees a reset, unless both directions have ended and all was read.
// Thread-compatible.
class ByteStream {
 public:
  virtual ~ByteStream() = default;
  // At least 1 and at most `max` bytes; empty when the peer has ended its direction. Unavailable after a reset, even if
  // bytes had arrived before it. A cancelled read has taken nothing.
  virtual Task<absl::StatusOr<Buffer>> Read(size_t max) = 0;
  // Returns when the transport has taken all pieces, in order: it waits while the peer does not read. OK says nothing
  // of arrival. Unavailable after a reset. A cancelled write may have sent a part: all that is left is to Reset.
  virtual Task<absl::Status> Write(std::vector<Buffer> pieces) = 0;
  // Ends this direction behind what was written; the other one goes on.
  virtual Task<absl::Status> ShutdownWrite() = 0;
  // Aborts both directions; reads and writes in progress return Unavailable. Idempotent.
  virtual void Reset() = 0;
  virtual std::string peer() const = 0;  // for messages
};

class Listener {
 public:
  virtual ~Listener() = default;  // stops listening; accepted streams live on
  virtual Task<absl::StatusOr<std::unique_ptr<ByteStream>>> Accept() = 0;
  // Where it listens, with the real port if 0 was asked for.
  virtual Endpoint endpoint() const = 0;
};

class Network {
 public:
  virtual ~Network() = default;
  // NotFound if nobody has that name.
  virtual Task<absl::StatusOr<std::vector<std::string>>> Resolve(std::string host) = 0;
  // Unavailable if refused or unreachable, DeadlineExceeded at `deadline`.
  virtual Task<absl::StatusOr<std::unique_ptr<ByteStream>>> Connect(Endpoint endpoint, std::optional<TlsOptions> tls,
                                                                    Instant deadline) = 0;
  // AlreadyExists if the port is in use. Port 0 means any free one.
  virtual absl::StatusOr<std::unique_ptr<Listener>> Listen(Endpoint endpoint) = 0;
};

}  // namespace pravega::runtime

#endif  // PRAVEGA_CONNECTOR_RUNTIME_NETWORK_H_
