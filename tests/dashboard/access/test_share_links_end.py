"""A share link works for many until it ends or is revoked, gives nothing but looking, and is kept as a hash alone."""

from __future__ import annotations

import json
import stat
from pathlib import Path
from typing import Any

import pytest

from dashboard.access.capabilities import Capability
from dashboard.access.share_file import FILE_NAME, LARGEST
from dashboard.access.share_links import HOUR, LINKS_MAX, ShareLinks, cookie_of
from dashboard.errors import Refused


class Kept:
    """A data folder with a clock; `links()` is what a process started now would have."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.now = 1_000_000.0
        self.steady = 0.0
        self.record: list[dict[str, Any]] = []

    @property
    def file(self) -> Path:
        return self.folder / FILE_NAME

    def links(self) -> ShareLinks:
        return ShareLinks(
            self.folder, clock=lambda: self.now, steady=lambda: self.steady,
            record=lambda action, **more: self.record.append({"action": action, **more}),
        )  # fmt: skip


@pytest.fixture
def kept(tmp_path: Path) -> Kept:
    return Kept(tmp_path / "data")


def make(links: ShareLinks, label: str = "Monday", hours: int = 8) -> tuple[str, str]:
    link, token = links.make(label=label, hours=hours, by="alice")
    return link.id, token


def test_a_link_gives_many_browsers_a_session_that_may_only_look(kept: Kept) -> None:
    links = kept.links()
    link_id, token = make(links)
    for _ in range(3):
        cookie = links.enter(token)
        assert cookie is not None
        session = links.session_of(cookie)
        assert session is not None
        assert session.capabilities == frozenset({Capability.LOOK})
        assert (session.share, session.credential, session.expires_at) == (link_id, None, kept.now + 8 * HOUR)


def test_a_link_is_of_256_random_bits(kept: Kept) -> None:
    links = kept.links()
    tokens = {make(links)[1] for _ in range(20)}
    assert len(tokens) == 20
    assert all(len(token) >= 43 for token in tokens)


def test_what_is_kept_opens_nothing(kept: Kept) -> None:
    links = kept.links()
    _, token = make(links)
    cookie = links.enter(token)
    text = kept.file.read_text()
    assert token not in text
    assert cookie not in text
    assert token not in json.dumps(kept.record)
    for told in json.loads(text)["links"][0].values():
        assert links.enter(str(told)) is None
        assert links.session_of(str(told)) is None


def test_the_file_is_its_owner_s_alone_and_whole_at_every_moment(kept: Kept) -> None:
    make(kept.links())
    assert stat.S_IMODE(kept.file.stat().st_mode) == 0o600
    assert [each.name for each in kept.folder.iterdir()] == [FILE_NAME]


def test_link_cookie_and_last_use_outlive_a_restart(kept: Kept) -> None:
    links = kept.links()
    link_id, token = make(links)
    kept.now += 100
    cookie = links.enter(token)
    assert cookie is not None
    again = kept.links()
    assert again.session_of(cookie) is not None
    assert again.enter(token) == cookie
    assert [(each.id, each.label, each.by, each.last_used_at) for each in again.listing()] == [
        (link_id, "Monday", "alice", kept.now)
    ]


def test_a_link_ends_by_itself_with_its_sessions(kept: Kept) -> None:
    links = kept.links()
    link_id, token = make(links, hours=1)
    cookie = links.enter(token)
    assert cookie is not None
    kept.now += HOUR
    assert links.enter(token) is None
    assert links.session_of(cookie) is None
    assert links.get(f"share-{link_id}") is None
    assert [links.is_over(each) for each in links.listing()] == [True]
    kept.now += 24 * HOUR
    assert links.listing() == []


def test_revoking_ends_it_at_once_and_for_good(kept: Kept) -> None:
    links = kept.links()
    link_id, token = make(links)
    _, other = make(links, "Tuesday")
    cookie = links.enter(token)
    assert cookie is not None
    told: list[str] = []
    links.when_revoked = lambda: told.append("look again")
    links.revoke(link_id, by="bob")
    assert told == ["look again"]
    assert links.enter(token) is None
    assert links.session_of(cookie) is None
    assert links.get(f"share-{link_id}") is None
    assert kept.links().enter(token) is None
    assert kept.links().enter(other) is not None
    assert [(each["action"], each["by"]) for each in kept.record][-1] == ("share link revoke", "bob")
    with pytest.raises(Refused, match="no such share link"):
        links.revoke(link_id, by="bob")


def test_a_revoked_link_ends_even_when_the_file_cannot_be_written(kept: Kept) -> None:
    links = kept.links()
    link_id, token = make(links)
    kept.file.unlink()
    kept.file.mkdir()
    with pytest.raises(Refused, match="after a restart"):
        links.revoke(link_id, by="bob")
    assert links.enter(token) is None


def test_a_link_that_could_not_be_kept_is_not_made(kept: Kept) -> None:
    links = kept.links()
    kept.file.mkdir(parents=True)
    with pytest.raises(Refused, match="nothing was changed"):
        make(links)
    assert links.listing() == []


@pytest.mark.parametrize(
    "content",
    [
        "", "{", "[]", '{"version": 1}', '{"version": 2, "links": []}', '{"version": 1, "links": [{}]}',
        '{"version": 1, "links": [], "more": 1}',
        '{"version": 1, "links": [{"id": "0", "label": "a", "by": "b", "made_at": 1, "expires_at": 9e9, "hash": "x"}]}',
    ],
)  # fmt: skip
def test_a_broken_file_is_refused_with_its_name_and_left_as_it_is(kept: Kept, content: str) -> None:
    kept.folder.mkdir()
    kept.file.write_text(content)
    kept.file.chmod(0o600)
    links = kept.links()
    assert links.trouble is not None
    assert str(kept.file) in links.trouble
    for doing in (lambda: make(links), lambda: links.revoke("00000000", by="bob")):
        with pytest.raises(Refused, match="share links") as refused:
            doing()
        assert refused.value.status == 503
    assert links.enter("anything") is None
    assert kept.file.read_text() == content


def test_a_file_that_has_grown_beyond_all_measure_is_not_read(kept: Kept) -> None:
    make(kept.links())
    with kept.file.open("a") as file:
        file.write(" " * LARGEST)
    assert "larger" in (kept.links().trouble or "")


def test_a_file_that_others_can_write_is_not_believed(kept: Kept) -> None:
    _, token = make(kept.links())
    kept.file.chmod(0o622)
    links = kept.links()
    assert "written by others" in str(links.trouble)
    assert links.enter(token) is None


def test_a_file_that_is_a_link_to_another_is_not_followed(kept: Kept) -> None:
    _, token = make(kept.links())
    kept.file.rename(kept.folder / "elsewhere")
    kept.file.symlink_to(kept.folder / "elsewhere")
    assert kept.links().enter(token) is None


@pytest.mark.parametrize("hours", [0, -1, 169, 10_000])
def test_a_link_holds_for_an_hour_at_least_and_seven_days_at_most(kept: Kept, hours: int) -> None:
    with pytest.raises(Refused, match="1 to 168 hours"):
        make(kept.links(), hours=hours)


@pytest.mark.parametrize("label", ["", "  ", "x" * 61, "a\x00b", "a\u202eb"])
def test_a_label_is_there_and_plain(kept: Kept, label: str) -> None:
    with pytest.raises(Refused, match="label"):
        make(kept.links(), label)


def test_there_are_so_many_links_and_no_more_until_one_ends(kept: Kept) -> None:
    links = kept.links()
    for _ in range(LINKS_MAX):
        link_id, _token = make(links)
    with pytest.raises(Refused, match="Revoke one"):
        make(links)
    links.revoke(link_id, by="bob")
    make(links)


@pytest.mark.parametrize("wrong", ["", "x" * 43, "naïve", "\udcff"])
def test_a_wrong_link_opens_nothing(kept: Kept, wrong: str) -> None:
    links = kept.links()
    make(links)
    assert links.enter(wrong) is None
    assert links.session_of(wrong) is None
    assert links.session_of(cookie_of(wrong)) is None


def test_one_link_s_browsers_share_a_pace_of_their_own(kept: Kept) -> None:
    links = kept.links()
    sessions = [links.session_of(str(links.enter(make(links)[1]))) for _ in range(2)]
    one, other = sessions
    assert one is not None
    assert other is not None
    assert sum(links.is_within_pace(one) for _ in range(1000)) == 300
    assert links.is_within_pace(other)
    kept.steady += 1
    assert links.is_within_pace(one)
