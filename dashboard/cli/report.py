"""`surgeboard report RUN`: writes one run as a file that opens anywhere: HTML, or JSON or CSV by the file's ending."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from dashboard.cli.archive import Work, told
from dashboard.cli.options import Misused
from dashboard.cli.session import Ended
from dashboard.runs import export
from dashboard.runs.report import file_name, report
from dashboard.stack.bundles.catalogue import Catalogue
from dashboard.web.runs.manifests import manifests

ENDINGS = (".html", ".json", ".csv")


def work(given: Work) -> Ended:
    """The whole command."""
    output: Path | None = given.arguments.output
    ending = ".html" if output is None else output.suffix.lower()
    if ending == ".png":
        raise Misused("A picture is drawn by a browser: open the report and press “Save as PNG”.")
    if ending not in ENDINGS:
        raise Misused(f"--output {output}: the ending says what is written; there are {', '.join(ENDINGS)}.")
    document = given.runs.document(given.found(given.arguments.run))
    file = output or Path(file_name(document, "html"))
    text = _text(given, document, ending)
    half = file.with_name(f".{file.name}.part")
    half.write_text(text, encoding="utf-8", newline="")
    half.replace(file)
    given.terminal.tell(f"{file} holds the run ({len(text.encode()):,} bytes).")
    return told({"run_id": document["run_id"], "file": str(file), "bytes": len(text.encode())})


def _text(given: Work, document: Mapping[str, Any], ending: str) -> str:
    if ending == ".json":
        return json.dumps(document, indent=1, ensure_ascii=False) + "\n"
    if ending == ".csv":
        return export.samples_csv(document)
    settings = given.settings
    own = [settings.stacks_dir] if settings.stacks_dir else []
    bundles = Catalogue(settings.bundles_dir, own, settings.stacks_cluster_scoped).all()
    return report(document, manifests=manifests(document, bundles), made_at=datetime.now(UTC))
