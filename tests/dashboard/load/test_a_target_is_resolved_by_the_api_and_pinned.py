"""L1, L2: load goes to the pods that the API names for a listed Service, and to nothing that could be anything else."""

from __future__ import annotations

from typing import Any

import pytest

from dashboard.errors import Refused
from dashboard.load.addresses import parsed_all, why_refused
from dashboard.load.pinning import pin
from dashboard.load.request import SwarmRequest

SERVICE = "/api/v1/namespaces/flask/services/guestbook"
SLICE = "/apis/discovery.k8s.io/v1/namespaces/flask/endpointslices/guestbook-x7"
POD = "/api/v1/namespaces/flask/pods/guestbook-1"
KUBERNETES = "/apis/discovery.k8s.io/v1/namespaces/default/endpointslices/kubernetes"


def point_at(driver: Any, address: str) -> None:
    """Slice and pod alike, so that only the address itself speaks against it."""
    driver.cluster.around[SLICE]["endpoints"][0]["addresses"] = [address]
    driver.cluster.around[POD]["status"] |= {"podIP": address, "podIPs": [{"ip": address}]}


def refused(driver: Any) -> str:
    with pytest.raises(Refused) as caught:
        driver.start()
    assert driver.cluster.objects == {}
    return caught.value.sentence


def test_the_workers_get_the_cluster_ip_and_nothing_is_looked_up(driver: Any) -> None:
    driver.start()
    plan = driver.record()[-1]
    assert plan["addresses"] == ["10.96.0.7"]


def test_a_headless_service_is_pinned_to_its_pods(driver: Any) -> None:
    driver.cluster.around[SERVICE]["spec"] |= {"clusterIP": "None", "clusterIPs": ["None"]}
    plan = driver.starting.plan(SwarmRequest(), by="operator", session="s")
    assert plan.pinned.addresses == ("10.244.1.5",)


@pytest.mark.parametrize(
    "target",
    ["http://victim.example", "10.0.0.1", "169.254.169.254", "guestbook.flask", "default/kubernetes", "", "a\nb"],
)
def test_an_address_is_no_target(target: str) -> None:
    with pytest.raises(Refused, match="listed Services"):
        SwarmRequest(target=target)


def test_a_target_that_nobody_listed_is_refused(driver: Any) -> None:
    with pytest.raises(Refused, match="no target"):
        driver.start(SwarmRequest(target="mongo"))
    assert driver.cluster.objects == {}


BAD = [
    "169.254.169.254", "169.254.1.1", "fe80::1", "fd00:ec2::254", "100.100.100.200", "::ffff:10.244.1.5",
    "::ffff:169.254.169.254", "0.0.0.0", "::", "224.0.0.1", "ff02::1", "255.255.255.255", "240.0.0.1", "127.0.0.1",
    "::1", "10.0.0.2", "10.96.0.1", "10.0.0.4", "2002:a9fe:a9fe::1", "2001:0:a9fe::1",
    "2130706433", "0x7f000001", "0177.0.0.1", "127.1", "0xa9fea9fe", "2852039166", "10.244.1.5 ", "010.244.1.5",
    "10.244.1.5%lo", "victim.example", "localhost", "[10.244.1.5]", "10.244.1.5:80", "１０.２４４.１.５", "",
]  # fmt: skip


@pytest.mark.parametrize("address", BAD)
def test_an_endpoint_with_a_doubtful_address_is_refused(driver: Any, address: str) -> None:
    point_at(driver, address)
    assert "No load goes to the Service guestbook" in refused(driver)


@pytest.mark.parametrize("address", BAD)
def test_a_cluster_ip_with_a_doubtful_address_is_refused(driver: Any, address: str) -> None:
    if address:
        driver.cluster.around[SERVICE]["spec"] |= {"clusterIP": address, "clusterIPs": [address]}
        assert "No load goes to the Service guestbook" in refused(driver)


def test_loopback_is_a_target_only_where_the_api_server_says_it_is_on_loopback_itself(driver: Any) -> None:
    """So a tunnel to a far API server opens nothing: what counts is what the cluster publishes."""
    point_at(driver, "127.64.1.5")
    assert "is loopback" in refused(driver)
    driver.cluster.around[KUBERNETES]["endpoints"][0]["addresses"] = ["127.0.0.1"]
    driver.start()


