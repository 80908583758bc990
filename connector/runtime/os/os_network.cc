#include "connector/runtime/os/os_network.h"

#include <sys/socket.h>
#include <sys/uio.h>

#include <algorithm>
#include <array>
#include <boost/asio/ip/tcp.hpp>
#include <cerrno>
#include <utility>

#include "connector/core/check.h"
#include "connector/core/strings.h"
#include "connector/runtime/os/event_loop_impl.h"
#include "connector/runtime/os/finally.h"
#include "connector/runtime/os/os_node.h"
#include "connector/runtime/sleep.h"
#include "connector/runtime/sync.h"

namespace pravega::runtime {

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;

// Thread-compatible, as everything here. Handlers of asio share the derived objects and may outlive the node.
class OsSocket {
 public:
  explicit OsSocket(OsNetwork& network) : network_(&network) { network.Add(this); }
  OsSocket(const OsSocket&) = delete;
  OsSocket& operator=(const OsSocket&) = delete;

  // Closes the socket; whoever waits for it looks again.
  virtual void Break() = 0;
  // The network has closed it and is about to go.
  void Forget() { network_ = nullptr; }

 protected:
  virtual ~OsSocket() {
    if (network_ != nullptr) network_->Remove(this);
  }
  OsNetwork* network() { return network_; }

 private:
  OsNetwork* network_;  // null once the node is dead
};

namespace {

// What one system call reads at most, and in how many pieces one writes.
constexpr size_t kReadBytes = 256 * 1024;
constexpr size_t kMaxPieces = 64;
// So many calls that did not have to wait, and other tasks have their turn.
constexpr int kCallsInARow = 16;
// When the process has no more file descriptors: until the next attempt to accept.
constexpr Duration kAcceptAgain = std::chrono::milliseconds(50);

absl::Status WasReset(std::string_view peer) {
  return MakeStatus(absl::StatusCode::kUnavailable, "the connection to ", peer, " was reset");
}

// The reserved top-level domain has no names, whatever a resolver would like to find out (RFC 6761, section 6.4).
bool IsInvalidByDefinition(std::string_view host) { return host == "invalid" || host.ends_with(".invalid"); }

bool WouldBlock(int error) { return error == EAGAIN || error == EWOULDBLOCK; }

// Closes it so that the peer sees a reset and not an orderly end.
void Abort(tcp::socket& socket) {
  error_code ignored;
  socket.set_option(asio::socket_base::linger(true, 0), ignored);
  socket.close(ignored);
}

class Connection : public OsSocket {
 public:
  Connection(OsNetwork& network, tcp::socket socket, std::string peer)
      : OsSocket(network),
        socket_(std::move(socket)),
        peer_(std::move(peer)),
        reading("bytes from " + peer_, tcp::socket::wait_read),
        writing("room to write to " + peer_, tcp::socket::wait_write) {
    error_code ignored;
    socket_.set_option(tcp::no_delay(true), ignored);
  }
  ~Connection() override = default;

  void Break() override {
    if (broken_) return;
    Abort(socket_);
    Close();
  }
  void Close() {
    broken_ = true;
    error_code ignored;
    socket_.close(ignored);
    reading.possible.WakeAll();
    writing.possible.WakeAll();
  }

  // One direction of the connection, as the tasks of this side see it.
  struct Direction {
    Direction(std::string label, tcp::socket::wait_type w) : possible(std::move(label)), wait(w) {}
    WaitQueue possible;  // those who wait until a call is worth a try
    const tcp::socket::wait_type wait;
    bool awaited = false;  // asio will tell
    bool ended = false;
    int calls_in_a_row = 0;  // that did not have to wait
    // Counts a call; true if other tasks are to have their turn before it.
    bool HadManyCalls() { return ++calls_in_a_row >= kCallsInARow; }
  };
  using WhichDirection = Direction Connection::*;

  // Returns when a call is worth a try.
  static Task<absl::Status> WaitFor(std::shared_ptr<Connection> connection, WhichDirection which) {
    if (connection->broken()) co_return absl::OkStatus();  // as the call will find out
    Direction& direction = (*connection).*which;
    direction.calls_in_a_row = 0;
    if (!std::exchange(direction.awaited, true)) {
      connection->socket_.async_wait(direction.wait, [connection, which](const error_code&) {
        Direction& here = (*connection).*which;
        here.awaited = false;
        here.possible.WakeAll();
      });
    }
    absl::Status waited = co_await direction.possible.Wait();
    co_return waited;
  }

