"""Repositories that Bazel's C++ rules load, taken from Debian's packages so that a build needs no network."""

# Debian's Bazel packages install below one of the data directories; which one is asked for, not assumed.
_DEFAULT_DATA_DIRS = "/usr/local/share:/usr/share"

def _find_marker(repository_ctx, marker):
    data_dirs = repository_ctx.os.environ.get("XDG_DATA_DIRS", "") or _DEFAULT_DATA_DIRS
    for data_dir in data_dirs.split(":") + _DEFAULT_DATA_DIRS.split(":"):
        if not data_dir:
            continue
        candidate = repository_ctx.path(data_dir + "/bazel/" + marker)
        if candidate.exists:
            return candidate
    return None

def _debian_bazel_package_impl(repository_ctx):
    marker = repository_ctx.attr.marker
    found = _find_marker(repository_ctx, marker)
    if not found:
        fail("cannot find bazel/{} in any data directory. Install it: apt-get install {}".format(
            marker,
            repository_ctx.attr.package,
        ))

    # The marker is "<two folders>/<path in the repository>": the repository's root is what the two folders name.
    root = found
    for _ in range(len(marker.split("/")) - 2):
        root = root.dirname
    for entry in root.readdir():
        if entry.basename not in ["WORKSPACE", "WORKSPACE.bazel"]:
            repository_ctx.symlink(entry, entry.basename)
    repository_ctx.file("WORKSPACE", "workspace(name = \"{}\")\n".format(repository_ctx.name))

debian_bazel_package = repository_rule(
    implementation = _debian_bazel_package_impl,
    doc = "A Bazel repository that a Debian package installs.",
    attrs = {
        "marker": attr.string(mandatory = True, doc = "A file of it, below <data directory>/bazel."),
        "package": attr.string(mandatory = True, doc = "The Debian package to name when it is missing."),
    },
    environ = ["XDG_DATA_DIRS"],
)

_RULES_CC_DEFS = """\
cc_binary = native.cc_binary
cc_flags_supplier = None
cc_import = native.cc_import
cc_library = native.cc_library
cc_proto_library = native.cc_proto_library
cc_test = native.cc_test
cc_toolchain = native.cc_toolchain
cc_toolchain_suite = native.cc_toolchain_suite
compiler_flag = None
fdo_prefetch_hints = native.fdo_prefetch_hints
fdo_profile = native.fdo_profile
objc_import = native.objc_import
objc_library = native.objc_library
"""

def _rules_cc_shim_impl(repository_ctx):
    # Debian does not package rules_cc. In Bazel 4 its public names are the native rules anyway.
    repository_ctx.file("WORKSPACE", "workspace(name = \"rules_cc\")\n")
    repository_ctx.file("BUILD.bazel", "")
    repository_ctx.file("cc/BUILD.bazel", "")
    repository_ctx.file("cc/defs.bzl", _RULES_CC_DEFS)

rules_cc_shim = repository_rule(
    implementation = _rules_cc_shim_impl,
    doc = "The names of rules_cc, bound to the rules built into Bazel.",
)

def _unused_repository_impl(repository_ctx):
    repository_ctx.file("WORKSPACE", "workspace(name = \"{}\")\n".format(repository_ctx.name))
    repository_ctx.file("BUILD.bazel", "".join([
        "filegroup(name = \"{}\", visibility = [\"//visibility:public\"])\n".format(target)
        for target in repository_ctx.attr.targets
    ]))

unused_repository = repository_rule(
    implementation = _unused_repository_impl,
    doc = "A repository that has to exist but is never used: its targets are empty.",
    attrs = {"targets": attr.string_list()},
)
