// SessionFaults: the one place where a server's session asks whether a fault strikes a request. It sits above the
// transport and below the handlers, so that the same faults work in every world and servers know nothing of the world.
#ifndef PRAVEGA_SIMULATOR_FAULTS_SESSION_FAULTS_H_
#define PRAVEGA_SIMULATOR_FAULTS_SESSION_FAULTS_H_

#include <string_view>

namespace pravega::sim {

enum class FaultPhase {
  kNone,
  // Wire: the connection is cut before the command is applied. RPC: the request is lost, no answer ever comes.
  kBeforeApply,
  // The handler has produced its reply, then: wire: the connection is cut in its place. RPC: the reply is lost.
  kAppliedNotAnswered,
  // Wire: the reply is sent once more. RPC: the request is handled twice, the second answer is sent.
  kTwice,
};

struct SessionRequest {
  std::string_view node;      // the server
  std::string_view protocol;  // "wire" or "rpc"
  std::string_view command;   // a wire command's name ("AppendBlockEnd") or an RPC's ("createStream")
  std::string_view subject;   // the segment's full name, or "scope/stream"; may be empty
};

class SessionFaults {
 public:
  virtual ~SessionFaults() = default;
  // Asked once for each request. For a wire command without a reply of its own (AppendBlock, KeepAlive, Hello) too.
  virtual FaultPhase Decide(const SessionRequest& request) = 0;
  // Told when the decided fault really happened: the handler may have had no reply to lose.
  virtual void Struck(const SessionRequest& request, FaultPhase phase) = 0;
};

// Never strikes.
class NoSessionFaults : public SessionFaults {
 public:
  FaultPhase Decide(const SessionRequest&) override { return FaultPhase::kNone; }
  void Struck(const SessionRequest&, FaultPhase) override {}
};

}  // namespace pravega::sim

#endif  // PRAVEGA_SIMULATOR_FAULTS_SESSION_FAULTS_H_
