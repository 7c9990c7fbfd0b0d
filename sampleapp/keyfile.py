"""`python -m sampleapp.keyfile SOURCE TARGET`: give mongod its key file with the mode it insists on.

mongod refuses a key that its group may read, and a Secret volume with fsGroup always is group-readable. So an
init container copies the key into an in-memory volume, as the user that mongod runs as. Prints no key, ever.
"""

import os
import re
import sys
from pathlib import Path

_KEY = re.compile(rb"[A-Za-z0-9+/=]{6,1024}")


def copy(source: Path, target: Path) -> None:
    """Copy the key with mode 0400. May be repeated: an init container runs again when its pod's sandbox is renewed."""
    key = b"".join(source.read_bytes().split())
    if not _KEY.fullmatch(key):
        raise ValueError(f"{source} is no key file: 6 to 1024 base64 characters are needed. Generate the Secret anew.")
    unfinished = target.with_name(target.name + ".new")
    unfinished.unlink(missing_ok=True)
    handle = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o400)
    with os.fdopen(handle, "wb") as file:
        file.write(key)
    unfinished.replace(target)


def main(arguments: list[str]) -> int:
    """0 done, 1 failed, 2 usage."""
    if len(arguments) != 2:
        sys.stderr.write("usage: python -m sampleapp.keyfile SOURCE TARGET\n")
        return 2
    source, target = map(Path, arguments)
    try:
        copy(source, target)
    except (OSError, ValueError) as error:
        sys.stderr.write(f"The key file was not copied to {target}: {error}\n")
        return 1
    sys.stdout.write(f"Key file ready at {target}.\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
