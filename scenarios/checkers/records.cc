// What readers record against what they were handed, and what survives them.
#include <algorithm>
#include <cstdint>
#include <map>
#include <tuple>
#include <vector>

#include "connector/core/strings.h"
#include "scenarios/checkers/checkers.h"
#include "scenarios/history/describe.h"

namespace pravega::scenarios {
namespace {

// An event at a place, at one reader.
using ReaderSighting = std::tuple<NameId, NameId, SegmentId, Offset, NameId, int64_t, int32_t>;

ReaderSighting KeyOf(NameId reader, const Sighting& at) {
  return {reader, at.stream, at.segment_id, at.offset, at.writer, at.sequence, at.size};
}

class RecordChecker {
 public:
  RecordChecker(const Evidence& evidence, const GroupFacts& group, Findings& findings)
      : history_(evidence.history()), group_(group), findings_(findings) {}

  void Check() {
    findings_.Checked(static_cast<int64_t>(group_.records.size()));
    for (const Operation* read : group_.reads) handed_.emplace_back(KeyOf(read->process, read->As<Read>()->at), read);
    // By operation within equal keys, so that the first time of being handed comes first.
    std::stable_sort(handed_.begin(), handed_.end(), [](const auto& a, const auto& b) { return a.first < b.first; });
    if (handed_.empty() && !group_.records.empty())
      findings_.Lacks("the history does not say what readers were handed");
    for (const RecordFacts& record : group_.records) {
      if (!handed_.empty()) CheckHanded(*record.operation, record.record->at);
      CheckSurvives(record);
    }
    for (const Operation* recovery : group_.recoveries) CheckRecovery(*recovery);
  }

 private:
  void CheckHanded(const Operation& record, const Sighting& at) {
    auto found = std::lower_bound(handed_.begin(), handed_.end(), KeyOf(record.process, at),
                                  [](const auto& a, const ReaderSighting& b) { return a.first < b; });
    bool handed = found != handed_.end() && found->first == KeyOf(record.process, at);
    if (handed && found->second->completed_ns <= record.invoked_ns) return;
    const Operation* close = handed ? found->second : Closest(record, at);
    findings_.Contradiction({close, &record}, [&] {
      std::string words = StrCat(Describe(history_, record), ", but the reader had not been handed that");
      if (close != nullptr) words += StrCat("; it was handed: ", Describe(history_, *close));
      return words;
    });
  }

  // What the reader was handed that is most like `at`: the same event elsewhere, or another event at the same place.
  const Operation* Closest(const Operation& record, const Sighting& at) const {
    const Operation* place = nullptr;
    for (const Operation* read : group_.reads) {
      if (read->process != record.process) continue;
      const Sighting& other = read->As<Read>()->at;
      if (other.event() == at.event()) return read;
      if (other.segment() == at.segment() && other.offset == at.offset) place = read;
    }
    return place;
  }

  // What was recorded before a reader died is found afterwards.
  void CheckSurvives(const RecordFacts& record) {
    if (!record.operation->ok() || record.durable != Certainty::kNo) return;
    findings_.Contradiction({record.operation, record.recovery}, [&] {
      return StrCat(
          Describe(history_, *record.operation),
          " was durable, but is missing in what was found afterwards: ", Describe(history_, *record.recovery));
    });
  }

  // What is found was recorded, and stands there once.
  void CheckRecovery(const Operation& recovery) {
    const Recovered& recovered = *recovery.As<Recovered>();
    std::map<ReaderSighting, const Operation*> recorded;
    for (const RecordFacts& record : group_.records) {
      if (record.operation->process != recovered.reader || !record.operation->possible()) continue;
      if (record.operation->id < recovery.id)
        recorded.emplace(KeyOf(recovered.reader, record.record->at), record.operation);
    }
    std::map<ReaderSighting, int> found;
    for (const Sighting& at : recovered.events) {
      auto record = recorded.find(KeyOf(recovered.reader, at));
      if (record == recorded.end()) {
        findings_.Contradiction({&recovery}, [&] {
          return StrCat(Describe(history_, recovery), ", among them ", Show(history_, at), ", which it never recorded");
        });
      } else if (++found[record->first] > 1) {
        findings_.Contradiction({record->second, &recovery}, [&] {
          return StrCat(Show(history_, at), " stands twice in what was found: ", Describe(history_, recovery),
                        "; it was recorded by ", Describe(history_, *record->second));
        });
      }
    }
  }

  const History& history_;
  const GroupFacts& group_;
  Findings& findings_;
  std::vector<std::pair<ReaderSighting, const Operation*>> handed_;
};

}  // namespace

Verdict CheckRecords(const Evidence& evidence) {
  Findings findings("records");
  for (const GroupFacts& group : evidence.groups()) RecordChecker(evidence, group, findings).Check();
  return findings.Done();
}

}  // namespace pravega::scenarios
