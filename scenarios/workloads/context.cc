#include "scenarios/workloads/context.h"

#include "connector/core/strings.h"

namespace pravega::scenarios {

int64_t WorkloadContext::DueAt(int64_t row) const {
  const int64_t count = static_cast<int64_t>(rows->rows().size());
  const int64_t exact = workload->pace.count() / count * row;
  // Whole bursts: rows that are due within one are written together.
  return exact / workload->burst.count() * workload->burst.count();
}

std::vector<WriterShare> ShareRows(const Rows& rows, int writers) {
  std::vector<WriterShare> shares(static_cast<size_t>(writers));
  for (size_t i = 0; i < rows.rows().size(); ++i) {
    shares[static_cast<size_t>(WriterOf(rows.rows()[i].key, writers))].rows.push_back(static_cast<int64_t>(i));
  }
  return shares;
}

std::string ProcessName(const std::string& machine, int life) {
  return life == 1 ? machine : StrCat(machine, ".", life);
}

}  // namespace pravega::scenarios
