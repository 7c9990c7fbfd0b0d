"""Finds the classes of load users: the guestbook's, or those of a file that was mounted into the pod.

Of a file only its user classes count: its host, shapes, listeners and options have no effect here.
"""

from __future__ import annotations

import importlib.util
import sys
import traceback
from pathlib import Path

from locust import User

from swarm import visitors
from swarm.ceilings import Refused
from swarm.scenario import GuestbookUser
from swarm.settings import GUESTBOOK, Scenario

MODULE = "own_scenario"


def user_classes(scenario: Scenario) -> list[type[User]]:
    """The scenario's classes. Raises Refused, with the error's last line, for a file that cannot be used."""
    if scenario.name == GUESTBOOK:
        return [GuestbookUser]
    try:
        found = _imported(scenario.file)
        visitors.check(found)
    except Refused as error:
        raise Refused(f"the locustfile {scenario.name}.py cannot be used: {error}") from None
    return found


def _imported(file: Path) -> list[type[User]]:
    spec = importlib.util.spec_from_file_location(MODULE, file)
    if spec is None or spec.loader is None or not file.is_file():
        raise Refused(f"there is no {file}")
    module = importlib.util.module_from_spec(spec)
    sys.modules[MODULE] = module
    try:
        spec.loader.exec_module(module)
    except KeyboardInterrupt:
        raise
    except BaseException as error:  # noqa: BLE001 - somebody's own code: whatever it does, the swarm says what
        raise Refused(_last_line(error)) from None
    classes = [each for each in vars(module).values() if isinstance(each, type) and issubclass(each, User)]
    own = [each for each in classes if each.__module__ == MODULE and not each.abstract]
    return sorted(set(own), key=lambda each: each.__name__)


def _last_line(error: BaseException) -> str:
    lines = "".join(traceback.format_exception_only(error)).strip().splitlines()
    return lines[-1][:300] if lines else type(error).__name__
