// Protobuf bytes that are a function of the message alone. Protobuf writes maps in an order that depends on addresses
// and time; whatever is sent, stored or hashed goes through here instead of SerializeAsString.
#ifndef PRAVEGA_CONNECTOR_CONTROLLER_SERIALIZE_H_
#define PRAVEGA_CONNECTOR_CONTROLLER_SERIALIZE_H_

#include <string>

#include "google/protobuf/message_lite.h"

namespace pravega::controller {

std::string SerializeDeterministically(const google::protobuf::MessageLite& message);

}  // namespace pravega::controller

#endif  // PRAVEGA_CONNECTOR_CONTROLLER_SERIALIZE_H_
