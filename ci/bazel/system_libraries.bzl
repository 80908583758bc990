"""Finds the system libraries and offers them as @system//:<name>.

No path of a distribution is written down here: pkg-config says where a library is, and where a library has no .pc file, a
small program is compiled and linked against it. A library that is missing stops the build with the name of the package to
install, in place of a page of compiler errors.
"""

# pkg-config libraries: the modules to ask for, and the Debian package that brings them.
_PKG_CONFIG_LIBRARIES = {
    "absl": struct(
        modules = [
            "absl_btree",
            "absl_cleanup",
            "absl_flat_hash_map",
            "absl_flat_hash_set",
            "absl_hash",
            "absl_span",
            "absl_status",
            "absl_statusor",
            "absl_str_format",
            "absl_strings",
            "absl_synchronization",
            "absl_time",
        ],
        package = "libabsl-dev",
    ),
    "benchmark": struct(modules = ["benchmark"], package = "libbenchmark-dev"),
    "gmock": struct(modules = ["gmock"], package = "libgmock-dev"),
    # The callback API needs the whole line of pkg-config; -lgrpc++ alone does not link.
    "grpc": struct(modules = ["grpc++"], package = "libgrpc++-dev"),
    "gtest": struct(modules = ["gtest"], package = "libgtest-dev"),
    "gtest_main": struct(modules = ["gtest_main"], package = "libgtest-dev"),
    "nlohmann_json": struct(modules = ["nlohmann_json"], package = "nlohmann-json3-dev"),
    "protobuf": struct(modules = ["protobuf"], package = "libprotobuf-dev"),
    "yaml_cpp": struct(modules = ["yaml-cpp"], package = "libyaml-cpp-dev"),
    "zlib": struct(modules = ["zlib"], package = "zlib1g-dev"),
}

# A few targets stand on others.
_DEPS = {
    "gtest": [":gmock"],
    "gtest_main": [":gtest"],
    "grpc": [":protobuf"],
    "rapidcheck": [":gtest"],
}

# Libraries without a .pc file: a program that must compile and link, with these flags.
_PROBED_LIBRARIES = {
    "boost": struct(
        link_flags = ["-pthread"],
        package = "libboost1.81-dev",
        program = """\
#include <boost/version.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#if BOOST_VERSION < 108100
#error "Boost 1.81 or newer is needed"
#endif
int main() {
  boost::asio::io_context context;
  boost::beast::flat_buffer buffer;
  return static_cast<int>(context.poll() + buffer.size());
}
""",
    ),
    "rapidcheck": struct(
        link_flags = ["-lrapidcheck", "-lgtest", "-pthread"],
        package = "librapidcheck-dev (and libgtest-dev)",
        program = """\
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>
int main() {
  return rc::check("addition commutes", [](int a, int b) { RC_ASSERT(a + b == b + a); }) ? 0 : 1;
}
""",
    ),
}

# Link flags of a probed library which are not those of another target.
_PROBED_LINKOPTS = {
    "boost": ["-pthread"],
    "rapidcheck": ["-lrapidcheck"],
}

# Programs of the build.
_TOOLS = {
    "protoc": "protobuf-compiler",
}

def _missing(name, package, detail):
    fail("the system library '{}' was not found. Install it: apt-get install {} (or run ci/setup)\n{}".format(
        name,
        package,
        detail,
    ))

def _pkg_config(repository_ctx, name, library):
    program = repository_ctx.which("pkg-config")
    if not program:
        _missing("pkg-config", "pkg-config", "")
    answers = []
    for flag in ["--cflags", "--libs"]:
        result = repository_ctx.execute([program, flag] + library.modules)
        if result.return_code != 0:
            _missing(name, library.package, result.stderr)
        answers.append([word for word in result.stdout.replace("\n", " ").split(" ") if word])
    return answers

def _compiler(repository_ctx):
    name = repository_ctx.os.environ.get("CC", "") or "gcc"
    compiler = name if name.startswith("/") else repository_ctx.which(name)
    if not compiler:
        _missing("C++ compiler", "g++", "'{}' (from CC, or the default) is not on the PATH".format(name))
    return compiler

