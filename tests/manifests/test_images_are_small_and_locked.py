"""The Dockerfiles, read as text: there need be no container builder on the machine."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
_PIN = re.compile(r"^([a-z0-9._-]+)==([^ ;\\]+)", re.MULTILINE)

both = pytest.mark.parametrize("name", ["Dockerfile.app", "Dockerfile.dashboard"])


def _final_stage(name):
    return (ROOT / name).read_text().rsplit("\nFROM ", 1)[1]


@both
def test_the_last_stage_runs_as_the_user_the_manifests_name(name):
    final = _final_stage(name)
    assert "\nUSER 10001:10001\n" in final
    assert final.startswith("${PYTHON}\n")


def test_both_stand_on_the_same_release_of_python():
    bases = [re.findall(r"^ARG PYTHON=(.*)$", (ROOT / name).read_text(), re.MULTILINE) for name in both.args[1]]
    assert bases[0] == bases[1]
    assert re.fullmatch(r"python:3\.12\.\d+-slim-[a-z]+", bases[0][0])


@both
def test_the_last_stage_only_takes_what_was_built(name):
    final = _final_stage(name)
    assert re.findall(r"^COPY .*", final, re.MULTILINE) == ["COPY --from=build /opt /opt"]
    assert len(re.findall(r"^RUN ", final, re.MULTILINE)) == 1
    assert "pip" not in final
    assert "apt" not in final


@both
def test_packages_come_by_hash(name):
    installs = re.findall(r"install --require-hashes", (ROOT / name).read_text())
    assert len(installs) == len(re.findall(r"\binstall\b", (ROOT / name).read_text()))


@pytest.mark.parametrize("lock", ["app", "build", "dashboard"])
def test_an_image_has_the_versions_that_were_tested(lock):
    tested = dict(_PIN.findall((ROOT / "requirements" / "run.lock.txt").read_text()))
    pinned = dict(_PIN.findall((ROOT / "requirements" / f"{lock}.lock.txt").read_text()))
    assert pinned.items() <= tested.items()


def test_no_mongod_no_browser_and_no_kubectl_is_in_an_image():
    for lock in ("app", "dashboard"):
        pinned = dict(_PIN.findall((ROOT / "requirements" / f"{lock}.lock.txt").read_text()))
        assert not {name for name in pinned if name.startswith(("fiftyone", "playwright", "kubectl"))}


@both
def test_what_is_copied_is_not_ignored(name):
    allowed = {line[1:] for line in (ROOT / ".dockerignore").read_text().splitlines() if line.startswith("!")}
    for line in re.findall(r"^COPY (?!--from)(.*) \S+$", (ROOT / name).read_text(), re.MULTILINE):
        for source in line.split():
            assert source.rstrip("*").split("/")[0] in allowed, source


def test_the_command_is_the_programs_module():
    assert _final_stage("Dockerfile.app").rstrip().endswith('CMD ["python", "-m", "sampleapp"]')
    assert '"-m", "dashboard"' in _final_stage("Dockerfile.dashboard")
