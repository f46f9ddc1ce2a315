"""The answer of the rules: a permit, which is a non-empty set of choices, or a refusal, which has reasons.

Law: only base rules permit; what errs refuses; a verdict names every rule that decided it.
"""

from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import NamedTuple, NewType, TypeAlias

from ecluse.domain.caller import Application, Purpose
from ecluse.domain.destination import DestinationId, PlaceId
from ecluse.domain.finding import DataClass
from ecluse.domain.hosted import HostedRef

RuleId = NewType("RuleId", str)


class Action(StrEnum):
    """What is asked of a destination or a place. `hold` is asked of the gateway's own places (decision 17).

    `store` is asked beside `infer` where the provider is to keep the conversation; both must be permitted.
    """

    INFER = "infer"
    EMBED = "embed"
    STORE = "store"
    HOLD = "hold"


class Basis(StrEnum):
    """What a rule rests on."""

    LAW = "law"
    AUTHORITY = "authority"
    CONTRACT = "contract"
    HOUSE = "house"


class Mode(StrEnum):
    """What a rule does when it fires. Only `enforce` refuses."""

    OBSERVE = "observe"
    WARN = "warn"
    ENFORCE = "enforce"


@dataclass(frozen=True, slots=True, kw_only=True)
class Reason:
    """A rule that fired, in plain words: `en` and `fr` are whole sentences for a reader, `source` is the text.

    `exception` names the exception by which it is told and refuses nothing, if there is one.
    """

    rule: RuleId
    en: str
    fr: str
    source: str
    basis: Basis
    mode: Mode = Mode.ENFORCE
    exception: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """A destination, as is or masked."""

    destination: DestinationId
    masked: bool


class Ruling(NamedTuple):
    """What the rules say of one choice. `permitted_by` is empty when no base rule permits it.

    A tuple, because a decision that is new makes a hundred of them: a frozen dataclass takes three times as long.
    """

    choice: Choice
    permitted: bool
    permitted_by: tuple[RuleId, ...] = ()
    reasons: tuple[Reason, ...] = ()
    observed: tuple[Reason, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Hint:
    """Something that would make a refused request acceptable, in English and in French."""

    en: str
    fr: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Permit:
    """Choices in the written order, as-is forms before masked ones of the same destination."""

    choices: tuple[Choice, ...]
    rules: tuple[RuleId, ...]
    observed: tuple[Reason, ...] = ()

    def __post_init__(self) -> None:
        """Refuse a permit without choices."""
        if not self.choices:
            raise ValueError("a permit has at least one choice")


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    """Why nothing may be sent, and what would help. `place` is set when the gateway itself may not hold the data."""

    reasons: tuple[Reason, ...]
    would_help: tuple[Hint, ...] = ()
    place: PlaceId | None = None
    observed: tuple[Reason, ...] = ()

    def __post_init__(self) -> None:
        """Refuse a refusal without reasons."""
        if not self.reasons:
            raise ValueError("a refusal has at least one reason")


Verdict: TypeAlias = Permit | Refusal


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """What the rules are asked: everything that a verdict may depend on besides the snapshot.

    `classes` are found and declared ones together; `covered` those that masking would cover; `tools` are the hosted
    tools of the request, each of which has a recipient to be judged beside the destination; `keeps` is whether the
    provider is to keep the conversation, `stays` whether the gateway's own vault is.
    """

    application: Application
    action: Action
    purpose: Purpose
    classes: frozenset[DataClass]
    covered: frozenset[DataClass] = field(default_factory=frozenset)
    tools: frozenset[HostedRef] = field(default_factory=frozenset)
    keeps: bool = False
    stays: bool = False

    def with_classes(self, classes: frozenset[DataClass]) -> "Question":
        """Return the same question with more classes stated; what is stated cannot be covered."""
        return replace(self, classes=self.classes | classes, covered=self.covered - classes)
