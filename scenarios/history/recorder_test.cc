// Goal: a recorder keeps operations in order of invocation, knows what is under way, and its history describes itself.
#include "scenarios/history/recorder.h"

#include <gtest/gtest.h>

#include "scenarios/history/describe.h"

namespace pravega::scenarios {
namespace {

TEST(RecorderTest, OperationsStandInOrderOfInvocationAndEndLater) {
  History history;
  Recorder recorder(history);
  NameId writer = recorder.Name("writer-1");
  NameId stream = recorder.Name("s/e");
  OpId first = recorder.Invoke(10, writer, Write{{writer, 1}, stream, recorder.Name("DTW"), {}});
  OpId second = recorder.Invoke(20, writer, Write{{writer, 2}, stream, {}, {}});
  recorder.Complete(30, second, Outcome::kOk);
  recorder.Complete(40, first, Outcome::kUnknown);
  ASSERT_EQ(history.operations().size(), 2u);
  EXPECT_EQ(history.operations()[0].id, first);
  EXPECT_EQ(history.operations()[0].outcome, Outcome::kUnknown);
  EXPECT_EQ(history.operations()[0].completed_ns, 40);
  EXPECT_EQ(history.operations()[1].completed_ns, 30);
  EXPECT_EQ(history.Find(second), &history.operations()[1]);
  EXPECT_EQ(history.Find(OpId(3)), nullptr);
  EXPECT_EQ(history.Find(OpId(0)), nullptr);
}

TEST(RecorderTest, NamesWhatIsPending) {
  History history;
  Recorder recorder(history);
  NameId a = recorder.Name("a");
  NameId b = recorder.Name("b");
  OpId one = recorder.Invoke(1, a, Reading{});
  OpId two = recorder.Invoke(2, b, Reading{});
  OpId three = recorder.Invoke(3, a, Reading{});
  EXPECT_EQ(recorder.Pending(), (std::vector<OpId>{one, two, three}));
  recorder.Complete(4, one, Outcome::kOk, Read{});
  EXPECT_EQ(recorder.Pending(), (std::vector<OpId>{two, three}));
  EXPECT_EQ(recorder.Pending(a), (std::vector<OpId>{three}));
  recorder.Abandon(5, a);
  EXPECT_EQ(recorder.Pending(), (std::vector<OpId>{two}));
  EXPECT_EQ(history.Find(three)->outcome, Outcome::kUnknown);
  EXPECT_NE(history.Find(one)->As<Read>(), nullptr);
  recorder.Complete(6, two, Outcome::kFailed);
  EXPECT_TRUE(recorder.Pending().empty());
  OpId note = recorder.Note(7, b, NodeChange{recorder.Name("store-1"), recorder.Name("crash")});
  EXPECT_TRUE(history.Find(note)->ok());
  EXPECT_TRUE(recorder.Pending().empty());
}

TEST(RecorderTest, FindsOperationsOfAHistoryWithGaps) {
  History history;
  Recorder recorder(history);
  for (int i = 0; i < 5; ++i) recorder.Note(i, recorder.Name("p"), Reading{});
  history.mutable_operations().erase(history.mutable_operations().begin() + 1);
  EXPECT_EQ(history.Find(OpId(2)), nullptr);
  ASSERT_NE(history.Find(OpId(4)), nullptr);
  EXPECT_EQ(history.Find(OpId(4))->invoked_ns, 3);
  EXPECT_EQ(recorder.Note(9, recorder.Name("p"), Reading{}), OpId(6));
}

TEST(RecorderTest, InternsNamesAndTransactions) {
  History history;
  EXPECT_EQ(history.Name(NameId()), "");
  NameId empty = history.Intern("");
  EXPECT_NE(empty, NameId()) << "the empty key is a key";
  EXPECT_EQ(history.Intern("x"), history.Intern("x"));
  EXPECT_EQ(history.Name(history.Intern("x")), "x");
  EXPECT_FALSE(history.FindName("y").has_value());
  TxnId txn{Uuid{1, 2}};
  EXPECT_EQ(history.Intern(txn), history.Intern(txn));
  EXPECT_EQ(history.Txn(history.Intern(txn)), txn);
}

TEST(RecorderDeathTest, RefusesTimeThatRunsBackAndSecondEnds) {
  History history;
  Recorder recorder(history);
  OpId op = recorder.Note(5, recorder.Name("p"), Reading{});
  EXPECT_DEATH(recorder.Note(4, recorder.Name("p"), Reading{}), "order of time");
  EXPECT_DEATH(recorder.Complete(6, op, Outcome::kOk), "ends once");
}

TEST(DescribeTest, SaysWhatHappenedInWords) {
  History history;
  Recorder recorder(history);
  NameId writer = recorder.Name("writer-1");
  OpId op = recorder.Invoke(1'250'000'000, writer, Write{{writer, 42}, recorder.Name("s/e"), recorder.Name("DTW"), {}});
  EXPECT_EQ(Describe(history, *history.Find(op)),
            "operation 1 (writer-1 writes writer-1/42 with key DTW to s/e; pending since 1.250000s)");
  recorder.Complete(1'312'500'000, op, Outcome::kOk);
  EXPECT_EQ(Describe(history, *history.Find(op)),
            "operation 1 (writer-1 writes writer-1/42 with key DTW to s/e; ok, 1.250000s to 1.312500s)");
  Segment segment{recorder.Name("s/e"), SegmentId(Epoch(1), 2)};
  OpId report =
      recorder.Note(2'000'000'000, recorder.Name("r"),
                    CheckpointReport{recorder.Name("g"), recorder.Name("c"),
                                     Cut{{segment, Offset(), true}, {{segment.stream, SegmentId(3)}, Offset(7)}}});
  EXPECT_EQ(Describe(history, *history.Find(report)),
            "operation 2 (r reports checkpoint c at {s/e/2.#epoch.1: finished, s/e/3.#epoch.0: 7}; at 2.000000s)");
}

}  // namespace
}  // namespace pravega::scenarios
