"""What a wire format must offer: the caller's side turns bytes into a request, the provider's side into events.

Law: a dialect is pure functions over bytes. It never sees a socket, and any split of the same bytes gives the same
events. One file per dialect in `passage/admit` and `passage/send`, found by its name.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

from ecluse.domain.destination import Destination
from ecluse.domain.effects import Call
from ecluse.domain.errors import EcluseError
from ecluse.domain.event import Event
from ecluse.domain.request import Capability, HostedTool, Json, Message, Request, Surface

PDF_ONLY = ": PDF only"
"""Follows the name of a file's place where a wire format takes no other kind of file."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Envelope:
    """What the caller sees around an answer: our id (the passage's), the public model name, seconds since the epoch."""

    id: str
    model: str
    created: int


@runtime_checkable
class KeptPaths(Protocol):
    """The caller's side of a wire format in which an answer that its provider keeps has a name of its own."""

    kept: str
    """The path under which it is fetched (GET) and deleted (DELETE) by that name."""
    prefix: str
    """What the names begin with."""

    def deleted(self, name: str) -> bytes:
        """Return the body that says that an answer was deleted."""


@runtime_checkable
class Converser(Protocol):
    """The caller's side of a wire format in which a call may be of a conversation object."""

    conversations: str
    """The path under which these objects are."""

    def conversation(self, body: bytes) -> str:
        """Return our name for the conversation that a call is of, empty when it is of none. Raises CallerError."""

    def joined(self, body: bytes, items: Sequence[Mapping[str, Json]]) -> bytes:
        """Return a call with the items of its conversation before its own. Raises CallerError."""

    def added(self, body: bytes, passage: str) -> Sequence[Mapping[str, Json]]:
        """Return the items that a call adds to its conversation."""

    def turns(self, items: Sequence[Mapping[str, Json]], tools: Sequence[HostedTool] = ()) -> tuple[Message, ...]:
        """Read items as turns, to be searched. Raises CallerError."""


@runtime_checkable
class Itemised(Protocol):
    """A writer that can say what an answer adds to its conversation object."""

    def output(self) -> Sequence[Mapping[str, Json]]:
        """Return the items of an answer that has ended well."""


class Writer(Protocol):
    """Writes events for one caller. One writer per answer; it may keep state between events."""

    @property
    def content_type(self) -> str:
        """The answer's media type."""

    def write(self, event: Event) -> bytes:
        """Return what to send now, often nothing when the answer is not streamed."""

    def close(self) -> bytes:
        """Return the rest: the whole body when not streamed, the closing mark of a stream that ended well."""

    def fail(self, error: EcluseError) -> bytes:
        """Return what tells the caller, after the first byte, that the answer broke; no closing mark follows."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """A model, or a name for several, as callers may ask for it, and what one of its destinations at least can do."""

    name: str
    owner: str
    capabilities: frozenset[Capability] = frozenset()


class InboundDialect(Protocol):
    """The caller's side of a wire format."""

    name: str
    routes: Mapping[str, Surface]
    """POST paths and what they ask for, e.g. {"/v1/chat/completions": Surface.CHAT}."""

    counts: Mapping[str, Surface]
    """POST paths that ask how many tokens a call would have: answered by an estimate, and nothing is sent."""

    refused: Mapping[str, str]
    """Paths of this format that are refused by name with all that is under them, and the error code of each."""
    mark: str | None
    """The header by which a GET, whose path several formats share, is known to be of this one."""
    signs: bool
    """Whether an answer has a word for the signature of its reasoning, which a restored text would no longer bear."""

    def admit(self, surface: Surface, body: bytes) -> Request:
        """Read a request. Raises CallerError for bad JSON, duplicate keys, depth, wrong types, hosted tools."""

    def count(self, surface: Surface, body: bytes) -> Request:
        """Read a request whose tokens are to be counted. Raises CallerError."""

    def counted(self, tokens: int) -> bytes:
        """Return the body that answers a count."""

    def writer(self, request: Request, envelope: Envelope) -> Writer:
        """Return the writer of one answer to `request`."""

    def error(self, error: EcluseError, language: str) -> bytes:
        """Return the JSON body of an error reply, sentences in `language` (`en` or `fr`)."""

    def models(self, listed: Sequence[Listed]) -> bytes:
        """Return the body of a list of models."""

    def model(self, listed: Listed) -> bytes:
        """Return the body that describes one model."""


class Reader(Protocol):
    """Reads one provider's answer. A whole answer is one chunk through the same code."""

    def feed(self, chunk: bytes) -> Sequence[Event]:
        """Return the events completed by `chunk`. Raises ProviderError beyond its caps (line, choices, size)."""

    def end(self) -> Sequence[Event]:
        """Return what was left when the provider closed. Raises ProviderError if the answer is cut short."""


class OutboundDialect(Protocol):
    """The provider's side of a wire format."""

    name: str

    def unsupported(self, request: Request) -> tuple[str, ...]:
        """Name the request's fields that this wire format does not take."""

    def call(self, request: Request, destination: Destination, attempt: str) -> Call:
        """Write the request for `destination`; `attempt` goes upstream as `x-request-id`.

        The URL is `destination.base_url` without its closing slash, then `path`, which begins with one: plain
        concatenation, so that a path in the base URL stays (`https://host/v1` and `/chat/completions`).
        """

    def auth_header(self, secret: str) -> tuple[str, str]:
        """Return the header that carries the destination's secret; the runner adds it, it is never in a Call."""

    def reader(self, request: Request) -> Reader:
        """Return the reader of one answer with status 200."""

    def error(self, status: int, headers: Mapping[str, str], body: bytes) -> EcluseError:
        """Say what an answer other than 200 means, by whose fault; the text of `body` is dropped but for its code."""


@runtime_checkable
class Keeper(Protocol):
    """The provider's side of a wire format in which a provider can be asked to keep a conversation."""

    def forget(self, upstream: str, destination: Destination, attempt: str) -> Call:
        """Write the call by which `destination` deletes the answer that it calls `upstream`."""
