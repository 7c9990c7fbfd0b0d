"""L8: Locust's own web page takes any target from any origin, so neither master nor worker may open a port for it."""

from __future__ import annotations

import ast
from pathlib import Path
from typing import Any

import psutil

import swarm as package

WEB_UI = {"create_web_ui", "WebUI", "web_ui"}


def ports(process: Any) -> set[int]:
    """What this process and its children listen on."""
    family = [psutil.Process(process.pid), *psutil.Process(process.pid).children(recursive=True)]
    found = [each for one in family for each in one.net_connections(kind="inet")]
    return {each.laddr.port for each in found if each.status == psutil.CONN_LISTEN}


def test_a_swarm_under_load_listens_on_its_two_ports_only(swarm: Any) -> None:
    swarm.start(workers=1)
    swarm.until(lambda state: state["users"] == 20, what="under load")
    assert ports(swarm.master) == {swarm._control, swarm._workers_port}
    assert ports(swarm.workers[0]) == set()
    swarm.ask("POST", "/stop")


def test_nothing_of_it_is_even_named_in_the_code() -> None:
    for file in Path(package.__file__).parent.glob("*.py"):
        tree = ast.parse(file.read_text(encoding="utf-8"))
        names = {each.attr for each in ast.walk(tree) if isinstance(each, ast.Attribute)}
        names |= {each.id for each in ast.walk(tree) if isinstance(each, ast.Name)}
        modules = {str(each.module) for each in ast.walk(tree) if isinstance(each, ast.ImportFrom)}
        modules |= {one.name for each in ast.walk(tree) if isinstance(each, ast.Import) for one in each.names}
        assert not names & WEB_UI, file.name
        assert not {each for each in modules if each.startswith(("locust.web", "locust.main"))}, file.name
