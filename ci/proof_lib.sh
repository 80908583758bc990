# What the proofs in ci/proofs.d share. Sourced, not run.

# shellcheck source=ci/lib.sh
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

FLIGHTS="$ROOT/scenarios/library/flights.yaml"

# Holds the programs that a proof runs and what they print; removed at the end.
WORK="$(mktemp -d)"
trap 'rm -rf "$WORK"' EXIT

# build_sim NAME FLAGS...: builds pravega-sim and puts a copy of it at $WORK/NAME, so that the next build cannot replace it.
# CONFIGs of clang get an output base of their own, as in ci/test: in the same one they would throw away what is built.
build_sim() {
  local name="$1" base startup=() bin
  shift
  if [[ " $* " == *" --config=clang "* ]]; then
    base="$(bazel_run -- info output_base 2>/dev/null)"
    startup=("--output_base=${base%-clang}-clang")
  fi
  say "building pravega-sim: $*"
  bazel_run "${startup[@]}" -- build --noshow_progress --show_result=0 --experimental_convenience_symlinks=ignore "$@" \
    //scenarios/cli:pravega-sim >"$WORK/build.log" 2>&1 || {
    cat "$WORK/build.log" >&2
    die "pravega-sim does not build"
  }
  bin="$(bazel_run "${startup[@]}" -- info "$@" bazel-bin 2>/dev/null)"
  cp "$bin/scenarios/cli/pravega-sim" "$WORK/$name"
  ((${#startup[@]} == 0)) || bazel_run "${startup[@]}" -- shutdown >/dev/null 2>&1 || true
}

# The value of KEY in the result lines of standard input, one a line: `field trace <lines`.
field() { sed -nE "s/^(PASS|FAIL|STUCK|VACUOUS) .*[[:space:]]?$1=([^ ]+).*/\2/p"; }

# Fails unless $1 equals $2; $3 says what was compared.
expect_equal() {
  [[ "$1" == "$2" ]] || die "$3: expected '$2', but it is '$1'"
}
