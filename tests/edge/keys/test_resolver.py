"""Credentials are named in the settings and read when they are needed."""

from pathlib import Path

import pytest

from ecluse.domain.errors import GatewayError
from ecluse.edge.keys import SecretResolver, SecretUnavailable


def test_a_variable_of_the_environment_is_read_as_it_is_now(monkeypatch: pytest.MonkeyPatch) -> None:
    resolver = SecretResolver()
    monkeypatch.setenv("ECLUSE_TEST_KEY", "sk-one")
    assert resolver.resolve("env:ECLUSE_TEST_KEY").reveal() == "sk-one"
    monkeypatch.setenv("ECLUSE_TEST_KEY", "sk-two")
    assert resolver.resolve("env:ECLUSE_TEST_KEY").reveal() == "sk-two"


@pytest.mark.parametrize("end", ["", "\n", "\r\n"])
def test_a_file_is_read_again_when_it_changes(tmp_path: Path, end: str) -> None:
    path, resolver = tmp_path / "key with space", SecretResolver()
    path.write_text("sk-one" + end, encoding="utf-8", newline="")
    assert resolver.resolve(f"file:{path}").reveal() == "sk-one"
    path.with_name("next").write_text("sk-two" + end, encoding="utf-8", newline="")
    path.with_name("next").replace(path)
    assert resolver.resolve(f"file:{path}").reveal() == "sk-two"


def test_a_file_that_did_not_change_is_read_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path, resolver = tmp_path / "key", SecretResolver()
    path.write_text("sk-one", encoding="utf-8")
    first = resolver.resolve(f"file:{path}")
    monkeypatch.setattr(Path, "read_text", None)
    assert resolver.resolve(f"file:{path}") is first


def test_resolve_refuses_a_file_that_went_away(tmp_path: Path) -> None:
    path, resolver = tmp_path / "key", SecretResolver()
    path.write_text("sk-one", encoding="utf-8")
    resolver.resolve(f"file:{path}")
    path.unlink()
    with pytest.raises(SecretUnavailable):
        resolver.resolve(f"file:{path}")


@pytest.mark.parametrize(
    "content", ["", "\n", "two words", "two\nlines", "caf\u00e9", "tab\t", "x" * 8193, "\x00"], ids=ascii
)
def test_resolve_refuses_what_cannot_stand_in_a_header(tmp_path: Path, content: str) -> None:
    path = tmp_path / "key"
    path.write_text(content, encoding="utf-8")
    with pytest.raises(SecretUnavailable) as error:
        SecretResolver().resolve(f"file:{path}")
    assert error.value.reference == f"file:{path}"
    assert not content.strip() or content not in error.value.why


@pytest.mark.parametrize(
    "reference",
    [
        "",
        "sk-live-0123456789",
        "env:",
        "env:NOT_THERE_AT_ALL",
        "env:A=B",
        "file:",
        "file:/nowhere/at/all",
        "vault:x",
        "ENV:X",
    ],
)
def test_resolve_refuses_what_names_nothing_and_never_shows_a_value(reference: str) -> None:
    with pytest.raises(SecretUnavailable) as error:
        SecretResolver().resolve(reference)
    assert isinstance(error.value, GatewayError)
    assert (error.value.code, error.value.detail) == ("internal_error", "")
    assert "sk-live" not in error.value.reference + error.value.why + str(error.value)
