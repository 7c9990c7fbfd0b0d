"""An object that somebody else made exactly as the bundle wants it: said in the plan, owned once it is deployed."""

from __future__ import annotations

from typing import Any

CONFIG = "/api/v1/namespaces/shop/configmaps/web"


def test_the_plan_says_so_and_deploying_makes_us_an_owner_once(deploying: Any, cluster: Any, objects: Any) -> None:
    cluster.apply("/api/v1/namespaces/shop", objects[0], field_manager="kubectl")
    cluster.apply(CONFIG, objects[2], field_manager="kubectl")
    deploying.put(list(objects))

    (found,) = [each for each in deploying.stack.plan(["shop"]).objects if each.ref.kind == "ConfigMap"]
    assert found.verdict == "unchanged"
    assert "made elsewhere" in (found.sentence or "")

    cluster.writes.clear()
    assert deploying.deploy()["error"] is None
    assert cluster.owners(CONFIG, "data", "a") == {"kubectl", "surgeboard"}
    cluster.writes.clear()
    deploying.deploy()
    assert cluster.writes == []
    assert [each.sentence for each in deploying.stack.plan(["shop"]).objects] == [None, None, None]
