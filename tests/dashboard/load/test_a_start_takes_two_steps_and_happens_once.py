"""L9, L10: the second step takes the first one's nonce, from its session, in time, once; never are there two swarms."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest

from dashboard.confirming import PLANS_MAX, VALID_S
from dashboard.errors import Refused
from dashboard.kube import errors
from dashboard.load import adoption
from dashboard.load.request import SwarmRequest
from dashboard.load.turn import CREATING_S, PATH, STARTS_MAX, Turn


def plan(driver: Any, session: str = "s") -> str:
    nonce: str = driver.starting.plan(SwarmRequest(), by="operator", session=session).nonce
    return nonce


def confirm(driver: Any, nonce: str, session: str = "s") -> str:
    swarm_id: str = driver.starting.start(nonce, by="operator", session=session).swarm_id
    return swarm_id


def jobs(driver: Any) -> list[str]:
    return [path for path in driver.cluster.objects if path.endswith("-master")]


def end(driver: Any) -> None:
    """The swarm to its verified end."""
    driver.cluster.running()
    driver.tick()
    driver.swarms.stop(by="operator")
    driver.tick(2)
    driver.cluster.document = None
    assert not driver.swarms.is_active


def test_a_plan_writes_nothing_in_the_cluster(driver: Any) -> None:
    before = dict(driver.cluster.around)
    plan(driver)
    assert driver.cluster.objects == {}
    assert driver.cluster.around == before


def test_the_plan_says_who_what_how_much_and_how_long(driver: Any) -> None:
    told = driver.starting.plan(SwarmRequest(users=80, workers=2), by="operator", session="s").document()
    assert (told["by"], told["users"], told["workers"], told["duration_s"]) == ("operator", 80, 2, 180)
    assert told["target"]["addresses"] == ["10.96.0.7"]
    assert told["requests_per_second_at_most"] == 1000
    assert told["ends_at_latest"] > told["ends_at"]
    assert [each.split()[0] for each in told["objects"]] == ["Job", "Job", "Secret", "Lease"]


@pytest.mark.parametrize("nonce", ["", "x", "nonce", "\x00", "\udcff", "A" * 100_000])
def test_a_nonce_that_was_made_up_starts_nothing(driver: Any, nonce: str) -> None:
    plan(driver)
    with pytest.raises(Refused, match="not valid any more"):
        confirm(driver, nonce)
    assert jobs(driver) == []


def test_a_nonce_of_another_session_starts_nothing_and_stays_good_for_its_own(driver: Any) -> None:
    nonce = plan(driver)
    with pytest.raises(Refused, match="not valid any more"):
        confirm(driver, nonce, session="another")
    assert jobs(driver) == []
    confirm(driver, nonce)
    assert len(jobs(driver)) == 1


def test_a_nonce_runs_out(driver: Any) -> None:
    nonce = plan(driver)
    driver.seconds += VALID_S + 1
    with pytest.raises(Refused, match="not valid any more"):
        confirm(driver, nonce)
    assert jobs(driver) == []


def test_a_nonce_used_again_answers_the_same_and_starts_nothing_more(driver: Any) -> None:
    nonce = plan(driver)
    first = confirm(driver, nonce)
    assert confirm(driver, nonce) == first
    end(driver)
    assert confirm(driver, nonce) == first
    assert jobs(driver) == []


def test_a_refusal_is_repeated_too(driver: Any) -> None:
    nonces = [plan(driver), plan(driver)]
    confirm(driver, nonces[0])
    sentences = set()
    for _ in range(2):
        with pytest.raises(Refused) as caught:
            confirm(driver, nonces[1])
        sentences.add(caught.value.sentence)
        if driver.swarms.is_active:
            end(driver)
    assert len(sentences) == 1


def test_plans_that_nobody_confirms_cost_no_memory_without_end(driver: Any) -> None:
    first = driver.starting.plan(SwarmRequest(), by="operator", session="s")
    for _ in range(PLANS_MAX):
        last = driver.starting.plan(SwarmRequest(), by="operator", session="s")
    with pytest.raises(Refused, match="not valid any more"):
        driver.starting.start(first.nonce, by="operator", session="s")
    assert driver.starting.start(last.nonce, by="operator", session="s")


def test_what_another_process_planned_has_to_be_planned_again(driver: Any) -> None:
    nonce = plan(driver)
    driver.again()
    with pytest.raises(Refused, match="not valid any more"):
        confirm(driver, nonce)


def at_once(*attempts: Callable[[], str]) -> Counter[str]:
    """What came of attempts made all at the same time."""
    outcomes: Counter[str] = Counter()
    gate = threading.Barrier(len(attempts))

    def attempt(act: Callable[[], str]) -> None:
        gate.wait()
        try:
            outcomes[act()] += 1
        except Refused as refusal:
            outcomes[f"refused {refusal.status}"] += 1

    threads = [threading.Thread(target=attempt, args=(act,)) for act in attempts]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    return outcomes


def test_fifty_confirmations_of_one_plan_start_one_swarm_and_all_hear_of_it(driver: Any) -> None:
    nonce = plan(driver)
    outcomes = at_once(*[lambda: confirm(driver, nonce)] * 50)
    assert list(outcomes.values()) == [50]
    assert len(jobs(driver)) == 1


def test_fifty_plans_confirmed_at_once_start_one_swarm(driver: Any) -> None:
    nonces = [plan(driver) for _ in range(50)]
    outcomes = at_once(*[lambda each=each: confirm(driver, each) for each in nonces])  # type: ignore[misc]
    assert outcomes["refused 409"] == 49
    assert len(jobs(driver)) == 1


@pytest.fixture
def blind(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody sees another's Job in time; the Lease alone decides."""
    monkeypatch.setattr(adoption, "running", lambda *_, **__: None)


