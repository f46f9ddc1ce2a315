"""The facts and rules that a gateway decides on: shipped, or of a signed pack, with the owner's own beside.

Law: a pack counts only under a signature of a key that the settings name, and never when it is older than what is
shipped: an old pack would bring back attestations that have been corrected since.
"""

from pathlib import Path

from ecluse.domain.errors import VerificationFailed
from ecluse.edge.config import SettingsError
from ecluse.edge.ground_settings import FactSettings, RuleSettings
from ecluse.packs import policies
from ecluse.packs.policies import PolicySources
from ecluse.packs.registry import BUILT_IN, Registry, load, load_texts
from ecluse.packs.registry.pack import FactPack, signed_text, unpack
from ecluse.packs.registry.read import parse, texts_of
from ecluse.passage.record.checkpoint import parse_vkey, verify_note

NOTE = ".note"
"""What a pack's signature is called, after the pack's own name."""


def registry_of(settings: FactSettings) -> Registry:
    """Load the facts that settings name. Raises PackError, or SettingsError for a pack that does not count."""
    own = _folders("facts.folders", settings.folders)
    if settings.pack is None:
        return load(own=own)
    return load_texts(_counted(Path(settings.pack), settings.signers).files, own=own)


def policies_of(settings: RuleSettings) -> PolicySources:
    """Read the shipped rules and those of the owner's folders beside them. Raises PackError or SettingsError."""
    return policies.load(*_folders("rules.folders", settings.folders))


def _folders(setting: str, named: list[str]) -> list[Path]:
    if missing := [folder for folder in named if not Path(folder).is_dir()]:
        raise SettingsError(f"{setting}: {missing[0]} is no folder")
    return [Path(folder) for folder in named]


def _counted(path: Path, signers: list[str]) -> FactPack:
    if not signers:
        raise SettingsError("facts.pack needs facts.signers: the public keys whose signature you accept")
    try:
        data = path.read_bytes()
        note = Path(f"{path}{NOTE}").read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError(f"facts.pack: {path} and its signature {path}{NOTE} must be there: {error}") from None
    if not any(_signed(path.name, data, note, key) for key in signers):
        raise SettingsError(f"facts.pack: {path} has no signature of any key of facts.signers over these facts")
    pack = unpack(path.name, data)
    shipped = max(row.as_of for name, text in texts_of(BUILT_IN).items() for row in parse(name, text).sources)
    if pack.made < shipped:
        raise SettingsError(
            f"facts.pack: {path} was made on {pack.made}, before the facts that are shipped ({shipped})"
        )
    return pack


def _signed(name: str, data: bytes, note: str, key: str) -> bool:
    try:
        return verify_note(note, parse_vkey(key)) == signed_text(name, data)
    except VerificationFailed:
        return False