def test_on_loopback_too_neither_the_api_server_nor_the_node_is_a_target() -> None:
    forbidden = parsed_all(["127.0.0.1", "127.64.0.1"])
    assert why_refused("127.0.0.1", forbidden=forbidden, loopback=True)
    assert why_refused("127.64.0.1", forbidden=forbidden, loopback=True)
    assert why_refused("127.64.1.5", forbidden=forbidden, loopback=True) is None


@pytest.mark.parametrize("text", ["fd00:0:0:0:0:0:0:1", "fd00::0001", "fd00::1%eth0"])
def test_an_address_in_another_spelling_than_the_usual_one_is_none(text: str) -> None:
    """Two programs could read it differently, and only one of them would have been asked."""
    assert why_refused("fd00::1") is None
    assert "is not an IP address as the API writes them" in (why_refused(text) or "")


def test_the_api_server_as_we_know_it_is_no_target_whatever_the_cluster_publishes(driver: Any) -> None:
    target = driver.swarms.targets["guestbook"]
    assert pin(driver.cluster, target, server="https://10.9.9.9:6443").endpoints == ("10.244.1.5",)
    with pytest.raises(Refused, match="the API server or of a node"):
        pin(driver.cluster, target, server="https://10.244.1.5:6443")


def test_an_endpoint_that_somebody_wrote_by_hand_is_refused(driver: Any) -> None:
    driver.cluster.around[SLICE]["endpoints"].append({"addresses": ["203.0.113.9"], "conditions": {"ready": True}})
    assert "203.0.113.9 is no pod that it selects" in refused(driver)


def test_a_pod_that_has_ended_lends_its_address_to_nobody(driver: Any) -> None:
    driver.cluster.around[POD]["status"]["phase"] = "Succeeded"
    assert "is no pod that it selects" in refused(driver)


def test_a_service_without_a_selector_is_refused(driver: Any) -> None:
    driver.cluster.around[SERVICE]["spec"]["selector"] = None
    assert "written by hand" in refused(driver)


def test_a_pod_on_its_nodes_network_is_refused(driver: Any) -> None:
    driver.cluster.around[POD]["spec"]["hostNetwork"] = True
    assert "on its node's network" in refused(driver)


def test_an_external_name_is_refused(driver: Any) -> None:
    driver.cluster.around[SERVICE]["spec"] = {"type": "ExternalName", "externalName": "victim.example"}
    assert "ExternalName" in refused(driver)


def test_a_slice_of_names_is_refused(driver: Any) -> None:
    driver.cluster.around[SLICE]["addressType"] = "FQDN"
    assert "names instead of addresses" in refused(driver)


def test_a_port_that_the_service_does_not_have_is_refused(driver: Any) -> None:
    driver.cluster.around[SERVICE]["spec"]["ports"] = [{"port": 22}]
    assert "has no port 8080" in refused(driver)


def test_a_service_without_a_ready_pod_is_refused_with_what_to_do(driver: Any) -> None:
    driver.cluster.around[SLICE]["endpoints"][0]["conditions"]["ready"] = False
    assert "Wait until a pod of it is ready" in refused(driver)


def test_what_cannot_be_read_is_refused_not_assumed(driver: Any) -> None:
    del driver.cluster.around["/api/v1/namespaces/default/services/kubernetes"]
    assert "cannot be asked" in refused(driver)


def test_an_address_that_changed_between_the_two_steps_is_refused(driver: Any) -> None:
    """Rebinding: what was read in the plan is what is loaded, or nothing."""
    plan = driver.starting.plan(SwarmRequest(), by="operator", session="s")
    driver.cluster.around[SERVICE]["spec"] |= {"clusterIP": "10.96.0.8", "clusterIPs": ["10.96.0.8"]}
    with pytest.raises(Refused, match="changed since the plan"):
        driver.starting.start(plan.nonce, by="operator", session="s")
    assert driver.cluster.objects == {}
