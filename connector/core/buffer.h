// Buffer: a reference-counted, immutable slice of bytes, the one currency of the data path.
//
// Copying a Buffer or taking a slice shares the bytes; the slab is freed with its last slice. The count is atomic, so
// slices of one slab may be owned by different threads; one Buffer object itself is thread-compatible.
#ifndef PRAVEGA_CONNECTOR_CORE_BUFFER_H_
#define PRAVEGA_CONNECTOR_CORE_BUFFER_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace pravega {

class Buffer {
 public:
  Buffer() = default;
  // Adopts the string's bytes without copying them.
  explicit Buffer(std::string bytes);
  static Buffer Copy(std::string_view bytes) { return Buffer(std::string(bytes)); }

  Buffer(const Buffer& other);
  Buffer(Buffer&& other) noexcept;
  Buffer& operator=(Buffer other) noexcept;
  ~Buffer();

  const char* data() const { return data_; }
  size_t size() const { return size_; }
  bool empty() const { return size_ == 0; }
  std::string_view view() const { return std::string_view(data_, size_); }
  std::string ToString() const { return std::string(view()); }

  // Bytes [offset, offset + length), sharing the slab. CHECKs that they lie within this buffer.
  Buffer Slice(size_t offset, size_t length) const;
  // Everything from `offset`.
  Buffer From(size_t offset) const { return Slice(offset, size_ - offset); }

  // Bytes that this slice keeps alive: holders of small slices of big slabs may prefer a copy.
  size_t slab_size() const;

  // Equality of content.
  friend bool operator==(const Buffer& a, const Buffer& b) { return a.view() == b.view(); }

 private:
  struct Slab;
  Buffer(Slab* slab, const char* data, size_t size) : slab_(slab), data_(data), size_(size) {}

  Slab* slab_ = nullptr;
  const char* data_ = nullptr;
  size_t size_ = 0;
};

}  // namespace pravega

#endif  // PRAVEGA_CONNECTOR_CORE_BUFFER_H_
