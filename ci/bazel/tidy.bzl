"""clang-tidy as an aspect: `bazel build --config=tidy //...`."""

load("@bazel_tools//tools/build_defs/cc:action_names.bzl", "ACTION_NAMES")
load("@bazel_tools//tools/cpp:toolchain_utils.bzl", "find_cpp_toolchain")

_SOURCES = ["cc", "cpp", "cxx"]

def _flags(ctx, target):
    """The flags with which the toolchain compiles this target, and the target's own."""
    toolchain = find_cpp_toolchain(ctx)
    configuration = cc_common.configure_features(
        ctx = ctx,
        cc_toolchain = toolchain,
        requested_features = ctx.features,
        unsupported_features = ctx.disabled_features + ["layering_check"],
    )
    context = target[CcInfo].compilation_context
    variables = cc_common.create_compile_variables(
        feature_configuration = configuration,
        cc_toolchain = toolchain,
        user_compile_flags = ctx.fragments.cpp.cxxopts + ctx.fragments.cpp.copts + getattr(ctx.rule.attr, "copts", []),
        include_directories = context.includes,
        quote_include_directories = context.quote_includes,
        system_include_directories = context.system_includes,
        preprocessor_defines = depset(
            getattr(ctx.rule.attr, "local_defines", []),
            transitive = [context.defines],
        ),
    )
    return cc_common.get_memory_inefficient_command_line(
        feature_configuration = configuration,
        action_name = ACTION_NAMES.cpp_compile,
        variables = variables,
    )

def _tidy_aspect_impl(target, ctx):
    reports = []
    if CcInfo in target and not target.label.workspace_root and hasattr(ctx.rule.attr, "srcs"):
        sources = [
            file
            for source in ctx.rule.attr.srcs
            for file in source.files.to_list()
            # Generated code is not ours to tidy.
            if file.is_source and file.extension in _SOURCES
        ]
        flags = _flags(ctx, target) if sources else []
        for source in sources:
            report = ctx.actions.declare_file("{}.{}.tidy".format(target.label.name, source.basename))
            arguments = ctx.actions.args()
            arguments.add_all([report, ctx.file._tidy, ctx.file._config, source])
            arguments.add_all(flags)
            ctx.actions.run_shell(
                inputs = depset(
                    [source, ctx.file._config],
                    transitive = [target[CcInfo].compilation_context.headers],
                ),
                tools = [ctx.file._tidy],
                outputs = [report],
                arguments = [arguments],
                mnemonic = "ClangTidy",
                progress_message = "Tidying " + source.short_path,
                command = """
report=$1; tidy=$2; config=$3; source=$4; shift 4
if ! "$tidy" --quiet --config-file="$config" "$source" -- "$@" >"$report" 2>"$report.err"; then
  cat "$report" "$report.err" >&2
  exit 1
fi
rm -f "$report.err"
""",
            )
            reports.append(report)
    return [OutputGroupInfo(tidy = depset(reports))]

tidy_aspect = aspect(
    implementation = _tidy_aspect_impl,
    attrs = {
        "_cc_toolchain": attr.label(default = "@bazel_tools//tools/cpp:current_cc_toolchain"),
        "_config": attr.label(default = "//:.clang-tidy", allow_single_file = True),
        "_tidy": attr.label(default = "@clang_tidy//:clang-tidy", allow_single_file = True),
    },
    fragments = ["cpp"],
    toolchains = ["@bazel_tools//tools/cpp:toolchain_type"],
)
