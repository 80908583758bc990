#include "simulator/controller/rpc_table.h"

namespace pravega::sim {
namespace {

constexpr RpcEntry kRpcs[] = {
    {"getControllerServerList", false},
    {"createStream", true},
    {"updateStream", true},
    {"truncateStream", true},
    {"sealStream", true},
    {"deleteStream", true},
    {"getCurrentSegments", true},
    {"getEpochSegments", true},
    {"getSegments", true},
    {"getSegmentsImmediatlyFollowing", true},
    {"getSegmentsImmediatelyFollowing", true},
    {"getSegmentsBetween", true},
    {"scale", true},
    {"checkScale", true},
    {"getURI", true},
    {"isSegmentValid", true},
    {"isStreamCutValid", true},
    {"createTransaction", true},
    {"commitTransaction", true},
    {"abortTransaction", true},
    {"pingTransaction", true},
    {"checkTransactionState", true},
    {"listCompletedTransactions", false},
    {"createScope", true},
    {"listScopes", false},
    {"checkScopeExists", true},
    {"checkStreamExists", true},
    {"listStreamsInScope", false},
    {"listStreamsInScopeForTag", false},
    {"deleteScope", true},
    {"deleteScopeRecursive", false},
    {"getStreamConfiguration", true},
    {"getDelegationToken", true},
    {"noteTimestampFromWriter", false},
    {"removeWriter", false},
    {"createKeyValueTable", false},
    {"getCurrentSegmentsKeyValueTable", false},
    {"listKeyValueTablesInScope", false},
    {"getKeyValueTableConfiguration", false},
    {"deleteKeyValueTable", false},
    {"createReaderGroup", true},
    {"getReaderGroupConfig", true},
    {"updateReaderGroup", false},
    {"deleteReaderGroup", true},
    {"listSubscribers", false},
    {"updateSubscriberStreamCut", false},
    {"getControllerToBucketMapping", false},
};

}  // namespace

std::span<const RpcEntry> AllRpcs() { return kRpcs; }

}  // namespace pravega::sim
