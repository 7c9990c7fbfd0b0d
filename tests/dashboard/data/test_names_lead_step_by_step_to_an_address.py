"""Pod, headless Service, record, address: each told by somebody else, and compared."""

from __future__ import annotations

from typing import Any

import pytest

from dashboard.data import names
from dashboard.data.names import Former

SERVICE = {"metadata": {"name": "mongo"}, "spec": {"clusterIP": "None", "publishNotReadyAddresses": True}}


def slices(**addresses: str) -> list[dict[str, Any]]:
    endpoints = [
        {"hostname": name.replace("_", "-"), "addresses": [address], "conditions": {"ready": True},
         "targetRef": {"kind": "Pod", "name": name.replace("_", "-")}}
        for name, address in addresses.items()
    ]  # fmt: skip
    return [{"metadata": {"name": "mongo-x7k2p"}, "endpoints": endpoints}]


@pytest.fixture
def chain(world: Any) -> Any:
    def build(name: str = "mongo-1", known: Any = None, former: Any = ()) -> dict[str, Any]:
        seen = world.picture()
        records = names.records(known if known is not None else slices(mongo_1="127.64.1.6"))
        return names.row(seen.find(name), seen, names.service(SERVICE), records, former)

    return build


def steps(row: dict[str, Any]) -> dict[str, tuple[str, str]]:
    return {each["id"]: (each["value"], each["note"]) for each in row["steps"]}


def test_a_name_that_leads_to_its_pod_is_told_in_four_steps(chain: Any) -> None:
    row = chain()
    assert (row["verdict"], row["tone"], row["sentence"]) == ("equal", "ok", "The name leads to the pod's own address.")
    assert steps(row) == {
        "pod": ("127.64.1.6", "ready"),
        "service": ("mongo", "clusterIP None; names pods before they are ready"),
        "record": ("127.64.1.6", "ready, in mongo-x7k2p"),
        "address": ("127.64.1.6", "by mongo-0, mongo-1 and mongo-2"),
    }


@pytest.mark.parametrize(
    ("pod", "word"),
    [
        ({"ready": False}, "not ready"),
        ({"ready": False, "state": "PodInitializing"}, "not ready yet (PodInitializing)"),
        ({"ready": False, "state": "Terminating", "deleted_at": "2026-11-23T12:00:00Z"}, "ending"),
    ],
)
def test_a_pod_that_is_not_ready_says_why_in_plain_words(
    chain: Any, world: Any, pod: dict[str, Any], word: str
) -> None:
    world.pods["mongo-1"] |= pod
    assert steps(chain())["pod"] == ("127.64.1.6", word)


@pytest.mark.parametrize("serving", [None, False])
def test_a_record_beside_a_pod_that_is_not_ready_does_not_claim_that_it_is(
    chain: Any, world: Any, serving: bool | None
) -> None:
    """The Service names pods early, so that the EndpointSlice calls all of them ready."""
    world.pods["mongo-1"] |= {"ready": False}
    known = slices(mongo_1="127.64.1.6")
    if serving is not None:
        known[0]["endpoints"][0]["conditions"]["serving"] = serving
    told = steps(chain(known=known))
    assert told["pod"] == ("127.64.1.6", "not ready")
    assert told["record"] == ("127.64.1.6", "named although the pod is not ready, in mongo-x7k2p")


def test_a_resolver_that_still_gives_the_former_address_is_named(chain: Any, world: Any) -> None:
    world.pods["mongo-1"]["ip"] = "127.64.1.9"
    row = chain(known=slices(mongo_1="127.64.1.9"))
    assert (row["verdict"], row["tone"]) == ("differs", "failed")
    assert row["sentence"] == "For mongo-0, mongo-1 and mongo-2 the name leads to 127.64.1.6; the pod has 127.64.1.9."


def test_a_record_that_lags_is_told_though_resolvers_are_right(chain: Any) -> None:
    row = chain(known=slices(mongo_1="127.64.1.3"))
    assert row["sentence"] == "The record says 127.64.1.3; the pod has 127.64.1.6."
    assert chain(known=[])["sentence"] == "The record says nothing; the pod has 127.64.1.6."


def test_a_name_that_leads_nowhere(chain: Any, world: Any) -> None:
    world.resolved["mongo-1"] = []
    row = chain()
    assert (row["verdict"], row["sentence"]) == ("nowhere", "The name leads nowhere now: Name or service not known.")


def test_a_name_without_a_pod_behind_it(chain: Any, world: Any) -> None:
    del world.pods["mongo-1"]
    assert "there is no pod behind it" in chain()["sentence"]


def test_without_agents_nothing_is_claimed(chain: Any, world: Any) -> None:
    world.silent = {"mongo-0", "mongo-1", "mongo-2"}
    row = chain()
    assert (row["verdict"], steps(row)["address"]) == ("unknown", ("–", "no agent has said yet"))


def test_records_that_cannot_be_read_are_unknown_and_not_absent(world: Any) -> None:
    seen = world.picture()
    row = names.row(seen.find("mongo-1"), seen, None, None, [])
    assert row["records"] is None
    assert steps(row)["record"] == ("–", "the EndpointSlices could not be read")
    assert row["verdict"] == "equal"


def test_a_service_with_an_address_of_its_own_is_not_headless() -> None:
    told = names.service({"metadata": {"name": "mongo"}, "spec": {"clusterIP": "10.96.0.7"}})
    assert told is not None
    assert (told["headless"], told["not_ready_too"]) == (False, False)
    assert names.service(None) is None


def test_former_addresses_are_kept_newest_first_while_the_name_stays() -> None:
    former = Former()
    for number in range(8):
        former.seen("mongo-1", uid=f"uid-{number}", address=f"127.64.1.{number}", at=f"12:0{number}")
    kept = former.of("mongo-1")
    assert [each["address"] for each in kept] == [f"127.64.1.{number}" for number in (6, 5, 4, 3, 2)]
    assert kept[0]["until"] == "12:07"
    former.seen("mongo-1", uid="uid-7", address="127.64.1.7", at="12:09")
    assert len(former.of("mongo-1")) == names.FORMER_MOST
    former.forget()
    assert former.of("mongo-1") == []
