// Finally: does something when a frame goes, whether it ends or dies with its node.
#ifndef PRAVEGA_CONNECTOR_RUNTIME_OS_FINALLY_H_
#define PRAVEGA_CONNECTOR_RUNTIME_OS_FINALLY_H_

#include <utility>

namespace pravega::runtime {

template <typename Action>
class Finally {
 public:
  explicit Finally(Action action) : action_(std::move(action)) {}
  ~Finally() { action_(); }
  Finally(const Finally&) = delete;
  Finally& operator=(const Finally&) = delete;

 private:
  Action action_;
};

}  // namespace pravega::runtime

#endif  // PRAVEGA_CONNECTOR_RUNTIME_OS_FINALLY_H_
