"""Files of an organisation's entries: what is wrong is said with its line; what is right searches its applications."""

from pathlib import Path

import pytest

from ecluse.app import grounds
from ecluse.domain.caller import ApplicationId
from ecluse.domain.finding import DataClass
from ecluse.domain.request import Slot, SlotPath
from ecluse.edge.config import Settings, SettingsError, load
from ecluse.edge.recognition import detectors, entries_of, read
from ecluse.edge.recognition_settings import RecognitionSettings
from ecluse.packs import dictionaries
from ecluse.passage.classify import built_in, engine

SETTINGS = """
[[organisations]]
id = "firm"
name = "A firm"
kind = "private"
[[organisations.applications]]
id = "notes"
name = "Notes"
purposes = ["notes"]
[[organisations.applications]]
id = "agent"
name = "A coding agent"
purposes = ["code"]
[[organisations]]
id = "other"
name = "Another"
kind = "private"
[[organisations.applications]]
id = "letters"
name = "Letters"
purposes = ["letters"]
[recognition.firm]
folders = ["{folder}"]
[recognition.firm.applications]
agent = "code"
"""
GOOD = """
[[entry]]
name = "projects"
kind = "project_name"
data_class = "trade_secret"
words = ["Projet Aigue-Marine"]
"""


def stated(tmp_path: Path, entries: str = GOOD) -> Settings:
    folder = tmp_path / "own"
    folder.mkdir(exist_ok=True)
    (folder / "projects.toml").write_text(entries, encoding="utf-8")
    config = tmp_path / "ecluse.toml"
    config.write_text(SETTINGS.replace("{folder}", str(folder)), encoding="utf-8")
    return load(config)


@pytest.mark.parametrize(
    ("text", "line", "says"),
    [
        (GOOD.replace("words", "wrods"), 6, "`wrods` is not known; did you mean `words`?"),
        (GOOD.replace("trade_secret", "trade_secrets"), 5, "did you mean `trade_secret`?"),
        (GOOD.replace("trade_secret", "unreadable"), 5, "is no data class for an entry"),
        (GOOD.replace('"Projet Aigue-Marine"', '\n  "Projet X",\n  "ab",\n'), 8, "words: write from 3"),
        (GOOD + "patterns = ['PRJ-.*']\n", 7, "`*` has no end"),
        (GOOD + GOOD.replace("data_class", "class"), 11, "`class` is not known"),
        (GOOD.replace("[[entry]]", "[entry]"), 2, "a line [[entry]]"),
        (GOOD.replace("[[entry]]", "[[entries]]"), 2, "`entries` is not known"),
        (GOOD + "values = ['zz']\nlengths = [9]\n", 7, "hexadecimal"),
        (GOOD + "values = ['aa']\nlengths = [9]\n", 7, "is cut"),
        (GOOD + "exact_case = 3\n", 7, "Expected `bool`"),
    ],
)
def test_a_wrong_file_is_refused_with_its_line_and_what_to_write(
    tmp_path: Path, text: str, line: int, says: str
) -> None:
    path = tmp_path / "projects.toml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(SettingsError) as refused:
        read(path)
    assert f"projects.toml, line {line}: " in str(refused.value)
    assert says in str(refused.value)
    assert "Projet" not in str(refused.value)


def test_no_toml_is_refused_with_its_line(tmp_path: Path) -> None:
    path = tmp_path / "projects.toml"
    path.write_text("[[entry]]\nname = projects\n", encoding="utf-8")
    with pytest.raises(SettingsError, match="line 2"):
        read(path)


def test_one_name_for_two_entries_a_lacking_folder_and_a_lacking_key_are_refused(tmp_path: Path) -> None:
    folder = tmp_path / "own"
    folder.mkdir()
    for name in ("a.toml", "b.toml"):
        (folder / name).write_text(GOOD, encoding="utf-8")
    with pytest.raises(SettingsError, match="names are unique"):
        entries_of("firm", RecognitionSettings(folders=[str(folder)]))
    with pytest.raises(SettingsError, match="is no folder"):
        entries_of("firm", RecognitionSettings(folders=[str(tmp_path / "none")]))


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (("[recognition.firm", "[recognition.firn"), "no organisation has this id; there are: firm, other"),
        (('agent = "code"', 'letters = "code"'), "is none of its applications"),
    ],
)
def test_settings_that_name_strangers_are_refused(tmp_path: Path, change: tuple[str, str], says: str) -> None:
    stated(tmp_path)
    config = tmp_path / "ecluse.toml"
    config.write_text(config.read_text(encoding="utf-8").replace(*change), encoding="utf-8")
    settings = load(config)
    with pytest.raises(SettingsError, match=says):
        detectors(settings, settings.applications, engine((), {}))


def test_hashes_need_a_key_that_is_long(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    settings = stated(tmp_path, GOOD + f"values = ['{'ab' * 8}']\nlengths = [9]\n")
    with pytest.raises(SettingsError, match=r"recognition\.firm\.key: hashes need their key"):
        detectors(settings, settings.applications, engine((), {}))
    monkeypatch.setenv("RECOGNITION_KEY", "short")
    config = tmp_path / "ecluse.toml"
    keyed = config.read_text(encoding="utf-8").replace("folders =", 'key = "env:RECOGNITION_KEY"\nfolders =')
    config.write_text(keyed, encoding="utf-8")
    settings = load(config)
    with pytest.raises(SettingsError, match="at least 32 signs"):
        detectors(settings, settings.applications, engine((), {}))


def test_entries_search_the_applications_of_their_organisation_alone(tmp_path: Path) -> None:
    settings = stated(tmp_path)
    shipped = engine(built_in().values(), dictionaries.load())
    made = detectors(settings, settings.applications, shipped)
    assert set(made) == {ApplicationId("notes"), ApplicationId("agent")}
    text = (Slot(path=SlotPath("messages/0/parts/0"), text="Le Projet Aigue-Marine."),)
    assert made[ApplicationId("notes")].classify(text).classes == {DataClass.TRADE_SECRET}
    assert made[ApplicationId("agent")].classify(text).classes == {DataClass.TRADE_SECRET}
    assert shipped.classify(text).classes == frozenset()


def test_an_organisation_without_entries_has_the_detector_that_ships() -> None:
    settings = Settings()
    assert grounds(settings).detectors == {}