def _probe(repository_ctx, name, library):
    source = "probe/{}.cc".format(name)
    repository_ctx.file(source, library.program, executable = False)
    result = repository_ctx.execute(
        [_compiler(repository_ctx), "-x", "c++", "-std=c++20", source, "-o", "probe/" + name, "-x", "none"] +
        ["-Wl,--push-state,--as-needed"] + library.link_flags + ["-Wl,--pop-state", "-lstdc++", "-lm"],
        timeout = 300,
    )
    if result.return_code != 0:
        _missing(name, library.package, result.stderr)
    repository_ctx.delete("probe/" + name)

def _target(repository_ctx, name, cflags, linkopts):
    """The text of one cc_library."""
    defines = []
    includes = []
    for flag in cflags:
        if flag.startswith("-D"):
            defines.append(flag[2:])
        elif flag.startswith("-I"):
            # Outside the compiler's default directories (pkg-config leaves those out): a link in this repository, which
            # Bazel passes on as -isystem, so that our warnings do not apply.
            link = "include/{}/{}".format(name, len(includes))
            repository_ctx.symlink(flag[2:], link)
            includes.append(link)
        elif flag not in ["-pthread"]:
            fail("pkg-config --cflags {}: do not know how to pass on {}".format(name, flag))
    if linkopts:
        # Only what is used is linked, whatever the compiler's default: loading all of gRPC takes longer than most tests.
        linkopts = ["-Wl,--push-state,--as-needed"] + linkopts + ["-Wl,--pop-state"]
    return """
cc_library(
    name = {name},
    hdrs = {hdrs},
    defines = {defines},
    includes = {includes},
    linkopts = {linkopts},
    deps = {deps},
)
""".format(
        name = repr(name),
        hdrs = "glob({})".format(repr([include + "/**" for include in includes])) if includes else "[]",
        defines = repr(defines),
        includes = repr(includes),
        linkopts = repr(linkopts),
        deps = repr(_DEPS.get(name, [])),
    )

def _system_libraries_impl(repository_ctx):
    build = [
        "# Written by ci/bazel/system_libraries.bzl.",
        "package(default_visibility = [\"//visibility:public\"])",
    ]
    for name, library in _PKG_CONFIG_LIBRARIES.items():
        cflags, libs = _pkg_config(repository_ctx, name, library)
        build.append(_target(repository_ctx, name, cflags, libs))
    for name, library in _PROBED_LIBRARIES.items():
        _probe(repository_ctx, name, library)
        build.append(_target(repository_ctx, name, [], _PROBED_LINKOPTS[name]))
    for name, package in _TOOLS.items():
        program = repository_ctx.which(name)
        if not program:
            _missing(name, package, "")
        repository_ctx.symlink(program, name)
        build.append("exports_files([{}])".format(repr(name)))
    repository_ctx.file("WORKSPACE", "workspace(name = \"{}\")\n".format(repository_ctx.name))
    repository_ctx.file("BUILD.bazel", "\n".join(build))

system_libraries = repository_rule(
    implementation = _system_libraries_impl,
    doc = "Targets for the C++ libraries and tools of the system.",
    environ = ["CC", "PKG_CONFIG_LIBDIR", "PKG_CONFIG_PATH", "PKG_CONFIG_SYSROOT_DIR"],
    configure = True,
)

def _system_tool_impl(repository_ctx):
    program = repository_ctx.which(repository_ctx.attr.program)
    if not program:
        _missing(repository_ctx.attr.program, repository_ctx.attr.package, "")
    repository_ctx.symlink(program, repository_ctx.attr.target)
    repository_ctx.file("WORKSPACE", "workspace(name = \"{}\")\n".format(repository_ctx.name))
    repository_ctx.file("BUILD.bazel", "exports_files([{}])\n".format(repr(repository_ctx.attr.target)))

system_tool = repository_rule(
    implementation = _system_tool_impl,
    doc = "One program of the system, in a repository of its own so that only its users need it.",
    attrs = {
        "package": attr.string(mandatory = True, doc = "The Debian package to name when it is missing."),
        "program": attr.string(mandatory = True, doc = "Its name on the PATH."),
        "target": attr.string(mandatory = True, doc = "Its name as a target."),
    },
    configure = True,
)