  int handle() { return socket_.native_handle(); }
  bool broken() const { return broken_; }
  const std::string& peer() const { return peer_; }
  // Both directions have ended, and nothing is left to read.
  bool complete() {
    if (!writing.ended) return false;
    char byte = 0;
    return reading.ended || ::recv(handle(), &byte, 1, MSG_PEEK | MSG_DONTWAIT) == 0;
  }

 private:
  tcp::socket socket_;
  const std::string peer_;
  bool broken_ = false;

 public:
  Direction reading;
  Direction writing;
};

// The operations below hold the connection themselves: the stream may be destroyed under them.

Task<absl::StatusOr<Buffer>> ReadFrom(std::shared_ptr<Connection> connection, size_t max) {
  CHECK(max > 0);
  absl::Status allowed = co_await connection->reading.possible.Wait(/*ready=*/true);
  if (allowed.ok() && connection->reading.HadManyCalls()) {
    allowed = co_await Connection::WaitFor(connection, &Connection::reading);
  }
  if (!allowed.ok()) co_return allowed;
  while (true) {
    if (connection->broken()) co_return WasReset(connection->peer());
    if (connection->reading.ended) co_return Buffer();
    std::string bytes(std::min(max, kReadBytes), '\0');
    const ssize_t count = ::recv(connection->handle(), bytes.data(), bytes.size(), MSG_DONTWAIT);
    if (count > 0) {
      bytes.resize(static_cast<size_t>(count));
      // A short read keeps only what it brought.
      if (bytes.size() < bytes.capacity() / 4) bytes.shrink_to_fit();
      co_return Buffer(std::move(bytes));
    }
    if (count == 0) {
      connection->reading.ended = true;
      co_return Buffer();
    }
    const int error = errno;
    if (error == EINTR) continue;
    if (!WouldBlock(error)) {
      connection->Break();
      continue;
    }
    absl::Status waited = co_await Connection::WaitFor(connection, &Connection::reading);
    if (!waited.ok()) co_return waited;
  }
}

// What is left of a gathering write.
class Pieces {
 public:
  explicit Pieces(std::vector<Buffer> pieces) : pieces_(std::move(pieces)) { SkipEmpty(); }
  bool empty() const { return next_ == pieces_.size(); }
  size_t Fill(std::array<iovec, kMaxPieces>& out) const {
    size_t count = 0;
    for (size_t i = next_; i < pieces_.size() && count < out.size(); ++i) {
      if (pieces_[i].empty()) continue;
      const size_t skip = i == next_ ? offset_ : 0;
      // sendmsg() does not write to it.
      out[count].iov_base = const_cast<char*>(pieces_[i].data()) + skip;
      out[count++].iov_len = pieces_[i].size() - skip;
    }
    return count;
  }
  void Advance(size_t bytes) {
    while (bytes > 0) {
      const size_t step = std::min(bytes, pieces_[next_].size() - offset_);
      offset_ += step;
      bytes -= step;
      SkipEmpty();
    }
  }

