"""What is published over the rules of the settings: modes for organisations, and packs of one's own as text.

Law: an amendment is whole, not a step from another one, so that what was approved is what will be in force; a mode of
it stands before the settings' one, and a pack of it never before another of its name. What names an organisation that
is no more counts for none.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import replace

import msgspec

from ecluse.domain.verdict import Mode
from ecluse.edge.config import OrganisationSettings, Settings, SettingsError
from ecluse.edge.snapshots import Grounds
from ecluse.packs.policies import PolicySources

PACK_NAME = r"[a-z][a-z0-9_]{0,47}"


class Amendment(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Modes by organisation and rule, and packs by name."""

    modes: dict[str, dict[str, Mode]] = {}
    packs: dict[str, str] = {}

    @property
    def hash(self) -> str:
        """Name this content, and no other, in 64 hexadecimal digits."""
        return hashlib.sha256(msgspec.json.encode(_without_empty(self), order="sorted")).hexdigest()

    def with_mode(self, organisation: str, rule: str, mode: Mode | None) -> "Amendment":
        """Return it with another mode; with the settings' one when there is none."""
        modes = {name: dict(stated) for name, stated in self.modes.items()}
        stated = modes.setdefault(organisation, {})
        if mode is None:
            stated.pop(rule, None)
        else:
            stated[rule] = mode
        return _without_empty(msgspec.structs.replace(self, modes=modes))

    def with_pack(self, name: str, text: str | None) -> "Amendment":
        """Return it with a pack, or without it."""
        packs = {one: kept for one, kept in self.packs.items() if one != name}
        if text is not None:
            packs[name] = text.replace("\r\n", "\n").strip() + "\n"
        return msgspec.structs.replace(self, packs=packs)


NOTHING = Amendment()
"""The rules as the settings have them."""


def amended(settings: Settings, amendment: Amendment) -> Settings:
    """Return settings with the amendment's modes before their own."""
    organisations = [_with_modes(one, amendment.modes.get(one.id, {})) for one in settings.organisations]
    return msgspec.structs.replace(settings, organisations=organisations)


def with_packs(sources: PolicySources, amendment: Amendment) -> PolicySources:
    """Return the rules' text with the amendment's packs beside it. Raises SettingsError for a name that is taken."""
    if taken := sources.policies.keys() & amendment.packs.keys():
        raise SettingsError(f"a pack {min(taken)!r} is loaded already; give the published one another name")
    return replace(sources, policies={**sources.policies, **amendment.packs})


def under(base: Grounds, settings: Settings, sources: PolicySources, amendment: Amendment) -> Grounds:
    """Return grounds as they are under an amendment of the settings and rules of the files. Raises SettingsError."""
    stated = amended(settings, amendment)
    modes = {one.id: {rule: mode.value for rule, mode in one.modes.items()} for one in stated.organisations}
    applications = {
        id_: replace(one, organisation=replace(one.organisation, modes=modes[one.organisation.id]))
        for id_, one in base.applications.items()
    }
    return replace(base, settings=stated, policies=with_packs(sources, amendment), applications=applications)


def rules_id(grounds: Grounds) -> str:
    """Name the rules of some grounds, whoever wrote them where: texts, and modes of every organisation."""
    modes: Mapping[str, dict[str, str]] = {
        one.id: {rule: mode.value for rule, mode in one.modes.items()} for one in grounds.settings.organisations
    }
    digest = hashlib.sha256()
    for piece in (grounds.policies.schema, dict(grounds.policies.policies), modes):
        digest.update(msgspec.json.encode(piece, order="sorted"))
        digest.update(b"\0")
    return digest.hexdigest()


def _with_modes(one: OrganisationSettings, modes: Mapping[str, Mode]) -> OrganisationSettings:
    return msgspec.structs.replace(one, modes={**one.modes, **modes}) if modes else one


def _without_empty(one: Amendment) -> Amendment:
    return msgspec.structs.replace(one, modes={name: modes for name, modes in one.modes.items() if modes})
