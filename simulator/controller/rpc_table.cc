#include "simulator/controller/rpc_table.h"

namespace pravega::sim {
namespace {

constexpr RpcEntry kRpcs[] = {
    {"getControllerServerList", "clients are given a fixed list of controllers"},
    {"createStream", ""},
    {"updateStream", ""},
    {"truncateStream", ""},
    {"sealStream", ""},
    {"deleteStream", ""},
    {"getCurrentSegments", ""},
    {"getEpochSegments", ""},
    {"getSegments", ""},
    {"getSegmentsImmediatlyFollowing", ""},
    {"getSegmentsImmediatelyFollowing", ""},
    {"getSegmentsBetween", ""},
    {"scale", ""},
    {"checkScale", ""},
    {"getURI", ""},
    {"isSegmentValid", ""},
    {"isStreamCutValid", ""},
    {"createTransaction", ""},
    {"commitTransaction", ""},
    {"abortTransaction", ""},
    {"pingTransaction", ""},
    {"checkTransactionState", ""},
    {"listCompletedTransactions", "the real one answers with nothing; ask for each transaction"},
    {"createScope", ""},
    {"listScopes", "no listing"},
    {"checkScopeExists", ""},
    {"checkStreamExists", ""},
    {"listStreamsInScope", "no listing"},
    {"listStreamsInScopeForTag", "no listing"},
    {"deleteScope", ""},
    {"deleteScopeRecursive", "no listing, hence no deletion of what would be listed"},
    {"getStreamConfiguration", ""},
    {"getDelegationToken", ""},
    {"noteTimestampFromWriter", "no event time"},
    {"removeWriter", "no event time"},
    {"createKeyValueTable", "no key-value tables"},
    {"getCurrentSegmentsKeyValueTable", "no key-value tables"},
    {"listKeyValueTablesInScope", "no key-value tables"},
    {"getKeyValueTableConfiguration", "no key-value tables"},
    {"deleteKeyValueTable", "no key-value tables"},
    {"createReaderGroup", ""},
    {"getReaderGroupConfig", ""},
    {"updateReaderGroup", "groups keep their first configuration"},
    {"deleteReaderGroup", ""},
    {"listSubscribers", "no retention"},
    {"updateSubscriberStreamCut", "no retention"},
    {"getControllerToBucketMapping", "newer than the version that is simulated"},
};

constexpr MissingFeature kFeatures[] = {
    {"event time", "no watermarks; mark streams stay empty, and the time of a commit is not noted", "comes later"},
    {"retention", "streams are truncated by their users alone", "comes later"},
    {"auto-scaling", "segments are split and merged by request alone; rate policies are stored", "comes later"},
    {"authorisation", "every call is allowed; every delegation token is empty", "no accounts"},
    {"minNumSegments of 0 in updateStream", "FAILURE; the real server ruins the stream", "stricter on purpose"},
    {"more than 10,000 segments", "FAILURE", "a request must not exhaust the simulation"},
    {"truncation at a segment at -1", "that segment is skipped; the real server never gets over it",
     "better on purpose"},
    {"waiting for an operation", "the answer comes when it has ended, not at the next look of the real server",
     "quicker on purpose"},
    {"completed transactions", "forgotten after exactly a day, not with the batch that they are in", "simpler"},
    {"cluster membership", "stores and containers are fixed by the options", "comes later"},
};

}  // namespace

std::span<const RpcEntry> AllRpcs() { return kRpcs; }

std::span<const MissingFeature> FeaturesTheControllerLacks() { return kFeatures; }

}  // namespace pravega::sim
