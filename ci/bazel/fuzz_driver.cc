// Runs a libFuzzer target as an ordinary test, with any compiler: every file of the corpus, and a bounded number of
// inputs mutated from it. The inputs are the same in every run, so a failure here is a failure everywhere.
//
// Usage: <test> [--runs=N] [corpus file]...

#include <gtest/gtest.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <string>
#include <string_view>
#include <vector>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

namespace {

constexpr std::size_t kMaxInputBytes = 1 << 16;

std::vector<std::string>& CorpusFiles() {
  static auto* const files = new std::vector<std::string>;
  return *files;
}

std::size_t g_runs = 1000;

// SplitMix64: good enough to choose mutations, and the same on every machine.
class Random {
 public:
  explicit Random(std::uint64_t seed) : state_(seed) {}

  std::uint64_t Next() {
    state_ += 0x9e3779b97f4a7c15;
    std::uint64_t z = state_;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
    z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
    return z ^ (z >> 31);
  }

  // Uniform enough in [0, bound); bound > 0.
  std::size_t Below(std::size_t bound) { return static_cast<std::size_t>(Next() % bound); }

 private:
  std::uint64_t state_;
};

std::string ReadFile(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  EXPECT_TRUE(in.good()) << "cannot read the corpus file " << path;
  return std::string(std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>());
}

std::vector<std::string> ReadCorpus() {
  std::vector<std::string> corpus;
  for (const std::string& path : CorpusFiles()) corpus.push_back(ReadFile(path));
  return corpus;
}

void RunOne(const std::string& input) {
  // A heap copy of exactly this size, so that a sanitizer sees a read of one byte too many.
  const std::vector<std::uint8_t> bytes(input.begin(), input.end());
  EXPECT_EQ(LLVMFuzzerTestOneInput(bytes.data(), bytes.size()), 0);
}

// Values that length and count fields get wrong: zero, the sign bits, all ones, and their neighbours.
void OverwriteInteger(Random& random, std::string& input) {
  static constexpr std::uint64_t kInteresting[] = {0,
                                                   1,
                                                   0x7f,
                                                   0x80,
                                                   0xff,
                                                   0x7fff,
                                                   0xffff,
                                                   0x7fffffff,
                                                   0x80000000,
                                                   0xffffffff,
                                                   0x00800000,
                                                   0x01000000,
                                                   0x7fffffffffffffff};
  static constexpr std::size_t kWidths[] = {1, 2, 4, 8};
  const std::size_t width = kWidths[random.Below(std::size(kWidths))];
  if (input.size() < width) return;
  const std::size_t at = random.Below(input.size() - width + 1);
  const std::uint64_t value = kInteresting[random.Below(std::size(kInteresting))];
  for (std::size_t i = 0; i < width; ++i) input[at + i] = static_cast<char>(value >> (8 * (width - 1 - i)));
}

void MutateOnce(Random& random, const std::vector<std::string>& corpus, std::string& input) {
  const std::size_t kind = random.Below(6);
  if (kind == 0 || input.empty()) {
    const std::size_t at = random.Below(input.size() + 1);
    const std::size_t count = 1 + random.Below(8);
    for (std::size_t i = 0; i < count; ++i) input.insert(input.begin() + at, static_cast<char>(random.Next()));
  } else if (kind == 1) {
    input[random.Below(input.size())] ^= static_cast<char>(1 << random.Below(8));
  } else if (kind == 2) {
    const std::size_t at = random.Below(input.size());
    input.erase(at, 1 + random.Below(8));
  } else if (kind == 3) {
    input.resize(random.Below(input.size()));
  } else if (kind == 4) {
    OverwriteInteger(random, input);
  } else if (!corpus.empty()) {
    const std::string& other = corpus[random.Below(corpus.size())];
    if (!other.empty()) {
      const std::size_t from = random.Below(other.size());
      input.insert(random.Below(input.size() + 1), other.substr(from));
    }
  }
  if (input.size() > kMaxInputBytes) input.resize(kMaxInputBytes);
}

// Goal: whatever is in the corpus is handled. Method: run each file; a finding is a crash or a sanitizer's report.
TEST(Fuzz, EveryFileOfTheCorpus) {
  RunOne("");
  for (const std::string& input : ReadCorpus()) RunOne(input);
}

// Goal: input that is nearly right is handled. Method: a bounded number of deterministic mutations of the corpus.
TEST(Fuzz, BoundedNumberOfMutations) {
  const std::vector<std::string> corpus = ReadCorpus();
  Random random(0x5eed);
  for (std::size_t run = 0; run < g_runs; ++run) {
    std::string input = corpus.empty() ? std::string() : corpus[random.Below(corpus.size())];
    const std::size_t mutations = 1 + random.Below(4);
    for (std::size_t i = 0; i < mutations; ++i) MutateOnce(random, corpus, input);
    RunOne(input);
    if (testing::Test::HasFailure()) FAIL() << "at mutation " << run;
  }
}

}  // namespace

int main(int argc, char** argv) {
  testing::InitGoogleTest(&argc, argv);
  constexpr std::string_view kRuns = "--runs=";
  for (int i = 1; i < argc; ++i) {
    const std::string_view argument = argv[i];
    if (argument.substr(0, kRuns.size()) == kRuns) {
      g_runs = std::strtoull(argv[i] + kRuns.size(), nullptr, 10);
    } else {
      CorpusFiles().push_back(argv[i]);
    }
  }
  std::sort(CorpusFiles().begin(), CorpusFiles().end());
  return RUN_ALL_TESTS();
}
