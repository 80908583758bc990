// Operations in words, for witnesses, summaries and logs.
#ifndef PRAVEGA_SCENARIOS_HISTORY_DESCRIBE_H_
#define PRAVEGA_SCENARIOS_HISTORY_DESCRIBE_H_

#include <string>

#include "scenarios/history/history.h"

namespace pravega::scenarios {

// "operation 17 (writer-1 writes writer-1/42 with key DTW to s/e; ok, 1.250000s to 1.312500s)".
std::string Describe(const History& history, const Operation& operation);
// What it does, without number, outcome and times: "writer-1 writes writer-1/42 with key DTW to s/e".
std::string DescribeAction(const History& history, const Operation& operation);

// "writer-1/42".
std::string Show(const History& history, Event event);
// "s/e/0.#epoch.1".
std::string Show(const History& history, Segment segment);
// "writer-1/42 at s/e/0.#epoch.1 120..148".
std::string Show(const History& history, const Sighting& at);
// "{s/e/0.#epoch.1: 148, s/e/1.#epoch.1: finished}".
std::string Show(const History& history, const Cut& cut);
// Seconds with six digits behind the point: "1.250000s".
std::string ShowTime(int64_t ns);

}  // namespace pravega::scenarios

#endif  // PRAVEGA_SCENARIOS_HISTORY_DESCRIBE_H_