@pytest.mark.usefixtures("blind")
def test_two_dashboards_at_once_start_one_swarm(driver: Any, another: Any) -> None:
    nonces = [(each, plan(each)) for each in (driver, another) * 10]
    outcomes = at_once(*[lambda each=each, nonce=nonce: confirm(each, nonce) for each, nonce in nonces])  # type: ignore[misc]
    assert outcomes["refused 409"] == 19
    assert len(jobs(driver)) == 1


def test_a_turn_is_held_while_its_owner_may_still_create_and_free_when_it_never_did(driver: Any, another: Any) -> None:
    """A dashboard that dies between the two must not keep all others out."""
    Turn(driver.cluster, driver.now).take("k3v9", by="operator")
    with pytest.raises(Refused, match="operator is starting a swarm right now"):
        another.start()
    another.seconds += CREATING_S + 1
    another.start()


@pytest.mark.parametrize(("verb", "is_there"), [("create", False), ("patch", True)])
def test_of_two_that_saw_the_same_free_turn_the_second_to_write_is_refused(
    driver: Any, another: Any, verb: str, *, is_there: bool
) -> None:
    if is_there:
        driver.start()
        end(driver)
    write = getattr(driver.cluster, verb)

    def a_moment_too_late(path: str, body: Any) -> Any:
        setattr(driver.cluster, verb, write)
        another.start()
        return write(path, body)

    setattr(driver.cluster, verb, a_moment_too_late)
    with pytest.raises(Refused, match="active already"):
        Turn(driver.cluster, driver.now).take("k3v9", by="operator")
    assert len(jobs(driver)) == 1


@pytest.mark.usefixtures("blind")
def test_a_turn_is_held_for_as_long_as_the_master_lives(driver: Any, another: Any) -> None:
    driver.start()
    another.seconds += 600
    with pytest.raises(Refused, match="active already"):
        another.start()
    end(driver)
    another.start()


def test_what_could_not_be_created_gives_its_turn_back(driver: Any) -> None:
    create = driver.cluster.create
    driver.cluster.create = lambda path, manifest: (
        create(path, manifest) if manifest["kind"] != "Job" else _exceeded(path)
    )
    with pytest.raises(Refused, match="exceeded quota"):
        driver.start()
    assert driver.cluster.objects == {}
    driver.cluster.create = create
    driver.start()


def _exceeded(path: str) -> None:
    raise errors.Forbidden(403, "Forbidden", f"{path}: exceeded quota")


def test_the_eleventh_start_in_an_hour_is_refused_and_a_restart_does_not_help(driver: Any, another: Any) -> None:
    for _ in range(STARTS_MAX):
        driver.start()
        end(driver)
    for each in (driver, another):
        with pytest.raises(Refused, match="within the last hour") as caught:
            each.start()
        assert caught.value.status == 429
    driver.again()
    with pytest.raises(Refused, match="within the last hour"):
        driver.start()
    assert jobs(driver) == []

    del driver.cluster.around[PATH]  # whoever deletes the Lease meets the record
    with pytest.raises(Refused, match="within the last hour"):
        driver.start()
    driver.seconds += 3600
    driver.start()
