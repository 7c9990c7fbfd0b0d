"""Label selectors: the grammar of `?labelSelector=` and of `spec.selector`, with the API's refusals.

Field selectors live in `fieldselectors` and are offered here too.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from localcluster.errors import ApiError, bad_request
from localcluster.fieldselectors import FieldSelector, parse_field_selector
from localcluster.names import label_key_faults, label_value_faults

Labels = Mapping[str, str]
_OPERATORS = "in, notin, =, ==, !=, gt, lt"
_FROM_OBJECT = {"In": "in", "NotIn": "notin", "Exists": "exists", "DoesNotExist": "!"}
_TOKENS = re.compile(r"\s*(?:(==|!=|[(),!=<>])|([^\s(),!=<>]+))")
_SYMBOLS = {"=": "=", "==": "=", "!=": "!=", "in": "in", "notin": "notin", ">": "gt", "<": "lt"}

__all__ = (
    "FieldSelector", "LabelSelector", "Requirement", "from_map", "from_object", "parse_field_selector",
    "parse_label_selector",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Requirement:
    """One condition on a label. `operator`: in, notin, =, !=, exists, !, gt, lt."""

    key: str
    operator: str
    values: tuple[str, ...] = ()

    def matches(self, labels: Labels) -> bool:
        """Whether labels fulfil it; an absent label fulfils the negative operators."""
        value = labels.get(self.key)
        if self.operator == "exists":
            return value is not None
        if self.operator == "!":
            return value is None
        if self.operator in ("=", "in"):
            return value in self.values
        if self.operator in ("!=", "notin"):
            return value is None or value not in self.values
        return value is not None and _compares(value, operator=self.operator, bound=self.values[0])

    def __str__(self) -> str:
        if self.operator == "exists":
            return self.key
        if self.operator == "!":
            return f"!{self.key}"
        if self.operator in ("in", "notin"):
            return f"{self.key} {self.operator} ({','.join(sorted(self.values))})"
        sign = {"gt": ">", "lt": "<"}.get(self.operator, self.operator)
        return f"{self.key}{sign}{self.values[0]}"


@dataclass(frozen=True, slots=True)
class LabelSelector:
    """All requirements together; without any it matches everything, unless `nothing` is set."""

    requirements: tuple[Requirement, ...] = ()
    nothing: bool = False

    def matches(self, labels: Labels | None) -> bool:
        """Whether an object's labels are selected."""
        return not self.nothing and all(requirement.matches(labels or {}) for requirement in self.requirements)

    @property
    def empty(self) -> bool:
        """Whether it selects everything."""
        return not self.requirements and not self.nothing

    def __str__(self) -> str:
        return ",".join(str(requirement) for requirement in self.requirements)


def parse_label_selector(text: str) -> LabelSelector:
    """`app=web,tier in (a,b),!old`. Raises 400, worded as the API words it."""
    requirements = _Parser(text).requirements()
    return LabelSelector(tuple(sorted(requirements, key=lambda requirement: requirement.key)))


def from_object(selector: Mapping[str, Any] | None) -> LabelSelector:
    """A `metav1.LabelSelector`: None selects nothing, an empty one everything."""
    if selector is None:
        return LabelSelector(nothing=True)
    found = [Requirement(key, "=", (value,)) for key, value in (selector.get("matchLabels") or {}).items()]
    for expression in selector.get("matchExpressions") or []:
        operator = _FROM_OBJECT[expression["operator"]]
        found.append(Requirement(expression["key"], operator, tuple(expression.get("values") or ())))
    return LabelSelector(tuple(sorted(found, key=lambda requirement: requirement.key)))


def from_map(labels: Labels | None) -> LabelSelector:
    """A plain map such as a Service's selector; an empty one selects nothing."""
    if not labels:
        return LabelSelector(nothing=True)
    return LabelSelector(tuple(Requirement(key, "=", (labels[key],)) for key in sorted(labels)))


def _compares(value: str, *, operator: str, bound: str) -> bool:
    try:
        left, right = int(value), int(bound)
    except ValueError:
        return False
    return left > right if operator == "gt" else left < right


class _Parser:
    """Reads one selector from left to right; a token is (text, is it a symbol); ("", True) ends it."""

    def __init__(self, text: str) -> None:
        self._tokens = [(match[1] or match[2], match[1] is not None) for match in _TOKENS.finditer(text)]
        self._at = 0

    def requirements(self) -> list[Requirement]:
        found: list[Requirement] = []
        while not self._ended:
            text, is_symbol = self._peek()
            if is_symbol and text != "!":
                raise _refusal(f"found '{text}', expected: !, identifier, or 'end of string'")
            found.append(self._requirement())
            if self._ended:
                break
            self._comma()
        return found

    def _comma(self) -> None:
        text, _ = self._take()
        if text != ",":
            raise _refusal(f"found '{text}', expected: ',' or 'end of string'")
        text, is_symbol = self._peek()
        if is_symbol and text != "!":
            raise _refusal(f"found '{text}', expected: identifier after ','")

    def _requirement(self) -> Requirement:
        negated = self._peek() == ("!", True)
        if negated:
            self._take()
        key, is_symbol = self._take()
        if is_symbol:
            raise _refusal(f"unable to parse requirement: found '{key}', expected: identifier")
        _check(label_key_faults(key), value=key)
        text, is_symbol = self._peek()
        if negated:
            return Requirement(key, "!")
        if self._ended or text == ",":
            return Requirement(key, "exists")
        if text not in _SYMBOLS:
            raise _refusal(f"unable to parse requirement: found '{text}', expected: {_OPERATORS}")
        self._take()
        return self._with_values(key, operator=_SYMBOLS[text])

    def _with_values(self, key: str, *, operator: str) -> Requirement:
        values = self._listed() if operator in ("in", "notin") else (self._exact(),)
        for value in values:
            _check(label_value_faults(value), value=value, field=f"values[0][{key}]")
        if operator in ("gt", "lt") and not re.fullmatch(r"[+-]?\d+", values[0]):
            raise _refusal(
                f'unable to parse requirement: values[0]: Invalid value: "{values[0]}": '
                "for 'Gt', 'Lt' operators, the value must be an integer"
            )
        return Requirement(key, operator, values)

    def _exact(self) -> str:
        text, is_symbol = self._peek()
        if self._ended or text == ",":
            return ""
        if is_symbol:
            raise _refusal(f"unable to parse requirement: found '{text}', expected: identifier")
        self._take()
        return text

    def _listed(self) -> tuple[str, ...]:
        text, _ = self._take()
        if text != "(":
            raise _refusal(f"unable to parse requirement: found '{text}' expected: '('")
        values: list[str] = []
        while True:
            text, is_symbol = self._take()
            if not is_symbol:
                values.append(text)
                text, _ = self._take()
            elif text in (",", ")"):
                values.append("")
            if text == ")":
                return tuple(values)
            if text != ",":
                raise _refusal(f"unable to parse requirement: found '{text}', expected: ',', or ')'")

    @property
    def _ended(self) -> bool:
        return self._at >= len(self._tokens)

    def _peek(self) -> tuple[str, bool]:
        return ("", True) if self._ended else self._tokens[self._at]

    def _take(self) -> tuple[str, bool]:
        token = self._peek()
        self._at += 1
        return token


def _check(faults: list[str], *, value: str, field: str = "key") -> None:
    if faults:
        raise _refusal(f'unable to parse requirement: {field}: Invalid value: "{value}": {"; ".join(faults)}')


def _refusal(message: str) -> ApiError:
    return bad_request(message)
