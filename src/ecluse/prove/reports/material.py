"""What reports are written from: the record of one organisation, its traffic, and the facts about who received it.

Law: nothing here is a conclusion; what the trail did not count is None, what the registry does not say is absent.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from ecluse.domain.caller import Application, ApplicationId, Organisation
from ecluse.domain.destination import Destination, DestinationId
from ecluse.domain.finding import DataClass


@dataclass(frozen=True, slots=True, kw_only=True)
class Use:
    """What one application sent to one destination in one form; `destination` is None for what was refused.

    `through` is the destination that called a hosted tool, whose recipient is then the `destination`: the same requests
    stand in another use too, so they are counted there.
    """

    application: ApplicationId
    destination: DestinationId | None
    masked: bool
    classes: frozenset[DataClass]
    requests: int
    first: str
    last: str
    through: DestinationId | None = None


class Part(StrEnum):
    """What a company under a recipient does for it."""

    MACHINES = "machines"
    SUB_PROCESSOR = "sub_processor"


@dataclass(frozen=True, slots=True, kw_only=True)
class Below:
    """A company under a recipient, so many contracts further down; `seat` is None when it is not on record."""

    depth: int
    name: str
    seat: str | None
    part: Part


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipient:
    """Who stands behind a destination, or behind a hosted tool.

    `entity` and `seat` are of the legal person, None when the registry does not say; `host` is the company under a
    model that another runs, `below` every company under it that is on record; `compelled_by` are countries whose law
    reaches it: for certain, or possibly; `adequate_if` are countries that are adequate for some recipients only, and
    nobody checked for which; `tool` is its tool under article 46; `licence` that of the weights; `sources` the
    documents that say so; `hosted` is whether it is a hosted tool, and `model` then what kind of tool.
    """

    destination: Destination
    provider: str
    entity: str | None
    seat: str | None
    offer: str
    host: str | None
    below: tuple[Below, ...]
    model: str
    licence: str | None
    attestations: tuple[str, ...]
    compelled_certain: tuple[str, ...]
    compelled_possible: tuple[str, ...]
    exposure_known: bool
    adequate: tuple[str, ...]
    adequate_if: tuple[str, ...]
    tool: str | None
    sources: tuple[str, ...]
    hosted: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Material:
    """Everything a report may rest on. Times are RFC 3339; `date` is the day of the facts.

    `milestones` are the days of texts by their id in the registry, `places` pairs of role and name; `not_checked` pairs
    in English and in French; `contact` is whom to write to about personal data, empty when the settings name nobody.
    """

    organisation: Organisation
    applications: tuple[Application, ...]
    uses: tuple[Use, ...]
    recipients: Mapping[DestinationId, Recipient]
    since: str
    until: str
    date: str
    snapshot: str
    milestones: Mapping[str, str]
    places: tuple[tuple[str, str], ...]
    not_checked: tuple[tuple[str, str], ...]
    contact: str = ""

    def uses_of(self, application: ApplicationId) -> tuple[Use, ...]:
        """Return the traffic of one application."""
        return tuple(use for use in self.uses if use.application == application)

    def received(self, application: ApplicationId) -> tuple[Recipient, ...]:
        """Return who received something of an application, hosted tools included, each once."""
        names = dict.fromkeys(use.destination for use in self.uses_of(application) if use.destination is not None)
        return tuple(self.recipients[name] for name in names if name in self.recipients)

    def called(self, application: ApplicationId, through: DestinationId) -> tuple[Recipient, ...]:
        """Return who received something of an application because a destination called a hosted tool, each once."""
        mine = (use for use in self.uses_of(application) if use.through == through)
        names = dict.fromkeys(use.destination for use in mine if use.destination is not None)
        return tuple(self.recipients[name] for name in names if name in self.recipients)
