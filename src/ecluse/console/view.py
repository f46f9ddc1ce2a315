"""A page's values to HTML: language, theme, numbers, the frame.

Law: every value is escaped; what a template needs and was not given is an error, never an empty place. Language and
theme are the reader's: by a link, then a cookie, then what the browser says.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache, partial
from hashlib import sha256
from importlib.resources import files
from typing import Any
from urllib.parse import urlencode

from jinja2 import Environment, PackageLoader, StrictUndefined, pass_context
from jinja2.runtime import Context
from markupsafe import Markup, escape
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from ecluse.console import numbers
from ecluse.console.ground import Ground
from ecluse.console.numbers import LANGUAGES
from ecluse.console.page import Page
from ecluse.console.words import Words, words
from ecluse.edge.naming import Names, names_of

THEMES = ("auto", "light", "dark")
YEAR = 365 * 24 * 3600


@dataclass(frozen=True, slots=True, kw_only=True)
class Reader:
    """How somebody reads: language, theme."""

    language: str
    theme: str


def reader_of(request: Request) -> Reader:
    """Return how the reader wants to read."""
    return Reader(language=_language(request), theme=_chosen(request, "theme", THEMES) or THEMES[0])


def _language(request: Request) -> str:
    if chosen := _chosen(request, "lang", LANGUAGES):
        return chosen
    for part in request.headers.get("accept-language", "").lower().split(","):
        for language in LANGUAGES:
            if part.strip().startswith(language):
                return language
    return LANGUAGES[0]


def _chosen(request: Request, name: str, among: tuple[str, ...]) -> str | None:
    for stated in (request.query_params.get(name), request.cookies.get(name)):
        if stated in among:
            return stated
    return None


def ground_of(request: Request) -> Ground:
    """Return what the pages stand on."""
    ground = request.app.state.ground
    if not isinstance(ground, Ground):
        raise TypeError("the console was built without its ground")
    return ground


def names_on(request: Request, page: str) -> Names:
    """Return how names are said on a page: hidden, until its reader has them shown. Raises SecretsUnusable."""
    session, ground = request.state.session, ground_of(request)
    shown = session.shown.get(page, 0) > ground.clock.now()
    person = session.person
    return names_of(ground.state, shown=shown, mark=person.mark if person else "", mine=person.name if person else "")


def said(request: Request) -> Words:
    """Return the words in the reader's language."""
    return words(reader_of(request).language)


def render(request: Request, template: str, values: Mapping[str, object], *, status: int = 200) -> Response:
    """Return a page."""
    reader = reader_of(request)
    language = reader.language
    frame: dict[str, object] = {
        "t": words(language),
        "language": language,
        "theme": reader.theme,
        "other_language": "en" if language == "fr" else "fr",
        "here": request.url.path,
        "switch": partial(_switch, request),
        "csrf": request.state.csrf,
        "inside": request.state.session is not None,
        "pages": _pages(request),
        "opens": partial(_opens, request),
        "person": request.state.session.person if request.state.session is not None else None,
        "ground": ground_of(request),
        "number": partial(numbers.number, language=language),
        "percent": partial(numbers.percent, language=language),
        "between": partial(numbers.between, language=language),
        "money": partial(numbers.money, language=language),
        "day": partial(numbers.day, language=language),
        "moment": partial(numbers.moment, language=language),
        "short_moment": partial(numbers.short_moment, language=language),
        "bytes_of": partial(numbers.bytes_of, language=language),
    }
    response = HTMLResponse(environment().get_template(template).render(frame | dict(values)), status)
    for name, among in (("lang", LANGUAGES), ("theme", THEMES)):
        if (stated := request.query_params.get(name)) in among:
            response.set_cookie(name, stated or "", max_age=YEAR, samesite="lax", httponly=True)
    return response


def _pages(request: Request) -> Mapping[str, list[Page]]:
    session = request.state.session
    grouped: dict[str, list[Page]] = {}
    for page in request.app.state.pages:
        shown = session is not None and page.act in session.acts
        if page.group and shown and (ground_of(request).asking is not None or not page.needs_gate):
            grouped.setdefault(page.group, []).append(page)
    return grouped


def _opens(request: Request, path: str) -> bool:
    """Say whether whoever reads may open a page, so that nothing leads to a closed door."""
    session = request.state.session
    return session is not None and any(
        page.path == path and page.act in session.acts for page in request.app.state.pages
    )


def _switch(request: Request, name: str, value: str) -> str:
    """Return this page's address with another language or theme."""
    query = [(key, stated) for key, stated in request.query_params.multi_items() if key not in {"lang", "theme"}]
    return f"{request.url.path}?{urlencode([*query, (name, value)])}"


@cache
def environment() -> Environment:
    """Return Jinja's environment."""
    made = Environment(
        loader=PackageLoader("ecluse.console"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=in_language,
    )
    made.globals["static"] = static
    made.filters["prose"] = prose
    made.globals["query"] = query
    made.globals["or_name"] = or_name
    return made


@cache
def static(name: str) -> str:
    """Return the address of one of our files, which changes with its content."""
    content = files("ecluse.console").joinpath("static").joinpath(name).read_bytes()
    return f"/static/{name}?v={sha256(content).hexdigest()[:12]}"


def query(**values: object) -> str:
    """Write the query of an address; what is empty is left out."""
    return urlencode({name: value for name, value in values.items() if value not in {"", None, False}})


def prose(text: str) -> Markup:
    """Write a sentence in which what stands between backticks is code."""
    parts = [escape(part) for part in text.split("`")]
    if len(parts) % 2 == 0:
        return escape(text)
    return Markup("").join(Markup("<code>{}</code>").format(part) if i % 2 else part for i, part in enumerate(parts))


@pass_context
def in_language(context: Context, value: object) -> object:
    """Say a name of the shipped records in the reader's language."""
    return context["t"].named(value) if type(value) is str and "t" in context else value


@pass_context
def or_name(context: Context, word: str, name: str) -> str:
    """Say a shared word such as `class.personal`, or the bare name when nobody wrote one."""
    t: Any = context["t"]
    return str(t(f"{word}.{name}")) if t.has(f"{word}.{name}") else name
