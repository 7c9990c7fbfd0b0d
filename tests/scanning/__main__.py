"""`python -m tests.scanning`: scanners of others on images, manifests, code and locked packages; a part of `make lint`.

What a scanner finds and we keep is listed in `kept.py` with the reason; what is listed there and not found any more
is an error too. What could not be looked up is reported as such, never as clean.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from tests.scanning import scanners
from tests.scanning.scanners import Report

ROOT = Path(__file__).resolve().parents[2]
SCANNERS: tuple[Callable[[Path], Report], ...] = (
    scanners.hadolint, scanners.bandit, scanners.checkov, scanners.kubernetes_validate, scanners.pip_audit,
)  # fmt: skip


def main() -> int:
    with ThreadPoolExecutor(max_workers=2) as at_once:
        reports = list(at_once.map(lambda scan: scan(ROOT), SCANNERS))
    for report in reports:
        print(f"{report.scanner}: {report.sentence}")
        for each in report.wrong:
            print(f"  {each}")
    return 1 if any(report.wrong for report in reports) else 0


if __name__ == "__main__":
    sys.exit(main())
