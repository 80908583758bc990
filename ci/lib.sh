# What the commands of ci/ share. Sourced, not run.
#
# BAZEL_STARTUP_ARGS and BAZEL_ARGS add flags to every call of Bazel (for instance "--output_user_root=/ssd/bazel" and
# "--disk_cache=/ssd/cache --jobs=4"); both are empty by default.

set -euo pipefail

ROOT="$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)"

# Bazel refuses to start without these two, and some CI machines start their jobs without them.
export USER="${USER:-$(id -un)}"
export HOME="${HOME:-$(getent passwd "$(id -u)" | cut -d: -f6)}"

say() { printf '%s\n' "$*" >&2; }

die() {
  say "ci/$(basename "$0"): $*"
  exit 1
}

# Prints the comment at the head of a script: what follows the "#!" line up to the first line that is no comment.
usage() { sed -n '2,${/^#/!q; s/^# \{0,1\}//; p}' "$0"; }

# bazel_run STARTUP... -- COMMAND ARGS...: Bazel in the root of the tree, whatever the current directory.
# Standard input is closed to it, because its client and the server it starts would otherwise eat a script's.
bazel_run() {
  local startup=()
  while [[ "$1" != -- ]]; do
    startup+=("$1")
    shift
  done
  shift
  local command="$1"
  shift
  local -a more_startup=() more=()
  read -r -a more_startup <<<"${BAZEL_STARTUP_ARGS:-}"
  read -r -a more <<<"${BAZEL_ARGS:-}"
  # A query knows none of the flags of a build.
  [[ "$command" == query ]] && more=()
  (cd "$ROOT" && bazel "${more_startup[@]}" "${startup[@]}" "$command" "${more[@]}" "$@" </dev/null)
}

# Progress lines for people, none for logs.
bazel_ui_flags() {
  if [[ -t 2 ]]; then
    echo "--show_progress_rate_limit=0.5"
  else
    echo "--noshow_progress --curses=no --color=no"
  fi
}

# The patterns of all our targets. Not "//...": that would follow the convenience link of another output base (bazel-<name>)
# into Bazel's own packages.
all_targets() {
  local build folder
  echo "//:all"
  for build in "$ROOT"/*/; do
    folder="$(basename "$build")"
    [[ "$folder" == bazel-* ]] && continue
    [[ -n "$(find "$build" -name BUILD.bazel -print -quit)" ]] && echo "//$folder/..."
  done
  return 0
}
