"""What kubectl's own commands send becomes the object it means; what is not understood is refused, not dropped."""

from __future__ import annotations

import pytest

from localcluster.apiserver.protobuf import decoding as protobuf

# A SelfSubjectAccessReview as kubectl 1.37 sends it for `auth can-i get pods`.
REVIEW = bytes.fromhex(
    "6b3873000a320a17617574686f72697a6174696f6e2e6b38732e696f2f7631121753656c665375626a656374416363657373526576696577"
    "123c0a100a0012001a0022002a00320038004200121e0a1c0a0764656661756c7412036765741a0022002a04706f647332003a001a080800"
    "12001a0020001a002200"
)


def field(number: int, value: bytes) -> bytes:
    return bytes([number << 3 | 2, len(value)]) + value


def envelope(kind: str, raw: bytes) -> bytes:
    return protobuf.MAGIC + field(1, field(1, b"v1") + field(2, kind.encode())) + field(2, raw)


def test_a_recorded_review_is_read_whole() -> None:
    assert protobuf.decode(REVIEW) == {
        "kind": "SelfSubjectAccessReview",
        "apiVersion": "authorization.k8s.io/v1",
        "metadata": {},
        "spec": {"resourceAttributes": {"namespace": "default", "verb": "get", "resource": "pods"}},
    }


def test_maps_and_bytes_are_read() -> None:
    data = field(2, field(1, b"key") + field(2, b"\x00\xff"))
    body = protobuf.decode(envelope("Secret", field(1, field(1, b"s")) + data))
    assert (body["metadata"], body["data"]) == ({"name": "s"}, {"key": "AP8="})


@pytest.mark.parametrize(
    "raw",
    [
        b"{}",
        envelope("Pod", b""),
        envelope("ConfigMap", field(9, b"x")),
        envelope("ConfigMap", b"\x0a\x7f"),
        envelope("ConfigMap", b"\xff"),
        REVIEW[:60],
    ],
)
def test_what_is_not_known_is_refused(raw: bytes) -> None:
    with pytest.raises(protobuf.UnknownProtobufError):
        protobuf.decode(raw)


def test_json_inside_protobuf_stays_json() -> None:
    entry = field(1, b"kubectl") + field(7, field(1, b'{"f:data":{}}'))
    body = protobuf.decode(envelope("ConfigMap", field(1, bytes([0x8A, 1, len(entry)]) + entry)))
    assert body["metadata"]["managedFields"] == [{"manager": "kubectl", "fieldsV1": {"f:data": {}}}]


def test_a_bound_of_zero_is_a_bound() -> None:
    """`kubectl create pdb --max-unavailable=0`: nothing may go."""
    zero = b"\x08\x00\x10\x00" + field(3, b"")
    body = protobuf.decode(envelope("PodDisruptionBudget", field(2, field(3, zero))))
    assert body["spec"] == {"maxUnavailable": 0}
