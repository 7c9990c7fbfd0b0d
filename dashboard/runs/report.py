"""A run as one HTML file that opens from a disk, without a network and without the dashboard. Reads our own files only.

Style, script and data are inside. The file says by its own policy that nothing else may run or be loaded: the hashes of
its one style and one script, no network, no form. Text is escaped by the template, data by `embedded`.
"""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from dashboard.runs import linking, picture, telling, wording
from dashboard.store.times import iso

Row = Mapping[str, Any]

PACKAGE = Path(__file__).resolve().parents[1]
STATIC = PACKAGE / "static"
TEMPLATES = PACKAGE / "templates"
ENTRY = "js/run_report.js"
SHEETS = ("vendor/uPlot.min.css", "css/tokens.css", "css/base.css", "css/tide.css", "css/runs.css", "css/report.css")
MARK = "icons/mark.svg"
LICENCE = "vendor/uPlot.LICENSE.txt"
_UNSAFE = {"<": "\\u003c", ">": "\\u003e", "&": "\\u0026", "\u2028": "\\u2028", "\u2029": "\\u2029"}


def report(document: Row, *, manifests: Sequence[Row] = (), made_at: datetime) -> str:
    """The file. `document` is what may be shown to anyone; `manifests`: rows of bundle, object and yaml, likewise."""
    style = "\n".join(_read(sheet) for sheet in SHEETS)
    script = linking.link(ENTRY, _read)
    environment = Environment(
        loader=FileSystemLoader(TEMPLATES), autoescape=True, trim_blocks=True, lstrip_blocks=True,
        undefined=StrictUndefined,
    )  # fmt: skip
    return environment.get_template("runs/report.html").render(
        run=telling.whole(document),
        picture=picture.picture(document),
        manifests=manifests,
        made_at=iso(made_at.timestamp()),
        made=wording.moment(iso(made_at.timestamp())),
        policy=policy(style, script),
        style=style,
        script=script,
        data=embedded(document),
        mark=base64.b64encode((STATIC / MARK).read_bytes()).decode(),
        licence=_read(LICENCE),
    )


def policy(style: str, script: str) -> str:
    """What the file allows itself, as a Content-Security-Policy."""
    return (
        f"default-src 'none'; script-src {_hash(script)}; style-src {_hash(style)}; img-src data:; "
        "base-uri 'none'; form-action 'none'"
    )


def embedded(document: Row) -> str:
    """JSON that can stand inside a script element: nothing in it can end the element or a line."""
    text = json.dumps(document, ensure_ascii=False, separators=(",", ":"))
    return "".join(_UNSAFE.get(each, each) for each in text)


def file_name(document: Row, suffix: str) -> str:
    """`surgeboard-run-01KAQ….html`."""
    kept = "".join(each for each in str(document.get("run_id")) if each.isascii() and (each.isalnum() or each == "-"))
    return f"surgeboard-run-{kept}.{suffix}"


def _read(path: str) -> str:
    return (STATIC / path).read_text(encoding="utf-8")


def _hash(text: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"
