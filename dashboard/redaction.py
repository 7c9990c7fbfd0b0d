"""Takes out of text for people what must not be shown: credentials, and characters that no terminal should get. Pure.

It knows common forms, not every secret: whoever may read the log itself may read more than is shown here.
"""

from __future__ import annotations

import re

LONGEST_LINE = 500
HIDDEN = "<hidden>"

_SCRUBS = (
    re.compile(r"(?i)(\b(?:proxy-)?authorization\b[\"']?\s*[:=]\s*)[^\r\n]+"),
    re.compile(r"(?i)(\b(?:set-)?cookie\b[\"']?\s*[:=]\s*)[^\r\n]+"),
    re.compile(r"(?i)(\bbearer\s+)[\w.~+/=-]{8,}"),
    re.compile(r"(/s/)[\w-]{16,}"),
    re.compile(r"(/app/~)[\w-]{8,}"),
    re.compile(r"()\beyJ[\w-]{6,}\.[\w-]{6,}\.[\w-]*"),
    re.compile(r"(\b[a-z][a-z0-9+.-]{1,20}://)[^\s/@\"']{1,200}(?=@)", re.IGNORECASE),
    re.compile(
        r"(?i)([\w-]{0,40}(?:password|passwd|secret|token|api[_-]?key|sid)[\"']?\s*[:=]\s*[\"']?)(?!<hidden>)[^\s\"'&,;]{3,}"
    ),
)
_COLOURS = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")
_CONTROLS = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]")


def scrub(told: str) -> str:
    """Without what looks like a credential."""
    for pattern in _SCRUBS:
        told = pattern.sub(lambda match: f"{match[1]}{HIDDEN}", told)
    return told


def plain(line: str, *, longest: int = LONGEST_LINE) -> str:
    """One line as text only: colours taken out, other control characters shown as �, cut when too long."""
    told = _CONTROLS.sub("�", _COLOURS.sub("", line[: 20 * longest].replace("\t", "    ")))
    told = scrub(told)
    return told if len(told) <= longest else f"{told[:longest]}…"
