// ScriptedController: a controller for unit tests that answers what the test wrote down.
//
// One stream "sc/st" whose segments, successors and transactions are plain fields of the test. Answers come through the
// real ControllerClient, as Protobuf bytes.
#ifndef PRAVEGA_CONNECTOR_CLIENT_TESTING_SCRIPTED_CONTROLLER_H_
#define PRAVEGA_CONNECTOR_CLIENT_TESTING_SCRIPTED_CONTROLLER_H_

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "connector/client/testing/test_runtime.h"
#include "connector/controller/controller_client.h"
#include "connector/controller/types.h"
#include "connector/core/ids.h"
#include "connector/core/key_range.h"
#include "connector/core/names.h"
#include "connector/runtime/network.h"
#include "connector/runtime/rpc.h"
#include "connector/runtime/task.h"

namespace pravega::client {

inline const ScopedStream kTestStream{"sc", "st"};

// Segment `number` created in `epoch`.
inline SegmentId Seg(int32_t number, int32_t epoch = 0) { return SegmentId(Epoch(epoch), number); }
inline std::string SegName(SegmentId id) { return SegmentRef{kTestStream, id}.ToString(); }
inline controller::SegmentRange RangeOf(SegmentId id, double low, double high) {
  return controller::SegmentRange{id, KeyRange{low, high}};
}

class ScriptedController {
 public:
  // Answers the remote calls of `runtime` from now on.
  explicit ScriptedController(TestRuntime& runtime);

  controller::ControllerClient& client() { return *client_; }
  // How often an RPC was called.
  int calls(std::string_view rpc) const;

  // What it answers.
  std::vector<controller::SegmentRange> current;                       // getCurrentSegments
  std::map<int32_t, std::vector<controller::SegmentRange>> epochs;     // getEpochSegments
  std::map<SegmentId, std::vector<controller::Successor>> successors;  // none: empty list
  std::map<SegmentId, int64_t> head;                                   // getSegments
  std::set<SegmentId> active;                                          // isSegmentValid
  std::map<SegmentId, runtime::Endpoint> endpoints;                    // getURI; others: `endpoint`
  runtime::Endpoint endpoint{"store", 12345};
  std::string token;
  TxnId txn{Uuid{0, 1}};                                // createTransaction
  int32_t txn_state = 1;                                // checkTransactionState, as on the wire
  std::vector<int64_t> pings;                           // leases, in ms
  std::function<int32_t()> on_ping = [] { return 0; };  // status, as on the wire
  std::function<int32_t()> on_commit = [] { return 0; };
  std::function<int32_t()> on_abort = [] { return 0; };
  // Error in place of an answer, by RPC, once for each entry.
  std::multimap<std::string, absl::Status, std::less<>> errors;
  // Called before each answer.
  std::function<void(std::string_view rpc)> on_call = [](std::string_view) {};

 private:
  runtime::Task<absl::StatusOr<std::string>> Handle(runtime::RpcRequest request);
  absl::StatusOr<std::string> Answer(std::string_view rpc, const std::string& body);

  std::map<std::string, int, std::less<>> calls_;
  std::unique_ptr<controller::ControllerClient> client_;
};

}  // namespace pravega::client

#endif  // PRAVEGA_CONNECTOR_CLIENT_TESTING_SCRIPTED_CONTROLLER_H_
