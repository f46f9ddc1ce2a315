"""The door of the admin API: an ASGI application of its own.

Law: who enters is settled before a body is read, and the role before anything is done; bodies are small and strict;
every error has one shape, with a code and what to do, and repeats nothing of what was sent.
"""

import re
from collections.abc import Mapping
from urllib.parse import parse_qsl

import msgspec

from ecluse.domain.errors import CallerError, EcluseError, GatewayError
from ecluse.edge.admin.bodies import Fault, FaultTold
from ecluse.edge.admin.office import Call, Office
from ecluse.edge.admin.openapi import document
from ecluse.edge.admin.persons import Persons
from ecluse.edge.admin.routes import ID, OPENAPI, ROUTES, Route
from ecluse.edge.config import LimitSettings
from ecluse.edge.http.asgi import CallerGoneError, Receive, Scope, Send, answer, check_headers, headers_of, read_body
from ecluse.passage.admit.strict_json import decode

LIMITS = LimitSettings(body_bytes=64 * 1024, body_seconds=10.0, header_bytes=16 * 1024)
FIELDS = 16
"""Fields of a query at most."""
ONE = re.compile(r"[A-Za-z0-9_-]{1,64}")
FIELD = re.compile(r"at `\$\.([a-z_]+)|required field `([a-z_]+)`")
DOCUMENTED = f"correct the call; {OPENAPI} says what each one takes"
WHAT_TO_DO: Mapping[str, str] = {
    "invalid_admin_token": "present `Authorization: Bearer TOKEN`; `ecluse admin token create` makes one",
    "role_required": "have somebody do it whose role may",
    "not_found": f"look at the ids that the lists give, and at the paths in {OPENAPI}",
    "method_not_allowed": f"use the method that {OPENAPI} has for this path",
    "step_refused": "look at the matter, the draft or the key as it is now, and do what the message says",
    "keys_unavailable": "see that the state directory or the database can be used, then try again; nothing was changed",
    "trail_unavailable": "free the disk or mend the store, then try again; nothing was changed",
    "identity_unavailable": "see that the gateway reaches admin.issuers.jwks, or use an admin token",
    "internal_error": "look at the gateway's standard error; report it if it stays",
    "request_timeout": "send the body at once",
}
"""What to do for each code; for any other, the call itself is to be corrected."""
_PATTERNS = [(re.compile(re.escape(r.path).replace(re.escape(ID), f"(?P<id>{ONE.pattern})")), r) for r in ROUTES]


class Door:
    """The ASGI application."""

    def __init__(self, office: Office, persons: Persons) -> None:
        self._office = office
        self._persons = persons
        self._document = msgspec.json.encode(document())

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one HTTP request."""
        if scope["type"] != "http":
            return
        try:
            await self._route(scope, receive, send)
        except CallerGoneError:
            return
        except EcluseError as error:
            headers = [("content-type", "application/json"), ("cache-control", "no-store")]
            if error.code == "invalid_admin_token":
                headers.append(("www-authenticate", "Bearer"))
            if error.code in {"body_too_large", "request_timeout"}:
                headers.append(("connection", "close"))
            await answer(send, error.status, msgspec.json.encode(_fault(error)), headers)

    async def _route(self, scope: Scope, receive: Receive, send: Send) -> None:
        check_headers(scope, LIMITS)
        method, path = scope["method"], scope["path"]
        if path == OPENAPI and method == "GET":
            await answer(send, 200, self._document)
            return
        there = [(found, route) for pattern, route in _PATTERNS if (found := pattern.fullmatch(path))]
        person = await self._persons.enter(headers_of(scope).get("authorization"), self._office.live.clock.now())
        if not there and path != OPENAPI:
            raise CallerError("not_found")
        found, route = next(((found, route) for found, route in there if route.method == method), (None, None))
        if found is None or route is None:
            raise CallerError("method_not_allowed")
        call = Call(
            person=person,
            role=person.acting(route.act),
            id=found.groupdict().get("id", ""),
            query=_query(scope.get("query_string", b""), route),
            body=_read(await read_body(receive, LIMITS), route),
        )
        told = await route.does(self._office, call)
        headers = [("content-type", "application/json"), ("cache-control", "no-store")]
        await answer(send, route.status, msgspec.json.encode(told), headers)


def _query(raw: bytes, route: Route) -> msgspec.Struct:
    try:
        pairs = parse_qsl(raw.decode("ascii"), keep_blank_values=True, errors="strict", max_num_fields=FIELDS)
    except ValueError:
        raise CallerError("invalid_request", "the query cannot be read") from None
    if len({name for name, _ in pairs}) < len(pairs):
        raise CallerError("invalid_request", "a field of the query stands twice")
    return _as(dict(pairs), route.asks, strict=False)


def _read(body: bytes, route: Route) -> msgspec.Struct | None:
    if route.takes is None:
        if body:
            raise CallerError("invalid_request", "this call takes no body")
        return None
    return _as(decode(body) if body else {}, route.takes, strict=True)


def _as(value: object, kind: type[msgspec.Struct], *, strict: bool) -> msgspec.Struct:
    """Convert what was sent. Raises CallerError that names our field at most, nothing of what was sent."""
    try:
        return msgspec.convert(value, kind, strict=strict)
    except msgspec.ValidationError as error:
        named = FIELD.search(str(error))
        field = (named[1] or named[2]) if named else None
        known = field in kind.__struct_fields__
        raise CallerError("invalid_request", f"{field}: missing or not as it must be" if known else "") from None


def _fault(error: EcluseError) -> FaultTold:
    if isinstance(error, GatewayError):
        todo = WHAT_TO_DO.get(error.code, WHAT_TO_DO["internal_error"])
    else:
        todo = WHAT_TO_DO.get(error.code, DOCUMENTED)
    return FaultTold(error=Fault(code=error.code, message=error.sentence("en"), what_to_do=todo))
