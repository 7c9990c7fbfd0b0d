"""Comments of a YAML file as plain words: why an object is written as it is. Pure.

One source for people who read the file and for those who read the page.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

LONGEST = 700
"""Characters; a reason is a sentence or two, not the whole licence of a file."""

_FOR_MACHINES = ("yaml-language-server:", "vim:", "SPDX-", "Copyright", "Source:", "!")
_SENTENCE = re.compile(r"(.+?[.!?])(?=\s+[A-Z`]|\s*\Z)", re.DOTALL)
_TITLE = re.compile(r"(?P<title>[^:.]{1,30}): (?P<text>.+)", re.DOTALL)


def above(lines: Sequence[str], line: int) -> str:
    """The first paragraph of the comment that ends directly above a line (counted from 0); empty without one.

    An empty comment line ends a paragraph: what follows it is for readers of the file alone.
    """
    start = line
    while start > 0 and lines[start - 1].lstrip().startswith("#"):
        start -= 1
    words = [each.lstrip().removeprefix("#").strip() for each in lines[start:line]]
    kept = [each for each in words if not each.startswith(_FOR_MACHINES)]
    while kept and not kept[0]:
        kept.pop(0)
    end = kept.index("") if "" in kept else len(kept)
    text = " ".join(kept[:end]).replace("`", "")
    return text if len(text) <= LONGEST else text[: LONGEST - 1].rstrip() + "…"


def title_and_text(comment: str, *, name: str) -> tuple[str, str]:
    """A bundle's title and one sentence on it, from the comment on top of its kustomization.

    `MongoDB: a replica set of three.` has both; without a colon the title is the folder's name.
    """
    found = _SENTENCE.match(comment)
    sentence = found.group(1) if found else comment
    titled = _TITLE.match(sentence)
    if titled is None:
        return name, sentence
    text = titled["text"]
    return titled["title"].strip(), text[:1].upper() + text[1:]
