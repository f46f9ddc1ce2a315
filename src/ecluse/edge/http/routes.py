"""Which path asks for what, read from the dialects: one table for the gate, its OpenAPI document and its reference.

Law: a path is one of ours, refused by name, or 404. What is refused covers all that is under it, whatever the method.
`/v1/explain` before the path of a call asks the same of the same body, and sends nothing; `/v1/contests` contests it.
`/v1/classify` classifies texts and files, and sends nothing.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import TypeAlias

from ecluse.domain.caller import KeyScope
from ecluse.domain.dialect import Converser, InboundDialect, KeptPaths
from ecluse.domain.request import Surface
from ecluse.passage import conversing
from ecluse.passage.admit.conversations import without_prefix
from ecluse.passage.arrival import Arrival
from ecluse.passage.counting import counting
from ecluse.passage.inquiry import inquiry
from ecluse.passage.ledger import Steps
from ecluse.passage.lodging import lodging
from ecluse.passage.looking import looking
from ecluse.passage.walk import walk
from ecluse.passage.withdrawing import withdrawing

EXPLAIN = "/v1/explain"
CONTESTS = "/v1/contests"
CLASSIFY = "/v1/classify"
MODELS = "/v1/models"
VERSION = "/v1"

Begin: TypeAlias = Callable[[Arrival], Steps]
KEPT: Mapping[str, Begin] = {"GET": walk, "DELETE": withdrawing}
"""What is done with a kept answer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """What a POST asks for, or another method about a kept answer, and the scope that it needs.

    `meter` is its name in the metrics; `trailed` is whether a broken one has an outcome, `form` whether a multipart
    form is taken too, `query` whether its address may have one.
    """

    dialect: InboundDialect
    surface: Surface
    begin: Begin
    meter: str
    scope: KeyScope
    trailed: bool = False
    form: bool = False
    method: str = "POST"
    query: bool = False


class Routes:
    """The paths of every inbound dialect."""

    def __init__(self, inbound: Mapping[str, InboundDialect]) -> None:
        self._plain = inbound["openai_chat"]
        self._marked = [dialect for dialect in inbound.values() if dialect.mark is not None]
        self._posts: dict[str, Route] = {}
        self._refused: dict[str, tuple[InboundDialect, str]] = {}
        self._kept = {dialect.kept: dialect for dialect in inbound.values() if isinstance(dialect, KeptPaths)}
        self._conversing = {d.conversations: d for d in inbound.values() if isinstance(d, Converser)}
        for dialect in inbound.values():
            self._refused |= {path: (dialect, code) for path, code in dialect.refused.items()}
            for path, surface in dialect.routes.items():
                form = surface is Surface.TRANSCRIPTION
                scope = KeyScope(surface.value)
                self._posts[path] = Route(
                    dialect=dialect, surface=surface, begin=walk, meter=surface, scope=scope, trailed=True, form=form
                )
            for path, surface in dialect.counts.items():
                scope = KeyScope(surface.value)
                self._posts[path] = Route(dialect=dialect, surface=surface, begin=counting, meter="count", scope=scope)

    def kept(self, method: str, path: str) -> Route | None:
        """Return what is asked about an answer that its provider keeps: to fetch it, or to delete it."""
        begin, (folder, _, name) = KEPT.get(method), path.rpartition("/")
        dialect = self._kept.get(folder)
        if begin is None or dialect is None or not isinstance(dialect, KeptPaths):
            return None
        if not name:
            return None
        named = name.removeprefix(dialect.prefix) or name  # the prefix alone names nothing: it is not found
        scope, fetches = KeyScope.CHAT, begin is walk

        def on(arrival: Arrival) -> Steps:
            return begin(replace(arrival, kept=named))

        return Route(
            dialect=dialect, surface=Surface.CHAT, begin=on, meter="kept", scope=scope, trailed=fetches, method=method
        )

    def conversation(self, method: str, path: str, query: conversing.Query) -> Route | None:
        """Return what is asked about a conversation object, or about an item of one."""
        folder = next((one for one in self._conversing if path == one or path.startswith(f"{one}/")), "")
        parts = path.removeprefix(folder).split("/")[1:]
        does = _about(method, parts, query) if folder else None
        if does is None:
            return None
        return Route(
            dialect=self._refused[folder][0],
            surface=Surface.CHAT,
            begin=conversing.conversing(does),
            meter="conversations",
            scope=KeyScope.CHAT,
            method=method,
            query=len(parts) > 1,
        )

    def post(self, path: str, headers: Mapping[str, str]) -> Route | None:
        """Return what a POST to `path` asks for."""
        if path == CLASSIFY:
            dialect = self._by_mark(headers)
            scope = KeyScope.CLASSIFY
            return Route(dialect=dialect, surface=Surface.CHAT, begin=looking, meter=scope, scope=scope, form=True)
        for before, begin, scope in ((EXPLAIN, inquiry, KeyScope.EXPLAIN), (CONTESTS, lodging, KeyScope.CONTEST)):
            if path == before:
                dialect = self._by_mark(headers)
                return Route(dialect=dialect, surface=Surface.CHAT, begin=begin, meter=scope, scope=scope)
            if path.startswith(f"{before}/"):
                return self._of_another(path.removeprefix(before), begin, scope)
        return self._posts.get(path)

    def _of_another(self, asked: str, begin: Begin, scope: KeyScope) -> Route | None:
        """Return what is asked of another path's call."""
        route = self._posts.get(asked) or self._posts.get(VERSION + asked)
        if route is None or not route.trailed:
            return None
        return Route(dialect=route.dialect, surface=route.surface, begin=begin, meter=scope, scope=scope)

    def refused(self, path: str) -> str | None:
        """Return the code by which `path`, or a path that it is under, is refused."""
        found = self._refusal(path)
        return None if found is None else found[1]

    def dialect(self, path: str, headers: Mapping[str, str]) -> InboundDialect:
        """Return the format that a reply is written in: that of the path, or of a header that only one format has."""
        route = self.post(path, headers)
        if route is not None:
            return route.dialect
        found = self._refusal(path)
        return self._by_mark(headers, self._plain if found is None else found[0])

    def _by_mark(self, headers: Mapping[str, str], otherwise: InboundDialect | None = None) -> InboundDialect:
        return next((d for d in self._marked if d.mark in headers), otherwise or self._plain)

    def _refusal(self, path: str) -> tuple[InboundDialect, str] | None:
        if path.endswith("/") and path.rstrip("/") in self._posts:
            return None  # a path that is served, written with a slash too many, is not one that is refused
        while path.count("/") > 1:
            if path in self._refused:
                return self._refused[path]
            path = path.rpartition("/")[0]
        return None


def _about(method: str, parts: list[str], query: conversing.Query) -> conversing.Does | None:
    """Return what a method and the rest of a path ask of a conversation; None when it is nothing that is served."""
    does: conversing.Does | None = None
    match [method, *map(without_prefix, parts[:1]), *parts[1:]]:
        case ["POST"]:
            does = conversing.begun
        case ["GET", name]:
            does = conversing.shown(name)
        case ["POST", name]:
            does = conversing.relabelled(name)
        case ["DELETE", name]:
            does = conversing.forgotten(name)
        case ["GET", name, "items"]:
            does = conversing.listed(name, query)
        case ["POST", name, "items"]:
            does = conversing.grown(name, query)
        case ["GET", name, "items", item]:
            does = conversing.item_shown(name, item, query)
        case ["DELETE", name, "items", item]:
            does = conversing.item_forgotten(name, item)
        case _:
            pass
    return None if "" in parts else does
