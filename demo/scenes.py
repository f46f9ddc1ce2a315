"""The screenplay, read from `scenes.toml` and `organisations.toml`: who asks what, and what must happen.

Law: what is expected is written down before anything runs, in the same file as what is asked.
"""

import tomllib
from pathlib import Path
from typing import Any, Literal

import msgspec

HERE = Path(__file__).parent
ORGANISATIONS = HERE / "organisations.toml"


class _Data(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    pass


class Expectation(_Data, frozen=True, kw_only=True):
    """What must come back. What is not stated is not expected, but shown.

    `rules` must be among those that decided. `silent` says that no simulator may see anything at all; otherwise only
    that of `destination` may.
    """

    status: int = 200
    code: str | None = None
    verdict: Literal["permit", "permit_masked", "refusal"] | None = None
    destination: str | None = None
    rules: tuple[str, ...] = ()
    silent: bool = False


class Scene(_Data, frozen=True, kw_only=True):
    """One request of one application, sent as often as `stream` has values.

    `secrets` are values that nobody but the permitted destination may see, and not even that one when `hides`.
    `document` is the text of a PDF that goes with the prompt.
    """

    id: str
    title: str
    caller: str
    prompt: str
    document: str = ""
    model: str = "auto"
    stream: tuple[bool, ...] = (False,)
    max_tokens: int = 60
    secrets: tuple[str, ...] = ()
    hides: bool = False
    expect: Expectation


class Opening(_Data, frozen=True, kw_only=True):
    """The same letter sent by several applications: one row of expected cells for each destination."""

    title: str
    prompt: str
    callers: list[str]
    expect: dict[str, list[str]]


class Flip(_Data, frozen=True, kw_only=True):
    """One rule put in another mode for one organisation: the cells of an application before and after."""

    title: str
    organisation: str
    application: str
    rule: str
    mode: str
    expect: dict[str, list[str]]


class Down(Scene, frozen=True, kw_only=True):
    """A request whose only permitted destination, `closed`, is down."""

    closed: str


class Move(Scene, frozen=True, kw_only=True):
    """The gateway moved to another place, and a request that this place may not hold."""

    hosted_on: str


class Screenplay(_Data, frozen=True, kw_only=True):
    """The whole file."""

    opening: Opening
    flip: Flip
    scenes: list[Scene]
    down: Down
    languages: Scene
    move: Move


class Application(msgspec.Struct, frozen=True, kw_only=True):
    """What the demo needs to know of an application; Ecluse reads the rest."""

    id: str
    name: str


class Organisation(msgspec.Struct, frozen=True, kw_only=True):
    """The same of an organisation."""

    id: str
    name: str
    applications: list[Application]


def screenplay(file: Path = HERE / "scenes.toml") -> Screenplay:
    """Read the screenplay. Raises msgspec.ValidationError for a word that is none."""
    return msgspec.convert(_toml(file), Screenplay)


def organisations(file: Path = ORGANISATIONS) -> list[Organisation]:
    """Read who the callers are."""
    return msgspec.convert(_toml(file)["organisations"], list[Organisation])


def _toml(file: Path) -> dict[str, Any]:
    return tomllib.loads(file.read_text(encoding="utf-8"))
