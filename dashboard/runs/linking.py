"""Several of our ES modules as one script without imports, for a file that is opened from a disk. Pure but for reading.

A page of the scheme file: may not import modules. Each module becomes a function that gives its exports. It knows the
forms of import and export that are used here, and refuses any other rather than guess.
"""

from __future__ import annotations

import json
import posixpath
import re
from collections.abc import Callable

_IMPORT = re.compile(
    r'^import\s+(?:(?P<default>\w+)|\{(?P<names>[^}]*)\})\s+from\s+"(?P<path>[^"]+)";[ \t]*$', re.MULTILINE
)
_EXPORT = re.compile(r"^export\s+(?P<kind>(?:async\s+)?function\*?|class|const|let)\s+(?P<name>\w+)", re.MULTILINE)
_LIST = re.compile(r"^export\s*\{(?P<names>[^}]*)\};[ \t]*$", re.MULTILINE)
_LEFT = re.compile(r"^(?:import|export)\b.*$", re.MULTILINE)
_COMMENT = re.compile(r"^[ \t]*/\*.*?\*/", re.MULTILINE | re.DOTALL)
"""Those at the start of a line; what they hold is no export."""

_NAME = re.compile(r"(\w+)(?:\s+as\s+(\w+))?\Z")

Read = Callable[[str], str]


class NotLinked(Exception):
    """A module uses a form that is not known here, or modules import each other in a circle."""


def link(entry: str, read: Read) -> str:
    """The script; `read` gives the text of a module by its path, `entry` and imports being relative to one root."""
    order: list[str] = []
    texts: dict[str, str] = {}
    _visit(posixpath.normpath(entry), read, order, texts, ())
    parts = ['"use strict";', "const modules = {};"]
    parts += [f"modules[{json.dumps(path)}] = (() => {{\n{texts[path]}\n}})();" for path in order]
    script = "(() => {\n" + "\n".join(parts) + "\n})();\n"
    if re.search(r"</script|<!--", script, re.IGNORECASE):
        raise NotLinked("A module holds </script or <!--, which would end the script early.")
    return script


def _visit(path: str, read: Read, order: list[str], texts: dict[str, str], above: tuple[str, ...]) -> None:
    if path in above:
        raise NotLinked(f"Modules import each other in a circle: {' → '.join((*above, path))}.")
    if path in texts:
        return
    text = _COMMENT.sub("", read(path))
    for match in _IMPORT.finditer(text):
        _visit(_resolved(path, match["path"]), read, order, texts, (*above, path))
    texts[path] = _as_function(path, text)
    order.append(path)


def _as_function(path: str, text: str) -> str:
    exports: dict[str, str] = {match["name"]: match["name"] for match in _EXPORT.finditer(text)}
    for match in _LIST.finditer(text):
        exports |= {outside: inside for inside, outside in _names(path, match["names"])}
    text = _IMPORT.sub(lambda match: _imported(path, match), text)
    text = _LIST.sub("", _EXPORT.sub(lambda match: f"{match['kind']} {match['name']}", text))
    left = _LEFT.search(text)
    if left:
        raise NotLinked(f"{path}: {left[0]!r} is no form of import or export that is known here.")
    given = ", ".join(f"{outside}: {inside}" for outside, inside in exports.items())
    return f"{text}\nreturn {{ {given} }};"


def _imported(path: str, match: re.Match[str]) -> str:
    source = json.dumps(_resolved(path, match["path"]))
    if match["default"]:
        return f"const {match['default']} = modules[{source}].default;"
    names = ", ".join(f"{theirs}: {ours}" for theirs, ours in _names(path, match["names"]))
    return f"const {{ {names} }} = modules[{source}];"


def _names(path: str, text: str) -> list[tuple[str, str]]:
    found = []
    for each in filter(None, (part.strip() for part in text.split(","))):
        match = _NAME.match(each)
        if not match:
            raise NotLinked(f"{path}: {each!r} is no name.")
        found.append((match[1], match[2] or match[1]))
    return found


def _resolved(path: str, target: str) -> str:
    return posixpath.normpath(posixpath.join(posixpath.dirname(path), target))
