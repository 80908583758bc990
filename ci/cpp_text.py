"""C++ source as text: what is left of it without comments, strings and code that is switched off."""

import re

_COMMENT_OR_STRING = re.compile(
    r"//[^\n]*|/\*.*?\*/|R\"(?P<delimiter>[^(\s]*)\(.*?\)(?P=delimiter)\"|\"(?:\\.|[^\"\\\n])*\"|'(?:\\.|[^'\\\n])+'",
    re.DOTALL,
)
_SWITCHED_OFF = re.compile(r"^[ \t]*#[ \t]*if[ \t]+0\b.*?^[ \t]*#[ \t]*(?:endif|else|elif)\b", re.DOTALL | re.MULTILINE)


def _blank(match):
    """Keeps the lines."""
    return re.sub(r"[^\n]", " ", match.group(0))


def strip_comments_and_strings(text):
    """Returns the lines, each as long as it was. The name of an included file stays."""
    lines = _SWITCHED_OFF.sub(_blank, _COMMENT_OR_STRING.sub(_blank, text)).split("\n")
    originals = text.split("\n")
    for i, original in enumerate(originals):
        if re.match(r"\s*#\s*include\b", original) and re.match(r"\s*#\s*include\b", lines[i]):
            lines[i] = original.split("//")[0]
    return lines
