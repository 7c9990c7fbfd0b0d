"""An unsafe request needs a header no foreign page can set, and Sec-Fetch-Site or Origin that says it is ours."""

from __future__ import annotations

import pytest

from dashboard.access.origins import Origins

ORIGINS = Origins.loopback(8080)
HTMX = {"HTTP_HX_REQUEST": "true"}
SCRIPT = {"HTTP_X_REQUESTED_WITH": "fetch"}
SAME = {"HTTP_SEC_FETCH_SITE": "same-origin"}
ORIGIN = {"HTTP_ORIGIN": "http://127.0.0.1:8080"}


@pytest.mark.parametrize("given", [HTMX | SAME, SCRIPT | SAME, HTMX | ORIGIN, HTMX | SAME | ORIGIN])
def test_it_takes_changes_of_our_own_page(given: dict[str, str]) -> None:
    assert ORIGINS.change_allowed(given)


@pytest.mark.parametrize(
    "given",
    [
        {},
        SAME,
        ORIGIN,
        HTMX,
        HTMX | {"HTTP_SEC_FETCH_SITE": "same-site"},
        HTMX | {"HTTP_SEC_FETCH_SITE": "cross-site"},
        HTMX | {"HTTP_SEC_FETCH_SITE": "cross-site"} | ORIGIN,
        HTMX | {"HTTP_SEC_FETCH_SITE": "none"},
        HTMX | {"HTTP_ORIGIN": "null"},
        HTMX | {"HTTP_ORIGIN": "http://localhost:9090"},
    ],
)
def test_it_refuses_all_others(given: dict[str, str]) -> None:
    assert not ORIGINS.change_allowed(given)
