"""Limits of cgroups version 2, on a tree of plain files that stands for the kernel's."""

from __future__ import annotations

from pathlib import Path

import pytest

from localcluster.node.limits.cgroup_v2 import CgroupV2
from localcluster.node.limits.protocol import Limits, Usage


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """A hierarchy that hands cpu and memory down, and whose group `mine` has the files the kernel would make."""
    (tmp_path / "cgroup.controllers").write_text("cpuset cpu io memory pids")
    (tmp_path / "cgroup.subtree_control").write_text("cpu memory")
    mine = tmp_path / "mine"
    mine.mkdir()
    for name in ("cpu.max", "memory.max", "cgroup.procs"):
        (mine / name).touch()
    return tmp_path


def test_limits_are_written(tree: Path) -> None:
    limiter = CgroupV2.probe("mine", root=tree)
    assert limiter is not None
    group = limiter.create("one", Limits(cpu_request=0.1, cpu_limit=0.3, memory_limit=192 << 20))
    directory = tree / "mine" / "one"
    assert (directory / "cpu.max").read_text() == "30000 100000"
    assert (directory / "cpu.weight").read_text() == "4"
    assert (directory / "memory.max").read_text() == str(192 << 20)
    assert (directory / "memory.oom.group").read_text() == "1"
    assert group.join_files == (str(directory / "cgroup.procs"),)


def test_usage_leaves_out_what_can_be_dropped(tree: Path) -> None:
    """The working set is what is used less inactive file pages, as kubelet counts it."""
    limiter = CgroupV2.probe("mine", root=tree)
    assert limiter is not None
    group = limiter.create("one", Limits())
    assert group.usage() is None
    directory = tree / "mine" / "one"
    (directory / "cpu.stat").write_text("usage_usec 2500000\nuser_usec 1\n")
    (directory / "memory.current").write_text("1000\n")
    (directory / "memory.stat").write_text("anon 600\ninactive_file 300\n")
    (directory / "memory.events").write_text("low 0\nhigh 0\nmax 3\noom 1\noom_kill 0\n")
    assert group.usage() == Usage(2.5, 700)
    assert not group.out_of_memory()
    (directory / "memory.events").write_text("oom_kill 1\n")
    assert group.out_of_memory()


def test_it_is_not_chosen_without_controllers(tmp_path: Path) -> None:
    """A directory that is no unified hierarchy, or whose groups lack the files, is left alone."""
    assert CgroupV2.probe("mine", root=tmp_path) is None
    (tmp_path / "cgroup.controllers").write_text("hugetlb")
    (tmp_path / "cgroup.subtree_control").write_text("")
    assert CgroupV2.probe("mine", root=tmp_path) is None
    assert not (tmp_path / "mine").exists()
