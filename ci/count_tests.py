#!/usr/bin/env python3
"""Counts the test cases of one `bazel test` from its build events, and names what failed.

Usage: count_tests.py EVENTS.json BAZEL_STATUS

Prints one line for each failure, then one line "PASSED FAILED SKIPPED". A case is one GoogleTest case; a test target
without cases of its own counts as one, and so does everything that fails outside a case: a target that does not build, a
leak reported when the program ends, a failure of Bazel itself.
"""

import json
import sys
import urllib.parse
import xml.etree.ElementTree as ElementTree


def read_events(path):
    with open(path, encoding="utf-8") as lines:
        for line in lines:
            if line.strip():
                yield json.loads(line)


def path_of(uri):
    parts = urllib.parse.urlparse(uri)
    return urllib.parse.unquote(parts.path) if parts.scheme == "file" else None


def cases_of(xml_path):
    """Yields (name, outcome) for each case; outcome is 'passed', 'failed' or 'skipped'."""
    for case in ElementTree.parse(xml_path).getroot().iter("testcase"):
        suite, name = case.get("classname"), case.get("name", "?")
        name = f"{suite}.{name}" if suite else name
        if case.find("failure") is not None or case.find("error") is not None:
            yield name, "failed"
        elif case.find("skipped") is not None or case.get("result") in ("skipped", "suppressed"):
            yield name, "skipped"
        elif case.get("status") == "notrun":
            yield name, "skipped"
        else:
            yield name, "passed"


class Count:
    def __init__(self):
        self.passed = 0
        self.failed = 0
        self.skipped = 0
        self.failures = []

    def fail(self, what):
        self.failed += 1
        self.failures.append(what)

    def add_result(self, label, result):
        """One run of one shard of a test target."""
        status = result.get("status", "NO_STATUS")
        outputs = {output.get("name"): path_of(output.get("uri", "")) for output in result.get("testActionOutput", [])}
        cases = []
        if outputs.get("test.xml"):
            try:
                cases = list(cases_of(outputs["test.xml"]))
            except (OSError, ElementTree.ParseError) as error:
                self.fail(f"{label}: its test.xml cannot be read: {error}")
                return
        failed_before = self.failed
        for name, outcome in cases:
            if outcome == "failed":
                self.fail(f"{label} {name}")
            elif outcome == "skipped":
                self.skipped += 1
            else:
                self.passed += 1
        if status == "PASSED":
            if not cases:
                self.passed += 1
        elif self.failed == failed_before:
            self.fail(f"{label} ended as {status} outside its test cases")


def count(events, bazel_status):
    total = Count()
    results = {}
    tests, unbuilt = set(), set()
    for event in events:
        ident = event.get("id", {})
        if "targetConfigured" in ident and "configured" in event:
            if event["configured"].get("testSize"):
                tests.add(ident["targetConfigured"]["label"])
        elif "targetCompleted" in ident:
            if not event.get("completed", {}).get("success", False):
                unbuilt.add(ident["targetCompleted"]["label"])
        elif "testResult" in ident and "testResult" in event:
            key = ident["testResult"]
            # The last attempt decides.
            results[(key["label"], key.get("run", 1), key.get("shard", 1))] = event["testResult"]

    for (label, _, _), result in sorted(results.items(), key=lambda item: item[0]):
        total.add_result(label, result)
    tested = {label for label, _, _ in results}
    for label in sorted(unbuilt - tested):
        total.fail(f"{label} does not build")
    for label in sorted(tests - tested - unbuilt):
        total.fail(f"{label} was not run")
    if bazel_status != 0 and total.failed == 0:
        total.fail(f"bazel ended with status {bazel_status}")
    return total


def main(arguments):
    if len(arguments) != 2:
        print(__doc__, file=sys.stderr)
        return 2
    try:
        events = list(read_events(arguments[0]))
    except (OSError, ValueError) as error:
        print(f"the build events cannot be read: {error}")
        events = []
    total = count(events, int(arguments[1]) or (0 if events else 1))
    for failure in total.failures:
        print(f"FAILED {failure}")
    print(total.passed, total.failed, total.skipped)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