 private:
  void SkipEmpty() {
    while (next_ < pieces_.size() && offset_ == pieces_[next_].size()) {
      pieces_[next_++] = Buffer();
      offset_ = 0;
    }
  }
  std::vector<Buffer> pieces_;
  size_t next_ = 0;
  size_t offset_ = 0;  // into the next one
};

Task<absl::Status> WriteTo(std::shared_ptr<Connection> connection, std::vector<Buffer> buffers) {
  CHECK_MSG(!connection->writing.ended, "a write after ShutdownWrite");
  absl::Status allowed = co_await connection->writing.possible.Wait(/*ready=*/true);
  if (allowed.ok() && connection->writing.HadManyCalls()) {
    allowed = co_await Connection::WaitFor(connection, &Connection::writing);
  }
  if (!allowed.ok()) co_return allowed;
  Pieces pieces(std::move(buffers));
  while (!connection->broken()) {
    if (pieces.empty()) co_return absl::OkStatus();
    std::array<iovec, kMaxPieces> vectors;
    msghdr message{};
    message.msg_iov = vectors.data();
    message.msg_iovlen = pieces.Fill(vectors);
    const ssize_t count = ::sendmsg(connection->handle(), &message, MSG_DONTWAIT | MSG_NOSIGNAL);
    if (count >= 0) {
      pieces.Advance(static_cast<size_t>(count));
      continue;
    }
    const int error = errno;
    if (error == EINTR) continue;
    if (!WouldBlock(error)) {
      connection->Break();
      continue;
    }
    absl::Status waited = co_await Connection::WaitFor(connection, &Connection::writing);
    if (!waited.ok()) co_return waited;
  }
  co_return WasReset(connection->peer());
}

class OsStream : public ByteStream {
 public:
  explicit OsStream(std::shared_ptr<Connection> connection) : connection_(std::move(connection)) {}
  ~OsStream() override {
    if (connection_->broken()) return;
    if (connection_->complete()) {
      connection_->Close();
    } else {
      connection_->Break();
    }
  }
  Task<absl::StatusOr<Buffer>> Read(size_t max) override { return ReadFrom(connection_, max); }
  Task<absl::Status> Write(std::vector<Buffer> pieces) override { return WriteTo(connection_, std::move(pieces)); }
  Task<absl::Status> ShutdownWrite() override {
    if (!connection_->broken() && ::shutdown(connection_->handle(), SHUT_WR) != 0) connection_->Break();
    if (connection_->broken()) co_return WasReset(connection_->peer());
    connection_->writing.ended = true;
    co_return absl::OkStatus();
  }
  void Reset() override { connection_->Break(); }
  std::string peer() const override { return connection_->peer(); }

 private:
  const std::shared_ptr<Connection> connection_;
};

class Port : public OsSocket {
 public:
  Port(OsNetwork& network, tcp::acceptor acceptor, Endpoint endpoint)
      : OsSocket(network),
        acceptor_(std::move(acceptor)),
        endpoint_(std::move(endpoint)),
        arrival("a connection to " + endpoint_.ToString()) {}
  ~Port() override = default;

  void Break() override {
    closed_ = true;
    error_code ignored;
    acceptor_.close(ignored);
    arrival.WakeAll();
  }
  static void AwaitArrival(const std::shared_ptr<Port>& port) {
    if (std::exchange(port->awaits_arrival_, true)) return;
    port->acceptor_.async_wait(tcp::acceptor::wait_read, [port](const error_code&) {
      port->awaits_arrival_ = false;
      port->arrival.WakeAll();
    });
  }
  // The next connection, or why there is none.
  tcp::socket Accept(error_code& error) { return acceptor_.accept(error); }
  bool closed() const { return closed_; }
  const Endpoint& endpoint() const { return endpoint_; }
  OsNetwork* open_network() { return network(); }

 private:
  tcp::acceptor acceptor_;
  const Endpoint endpoint_;
  bool closed_ = false;
  bool awaits_arrival_ = false;

 public:
  WaitQueue arrival;
};

bool IsShortage(const error_code& error) {
  return error == boost::system::errc::too_many_files_open ||
         error == boost::system::errc::too_many_files_open_in_system || error == boost::system::errc::no_buffer_space ||
         error == boost::system::errc::not_enough_memory;
}

std::string TextOf(const tcp::endpoint& endpoint) {
  return Endpoint{endpoint.address().to_string(), endpoint.port()}.ToString();
}

Task<absl::StatusOr<std::unique_ptr<ByteStream>>> AcceptAt(std::shared_ptr<Port> port) {
  absl::Status allowed = co_await port->arrival.Wait(/*ready=*/true);
  if (!allowed.ok()) co_return allowed;
  while (true) {
    if (port->closed()) {
      co_return MakeStatus(absl::StatusCode::kUnavailable, "the listener at ", port->endpoint().ToString(),
                           " was closed");
    }
    error_code error;
    tcp::socket socket = port->Accept(error);
    OsNetwork& network = *port->open_network();
    if (!error) {
      error_code gone;
      const tcp::endpoint peer = socket.remote_endpoint(gone);
      std::string name = gone ? "a peer that is gone" : TextOf(peer);
      auto connection = std::make_shared<Connection>(network, std::move(socket), std::move(name));
      std::unique_ptr<ByteStream> stream = std::make_unique<OsStream>(std::move(connection));
      co_return std::move(stream);
    }
    if (IsShortage(error)) {
      // The others go on; this one waits in the system's queue.
      network.node().Log(StrCat("cannot accept at ", port->endpoint().ToString(), " for now: ", error.message()));
      absl::Status slept = co_await SleepFor(network.node(), kAcceptAgain, "file descriptors to accept with");
      if (!slept.ok()) co_return slept;
      continue;
    }
    if (error == asio::error::connection_aborted) continue;
    if (error != asio::error::would_block && error != asio::error::try_again) {
      co_return MakeStatus(absl::StatusCode::kUnavailable, "cannot accept at ", port->endpoint().ToString(), ": ",
                           error.message());
    }
    Port::AwaitArrival(port);
    absl::Status waited = co_await port->arrival.Wait();
    if (!waited.ok()) co_return waited;
  }
}

class OsListener : public Listener {
 public:
  explicit OsListener(std::shared_ptr<Port> port) : port_(std::move(port)) {}
  ~OsListener() override { port_->Break(); }
  Task<absl::StatusOr<std::unique_ptr<ByteStream>>> Accept() override { return AcceptAt(port_); }
  Endpoint endpoint() const override { return port_->endpoint(); }

