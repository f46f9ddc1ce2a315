"""What an application asks of masking is read from the settings, and a wrong word is named."""

from pathlib import Path

import pytest

from ecluse.domain.caller import ApplicationId
from ecluse.domain.masking import Quasi
from ecluse.domain.vault import SurrogateType
from ecluse.edge.config import SettingsError, load

SETTINGS = """
[[organisations]]
id = "o"
name = "O"
kind = "private"
[[organisations.applications]]
id = "a"
name = "A"
purposes = ["drafting"]
masking = {masking}
"""


def write(folder: Path, masking: str) -> Path:
    path = folder / "ecluse.toml"
    path.write_text(SETTINGS.replace("{masking}", masking), encoding="utf-8")
    return path


def test_forms_and_what_is_made_coarser_are_read(tmp_path: Path) -> None:
    path = write(tmp_path, '{ forms = { iban = "format", date = "shift" }, generalise = ["age"] }')
    style = load(path).applications[ApplicationId("a")].masking
    assert style.formatted == {SurrogateType.IBAN, SurrogateType.DATE}
    assert style.generalised == {Quasi.AGE}


@pytest.mark.parametrize("wrong", ['{ forms = { iban = "shift" } }', '{ forms = { person = "format" } }'])
def test_a_form_that_there_is_not_refuses_and_names_those_that_there_are(tmp_path: Path, wrong: str) -> None:
    with pytest.raises(SettingsError, match='iban = "format"'):
        load(write(tmp_path, wrong)).applications  # noqa: B018 - reading the records checks them
