"""Validation of what tells a pod's place: tolerations, affinities, spreading; and of the names it is given there."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable, Iterator

from localcluster import names
from localcluster.apiserver.admission import faults
from localcluster.apiserver.admission.faults import Cause
from localcluster.apiserver.admission.validating.metadata import validate_selector
from localcluster.client import Object

_EFFECTS = ("NoSchedule", "PreferNoSchedule", "NoExecute")
_ACTIONS = ("DoNotSchedule", "ScheduleAnyway")
_REQUIRED = "requiredDuringSchedulingIgnoredDuringExecution"
_PREFERRED = "preferredDuringSchedulingIgnoredDuringExecution"
_EXISTS_RULE = 'operator must be Exists when `key` is empty, which means "match all values and all keys"'
_MOST_NAMESERVERS = 3
_HEAVIEST = 100


def validate_place(spec: Object, *, field: str) -> Iterator[Cause]:
    """Everything of a pod specification about where it runs."""
    yield from _affinity(spec.get("affinity") or {}, field=f"{field}.affinity")
    yield from _name_service(spec, field=f"{field}.dnsConfig")
    yield from _spreading(spec.get("topologySpreadConstraints") or [], field=f"{field}.topologySpreadConstraints")
    yield from _tolerations(spec.get("tolerations") or [], field=f"{field}.tolerations")
    for index, alias in enumerate(spec.get("hostAliases") or []):
        place = f"{field}.hostAliases[{index}]"
        yield from address_faults(f"{place}.ip", alias.get("ip", ""))
        for at, name in enumerate(alias.get("hostnames") or []):
            yield from faults.each_invalid(f"{place}.hostnames[{at}]", name, names.subdomain_faults(name))


def address_faults(field: str, text: str) -> list[Cause]:
    """An IP address of either family."""
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return [faults.invalid(field, text, "must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)")]
    return []


def validate_node_selector(selector: Object, *, field: str) -> Iterator[Cause]:
    """A `v1.NodeSelector`."""
    if not selector.get("nodeSelectorTerms"):
        yield faults.required(f"{field}.nodeSelectorTerms", "must have at least one node selector term")
    for index, term in enumerate(selector.get("nodeSelectorTerms") or []):
        yield from _node_term(term, field=f"{field}.nodeSelectorTerms[{index}]")


def _tolerations(tolerations: Iterable[Object], *, field: str) -> Iterator[Cause]:
    for index, toleration in enumerate(tolerations):
        place = f"{field}[{index}]"
        key, operator, value = (toleration.get(name, "") for name in ("key", "operator", "value"))
        if key:
            yield from faults.each_invalid(f"{place}.key", key, names.label_key_faults(key))
        elif operator != "Exists":
            yield faults.invalid(f"{place}.operator", operator, _EXISTS_RULE)
        effect = toleration.get("effect", "")
        if "tolerationSeconds" in toleration and effect != "NoExecute":
            yield faults.invalid(
                f"{place}.effect", effect, "effect must be 'NoExecute' when `tolerationSeconds` is set"
            )
        if operator in ("", "Equal"):
            problems = names.label_value_faults(value)
            if problems:
                yield faults.invalid(f"{place}.operator", value, ";".join(problems))
        elif operator != "Exists":
            yield faults.unsupported(f"{place}.operator", operator, ("Equal", "Exists"))
        elif value:
            yield faults.invalid(f"{place}.operator", value, "value must be empty when `operator` is 'Exists'")
        if effect and effect not in _EFFECTS:
            yield faults.unsupported(f"{place}.effect", effect, _EFFECTS)


def _affinity(affinity: Object, *, field: str) -> Iterator[Cause]:
    node = affinity.get("nodeAffinity") or {}
    place = f"{field}.nodeAffinity"
    if node.get(_REQUIRED) is not None:
        yield from validate_node_selector(node[_REQUIRED], field=f"{place}.{_REQUIRED}")
    for index, term in enumerate(node.get(_PREFERRED) or []):
        at = f"{place}.{_PREFERRED}[{index}]"
        yield from _weight(term, field=at)
        yield from _node_term(term.get("preference") or {}, field=f"{at}.preference")
    for kind in ("podAffinity", "podAntiAffinity"):
        rules, place = affinity.get(kind) or {}, f"{field}.{kind}"
        for index, term in enumerate(rules.get(_REQUIRED) or []):
            yield from _pod_term(term, field=f"{place}.{_REQUIRED}[{index}]")
        for index, weighted in enumerate(rules.get(_PREFERRED) or []):
            at = f"{place}.{_PREFERRED}[{index}]"
            yield from _weight(weighted, field=at)
            yield from _pod_term(weighted.get("podAffinityTerm") or {}, field=f"{at}.podAffinityTerm")


def _weight(term: Object, *, field: str) -> Iterator[Cause]:
    if not 1 <= term.get("weight", 0) <= _HEAVIEST:
        yield faults.invalid(f"{field}.weight", term.get("weight", 0), f"must be in the range 1-{_HEAVIEST}")


def _node_term(term: Object, *, field: str) -> Iterator[Cause]:
    for index, each in enumerate(term.get("matchExpressions") or []):
        place, key = f"{field}.matchExpressions[{index}]", each.get("key", "")
        operator, values = each.get("operator", ""), each.get("values") or []
        if operator in ("In", "NotIn"):
            if not values:
                yield faults.required(f"{place}.values", "must be specified when `operator` is 'In' or 'NotIn'")
        elif operator in ("Exists", "DoesNotExist"):
            if values:
                detail = "may not be specified when `operator` is 'Exists' or 'DoesNotExist'"
                yield faults.forbidden(f"{place}.values", detail)
        elif operator in ("Gt", "Lt"):
            if len(values) != 1:
                yield faults.required(
                    f"{place}.values", "must be specified single value when `operator` is 'Lt' or 'Gt'"
                )
        else:
            yield faults.invalid(f"{place}.operator", operator, "not a valid selector operator")
        yield from faults.each_invalid(f"{place}.key", key, names.label_key_faults(key))


def _pod_term(term: Object, *, field: str) -> Iterator[Cause]:
    for name in ("labelSelector", "namespaceSelector"):
        yield from validate_selector(term.get(name) or {}, field=f"{field}.{name}")
    for namespace in term.get("namespaces") or []:
        yield from faults.each_invalid(f"{field}.namespace", namespace, names.label_faults(namespace))
    key = term.get("topologyKey", "")
    if not key:
        yield faults.required(f"{field}.topologyKey", "can not be empty")
    yield from faults.each_invalid(f"{field}.topologyKey", key, names.label_key_faults(key))


def _spreading(constraints: list[Object], *, field: str) -> Iterator[Cause]:
    seen: set[tuple[str, str]] = set()
    for index, each in enumerate(constraints):
        place, action, key = f"{field}[{index}]", each.get("whenUnsatisfiable", ""), each.get("topologyKey", "")
        if each.get("maxSkew", 0) <= 0:
            yield faults.invalid(f"{place}.maxSkew", each.get("maxSkew", 0), "must be greater than zero")
        if not key:
            yield faults.required(f"{place}.topologyKey", "can not be empty")
        if action not in _ACTIONS:
            yield faults.unsupported(f"{place}.whenUnsatisfiable", action, _ACTIONS)
        if (key, action) in seen:
            yield faults.duplicate(f"{place}.{{topologyKey, whenUnsatisfiable}}", f"{{{key}, {action}}}")
        seen.add((key, action))
        yield from validate_selector(each.get("labelSelector") or {}, field=f"{place}.labelSelector")


def _name_service(spec: Object, *, field: str) -> Iterator[Cause]:
    config = spec.get("dnsConfig")
    servers = (config or {}).get("nameservers") or []
    if spec.get("dnsPolicy") == "None" and config is None:
        yield faults.required(field, "must provide `dnsConfig` when `dnsPolicy` is None")
    elif spec.get("dnsPolicy") == "None" and not servers:
        detail = "must provide at least one DNS nameserver when `dnsPolicy` is None"
        yield faults.required(f"{field}.nameservers", detail)
    if len(servers) > _MOST_NAMESERVERS:
        detail = f"must not have more than {_MOST_NAMESERVERS} nameservers"
        yield faults.invalid(f"{field}.nameservers", servers, detail)
    for index, server in enumerate(servers):
        yield from address_faults(f"{field}.nameservers[{index}]", server)
