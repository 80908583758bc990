# What proofs share that run tests under asan. Sourced, not run.

# shellcheck source=ci/lib.sh
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

# Holds what the tests print; removed at the end.
WORK="$(mktemp -d)"
trap 'rm -rf "$WORK"' EXIT

# test_under_asan FLAGS... TARGETS...: runs the tests with the address, leak and undefined-behaviour sanitizers; what they
# print is in $WORK/tests.log. A result that is remembered shows nothing: they run again each time.
test_under_asan() {
  say "building and running under asan"
  bazel_run -- test --config=asan --noshow_progress --curses=no --color=no --show_result=0 \
    --experimental_convenience_symlinks=ignore --nocache_test_results --test_output=all --test_timeout=7200 "$@" \
    >"$WORK/tests.log" 2>&1 || {
    cat "$WORK/tests.log" >&2
    die "a test failed"
  }
}
