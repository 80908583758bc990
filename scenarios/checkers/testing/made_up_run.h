// Histories of runs that never took place: a small model of a stream, its writers and a reader group decides what
// happens, by a seed, and writes it down. Good by construction, and independent of the checkers and of any real
// implementation.
#ifndef PRAVEGA_SCENARIOS_CHECKERS_TESTING_MADE_UP_RUN_H_
#define PRAVEGA_SCENARIOS_CHECKERS_TESTING_MADE_UP_RUN_H_

#include <cstdint>

#include "scenarios/history/history.h"

namespace pravega::scenarios {

struct MadeUpOptions {
  int steps = 1500;    // actions before the writers stop
  int crashes = 4;     // of readers, at most
  int scales = 6;      // at most
  int read_backs = 3;  // at most
  bool seal = false;   // the stream in the end, so that readers are told that there is nothing more
};

// What a history has, for tests that need all of it.
struct MadeUpFeatures {
  int splits = 0;
  int merges = 0;
  int committed = 0;
  int aborted = 0;
  int unknown_commits_applied = 0;
  int unknown_writes_applied = 0;
  int unknown_writes_lost = 0;
  int crashes_before_record = 0;
  int crashes_durable = 0;      // in the middle of a record that turned out to be durable
  int crashes_not_durable = 0;  // ... that was not
  int crashes_in_silence = 0;   // in a call in which it did something in its group that nobody wrote down
  int checkpoints = 0;
  int checkpoints_with_hole = 0;  // between the completions of two predecessors of one segment
  int releases = 0;
  int read_backs = 0;
};

// The same seed and options give the same history. Ids are multiples of ten, to leave room for insertions.
History MakeUpRun(uint64_t seed, const MadeUpOptions& options = {}, MadeUpFeatures* features = nullptr);

}  // namespace pravega::scenarios

#endif  // PRAVEGA_SCENARIOS_CHECKERS_TESTING_MADE_UP_RUN_H_
