#include "connector/client/reader_group/serialization.h"

#include <cstddef>
#include <cstdint>
#include <limits>
#include <map>
#include <optional>
#include <set>
#include <utility>
#include <variant>
#include <vector>

#include "absl/status/status.h"
#include "connector/core/big_endian.h"
#include "connector/core/check.h"
#include "connector/core/strings.h"
#include "connector/core/versioned_serializer.h"

namespace pravega::client {
namespace {

// The types of records are the indices of Update's alternatives.
template <typename T, size_t index = 0>
constexpr uint8_t TypeOf() {
  if constexpr (std::is_same_v<std::variant_alternative_t<index, Update>, T>) {
    return index;
  } else {
    return TypeOf<T, index + 1>();
  }
}
static_assert(TypeOf<Init>() == 0 && TypeOf<SegmentCompleted>() == 7 && TypeOf<RemoveOutstandingCheckpoints>() == 13);

constexpr int32_t kInitialRecord = 1;
constexpr int32_t kUpdateRecord = 2;

// Writing. Each function writes what its name says; `w` is the writer.

void WritePositions(SerializedWriter& w, const SegmentPositions& positions) {
  w.WriteCollection(positions, [&](const auto& entry) {
    w.WriteSegment(entry.first);
    w.WriteInt64(entry.second.number());
  });
}

void WriteRangedPositions(SerializedWriter& w, const Position::Map& positions) {
  w.WriteCollection(positions, [&](const auto& entry) {
    w.WriteSegment(entry.first);
    w.WriteRange(entry.second.range);
    w.WriteInt64(entry.second.position.number());
  });
}

void WriteEndSegments(SerializedWriter& w, const std::map<SegmentRef, Offset>& ends) {
  w.WriteCollection(ends, [&](const auto& entry) {
    w.WriteSegment(entry.first);
    w.WriteInt64(entry.second.value());
  });
}

void WriteCuts(SerializedWriter& w, const std::map<ScopedStream, StreamCut>& cuts) {
  w.WriteCollection(cuts, [&](const auto& entry) {
    w.WriteStream(entry.first);
    w.WriteArray([&](SerializedWriter& content) {
      if (!entry.second.unbounded()) entry.second.Write(&content);
    });
  });
}

void WriteConfig(SerializedWriter& w, const ReaderGroupConfig& config) {
  auto first_fields = [&] {
    w.WriteInt64(config.automatic_checkpoint_interval_ms);
    w.WriteInt64(config.group_refresh_ms);
    WriteCuts(w, config.starting_cuts);
    WriteCuts(w, config.ending_cuts);
  };
  w.WriteObject(
      0, first_fields,
      [&] {
        first_fields();
        w.WriteInt32(config.max_outstanding_checkpoints);
      },
      [&] {
        w.WriteCompactInt(static_cast<int>(config.retention));
        w.WriteInt64(config.generation);
        w.WriteUuid(config.id);
      });
}

void WriteCheckpointState(SerializedWriter& w, const CheckpointState& state) {
  w.WriteObject(
      0,
      [&] {
        w.WriteCollection(state.names, [&](const std::string& name) { w.WriteUtf(name); });
        w.WriteCollection(state.pending, [&](const auto& entry) {
          w.WriteUtf(entry.first);
          w.WriteCollection(entry.second, [&](const std::string& reader) { w.WriteUtf(reader); });
        });
        w.WriteCollection(state.positions, [&](const auto& entry) {
          w.WriteUtf(entry.first);
          WritePositions(w, entry.second);
        });
        WritePositions(w, state.last_completed);
      },
      [&] { w.WriteBool(state.last_completed_published); });
}

void WriteConfigArray(SerializedWriter& w, const ReaderGroupConfig& config) {
  w.WriteArray([&](SerializedWriter& content) { WriteConfig(content, config); });
}

// One overload for each type of update.
struct UpdateWriter {
  SerializedWriter& w;

