"""`surgeboard url`: the sign-in URL of the dashboard that is running with this data folder."""

from __future__ import annotations

import argparse
import sys

from dashboard.access.links import FILE_NAME
from dashboard.settings import Settings


def run(settings: Settings, arguments: argparse.Namespace) -> int:
    """Prints it; 1 when no dashboard has written one."""
    del arguments
    file = settings.data_dir / FILE_NAME
    try:
        print(file.read_text(encoding="utf-8").strip())
    except FileNotFoundError:
        print(f"surgeboard: no dashboard has been started with the data folder {settings.data_dir}.", file=sys.stderr)
        return 1
    return 0
