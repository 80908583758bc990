#include "simulator/controller/controller.h"

#include <utility>

#include "connector/core/check.h"
#include "connector/runtime/task_group.h"
#include "simulator/controller/context.h"
#include "simulator/controller/metadata.h"
#include "simulator/controller/reader_groups.h"
#include "simulator/controller/rpc_faults.h"
#include "simulator/controller/scopes.h"
#include "simulator/controller/segment_stores.h"
#include "simulator/controller/service.h"
#include "simulator/controller/stream_workflow.h"
#include "simulator/controller/streams.h"
#include "simulator/controller/sweeper.h"
#include "simulator/controller/transactions.h"
#include "simulator/controller/workers.h"

namespace pravega::sim {

using runtime::Task;

struct Controller::Parts {
  Parts(runtime::Runtime& runtime, const ControllerOptions& options, MetadataStores& stores, SessionFaults& faults)
      : metadata(runtime, options, stores.Open(runtime)),
        segment_stores(runtime, options),
        workers(runtime, options),
        ids(runtime.choices().Stream("operation ids", "controller")),
        context{runtime, options, metadata, segment_stores, workers, ids},
        transactions(context, [this](const ScopedStream& stream) { workflow.Start(stream); }),
        workflow(context, transactions),
        scopes(context),
        streams(context, workflow),
        groups(context, streams),
        service(context, scopes, streams, transactions, groups),
        rpc_faults(runtime, service, faults),
        sweeper(context, workflow, groups, transactions) {}

  Metadata metadata;
  SegmentStores segment_stores;
  Workers workers;
  runtime::ChoiceStream ids;
  Context context;
  Transactions transactions;
  StreamWorkflow workflow;
  Scopes scopes;
  Streams streams;
  ReaderGroups groups;
  ControllerService service;
  RpcFaults rpc_faults;
  Sweeper sweeper;
};

Controller::Controller(runtime::Runtime& runtime, ControllerOptions options, MetadataStores& stores,
                       SessionFaults& faults)
    : runtime_(runtime), options_(std::move(options)), faults_(faults) {
  CHECK_MSG(!options_.container_hosts.empty(), "a controller needs segment stores");
  parts_ = std::make_unique<Parts>(runtime_, options_, stores, faults_);
}

Controller::~Controller() = default;

Task<absl::Status> Controller::Run() {
  absl::StatusOr<std::unique_ptr<runtime::RpcServer>> server = runtime_.NewRpcServer(options_.endpoint);
  if (!server.ok()) co_return server.status();
  parts_->service.RegisterAll(**server);
  Parts* parts = parts_.get();
  (*server)->SetInterceptor([parts](runtime::RpcRequest request, const runtime::RpcHandler& handler) {
    return parts->rpc_faults.Intercept(std::move(request), handler);
  });
  runtime::TaskGroup background(runtime_.scheduler(), "controller");
  background.Spawn("leases", parts_->transactions.RunLeases());
  background.Spawn("sweeper", parts_->sweeper.Run());
  absl::Status ended = co_await (*server)->Serve();
  co_await background.Stop();
  co_await parts_->workers.Stop();
  co_await parts_->segment_stores.Close();
  co_return ended;
}

}  // namespace pravega::sim
