"""Trusted Types: the browser itself refuses to make markup or script of any text but our server's own answers."""

from __future__ import annotations

from typing import Any

import pytest

pytestmark = pytest.mark.browser

SINKS = {
    "innerHTML": "document.body.lastElementChild.innerHTML = '<img src=x>'",
    "outerHTML": "document.body.lastElementChild.outerHTML = '<p>x</p>'",
    "insertAdjacentHTML": "document.body.insertAdjacentHTML('beforeend', '<img src=x>')",
    "DOMParser": "new DOMParser().parseFromString('<img src=x>', 'text/html')",
    "parseHTMLUnsafe": "Document.parseHTMLUnsafe('<img src=x>')",
    "document.write": "document.write('<img src=x>')",
    "script.text": "document.createElement('script').text = '1'",
    "script.src": "document.createElement('script').src = 'https://evil.example/x.js'",
    "srcdoc": "document.createElement('iframe').srcdoc = '<img src=x>'",
    "createContextualFragment": "document.createRange().createContextualFragment('<img src=x>')",
    "another policy": "trustedTypes.createPolicy('another', {createHTML: (text) => text})",
    "the default policy anew": "trustedTypes.createPolicy('default', {createHTML: (text) => text})",
}


def test_no_text_becomes_markup_or_script(open_page: Any) -> None:
    page = open_page()
    tried = {
        name: page.evaluate(
            f"(code) => {{ try {{ {code}; return 'done'; }} catch (error) {{ return error.name; }} }}", code
        )
        for name, code in SINKS.items()
    }
    open_page.complaints.clear()
    assert tried == dict.fromkeys(SINKS, "TypeError")


@pytest.mark.parametrize("path", ["/", "/deploy", "/load", "/scaling", "/data", "/limits", "/runs", "/share"])
def test_what_our_server_answers_to_htmx_is_put_into_the_page(
    stand: Any, open_page: Any, until: Any, path: str
) -> None:
    stand.script.everything()
    page = open_page()
    page.goto(f"{stand.url}{path}")
    page.evaluate("htmx.ajax('GET', '/story', {target: '#toasts', select: 'main', swap: 'innerHTML'})")
    until(page, "document.querySelector('#toasts h1')?.textContent.includes('Story') ?? false")
