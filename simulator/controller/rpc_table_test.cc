// Goal: the table of remote calls is complete, and the list that people read is the one that the controller goes by.
// Method: compares the table with the service definition of the protocol's own text, and the rows of the section of
// NOT_SIMULATED.md with the table.
#include "simulator/controller/rpc_table.h"

#include <gtest/gtest.h>

#include <fstream>
#include <string>
#include <vector>

#include "connector/controller/proto/controller.pb.h"

namespace pravega::sim {
namespace {

namespace proto = ::io::pravega::controller::stream::api::grpc::v1;

TEST(RpcTableTest, HoldsTheWholeServiceInItsOrder) {
  const google::protobuf::FileDescriptor* file = proto::ScopeInfo::descriptor()->file();
  ASSERT_EQ(file->service_count(), 1);
  const google::protobuf::ServiceDescriptor* service = file->service(0);
  ASSERT_EQ(service->full_name(), "io.pravega.controller.stream.api.grpc.v1.ControllerService");
  std::vector<std::string> defined;
  for (int i = 0; i < service->method_count(); ++i) defined.push_back(service->method(i)->name());
  std::vector<std::string> listed;
  for (const RpcEntry& rpc : AllRpcs()) listed.push_back(std::string(rpc.name));
  EXPECT_EQ(listed, defined);
}

// The table rows of a section, without its heading.
std::vector<std::string> RowsOf(const std::string& section) {
  std::ifstream file("simulator/NOT_SIMULATED.md");
  EXPECT_TRUE(file.good());
  std::vector<std::string> rows;
  std::string line;
  bool inside = false;
  while (std::getline(file, line)) {
    if (line.starts_with("## ")) inside = line == "## " + section;
    if (inside && line.starts_with("| ")) rows.push_back(line);
  }
  if (rows.size() >= 2) rows.erase(rows.begin(), rows.begin() + 2);
  return rows;
}

TEST(RpcTableTest, TheFileSaysWhatTheTableSays) {
  std::vector<std::string> expected;
  auto add = [&](std::string_view what, std::string_view effect, std::string_view reason) {
    std::string row = "| ";
    row.append(what).append(" | ").append(effect).append(" | ").append(reason).append(" |");
    expected.push_back(row);
  };
  for (const RpcEntry& rpc : AllRpcs()) {
    if (!rpc.simulated()) add(rpc.name, "UNIMPLEMENTED", rpc.missing_because);
  }
  for (const MissingFeature& feature : FeaturesTheControllerLacks()) add(feature.what, feature.effect, feature.reason);
  EXPECT_EQ(RowsOf("Controller"), expected);
}

}  // namespace
}  // namespace pravega::sim
