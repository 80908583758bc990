#!/usr/bin/env python3
"""Tests of ci/'s own scripts: what counts as a failure is counted as one.

Prints "PASSED …" or "FAILED …" for each case; ends with status 1 if one failed.
"""

import importlib.machinery
import importlib.util
import json
import os
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
sys.dont_write_bytecode = True


def load(name):
    loader = importlib.machinery.SourceFileLoader(name.replace(".", "_"), os.path.join(HERE, name))
    module = importlib.util.module_from_spec(importlib.util.spec_from_loader(loader.name, loader))
    loader.exec_module(module)
    return module


COUNT = load("count_tests.py")
PITFALLS = load("pitfalls")

_PASSED = '<testcase name="A" classname="S" status="run" result="completed"/>'
_FAILED = '<testcase name="B" classname="S" status="run"><failure message="x"/></testcase>'
_SKIPPED = '<testcase name="C" classname="S" status="run" result="skipped"><skipped message="x"/></testcase>'
_DISABLED = '<testcase name="DISABLED_D" classname="S" status="notrun" result="suppressed"/>'


def result(directory, label, status, *cases, shard=1):
    path = os.path.join(directory, f"{label.strip('/').replace('/', '_')}_{shard}_{len(os.listdir(directory))}.xml")
    with open(path, "w", encoding="utf-8") as out:
        out.write(f"<testsuites><testsuite>{''.join(cases)}</testsuite></testsuites>")
    return {
        "id": {"testResult": {"label": label, "run": 1, "shard": shard}},
        "testResult": {"status": status, "testActionOutput": [{"name": "test.xml", "uri": "file://" + path}]},
    }


def configured(label):
    return {"id": {"targetConfigured": {"label": label}}, "configured": {"testSize": "SMALL"}}


def completed(label, success):
    return {"id": {"targetCompleted": {"label": label}}, "completed": {"success": True} if success else {}}


def aborted(label):
    return {"id": {"targetCompleted": {"label": label}}, "aborted": {"reason": "ANALYSIS_FAILURE"}}


def counting_cases(directory):
    """(what, events, status of Bazel, expected (passed, failed, skipped))."""
    def make(label, status, *cases, shard=1):
        return result(directory, label, status, *cases, shard=shard)

    yield "cases are counted, not targets", [make("//a", "PASSED", _PASSED, _PASSED, _SKIPPED)], 0, (2, 0, 1)
    yield "a failed case fails", [make("//a", "FAILED", _PASSED, _FAILED)], 3, (1, 1, 0)
    yield "a disabled case is skipped", [make("//a", "PASSED", _PASSED, _DISABLED)], 0, (1, 0, 1)
    yield "a failure outside the cases fails", [make("//a", "FAILED", _PASSED, _PASSED)], 3, (2, 1, 0)
    yield "a timeout fails", [make("//a", "TIMEOUT", _PASSED)], 3, (1, 1, 0)
    yield "a target without cases is one", [make("//a", "PASSED")], 0, (1, 0, 0)
    yield "shards add up", [make("//a", "PASSED", _PASSED), make("//a", "PASSED", _PASSED, shard=2)], 0, (2, 0, 0)
    yield "the last attempt decides", [make("//a", "FAILED", _FAILED), make("//a", "PASSED", _PASSED)], 0, (1, 0, 0)
    yield "a test that does not build fails", [configured("//a"), completed("//a", False)], 1, (0, 1, 0)
    yield "a library that does not build fails", [completed("//l", False)], 1, (0, 1, 0)
    yield "a target that cannot be analysed fails", [aborted("//l")], 1, (0, 1, 0)
    yield "a test that was not run fails", [configured("//a"), completed("//a", True)], 0, (0, 1, 0)
    yield "a failed test is counted once", [
        configured("//a"), completed("//a", True), make("//a", "FAILED", _FAILED)
    ], 3, (0, 1, 0)
    yield "a failure of Bazel fails", [make("//a", "PASSED", _PASSED)], 1, (1, 1, 0)


def pitfall_cases():
    """(what, lines of the table, a piece of the problem that must be named, or None)."""
    complete = [f"{ident} not-due: later" for ident in PITFALLS.EXPECTED]
    yield "a complete table is right", complete, None
    yield "comments and empty lines are skipped", ["# x", ""] + complete, None
    yield "a missing line is found", complete[1:], "wire-1 is missing"
    yield "a line twice is found", complete + complete[:1], "wire-1 is here twice"
    yield "an unknown line is found", complete + ["wire-48 //a:b S.T"], "no pitfall 'wire-48'"
    yield "a line without a test is found", ["wire-1 //a:b"] + complete[1:], "names no test"
    yield "a line without a target is found", ["wire-1 S.T"] + complete[1:], "expected a target"
    yield "a test and a target are right", ["wire-1 //a:b S.T S.U //c S.V"] + complete[1:], None


_SOURCE = """
TEST(Suite, Plain) {}
TEST_F(Suite,
       Folded) {}
RC_GTEST_PROP(Suite, Property, (int a)) {}
// TESTING(Suite, Missing)
// TEST(Suite, Comment) {}
/* TEST(Suite, Block) {} */
#if 0
TEST(Suite, Off) {}
#endif
const char* text = "TEST(Suite, Text) {}";
TEST(Suite, Last) {}
"""


def main():
    failures = 0

    def expect(condition, what, detail=""):
        nonlocal failures
        print(f"PASSED {what}" if condition else f"FAILED {what}: {detail}")
        failures += not condition

    with tempfile.TemporaryDirectory() as directory:
        for what, events, status, expected in counting_cases(directory):
            # As they come from the file of build events.
            total = COUNT.count(json.loads(json.dumps(events)), status)
            got = (total.passed, total.failed, total.skipped)
            expect(got == expected and len(total.failures) == total.failed, f"count: {what}", f"{got}, not {expected}")
    for what, lines, piece in pitfall_cases():
        _, problems = PITFALLS.parse(lines)
        texts = [text for _, text in problems]
        good = any(piece in text for text in texts) if piece else not texts
        expect(good, f"pitfalls: {what}", f"{texts}")
    for name, there in (("Plain", True), ("Folded", True), ("Property", True), ("Last", True), ("Missing", False),
                        ("Pla", False), ("Comment", False), ("Block", False), ("Off", False), ("Text", False)):
        expect(PITFALLS.has_test(_SOURCE, f"Suite.{name}") == there, f"pitfalls: test {name} is looked up")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
