// Options of a connection to a segment store.
#ifndef PRAVEGA_CONNECTOR_WIRE_CONNECTION_OPTIONS_H_
#define PRAVEGA_CONNECTOR_WIRE_CONNECTION_OPTIONS_H_

#include <chrono>
#include <cstddef>
#include <optional>

#include "connector/runtime/network.h"
#include "connector/runtime/time.h"

namespace pravega::wire {

struct WireConnectionOptions {
  // Until the transport is established. The Java client's default.
  runtime::Duration connect_timeout = std::chrono::seconds(5);
  std::optional<runtime::TlsOptions> tls;
  // Send() waits while so many bytes are queued and not yet taken by the transport.
  size_t max_unsent_bytes = 1 << 20;
  // Largest piece asked of the transport at once.
  size_t read_bytes = 64 << 10;
  // After this time, then each period, a KeepAlive is sent if nothing arrived since the last look. The Java client's
  // defaults.
  runtime::Duration first_keep_alive = std::chrono::seconds(20);
  runtime::Duration keep_alive_period = std::chrono::seconds(10);
  // The connection is given up at the look that finds nothing to have arrived for so many looks in a row: the peer
  // answers every KeepAlive, so that silence means a dead link, or a peer that stopped. Java waits three minutes.
  int silent_looks_until_dead = 4;
  // How long Stop() waits for queued bytes to leave and the peer to end its side before it cuts the connection.
  runtime::Duration linger = std::chrono::seconds(1);
};

}  // namespace pravega::wire

#endif  // PRAVEGA_CONNECTOR_WIRE_CONNECTION_OPTIONS_H_