  void operator()(const Init& u) const {
    w.WriteMultiTypeObject(
        TypeOf<Init>(), 0,
        [&] {
          WriteConfigArray(w, u.config);
          w.WriteCollection(u.starting, [&](const auto& entry) {
            w.WriteSegment(entry.first);
            w.WriteInt64(entry.second.position.number());
          });
          WriteEndSegments(w, u.end_segments);
        },
        [&] { WriteRangedPositions(w, u.starting); }, [&] { w.WriteBool(u.updating_config); });
  }

  void operator()(const Compact& u) const {
    const ReaderGroupState& state = u.state;
    w.WriteMultiTypeObject(
        TypeOf<Compact>(), 0,
        [&] {
          WriteConfigArray(w, state.config);
          w.WriteArray([&](SerializedWriter& content) { WriteCheckpointState(content, state.checkpoints); });
          w.WriteCollection(state.distance_to_tail, [&](const auto& entry) {
            w.WriteUtf(entry.first);
            w.WriteInt64(entry.second);
          });
          w.WriteCollection(state.future, [&](const auto& entry) {
            w.WriteSegment(entry.first);
            w.WriteCollection(entry.second, [&](SegmentId predecessor) { w.WriteInt64(predecessor.value()); });
          });
          w.WriteCollection(state.assigned, [&](const auto& entry) {
            w.WriteUtf(entry.first);
            WritePositions(w, entry.second);
          });
          w.WriteCollection(state.unassigned.InOrder(), [&](const auto& entry) {
            w.WriteSegment(entry.first);
            w.WriteInt64(entry.second.number());
          });
          WriteEndSegments(w, state.end_segments);
        },
        [&] {
          WritePositions(w, state.last_read);
          std::set<SegmentRef> named = state.KnownSegments();
          for (const auto& [segment, position] : state.last_read) named.insert(segment);
          w.WriteCollection(named, [&](const SegmentRef& segment) {
            w.WriteSegment(segment);
            w.WriteRange(state.RangeOf(segment));
          });
        },
        [&] { w.WriteBool(state.updating_config); });
  }

  void operator()(const AddReader& u) const {
    w.WriteMultiTypeObject(TypeOf<AddReader>(), 0, [&] { w.WriteUtf(u.reader); });
  }

  void operator()(const RemoveReader& u) const {
    w.WriteMultiTypeObject(TypeOf<RemoveReader>(), 0, [&] {
      w.WriteUtf(u.reader);
      WritePositions(w, u.positions);
    });
  }

  void operator()(const ReleaseSegment& u) const {
    w.WriteMultiTypeObject(TypeOf<ReleaseSegment>(), 0, [&] {
      w.WriteUtf(u.reader);
      w.WriteSegment(u.segment);
      w.WriteInt64(u.position.number());
    });
  }

  void operator()(const AcquireSegment& u) const {
    w.WriteMultiTypeObject(TypeOf<AcquireSegment>(), 0, [&] {
      w.WriteUtf(u.reader);
      w.WriteSegment(u.segment);
    });
  }

  void operator()(const UpdateDistanceToTail& u) const {
    w.WriteMultiTypeObject(
        TypeOf<UpdateDistanceToTail>(), 0,
        [&] {
          w.WriteUtf(u.reader);
          w.WriteInt64(u.distance_ms);
        },
        [&] { WriteRangedPositions(w, u.positions); });
  }

  void operator()(const SegmentCompleted& u) const {
    w.WriteMultiTypeObject(
        TypeOf<SegmentCompleted>(), 0,
        [&] {
          w.WriteUtf(u.reader);
          w.WriteSegment(u.segment);
          w.WriteCollection(u.successors, [&](const auto& entry) {
            w.WriteSegment(entry.first);
            w.WriteCollection(entry.second.predecessors, [&](SegmentId id) { w.WriteInt64(id.value()); });
          });
        },
        [&] {
          std::map<SegmentRef, std::optional<KeyRange>> ranges;
          for (const auto& [segment, successor] : u.successors) ranges[segment] = successor.range;
          ranges[u.segment] = u.range;
          w.WriteCollection(ranges, [&](const auto& entry) {
            w.WriteSegment(entry.first);
            w.WriteRange(entry.second);
          });
        });
  }

