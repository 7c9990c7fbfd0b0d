import json

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sampleapp.entries import NAME_LENGTH, TEXT_LENGTH, BadInput, NewEntry, from_fields, from_json


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({}, "empty"),
        ({"text": ""}, "empty"),
        ({"text": " \n\t "}, "empty"),
        ({"text": None}, "empty"),
        ({"text": "x" * (TEXT_LENGTH + 1)}, "281 characters"),
        ({"text": 5}, "not a string"),
        ({"text": ["a"]}, "not a string"),
        ({"text": True}, "not a string"),
        ({"text": "a\0b"}, "NUL"),
        ({"text": "\x1b[31m"}, "cannot be shown"),
        ({"text": "\ud800"}, "cannot be shown"),
        ({"text": "fine", "name": "x" * (NAME_LENGTH + 1)}, "name has 41"),
        ({"text": "fine", "name": {}}, "name is not a string"),
    ],
)
def test_each_fault_is_named(fields, reason):
    with pytest.raises(BadInput, match=reason):
        from_fields(fields)


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"null", b'"text"', b"\xff\xfe\x00", b"[" * 100_000, b"9" * 5000])
def test_what_is_no_json_object_is_refused(body):
    with pytest.raises(BadInput, match="JSON"):
        from_json(body)


def test_the_longest_text_fits():
    assert from_fields({"text": "é" * TEXT_LENGTH}) == NewEntry(text="é" * TEXT_LENGTH)


def test_the_text_may_be_called_message():
    assert from_fields({"message": "Hello"}) == NewEntry(text="Hello")


def test_space_around_and_between_is_made_single():
    assert from_fields({"text": "  a \n b  ", "name": " Ada "}) == NewEntry(text="a b", name="Ada")


# The first text ever drawn builds a table of all characters, which looks like slow input.
@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.dictionaries(st.sampled_from(["text", "name", "other"]), st.one_of(st.text(), st.integers(), st.none())))
def test_any_document_becomes_a_storable_entry_or_bad_input(document):
    try:
        entry = from_json(json.dumps(document).encode())
    except BadInput:
        return
    assert 0 < len(entry.text.encode()) <= TEXT_LENGTH * 4
    assert "\0" not in entry.text + entry.name
