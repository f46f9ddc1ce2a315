"""The detector of a command: what ships, and with `--organisation` that organisation's own entries beside it.

Law: an organisation that the settings do not have, and an entry that cannot be used, end the command: a search without
what its owner wrote would be taken for a search with it.
"""

from pathlib import Path
from typing import Annotated

import typer

from ecluse.api import detector
from ecluse.cli.common import DEFAULT_CONFIG, fail, settings_of
from ecluse.domain.snapshot import Detector
from ecluse.edge.config import Settings, SettingsError
from ecluse.edge.recognition import detector_of
from ecluse.edge.recognition_settings import RecognitionSettings

Own = Annotated[
    str | None, typer.Option("--organisation", help="Whose own entries count, of the settings; none without it.")
]
Where = Annotated[Path, typer.Option("--config", "-c", help="The settings that have the organisation.")]


def detector_for(organisation: str | None, config: Path = DEFAULT_CONFIG, *, tagger: bool = True) -> Detector:
    """Return the detector, or leave with what is wrong. The settings are read for an organisation only."""
    shipped = detector(tagger=tagger)
    if organisation is None:
        return shipped
    try:
        return detector_of(organisation, stated(settings_of(config), organisation), shipped)
    except (SettingsError, ValueError) as error:
        fail(str(error))


def stated(settings: Settings, organisation: str) -> RecognitionSettings:
    """Return what the settings say that an organisation has recognised. Raises SettingsError."""
    if organisation not in settings.recognition:
        known = ", ".join(settings.recognition) or "none"
        raise SettingsError(f"[recognition.{organisation}] is not in the settings; there are: {known}")
    return settings.recognition[organisation]
