# What the proofs in ci/proofs.d share that run tests. Sourced, not run.

# shellcheck source=ci/proof_lib.sh
source "$(dirname "${BASH_SOURCE[0]}")/proof_lib.sh"

# run_tests FLAGS... TARGETS...: what the tests print is in $WORK/tests.log. They run each time: a result that Bazel
# remembers shows nothing.
run_tests() {
  say "building and running: $*"
  bazel_run -- test --noshow_progress --curses=no --color=no --show_result=0 \
    --experimental_convenience_symlinks=ignore --nocache_test_results --test_output=all --test_timeout=7200 "$@" \
    >"$WORK/tests.log" 2>&1 || {
    cat "$WORK/tests.log" >&2
    die "a test failed"
  }
}

# The same with the address, leak and undefined-behaviour sanitizers.
test_under_asan() { run_tests --config=asan "$@"; }
