"""A stack of one's own through the Deploy page, on the real local cluster: plan, apply, drift, roll back, tear down."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

pytestmark = [pytest.mark.cluster, pytest.mark.browser]

SETTINGS = """\
# What the shop says to whoever comes in.
apiVersion: v1
kind: ConfigMap
metadata: {name: shop, namespace: default}
data: {greeting: GREETING}
"""
PROGRAM = """\
# One pod is enough for a shop that only sleeps.
apiVersion: apps/v1
kind: Deployment
metadata: {name: shop, namespace: default}
spec:
  replicas: 1
  selector: {matchLabels: {app: shop}}
  template:
    metadata: {labels: {app: shop}}
    spec:
      terminationGracePeriodSeconds: 0
      containers:
        - name: shop
          image: docker.io/library/busybox:1.37
          command: [/bin/sh, -c, "exec sleep 3600"]
"""
SENTENCE = "document.querySelector('#deploy-progress [data-f=sentence]').textContent"


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of the stack `shop`."""
    folder = tmp_path_factory.mktemp("stacks") / "shop"
    folder.mkdir()
    (folder / "settings.yaml").write_text(SETTINGS.replace("GREETING", "hello"))
    (folder / "program.yaml").write_text(PROGRAM)
    return folder


@pytest.fixture
def page(chromium: Any, lab: Any, stack: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """A signed-in page of a dashboard that knows the stack; at the end it may not have complained."""
    monkeypatch.setenv("SURGEBOARD_STACKS_DIR", str(stack.parent))
    dashboard = lab.dashboard()
    context = chromium.new_context(viewport={"width": 1440, "height": 1000})
    made = context.new_page()
    made.set_default_timeout(60_000)
    complaints: list[str] = []
    made.on("console", lambda said: complaints.append(said.text) if said.type == "error" else None)
    made.on("pageerror", lambda error: complaints.append(str(error)))
    made.goto((lab.kubeconfig.parents[1] / "sign-in-url").read_text().strip())
    made.base = f"http://127.0.0.1:{dashboard.port}"
    made.goto(f"{made.base}/deploy")
    yield made
    context.close()
    assert [each for each in complaints if "422" not in each] == []


def test_from_a_plan_to_a_teardown(page: Any, lab: Any, stack: Path, until: Callable[..., None]) -> None:
    until(page, "document.querySelector('#bundles [data-key=shop]').dataset.tone === 'absent'", seconds=120)
    page.check("input[name=bundle][value=shop]")
    page.click("#plan-button")
    page.wait_for_selector("#apply-form")
    assert page.inner_text("h1") == "2 to create."
    apply(page, until)

    (stack / "settings.yaml").write_text(SETTINGS.replace("GREETING", "good evening"))
    page.wait_for_selector("#bundles [data-key=shop] [data-f=changed]:not([hidden])")
    page.click("#bundles [data-key=shop] [data-f=changed] a")
    page.wait_for_selector("#apply-form")
    assert page.inner_text("h1") == "1 to change, 1 unchanged."
    assert "good evening" in page.inner_text(".changes")
    apply(page, until)

    lab.kubectl("patch", "configmap", "shop", "--type=merge", "-p", '{"data": {"greeting": "go away"}}')
    page.goto(f"{page.base}/deploy/shop")
    page.click("#look-for-drift")
    page.wait_for_selector(".drift")
    drift = page.inner_text(".drift")
    for words in ("1 as applied, 1 changed.", "kubectl-patch", "data.greeting", "go away", "good evening"):
        assert words in drift, words

    page.click("text=Roll back…")
    page.wait_for_selector("#apply-form")
    assert "kubectl-patch" in page.inner_text(".owners")
    assert page.is_disabled("#apply-button")
    page.check("input[name=take_over]")
    apply(page, until, word="Rolled back")
    assert "hello" in lab.kubectl("get", "configmap", "shop", "-o", "yaml")

    page.goto(f"{page.base}/deploy/shop")
    page.click("#open-teardown")
    page.fill("#teardown-form input[name=confirm]", "shap")
    page.press("#teardown-form input[name=confirm]", "Enter")
    page.wait_for_selector("#teardown-refusal .refusal")
    page.fill("#teardown-form input[name=confirm]", "shop")
    page.press("#teardown-form input[name=confirm]", "Enter")
    page.wait_for_url("**/deploy")
    until(page, f"{SENTENCE} === 'Torn down.'", seconds=120)
    until(page, "document.querySelector('#bundles [data-key=shop]').dataset.tone === 'absent'", seconds=120)
    assert lab.kubectl("get", "deployments,configmaps", "-l", "app=shop", "--ignore-not-found") == ""


def apply(page: Any, until: Callable[..., None], *, word: str = "Deployed") -> None:
    """Presses the button and waits until all is ready, and the bundle's card says so too."""
    until(page, "!document.querySelector('#apply-button').disabled")
    page.click("#apply-button")
    page.wait_for_url("**/deploy")
    until(page, f"{SENTENCE}.startsWith('{word}: 2 objects')", seconds=120)
    until(page, "document.querySelector('#bundles [data-key=shop]').dataset.tone === 'ok'", seconds=120)
