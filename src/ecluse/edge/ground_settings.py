"""Settings of what decisions rest on: which facts, and which rules beside the shipped ones.

Law: rules of one's own forbid and never permit (decision 13); a fact of one's own has its own source.
"""

import msgspec


class FactSettings(msgspec.Struct, forbid_unknown_fields=True, frozen=True, kw_only=True):
    """Which facts count: those that are shipped or a signed pack in their place, and one's own folders over them."""

    pack: str | None = None
    signers: list[str] = []
    folders: list[str] = []


class RuleSettings(msgspec.Struct, forbid_unknown_fields=True, frozen=True, kw_only=True):
    """Folders of one's own packs beside the shipped ones: for everybody, or for whom names a rule that is opt-in."""

    folders: list[str] = []
