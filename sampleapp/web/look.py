"""What the page and its script show alike. Pure."""

import zlib

COLOURS = 8


def colour_of(pod: str) -> int:
    """A pod keeps its colour from page to page and from replica to replica."""
    return zlib.crc32(pod.encode("utf-8", "replace")) % COLOURS
