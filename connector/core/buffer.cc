#include "connector/core/buffer.h"

#include <atomic>
#include <utility>

#include "connector/core/check.h"

namespace pravega {

struct Buffer::Slab {
  explicit Slab(std::string b) : bytes(std::move(b)) {}
  std::atomic<uint32_t> references{1};
  const std::string bytes;
};

Buffer::Buffer(std::string bytes) {
  if (bytes.empty()) return;
  slab_ = new Slab(std::move(bytes));
  data_ = slab_->bytes.data();
  size_ = slab_->bytes.size();
}

Buffer::Buffer(const Buffer& other) : slab_(other.slab_), data_(other.data_), size_(other.size_) {
  if (slab_ != nullptr) slab_->references.fetch_add(1, std::memory_order_relaxed);
}

Buffer::Buffer(Buffer&& other) noexcept
    : slab_(std::exchange(other.slab_, nullptr)),
      data_(std::exchange(other.data_, nullptr)),
      size_(std::exchange(other.size_, 0)) {}

Buffer& Buffer::operator=(Buffer other) noexcept {
  std::swap(slab_, other.slab_);
  std::swap(data_, other.data_);
  std::swap(size_, other.size_);
  return *this;
}

Buffer::~Buffer() {
  if (slab_ != nullptr && slab_->references.fetch_sub(1, std::memory_order_acq_rel) == 1) delete slab_;
}

Buffer Buffer::Slice(size_t offset, size_t length) const {
  CHECK(offset <= size_);
  CHECK(length <= size_ - offset);
  if (length == 0) return Buffer();
  slab_->references.fetch_add(1, std::memory_order_relaxed);
  return Buffer(slab_, data_ + offset, length);
}

size_t Buffer::slab_size() const { return slab_ == nullptr ? 0 : slab_->bytes.size(); }

}  // namespace pravega
