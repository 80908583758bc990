// Paths of the controller's remote calls.
#ifndef PRAVEGA_CONNECTOR_CONTROLLER_METHODS_H_
#define PRAVEGA_CONNECTOR_CONTROLLER_METHODS_H_

#include <string>
#include <string_view>

namespace pravega::controller {

inline constexpr std::string_view kServicePath = "/io.pravega.controller.stream.api.grpc.v1.ControllerService/";

// "/package.Service/createScope" of "createScope".
inline std::string MethodPath(std::string_view rpc) { return std::string(kServicePath) + std::string(rpc); }

// "createScope" of its path; any other text unchanged.
inline std::string_view RpcName(std::string_view path) {
  return path.starts_with(kServicePath) ? path.substr(kServicePath.size()) : path;
}

}  // namespace pravega::controller

#endif  // PRAVEGA_CONNECTOR_CONTROLLER_METHODS_H_
