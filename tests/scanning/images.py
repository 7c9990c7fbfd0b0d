"""`python -m tests.scanning.images IMAGE…`: asks the image scanner that is there; fails on critical findings.

Without one, or without its data, it says that nothing was scanned.
"""

from __future__ import annotations

import shutil
import subprocess
import sys

SCANNERS = {
    "trivy": ("trivy", "image", "--quiet", "--severity", "CRITICAL", "--exit-code", "3"),
    "grype": ("grype", "--quiet", "--fail-on", "critical"),
}
FOUND = {"trivy": 3, "grype": 2}
"""Exit code that means findings, and no other trouble."""


def main(images: list[str]) -> int:
    scanner = next((name for name in SCANNERS if shutil.which(name)), None)
    if scanner is None:
        print(f"not scanned: neither {' nor '.join(SCANNERS)} is on the path")
        return 0
    critical = 0
    for image in images:
        ended = subprocess.run([*SCANNERS[scanner], image], capture_output=True, text=True, check=False)
        if ended.returncode == FOUND[scanner]:
            print(f"{image}: critical findings of {scanner}\n{ended.stdout}")
            critical += 1
        elif ended.returncode:
            print(f"{image}: not scanned: {(ended.stderr.strip().splitlines() or ['it gave no reason'])[-1]}")
        else:
            print(f"{image}: scanned by {scanner}, nothing critical")
    return 1 if critical else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