 private:
  const std::shared_ptr<Port> port_;
};

// Something that asio does and then calls back once, after which `error` tells how it ended.
struct Pending {
  explicit Pending(std::string label) : ended(std::move(label)) {}
  void End(const error_code& e) {
    finished = true;
    error = e;
    ended.WakeAll();
  }
  WaitQueue ended;
  bool finished = false;
  error_code error;
};

struct Dialing : Pending {
  Dialing(asio::io_context& context, const std::string& to) : Pending("the connection to " + to), socket(context) {}
  tcp::socket socket;
};

struct Lookup : Pending {
  Lookup(asio::io_context& context, const std::string& host) : Pending("the address of " + host), resolver(context) {}
  tcp::resolver resolver;
  std::vector<std::string> addresses;
};

Task<absl::StatusOr<tcp::socket>> DialAddress(asio::io_context* context, tcp::endpoint endpoint) {
  const std::string name = TextOf(endpoint);
  auto dialing = std::make_shared<Dialing>(*context, name);
  // The connection may be there already, although nobody has been told.
  Finally abort([dialing] { Abort(dialing->socket); });
  dialing->socket.async_connect(endpoint, [dialing](const error_code& error) { dialing->End(error); });
  absl::Status waited = co_await dialing->ended.Wait();
  if (!waited.ok()) co_return waited;
  if (dialing->error) {
    co_return MakeStatus(absl::StatusCode::kUnavailable, "cannot connect to ", name, ": ", dialing->error.message());
  }
  co_return std::move(dialing->socket);
}

}  // namespace

OsNetwork::OsNetwork(OsNode& node) : node_(node) {}

OsNetwork::~OsNetwork() { CHECK(open_.empty()); }

void OsNetwork::CloseAll() {
  for (OsSocket* socket : std::exchange(open_, {})) {
    socket->Break();
    socket->Forget();
  }
}

Task<absl::StatusOr<std::vector<std::string>>> OsNetwork::Resolve(std::string host) {
  std::vector<std::string> addresses;
  error_code not_numeric;
  asio::ip::make_address(host, not_numeric);
  if (!not_numeric) {
    addresses.push_back(std::move(host));
    co_return std::move(addresses);
  }
  if (IsInvalidByDefinition(host)) {
    co_return MakeStatus(absl::StatusCode::kNotFound, "no host is called '", host, "'");
  }
  auto lookup = std::make_shared<Lookup>(node_.loop().impl()->context, host);
  Finally cancel([lookup] { lookup->resolver.cancel(); });
  lookup->resolver.async_resolve(host, "", [lookup](const error_code& error, const tcp::resolver::results_type& found) {
    for (const auto& entry : found) lookup->addresses.push_back(entry.endpoint().address().to_string());
    lookup->End(error);
  });
  absl::Status waited = co_await lookup->ended.Wait();
  if (!waited.ok()) co_return waited;
  if (lookup->error) {
    const bool is_unknown = lookup->error == asio::error::host_not_found || lookup->error == asio::error::no_data;
    co_return MakeStatus(is_unknown ? absl::StatusCode::kNotFound : absl::StatusCode::kUnavailable,
                         "cannot find the host '", host, "': ", lookup->error.message());
  }
  co_return std::move(lookup->addresses);
}

Task<absl::StatusOr<std::unique_ptr<ByteStream>>> OsNetwork::Connect(Endpoint endpoint, std::optional<TlsOptions> tls,
                                                                     Instant deadline) {
  const std::string name = endpoint.ToString();
  if (tls.has_value()) {
    co_return MakeStatus(absl::StatusCode::kUnimplemented, "cannot connect to ", name, ": TLS is not built yet");
  }
  absl::StatusOr<std::unique_ptr<ByteStream>> stream = absl::DeadlineExceededError("");
  if (node_.Now() < deadline) stream = co_await WithDeadline(node_, Dial(std::move(endpoint)), deadline);
  if (absl::IsDeadlineExceeded(stream.status())) {
    co_return MakeStatus(absl::StatusCode::kDeadlineExceeded, "cannot connect to ", name, " in time");
  }
  co_return std::move(stream);
}

Task<absl::StatusOr<std::unique_ptr<ByteStream>>> OsNetwork::Dial(Endpoint endpoint) {
  absl::StatusOr<std::vector<std::string>> addresses = co_await Resolve(endpoint.host);
  if (!addresses.ok() && absl::IsNotFound(addresses.status())) {
    co_return absl::UnavailableError(addresses.status().message());
  }
  if (!addresses.ok()) co_return addresses.status();
  absl::Status failure = MakeStatus(absl::StatusCode::kUnavailable, "the host '", endpoint.host, "' has no address");
  for (const std::string& address : *addresses) {
    const tcp::endpoint target(asio::ip::make_address(address), endpoint.port);
    absl::StatusOr<tcp::socket> socket = co_await DialAddress(&node_.loop().impl()->context, target);
    if (socket.ok()) {
      auto connection = std::make_shared<Connection>(*this, *std::move(socket), endpoint.ToString());
      std::unique_ptr<ByteStream> stream = std::make_unique<OsStream>(std::move(connection));
      co_return std::move(stream);
    }
    failure = socket.status();
    if (absl::IsCancelled(failure)) break;
  }
  co_return failure;
}

absl::StatusOr<std::unique_ptr<Listener>> OsNetwork::Listen(Endpoint endpoint) {
  if (node_.dead()) return absl::UnavailableError("the node is dead");
  auto failed = [&](absl::StatusCode code, std::string_view why) {
    return MakeStatus(code, "cannot listen at ", endpoint.ToString(), ": ", why);
  };
  error_code error;
  asio::ip::address address = asio::ip::address_v4::any();
  if (endpoint.host == "localhost") {
    address = asio::ip::address_v4::loopback();
  } else if (!endpoint.host.empty()) {
    address = asio::ip::make_address(endpoint.host, error);
    if (error) return failed(absl::StatusCode::kInvalidArgument, "expected a numeric address or localhost");
  }
  tcp::acceptor acceptor(node_.loop().impl()->context);
  acceptor.open(address.is_v6() ? tcp::v6() : tcp::v4(), error);
  // A port whose last connections have not quite ended may be used again; one with a listener may not.
  if (!error) acceptor.set_option(asio::socket_base::reuse_address(true), error);
  if (!error) acceptor.bind(tcp::endpoint(address, endpoint.port), error);
  if (!error) acceptor.listen(asio::socket_base::max_listen_connections, error);
  if (!error) acceptor.non_blocking(true, error);
  // Else asio waits for the next connection inside accept().
  if (!error) acceptor.set_option(asio::socket_base::enable_connection_aborted(true), error);
  if (error == asio::error::address_in_use) return failed(absl::StatusCode::kAlreadyExists, "the port is in use");
  if (error == asio::error::access_denied) return failed(absl::StatusCode::kPermissionDenied, error.message());
  if (error == boost::system::errc::address_not_available) {
    return failed(absl::StatusCode::kInvalidArgument, "this machine does not have that address");
  }
  if (error) return failed(absl::StatusCode::kUnavailable, error.message());
  endpoint.port = acceptor.local_endpoint().port();
  auto port = std::make_shared<Port>(*this, std::move(acceptor), std::move(endpoint));
  std::unique_ptr<Listener> listener = std::make_unique<OsListener>(std::move(port));
  return listener;
}

}  // namespace pravega::runtime
