"""Dialects are found by their files, on both sides: adding one is adding one file."""

from pathlib import Path

import pytest

from ecluse.domain.request import Surface
from ecluse.passage import admit, send


def _files(package: str) -> set[str]:
    folder = Path(package).parent
    return {path.stem for path in folder.glob("*.py") if "\nDIALECT = " in path.read_text()}


def test_every_file_that_exports_a_dialect_is_found_under_its_name() -> None:
    assert set(admit.DIALECTS) == _files(admit.__file__)
    assert set(send.DIALECTS) == _files(send.__file__)
    assert {"openai_chat"} <= set(admit.DIALECTS)
    assert {"openai_chat", "azure_openai", "mistral_chat"} <= set(send.DIALECTS)


@pytest.mark.parametrize("dialect", sorted(admit.DIALECTS))
def test_an_inbound_dialect_says_which_paths_it_serves(dialect: str) -> None:
    routes = admit.DIALECTS[dialect].routes
    assert all(path.startswith(("/v1/", "/v2/")) for path in routes)  # Cohere is at its second version
    assert set(routes.values()) <= set(Surface)
