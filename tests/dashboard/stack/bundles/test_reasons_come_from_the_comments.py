"""One source for readers of the file and of the page: the comment above."""

from __future__ import annotations

from typing import Any

import pytest

from dashboard.stack.bundles import comments
from dashboard.stack.bundles.reading import read_path

OBJECT = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: one}\n"


@pytest.mark.parametrize(
    ("above", "reason"),
    [
        ("# Why one.\n", "Why one."),
        ("# It goes\n#   over two `lines`.\n", "It goes over two lines."),
        ("# Why one.\n#\n# More for readers of the file.\n", "Why one."),
        ("# Why one.\n---\n", "Why one."),
        ("---\n# Why one.\n", "Why one."),
        ("# A licence.\n\n# Why one.\n", "Why one."),
        ("# A licence, not a reason.\n\n", ""),
        ("# yaml-language-server: $schema=x\n# Why one.\n", "Why one."),
        ("#!/usr/bin/env kubectl apply -f\n# SPDX-License-Identifier: MIT\n", ""),
        ("#\n# Why one.\n", "Why one."),
        ("", ""),
        ("# Why one.\r\n", "Why one."),
        ("\ufeff# Why one.\n", "Why one."),
    ],
)
def test_the_paragraph_directly_above_is_the_reason(write: Any, above: str, reason: str) -> None:
    assert read_path(write("shop", {"a.yaml": above + OBJECT})).reasons.get("ConfigMap//one", "") == reason


def test_each_document_has_its_own(write: Any) -> None:
    one = f"# Why one.\n{OBJECT}data:\n  a: |\n    text\n    # not a comment\n"
    two, three = OBJECT.replace("one", "two"), OBJECT.replace("one", "three")
    text = f"{one}---\n{two}---\n# Why three.\n{three}"

    bundle = read_path(write("shop", {"a.yaml": text}))

    assert bundle.reasons == {"ConfigMap//one": "Why one.", "ConfigMap//three": "Why three."}


def test_an_endless_comment_is_cut() -> None:
    assert len(comments.above(["# " + "x" * 5000, "a: 1"], 1)) == comments.LONGEST


@pytest.mark.parametrize(
    ("comment", "title", "text"),
    [
        ("MongoDB: a replica set of three. And more.", "MongoDB", "A replica set of three."),
        ("Sells things (0.8), mostly. kubectl knows.", "shop", "Sells things (0.8), mostly. kubectl knows."),
        ("Sells things. Then more.", "shop", "Sells things."),
        ("Sells things", "shop", "Sells things"),
        ("", "shop", ""),
    ],
)
def test_a_kustomizations_first_sentence_is_title_and_text(comment: str, title: str, text: str) -> None:
    assert comments.title_and_text(comment, name="shop") == (title, text)
