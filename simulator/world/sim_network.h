// The simulated network: connections whose bytes are split, delayed, held by partitions and cut by resets.
#ifndef PRAVEGA_SIMULATOR_WORLD_SIM_NETWORK_H_
#define PRAVEGA_SIMULATOR_WORLD_SIM_NETWORK_H_

#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "connector/core/buffer.h"
#include "connector/runtime/choices.h"
#include "connector/runtime/network.h"
#include "connector/runtime/sync.h"
#include "simulator/world/event_queue.h"
#include "simulator/world/world.h"

namespace pravega::sim {

class Machine;
class SimNode;
class SimStream;
class SimListener;

// Actions that wait for something to happen, each once.
class Watchers {
 public:
  void Add(std::function<void()> action) {
    if (action) actions_.push_back(std::move(action));
  }
  void Clear() { actions_.clear(); }
  // It happened: they run in the world at the present instant, behind whatever runs now.
  void Notify(World& world);

 private:
  std::vector<std::function<void()>> actions_;
};

// The state of one direction between two machines.
struct Link {
  LinkOptions options;
  bool cut = false;
  bool refuse = false;
  Watchers used;                                 // something is sent
  Watchers held;                                 // the cut holds something up
  Watchers refused;                              // a connection is refused
  std::optional<runtime::ChoiceStream> choices;  // latency, splits

  // All its connections share the bandwidth: bytes leave one behind the other.
  int64_t busy_until_ns = 0;
  int64_t owed = 0;  // what whole nanoseconds have not paid for yet, in nanoseconds times bytes_per_second
};

// One direction of one connection, from the sender's write to the receiver's read. Owned by the world; either end may
// be gone.
class SimPipe : public QueuedEvent, public std::enable_shared_from_this<SimPipe> {
 public:
  SimPipe(World* world, Link* link, Machine* from, Machine* to) : world_(world), link_(link), from_(from), to_(to) {}
  ~SimPipe() override { world_->queue_.Remove(this); }

  // Sender's side.
  void Send(Buffer bytes);
  void SendEnd();
  // The connection breaks: what is on its way is lost, the receiver learns of it after the link's latency.
  void SendReset();
  // The sending node died: the connection breaks, mostly behind what was sent before.
  void SenderDied();
  size_t unread() const { return unread_; }
  // The sender must wait.
  bool full() const { return full_; }
  void set_sender(SimStream* sender) { sender_ = sender; }

  // Receiver's side.
  void set_receiver(SimStream* receiver) { receiver_ = receiver; }
  SimStream* receiver() const { return receiver_; }
  void Consumed(size_t bytes);

  void LinkHealed();
  void Fire() override;

 private:
  enum class Kind { kBytes, kEnd, kReset };
  struct Item {
    int64_t time;
    Kind kind;
    Buffer bytes;
    bool last_piece = true;  // of the write it belongs to
  };
  void Enqueue(Kind kind, Buffer bytes, bool last_piece);
  // When the last of so many more bytes has left over the link.
  int64_t Leave(size_t bytes);
  void ArmNext();
  void Arrive(Item item);
  void HandOver(Item item);

  World* world_;
  Link* link_;
  Machine* from_;
  Machine* to_;
  SimStream* sender_ = nullptr;
  SimStream* receiver_ = nullptr;
  std::deque<Item> in_flight_;
  int64_t last_time_ = 0;
  size_t unread_ = 0;  // sent and not yet read
  bool full_ = false;
  bool reset_sent_ = false;
  bool held_ = false;
};

// One end of a connection, owned by a node's frame.
class SimStream : public runtime::ByteStream {
 public:
  SimStream(SimNode* node, std::string peer, std::shared_ptr<SimPipe> out, std::shared_ptr<SimPipe> in);
  ~SimStream() override;

  runtime::Task<absl::StatusOr<Buffer>> Read(size_t max) override;
  runtime::Task<absl::Status> Write(std::vector<Buffer> pieces) override;
  runtime::Task<absl::Status> ShutdownWrite() override;
  void Reset() override;
  std::string peer() const override { return peer_; }

 private:
  friend class SimPipe;
  friend class SimNetwork;
  void Received(Buffer bytes);
  void ReceivedEnd();
  void Broken();
  absl::Status BrokenStatus() const;

  SimNode* node_;
  std::string peer_;
  std::shared_ptr<SimPipe> out_;
  std::shared_ptr<SimPipe> in_;
  std::deque<Buffer> inbound_;
  bool end_received_ = false;
  bool shut_ = false;
  bool broken_ = false;
  runtime::WaitQueue readable_;
  runtime::WaitQueue writable_;
};

class SimListener : public runtime::Listener {
 public:
  SimListener(SimNode* node, runtime::Endpoint endpoint);
  ~SimListener() override;
  runtime::Task<absl::StatusOr<std::unique_ptr<runtime::ByteStream>>> Accept() override;
  runtime::Endpoint endpoint() const override { return endpoint_; }

 private:
  friend class SimNetwork;
  SimNode* node_;
  runtime::Endpoint endpoint_;
  std::deque<std::unique_ptr<SimStream>> arrived_;
  runtime::WaitQueue arrival_;
};

// What all nodes' networks share.
class SimNetwork {
 public:
  explicit SimNetwork(World* world) : world_(world) {}

  Link& LinkBetween(const std::string& from, const std::string& to);
  void CutLink(const std::string& from, const std::string& to, std::function<void()> held);
  void HealLink(const std::string& from, const std::string& to);
  int ResetConnections(const std::string& a, const std::string& b);
  // Every connection of a machine whose node just died.
  void ResetAll(const std::string& machine);

  runtime::Task<absl::StatusOr<std::unique_ptr<runtime::ByteStream>>> Connect(SimNode* node, runtime::Endpoint endpoint,
                                                                              std::optional<runtime::TlsOptions> tls,
                                                                              runtime::Instant deadline);
  absl::StatusOr<std::unique_ptr<runtime::Listener>> Listen(SimNode* node, runtime::Endpoint endpoint);

 private:
  friend class SimListener;
  friend class SimStream;
  // Both directions of one connection, client to server and back.
  struct Connection {
    std::string client;
    std::string server;
    std::weak_ptr<SimPipe> forward;
    std::weak_ptr<SimPipe> backward;
  };
  struct Dial;
  bool Break(Connection& connection);
  void Sweep();

  World* world_;
  std::map<std::pair<std::string, std::string>, Link> links_;
  std::map<std::pair<std::string, uint16_t>, SimListener*> listeners_;
  std::map<std::string, uint16_t> next_port_;
  std::vector<Connection> connections_;
};

}  // namespace pravega::sim

#endif  // PRAVEGA_SIMULATOR_WORLD_SIM_NETWORK_H_