  void operator()(const CheckpointReader& u) const {
    w.WriteMultiTypeObject(TypeOf<CheckpointReader>(), 0, [&] {
      w.WriteUtf(u.checkpoint);
      w.WriteUtf(u.reader);
      WritePositions(w, u.positions);
    });
  }

  void operator()(const CreateCheckpoint& u) const {
    w.WriteMultiTypeObject(TypeOf<CreateCheckpoint>(), 0, [&] { w.WriteUtf(u.checkpoint); });
  }

  void operator()(const ClearCheckpointsBefore& u) const {
    w.WriteMultiTypeObject(TypeOf<ClearCheckpointsBefore>(), 0, [&] { w.WriteUtf(u.checkpoint); });
  }

  void operator()(const UpdateCheckpointPublished& u) const {
    w.WriteMultiTypeObject(TypeOf<UpdateCheckpointPublished>(), 0, [&] { w.WriteBool(u.published); });
  }

  void operator()(const UpdatingConfig& u) const {
    w.WriteMultiTypeObject(TypeOf<UpdatingConfig>(), 0, [&] { w.WriteBool(u.updating); });
  }

  void operator()(const RemoveOutstandingCheckpoints&) const {
    w.WriteMultiTypeObject(TypeOf<RemoveOutstandingCheckpoints>(), 0, [] {});
  }
};

// Reading; `r` is the reader.

// Java takes every negative offset for "read to its end".
SegmentPosition ReadPosition(SerializedReader& r) {
  return SegmentPosition::FromNumber(r.ReadInt64()).value_or(SegmentPosition::Finished());
}

SegmentPositions ReadPositions(SerializedReader& r) {
  SegmentPositions positions;
  r.ReadCollection([&] {
    SegmentRef segment = r.ReadSegment();
    positions.insert_or_assign(std::move(segment), ReadPosition(r));
  });
  return positions;
}

Position::Map ReadRangedPositions(SerializedReader& r) {
  Position::Map positions;
  r.ReadCollection([&] {
    SegmentRef segment = r.ReadSegment();
    Position::Entry entry;
    entry.range = r.ReadRange();
    entry.position = ReadPosition(r);
    positions.insert_or_assign(std::move(segment), entry);
  });
  return positions;
}

std::map<SegmentRef, std::optional<KeyRange>> ReadRanges(SerializedReader& r) {
  std::map<SegmentRef, std::optional<KeyRange>> ranges;
  r.ReadCollection([&] {
    SegmentRef segment = r.ReadSegment();
    ranges.insert_or_assign(std::move(segment), r.ReadRange());
  });
  return ranges;
}

std::map<SegmentRef, Offset> ReadEndSegments(SerializedReader& r) {
  std::map<SegmentRef, Offset> ends;
  r.ReadCollection([&] {
    SegmentRef segment = r.ReadSegment();
    int64_t offset = r.ReadInt64();
    ends.insert_or_assign(std::move(segment), offset < 0 ? kToItsEnd : Offset(offset));
  });
  return ends;
}

std::map<ScopedStream, StreamCut> ReadCuts(SerializedReader& r) {
  std::map<ScopedStream, StreamCut> cuts;
  r.ReadCollection([&] {
    ScopedStream stream = r.ReadStream();
    StreamCut cut;
    size_t at = r.offset();
    r.ReadArray([&] {
      if (r.remaining() > 0) cut = StreamCut::Read(&r);
    });
    if (r.ok() && !cut.unbounded() && cut.stream() != stream) {
      r.Fail(at, "the cut of ", stream.ToString(), " is one of ", cut.stream().ToString());
    }
    cuts.insert_or_assign(std::move(stream), std::move(cut));
  });
  return cuts;
}

ReaderGroupConfig ReadConfig(SerializedReader& r) {
  ReaderGroupConfig config;
  r.ReadObject(0, 3, [&](int, int revision) {
    if (revision == 2) {
      size_t at = r.offset();
      int32_t retention = r.ReadCompactInt();
      if (retention > 2) r.Fail(at, "retention type ", retention, " is unknown");
      config.retention = static_cast<ReaderGroupConfig::Retention>(retention);
      config.generation = r.ReadInt64();
      config.id = r.ReadUuid();
      return;
    }
    // Revision 1 repeats the fields of revision 0.
    config.automatic_checkpoint_interval_ms = r.ReadInt64();
    config.group_refresh_ms = r.ReadInt64();
    config.starting_cuts = ReadCuts(r);
    config.ending_cuts = ReadCuts(r);
    if (revision == 1) config.max_outstanding_checkpoints = r.ReadInt32();
  });
  return config;
}

CheckpointState ReadCheckpointState(SerializedReader& r) {
  CheckpointState state;
  r.ReadObject(0, 2, [&](int, int revision) {
    if (revision == 1) {
      state.last_completed_published = r.ReadBool();
      return;
    }
    r.ReadCollection([&] { state.names.push_back(r.ReadUtf()); });
    r.ReadCollection([&] {
      std::string name = r.ReadUtf();
      std::set<std::string> readers;
      r.ReadCollection([&] { readers.insert(r.ReadUtf()); });
      if (!readers.empty()) state.pending.insert_or_assign(std::move(name), std::move(readers));
    });
    r.ReadCollection([&] {
      std::string name = r.ReadUtf();
      state.positions.insert_or_assign(std::move(name), ReadPositions(r));
    });
    state.last_completed = ReadPositions(r);
  });
  return state;
}

Init ReadInit(SerializedReader& r) {
  Init init;
  r.ReadBody(0, 3, [&](int, int revision) {
    if (revision == 0) {
      r.ReadArray([&] { init.config = ReadConfig(r); });
      for (const auto& [segment, position] : ReadPositions(r)) init.starting[segment] = {position, std::nullopt};
      init.end_segments = ReadEndSegments(r);
    } else if (revision == 1) {
      init.starting = ReadRangedPositions(r);
    } else {
      init.updating_config = r.ReadBool();
    }
  });
  return init;
}

Compact ReadCompact(SerializedReader& r) {
  Compact compact;
  ReaderGroupState& state = compact.state;
  r.ReadBody(0, 3, [&](int, int revision) {
    if (revision == 0) {
      r.ReadArray([&] { state.config = ReadConfig(r); });
      r.ReadArray([&] { state.checkpoints = ReadCheckpointState(r); });
      r.ReadCollection([&] {
        std::string reader = r.ReadUtf();
        state.distance_to_tail.insert_or_assign(std::move(reader), r.ReadInt64());
      });
      r.ReadCollection([&] {
        SegmentRef segment = r.ReadSegment();
        std::set<SegmentId> predecessors;
        r.ReadCollection([&] { predecessors.insert(SegmentId(r.ReadInt64())); });
        state.future.insert_or_assign(std::move(segment), std::move(predecessors));
      });
      r.ReadCollection([&] {
        std::string reader = r.ReadUtf();
        state.assigned.insert_or_assign(std::move(reader), ReadPositions(r));
      });
      r.ReadCollection([&] {
        SegmentRef segment = r.ReadSegment();
        state.unassigned.Set(segment, ReadPosition(r));
      });
      state.end_segments = ReadEndSegments(r);
    } else if (revision == 1) {
      state.last_read = ReadPositions(r);
      std::set<SegmentRef> named = state.KnownSegments();
      for (const auto& [segment, range] : ReadRanges(r)) {
        if (!range || (!named.contains(segment) && !state.last_read.contains(segment))) continue;
        state.ranges.emplace(segment, *range);
      }
    } else {
      state.updating_config = r.ReadBool();
    }
  });
  return compact;
}

SegmentCompleted ReadSegmentCompleted(SerializedReader& r) {
  SegmentCompleted completed;
  r.ReadBody(0, 2, [&](int, int revision) {
    if (revision == 0) {
      completed.reader = r.ReadUtf();
      completed.segment = r.ReadSegment();
      r.ReadCollection([&] {
        SegmentRef segment = r.ReadSegment();
        SegmentCompleted::Successor successor;
        r.ReadCollection([&] { successor.predecessors.push_back(SegmentId(r.ReadInt64())); });
        completed.successors.insert_or_assign(std::move(segment), std::move(successor));
      });
      return;
    }
    for (const auto& [segment, range] : ReadRanges(r)) {
      auto successor = completed.successors.find(segment);
      if (segment == completed.segment) completed.range = range;
      if (successor != completed.successors.end()) successor->second.range = range;
    }
  });
  return completed;
}

UpdateDistanceToTail ReadUpdateDistanceToTail(SerializedReader& r) {
  UpdateDistanceToTail update;
  r.ReadBody(0, 2, [&](int, int revision) {
    if (revision == 0) {
      update.reader = r.ReadUtf();
      update.distance_ms = r.ReadInt64();
    } else {
      update.positions = ReadRangedPositions(r);
    }
  });
  return update;
}

// An update of one revision, which must be there: without its fields it would say something about nobody.
template <typename T, typename F>
T ReadSimple(SerializedReader& r, F read_fields) {
  T update;
  size_t at = r.offset();
  bool complete = false;
  r.ReadBody(0, 1, [&](int, int) {
    complete = true;
    read_fields(update);
  });
  if (!complete) r.Fail(at, "an update without content");
  return update;
}

Update ReadUpdate(SerializedReader& r) {
  size_t at = r.offset();
  int type = r.ReadType();
  switch (type) {
    case TypeOf<Init>():
      return ReadInit(r);
    case TypeOf<Compact>():
      return ReadCompact(r);
    case TypeOf<AddReader>():
      return ReadSimple<AddReader>(r, [&](AddReader& u) { u.reader = r.ReadUtf(); });
    case TypeOf<RemoveReader>():
      return ReadSimple<RemoveReader>(r, [&](RemoveReader& u) {
        u.reader = r.ReadUtf();
        u.positions = ReadPositions(r);
      });
    case TypeOf<ReleaseSegment>():
      return ReadSimple<ReleaseSegment>(r, [&](ReleaseSegment& u) {
        u.reader = r.ReadUtf();
        u.segment = r.ReadSegment();
        u.position = ReadPosition(r);
      });
    case TypeOf<AcquireSegment>():
      return ReadSimple<AcquireSegment>(r, [&](AcquireSegment& u) {
        u.reader = r.ReadUtf();
        u.segment = r.ReadSegment();
      });
    case TypeOf<UpdateDistanceToTail>():
      return ReadUpdateDistanceToTail(r);
    case TypeOf<SegmentCompleted>():
      return ReadSegmentCompleted(r);
    case TypeOf<CheckpointReader>():
      return ReadSimple<CheckpointReader>(r, [&](CheckpointReader& u) {
        u.checkpoint = r.ReadUtf();
        u.reader = r.ReadUtf();
        u.positions = ReadPositions(r);
      });
    case TypeOf<CreateCheckpoint>():
      return ReadSimple<CreateCheckpoint>(r, [&](CreateCheckpoint& u) { u.checkpoint = r.ReadUtf(); });
    case TypeOf<ClearCheckpointsBefore>():
      return ReadSimple<ClearCheckpointsBefore>(r, [&](ClearCheckpointsBefore& u) { u.checkpoint = r.ReadUtf(); });
    case TypeOf<UpdateCheckpointPublished>():
      return ReadSimple<UpdateCheckpointPublished>(r,
                                                   [&](UpdateCheckpointPublished& u) { u.published = r.ReadBool(); });
    case TypeOf<UpdatingConfig>():
      return ReadSimple<UpdatingConfig>(r, [&](UpdatingConfig& u) { u.updating = r.ReadBool(); });
    case TypeOf<RemoveOutstandingCheckpoints>():
      return ReadSimple<RemoveOutstandingCheckpoints>(r, [](RemoveOutstandingCheckpoints&) {});
    default:
      r.Fail(at, "an update of type ", type, ", which is unknown");
      return RemoveOutstandingCheckpoints();
  }
}

template <typename T>
absl::StatusOr<T> Result(const SerializedReader& r, T value, std::string_view what) {
  if (!r.ok()) {
    return MakeStatus(absl::StatusCode::kInvalidArgument, "malformed ", what, ": ", ToStd(r.status().message()));
  }
  return value;
}

void AppendInt32(int32_t value, std::string* out) {
  char bytes[4];
  StoreBigEndian(value, bytes);
  out->append(bytes, sizeof(bytes));
}

bool IsInitial(const Update& update) {
  return std::holds_alternative<Init>(update) || std::holds_alternative<Compact>(update);
}

}  // namespace

absl::StatusOr<std::string> SerializeConfig(const ReaderGroupConfig& config) {
  SerializedWriter writer;
  WriteConfig(writer, config);
  return std::move(writer).Finish();
}

absl::StatusOr<ReaderGroupConfig> ParseConfig(std::string_view bytes) {
  SerializedReader reader(bytes);
  ReaderGroupConfig config = ReadConfig(reader);
  return Result(reader, std::move(config), "reader group configuration");
}

absl::StatusOr<std::string> SerializeCheckpointState(const CheckpointState& state) {
  SerializedWriter writer;
  WriteCheckpointState(writer, state);
  return std::move(writer).Finish();
}

absl::StatusOr<CheckpointState> ParseCheckpointState(std::string_view bytes) {
  SerializedReader reader(bytes);
  CheckpointState state = ReadCheckpointState(reader);
  return Result(reader, std::move(state), "checkpoint state");
}

absl::StatusOr<std::string> SerializeUpdate(const Update& update) {
  SerializedWriter writer;
  std::visit(UpdateWriter{writer}, update);
  return std::move(writer).Finish();
}

absl::StatusOr<Update> ParseUpdate(std::string_view bytes) {
  SerializedReader reader(bytes);
  Update update = ReadUpdate(reader);
  return Result(reader, std::move(update), "reader group update");
}

absl::StatusOr<std::string> SerializeRecord(const Record& record) {
  std::string out;
  if (record.initial && (record.updates.size() != 1 || !IsInitial(record.updates[0]))) {
    return absl::InvalidArgumentError("an initial record of a reader group is one Init or Compact");
  }
  AppendInt32(record.initial ? kInitialRecord : kUpdateRecord, &out);
  for (const Update& update : record.updates) {
    absl::StatusOr<std::string> bytes = SerializeUpdate(update);
    if (!bytes.ok()) return bytes.status();
    if (!record.initial) {
      if (bytes->size() > static_cast<size_t>(std::numeric_limits<int32_t>::max())) {
        return MakeStatus(absl::StatusCode::kInvalidArgument, "a reader group update of ", bytes->size(), " bytes");
      }
      AppendInt32(static_cast<int32_t>(bytes->size()), &out);
    }
    out.append(*bytes);
  }
  return out;
}

absl::StatusOr<Record> ParseRecord(std::string_view bytes) {
  constexpr std::string_view kWhat = "reader group record";
  SerializedReader reader(bytes);
  Record record;
  int32_t kind = reader.ReadInt32();
  if (kind == kInitialRecord) {
    record.initial = true;
    record.updates.push_back(ReadUpdate(reader));
    if (!IsInitial(record.updates[0])) reader.Fail(4, "an initial record that is neither Init nor Compact");
    return Result(reader, std::move(record), kWhat);
  }
  if (kind != kUpdateRecord) reader.Fail(0, "a record of kind ", kind, ", expected 1 or 2");
  while (reader.ok() && reader.remaining() > 0) {
    size_t at = reader.offset();
    int32_t length = reader.ReadInt32();
    if (length < 0 || static_cast<size_t>(length) > reader.remaining()) {
      reader.Fail(at, "an update of ", length, " bytes, ", reader.remaining(), " are left");
      break;
    }
    reader.ReadPart(static_cast<size_t>(length), [&] { record.updates.push_back(ReadUpdate(reader)); });
  }
  return Result(reader, std::move(record), kWhat);
}

}  // namespace pravega::client
