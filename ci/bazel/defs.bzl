"""The rules of this project: Bazel's C++ rules with one source of truth for the flags.

Every target is private unless it or its package says otherwise, compiles without warnings, and may include only headers of its direct
dependencies (`layering_check`, which takes effect with clang). A target whose sources use PLANTED(...) or look at
PRAVEGA_PLANTED_BUGS says `planted = True`.
"""

load("//ci/bazel:planted.bzl", _planted_variant = "planted_variant")

_COPTS = [
    "-std=c++20",
    "-Wall",
    "-Wextra",
    "-Werror",
    "-Wnon-virtual-dtor",
    "-Woverloaded-virtual",
    "-fno-omit-frame-pointer",
    # libstdc++'s own stable_sort uses what it deprecates, and clang blames whoever calls it.
    "-Wno-deprecated-declarations",
]

# Without optimisation a coroutine frame costs several times as much and the simulated tests dominate; -O2 costs more in the
# compiler than the tests gain. `-c opt` and `-c dbg` say their own.
_OPTIMISE = select({
    "//ci/bazel:fastbuild": ["-O1"],
    "//conditions:default": [],
})

# Only for targets that say `planted = True`: a build with planted bugs compiles those again, and shares all others with the
# plain build.
_PLANTED_DEFINES = ["PRAVEGA_MAY_PLANT_BUGS=1"] + select({
    "//ci/bazel:planted_bugs": ["PRAVEGA_PLANTED_BUGS=1"],
    "//conditions:default": [],
})

_FEATURES = ["layering_check"]

_PRIVATE = ["//visibility:private"]

planted_variant = _planted_variant

def _common(kwargs):
    kwargs["copts"] = _COPTS + _OPTIMISE + kwargs.pop("copts", [])
    if kwargs.pop("planted", False):
        kwargs["local_defines"] = _PLANTED_DEFINES + kwargs.pop("local_defines", [])
    kwargs["features"] = _FEATURES + kwargs.pop("features", [])
    return kwargs

def pravega_cc_library(name, **kwargs):
    """A cc_library."""
    native.cc_library(name = name, **_common(kwargs))

def pravega_cc_binary(name, **kwargs):
    """A cc_binary."""
    native.cc_binary(name = name, **_common(kwargs))

def pravega_cc_test(name, size = "small", main = False, deps = [], **kwargs):
    """A cc_test of GoogleTest.

    Args:
      name: the name of the target.
      size: as in cc_test; small means one minute.
      main: True if the sources bring a main() of their own.
      deps: the dependencies; GoogleTest is added.
      **kwargs: as in cc_test.
    """
    wanted = "@system//:gtest" if main else "@system//:gtest_main"
    deps = [dep for dep in deps if dep not in ["@system//:gtest", "@system//:gtest_main"]] + [wanted]
    native.cc_test(name = name, size = size, deps = deps, **_common(kwargs))

def pravega_fuzz_target(name, srcs, deps = [], corpus = [], runs = 1000, size = "small", visibility = None):
    """A libFuzzer target (`LLVMFuzzerTestOneInput`) with its corpus.

    `bazel run --config=fuzz //fuzz:<name> -- <directory>` fuzzes. `<name>_test` is an ordinary test, with any compiler: it
    runs the corpus and a bounded number of inputs mutated from it, the same in every run.

    Args:
      name: the binary for libFuzzer.
      srcs: the sources.
      deps: what is fuzzed.
      corpus: the files of the corpus.
      runs: how many mutated inputs the test runs.
      size: the size of the test.
      visibility: private by default.
    """
    library = name + "_library"
    pravega_cc_library(
        name = library,
        srcs = srcs,
        alwayslink = True,
        testonly = True,
        deps = deps,
    )
    pravega_cc_binary(
        name = name,
        testonly = True,
        data = corpus,
        linkopts = select({
            "//ci/bazel:fuzzing": ["-fsanitize=fuzzer"],
            "//conditions:default": [],
        }),
        visibility = visibility or _PRIVATE,
        # Without libFuzzer the binary is the driver of the test: `<name> <file>` runs one input.
        deps = [":" + library] + select({
            "//ci/bazel:fuzzing": [],
            "//conditions:default": ["//ci/bazel:fuzz_driver"],
        }),
    )
    pravega_cc_test(
        name = name + "_test",
        size = size,
        args = ["--runs=%d" % runs] + ["$(location %s)" % file for file in corpus],
        data = corpus,
        main = True,
        deps = [":" + library, "//ci/bazel:fuzz_driver"],
    )

def pravega_proto_library(name, srcs, deps = [], visibility = None, **kwargs):
    """Protobuf messages (no services: remote calls go through the seam) as a C++ library.

    proto_library of Bazel wants to build the compiler from source, hence a genrule.

    Args:
      name: the library. `<name>_protos` are the .proto files.
      srcs: the .proto files; they import from the root of the tree.
      deps: other pravega_proto_library targets whose files are imported.
      visibility: as everywhere; private by default.
      **kwargs: passed to cc_library.
    """
    visibility = visibility or _PRIVATE
    stems = [src[:-len(".proto")] for src in srcs]
    protos = [_protos_of(dep) for dep in deps]
    native.filegroup(name = name + "_protos", srcs = srcs + protos, visibility = visibility)
    native.genrule(
        name = name + "_generate",
        srcs = srcs + protos,
        outs = [stem + ".pb.h" for stem in stems] + [stem + ".pb.cc" for stem in stems],
        # The pragma makes the generated header a system header: our warnings do not apply to it where it is included.
        cmd = "\n".join(
            ["$(location @system//:protoc) -I. --cpp_out=$(GENDIR) " + " ".join(["$(location %s)" % src for src in srcs])] +
            ["sed -i '1i #pragma GCC system_header' $(location %s.pb.h)" % stem for stem in stems],
        ),
        tools = ["@system//:protoc"],
        visibility = _PRIVATE,
    )
    native.cc_library(
        name = name,
        srcs = [stem + ".pb.cc" for stem in stems],
        hdrs = [stem + ".pb.h" for stem in stems],
        copts = ["-std=c++20", "-w"] + _OPTIMISE,
        features = _FEATURES,
        deps = deps + ["@system//:protobuf"],
        visibility = visibility,
        **kwargs
    )

def _protos_of(dep):
    if ":" in dep:
        return dep + "_protos"
    return "%s:%s_protos" % (dep, dep.split("/")[-1])
