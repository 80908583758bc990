// Scenario: a plain value that says what a run consists of: the shape of the cluster, the workload, the faults, the
// checks.
//
// It has three doors: a YAML file (yaml.h), this struct filled by C++ code, and a RapidCheck generator. Every field has
// a default that makes the calmest sensible run. What a scenario leaves open within a range ("between 10s and 40s") the
// tape's plan decides, so one scenario stands for as many runs as there are seeds.
#ifndef PRAVEGA_SCENARIOS_MODEL_SCENARIO_H_
#define PRAVEGA_SCENARIOS_MODEL_SCENARIO_H_

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace pravega::scenarios {

using Duration = std::chrono::nanoseconds;

// A closed range from which the plan draws; low == high leaves nothing open.
struct DurationRange {
  Duration low{0};
  Duration high{0};
  friend bool operator==(const DurationRange&, const DurationRange&) = default;
};

struct ClusterShape {
  int segment_stores = 2;      // machines store-1, store-2, ...
  int containers = 4;          // container c lives on store 1 + c mod segment_stores
  int controllers = 1;         // machines controller-1, ...
  int32_t clock_skew_ppm = 0;  // each machine's clock rate is off by at most this much
  friend bool operator==(const ClusterShape&, const ClusterShape&) = default;
};

struct NetworkShape {
  DurationRange latency{std::chrono::microseconds(100), std::chrono::microseconds(300)};
  uint32_t slow_per_million = 1000;  // messages in the slow tail
  Duration slow_extra = std::chrono::milliseconds(20);
  uint32_t bytes_per_second = 1'000'000'000;  // from one machine to another, all connections together
  uint32_t split_per_million = 50'000;        // writes that arrive in pieces
  bool one_byte_chunks = false;
  friend bool operator==(const NetworkShape&, const NetworkShape&) = default;
};

// Rows of a CSV file, or numbered rows made up here, written by event writers and transactional writers to one stream
// and read by one reader group.
struct Workload {
  std::string file;        // a CSV with a header line, relative to the scenario's file; empty: made-up rows
  std::string key_column;  // routing key; for made-up rows the key is "key-<row mod keys>"
  int rows = 0;            // at most so many rows of the file; 0 means all. Number of made-up rows
  int keys = 10;           // made-up rows only
  std::string scope = "scenario";
  std::string stream = "events";
  int segments = 2;
  int writers = 4;                // rows go to a writer by hash of the key
  int transactional_writers = 0;  // how many of the writers (the last ones) write in transactions
  int transaction_rows = 50;
  Duration transaction_lease = std::chrono::seconds(30);
  int readers = 3;
  Duration pace = std::chrono::seconds(60);              // virtual time over which the rows are spread evenly
  Duration burst = std::chrono::milliseconds(100);       // rows due within one burst are written together
  Duration checkpoint_every = std::chrono::seconds(10);  // 0: none
  int read_backs = 3;  // checkpoints that are also verified by reading from their cuts
  friend bool operator==(const Workload&, const Workload&) = default;
};

enum class FaultKind {
  kScaleUp,    // splits one segment of the stream in two
  kScaleDown,  // merges two neighbouring segments
  kCrash,      // kills `node`, restarts it after `lasts`
  kPause,      // freezes `node` for `lasts`
  kCutLink,  // holds what `from` sends to `to` for `lasts`, with `both_ways` in both directions. Strikes when it first
             // holds something
  kResetLinks,  // breaks all connections between `from` and `to`
  kRefuse,      // refuses connections from `from` to `to` for `lasts`. Strikes when it refuses the first
  kSession,     // strikes requests at a server's session
};

enum class FaultPhase { kBeforeApply, kAppliedNotAnswered, kTwice };

// When a fault strikes first. With `on_command` it waits for the `skip`+1-th such request that a server receives after
// the time, and strikes at that instant; this is how "in the middle of a workflow" is said. A store that is to crash or
// pause waits for one that it receives itself. With `on_traffic` a cut or a reset waits until something is sent on its
// link, and takes place before that arrives.
struct FaultTrigger {
  DurationRange at;
  std::string on_command;  // wire command or RPC name; empty: at the time itself
  int skip = 0;
  bool on_traffic = false;
  friend bool operator==(const FaultTrigger&, const FaultTrigger&) = default;
};

struct Fault {
  std::string name;  // unique within the scenario
  FaultKind kind = FaultKind::kSession;
  bool enabled = true;  // a disabled fault still takes its draws from the plan, so that the others keep theirs
  FaultTrigger trigger;
  std::string node;  // crash, pause, session: a machine, or "reader-*" for one that the plan picks
  std::string from;  // links; with on_traffic "store-*" means that the first one to be used is struck
  std::string to;
  bool both_ways = false;
  DurationRange lasts{std::chrono::seconds(1), std::chrono::seconds(1)};
  // Session faults: which requests, what happens to them, how many of them.
  std::string command;  // "AppendBlockEnd", "commitTransaction", ...
  std::string subject;  // only requests on segments or streams whose name contains this; empty: all
  FaultPhase phase = FaultPhase::kAppliedNotAnswered;
  int times = 1;                     // strikes at most so often
  uint32_t per_million = 1'000'000;  // chance of each matching request, once triggered
  // Repeats of time-triggered faults: strikes `repeat` more times, `every` apart.
  int repeat = 0;
  Duration every{0};
  bool must_strike = false;  // a run in which it never struck is VACUOUS
  friend bool operator==(const Fault&, const Fault&) = default;
};

struct Limits {
  Duration stuck_after = std::chrono::seconds(120);  // no progress for so long after the last fault healed
  Duration run = std::chrono::hours(1);              // virtual; longer runs are stuck too
  friend bool operator==(const Limits&, const Limits&) = default;
};

struct Scenario {
  std::string name;
  ClusterShape cluster;
  NetworkShape network;
  Workload workload;
  std::vector<Fault> faults;
  std::vector<std::string> checks;   // names of checkers; empty: all
  std::vector<std::string> planted;  // names of planted bugs that are active on every machine
  Limits limits;
  friend bool operator==(const Scenario&, const Scenario&) = default;
};

}  // namespace pravega::scenarios

#endif  // PRAVEGA_SCENARIOS_MODEL_SCENARIO_H_
