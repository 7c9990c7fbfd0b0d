"""Quantities are read exactly and written as Kubernetes writes them."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from localcluster import quantity


@pytest.mark.parametrize(
    ("text", "value"),
    [("100m", "0.1"), ("2", "2"), ("64Mi", str(64 * 2**20)), ("1.5Gi", str(3 * 2**29)), ("1e3", "1000"),
     ("12E2", "1200"), ("3k", "3000"), ("5n", "0.000000005"), ("-1", "-1"), (".5", "0.5")],
)  # fmt: skip
def test_it_reads_every_notation(text: str, value: str) -> None:
    assert quantity.parse(text) == Decimal(value)


@pytest.mark.parametrize("text", ["", "abc", "٣", "1 Mi", "1mi", "--1", "1e", "Mi"])
def test_it_refuses_what_is_no_quantity(text: str) -> None:
    with pytest.raises(ValueError, match="quantities must match the regular expression"):
        quantity.parse(text)


@pytest.mark.parametrize(
    ("text", "value"),
    [("1e999999999", "9223372036854775807"), ("-1e40", "-9223372036854775807"), ("9" * 100_000, "9223372036854775807"),
     ("9" * 100_000 + "Ki", "9223372036854775807"), ("16Ei", "9223372036854775807"), ("10E", "9223372036854775807"),
     ("1e-999999999", "0.000000001"), ("0." + "0" * 5000 + "1", "0.000000001"), ("0e999999999", "0")],
    ids=lambda text: text[:12],
)  # fmt: skip
def test_what_is_beyond_all_use_is_the_most_or_the_least_there_can_be(text: str, value: str) -> None:
    assert quantity.parse(text) == Decimal(value)
    assert quantity.parse(quantity.canonical(text)) == Decimal(value)


def test_an_exponent_of_any_length_is_refused_in_time() -> None:
    with pytest.raises(ValueError, match="unable to parse quantity's suffix"):
        quantity.parse("1e" + "9" * 5000)


@pytest.mark.parametrize(
    ("text", "canonical"),
    [("0.5", "500m"), ("1000m", "1"), ("1000", "1k"), ("1024Mi", "1Gi"), ("1536Mi", "1536Mi"), ("1.5Gi", "1536Mi"),
     ("1e3", "1e3"), ("0", "0"), ("0Mi", "0"), ("0.1n", "1n"), ("128974848", "128974848")],
)  # fmt: skip
def test_it_writes_the_largest_exact_suffix(text: str, canonical: str) -> None:
    assert quantity.canonical(text) == canonical


@settings(deadline=None)
@given(st.integers(min_value=0, max_value=10**15), st.sampled_from(["", "m", "k", "M", "Ki", "Mi", "u"]))
def test_the_canonical_text_means_the_same_and_stays(number: int, suffix: str) -> None:
    text = f"{number}{suffix}"
    canonical = quantity.canonical(text)
    assert quantity.parse(canonical) == quantity.parse(text)
    assert quantity.canonical(canonical) == canonical


def test_amounts_are_formatted_for_cpu_and_memory() -> None:
    assert quantity.format_cpu(Decimal("0.25")) == "250m"
    assert quantity.format_memory(Decimal(512)) == "512"
    assert quantity.format_memory(Decimal(2**30)) == "1Gi"
