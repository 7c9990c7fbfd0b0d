import pytest

from sampleapp.keyfile import main


@pytest.fixture
def paths(tmp_path):
    source = tmp_path / "secret"
    source.write_text("c2VjcmV0IGtleSBmb3IgdGVzdHM=\n")
    source.chmod(0o440)
    return source, tmp_path / "key"


def test_the_copy_has_the_mode_that_mongod_insists_on(paths):
    source, target = paths
    assert main([str(source), str(target)]) == 0
    assert target.stat().st_mode & 0o777 == 0o400
    assert target.read_text() == "c2VjcmV0IGtleSBmb3IgdGVzdHM="


def test_it_may_run_again(paths):
    source, target = paths
    assert [main([str(source), str(target)]) for _ in range(2)] == [0, 0]


@pytest.mark.parametrize("content", ["", "abc", "not base64!", "a" * 1025])
def test_what_is_no_key_is_refused_without_being_shown(paths, content, capsys):
    source, target = paths
    source.chmod(0o600)
    source.write_text(content)
    assert main([str(source), str(target)]) == 1
    said = capsys.readouterr().err
    assert "no key file" in said
    assert not content or content not in said.replace("key file", "")
    assert not target.exists()


def test_a_missing_secret_is_said(tmp_path, capsys):
    assert main([str(tmp_path / "absent"), str(tmp_path / "key")]) == 1
    assert "absent" in capsys.readouterr().err
    assert main([]) == 2
