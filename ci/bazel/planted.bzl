"""The planted bugs, as a setting of the build: `--config=planted`, or for one binary `planted_variant`."""

def _bool_flag_impl(_ctx):
    return []

bool_flag = rule(
    implementation = _bool_flag_impl,
    doc = "A yes or no on the command line: --//package:name or --no//package:name.",
    build_setting = config.bool(flag = True),
)

_SETTING = "//ci/bazel:planted"

def _planted_transition_impl(_settings, attr):
    return {_SETTING: attr.planted}

_planted_transition = transition(
    implementation = _planted_transition_impl,
    inputs = [],
    outputs = [_SETTING],
)

def _planted_variant_impl(ctx):
    binary = ctx.attr.binary[0]
    executable = ctx.actions.declare_file(ctx.label.name)
    ctx.actions.symlink(output = executable, target_file = ctx.executable.binary, is_executable = True)
    runfiles = ctx.runfiles(files = [executable]).merge(binary[DefaultInfo].default_runfiles)
    return [DefaultInfo(executable = executable, files = depset([executable]), runfiles = runfiles)]

planted_variant = rule(
    implementation = _planted_variant_impl,
    doc = """The same binary with or without the planted bugs, whatever the build around it says.

A test that needs both names both in its `data`.""",
    attrs = {
        "binary": attr.label(mandatory = True, executable = True, cfg = _planted_transition),
        "planted": attr.bool(mandatory = True),
        "_allowlist_function_transition": attr.label(
            default = "@bazel_tools//tools/allowlists/function_transition_allowlist",
        ),
    },
    executable = True,
)
