"""Chat for employees, over the same API: where it will go is said before it is sent, a refusal says what to do.

Law: the gateway answers, never this page; what is looked at as one types is asked of `/v1/explain`, which sends and
keeps nothing, so that the sentence shown is the verdict that sending would get (INVARIANT 7). The history is the
browser's alone.
"""

from collections.abc import Mapping
from typing import Any

import msgspec
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from ecluse.console.ground import Ground
from ecluse.console.page import Page
from ecluse.console.view import ground_of, render, said
from ecluse.console.words import Words
from ecluse.domain.caller import ApplicationId
from ecluse.domain.verdict import Mode
from ecluse.edge.http.routes import CLASSIFY, CONTESTS, EXPLAIN
from ecluse.edge.roles import Act

COMPLETIONS = "/v1/chat/completions"
OK, ACCEPTED = 200, 202
PARTS = 5
"""Unread parts of a file that are named."""


def show(request: Request) -> Response:
    """Show the chat page; without a gateway beside it, say so."""
    ground = ground_of(request)
    return render(
        request,
        "chat.html",
        {
            "title": said(request)("chat.title"),
            "applications": ground.base.applications,
            "names": {str(id_): ground.destination(id_) for id_ in ground.snapshot.destinations},
            "contact": ground.settings.console.contact,
            "serving": ground.asking is not None,
            "follows": Act.DECIDE in request.state.session.acts,
        },
    )


async def look(request: Request) -> Response:
    """Say in a sentence what was recognised and which destinations stay open."""
    ground, t = ground_of(request), said(request)
    application = _application(ground, request)
    if ground.asking is None or application is None:
        return PlainTextResponse("no gateway here\n", 404)
    status, body = await ground.asking.ask(EXPLAIN, application, request.scope, await request.body())
    if status != OK:
        return JSONResponse({"tone": "unanswered", "sentence": t("chat.look.unknown"), "hints": [], "open": []})
    return JSONResponse(_told(ground, t, msgspec.json.decode(body)))


async def contest(request: Request) -> Response:
    """Contest a refusal: the same request again and a reason, for another person to decide; the text is forgotten."""
    ground, t = ground_of(request), said(request)
    application = _application(ground, request)
    if ground.asking is None or application is None:
        return PlainTextResponse("no gateway here\n", 404)
    status, body = await ground.asking.ask(CONTESTS, application, request.scope, await request.body())
    if status == ACCEPTED:
        matter = msgspec.json.decode(body)["contest"]
        return JSONResponse({"matter": matter, "sentence": t("chat.lodged", matter=matter)})
    word = "not_contestable" if _error(body).get("code") == "not_contestable" else "not_lodged"
    return JSONResponse({"matter": None, "sentence": t(f"chat.{word}")})


async def read(request: Request) -> Response:
    """Return the text of a file for the message, and say what of it was not read; nothing is kept or sent.

    The text of a file whose label stands for a data class is not given: the label would not go with it.
    """
    ground, t = ground_of(request), said(request)
    application = _application(ground, request)
    if ground.asking is None or application is None:
        return PlainTextResponse("no gateway here\n", 404)
    status, body = await ground.asking.ask(CLASSIFY, application, request.scope, await request.body())
    if status != OK:
        return JSONResponse({"text": "", "sentences": [t("chat.file_failed")]})
    told = msgspec.json.decode(body)
    labels = [label for file in told["files"] for label in file["labels"]]
    unread = [one["part"].removeprefix("files/0/") for file in told["files"] for one in file["unread"]]
    held = sorted({label["data_class"] for label in labels} - {"unknown"})
    if held:
        names = ", ".join(t(f"class.{name}") for name in held)
        return JSONResponse({"text": "", "sentences": [t("chat.file_labelled", names=names)]})
    text = "\n\n".join(told["texts"].values()).strip()
    sentences = [t("chat.file_read") if text else t("chat.file_empty")]
    sentences += [t("chat.file_unread", n=len(unread), parts=", ".join(unread[:PARTS]))] if unread else []
    sentences += [t("chat.file_unknown_label")] if labels else []
    return JSONResponse({"text": text, "sentences": sentences})


def _error(body: bytes) -> Mapping[str, Any]:
    try:
        found: Mapping[str, Any] = msgspec.json.decode(body)["error"]
    except (msgspec.DecodeError, KeyError, TypeError):
        return {}
    return found


def _told(ground: Ground, t: Words, told: Mapping[str, Any]) -> dict[str, object]:
    names = [t(f"class.{name}") for name in told["classes"]]
    seen = t("chat.look.seen", names=_listed(names, t("chat.and"))) if names else t("chat.look.nothing")
    if told["verdict"] == "refusal":
        reason = told["reasons"][0]
        return {
            "tone": "refused",
            "sentence": f"{seen} {t('chat.look.refused')}",
            "hints": [reason["reason"], *told["would_help"]],
            "open": [],
        }
    choices = told["choices"]
    model, place = ground.destination(choices[0]["destination"])
    way = "masked" if choices[0]["masked"] else "as_is"
    where = t(f"chat.look.{way}", model=model, place=place)
    others = [_other(ground, t, choice) for choice in choices[1:]]
    warned = [t("chat.look.warned", reason=reason) for reason in _warned(told, choices[0])]
    more = t("chat.look.more", n=len(others)) if others else ""
    return {"tone": way, "sentence": f"{seen} {where}", "hints": warned, "more": more, "open": others}


def _other(ground: Ground, t: Words, choice: Mapping[str, Any]) -> str:
    """Name another destination that stays open, and in which form."""
    model, place = ground.destination(choice["destination"])
    way = t("chat.look.form_masked" if choice["masked"] else "chat.look.form_as_is")
    return t("chat.look.other", model=model, place=place or model, way=way)


def _warned(told: Mapping[str, Any], choice: Mapping[str, Any]) -> list[str]:
    """Return the sentences of the rules that warn of a choice, as `x-ecluse-warning` does once it is sent."""
    same = (one for one in told["rulings"] if all(one[name] == choice[name] for name in ("destination", "masked")))
    return [reason["reason"] for one in same for reason in one["observed"] if reason["mode"] == Mode.WARN]


def _listed(names: list[str], last: str) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} {last} {names[-1]}"


def _application(ground: Ground, request: Request) -> ApplicationId | None:
    name = ApplicationId(request.query_params.get("application", ""))
    return name if name in ground.base.applications else None


class Relay:
    """Hands a conversation to the gateway; its answer streams back as it comes."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Relay one request."""
        request = Request(scope)
        ground = ground_of(request)
        application = _application(ground, request)
        if ground.asking is None or application is None:
            await PlainTextResponse("no gateway here\n", 404)(scope, receive, send)
            return
        await ground.asking.relay(COMPLETIONS, application, scope, receive, send)


PAGE = Page(
    name="chat",
    act=Act.TRY,
    path="/chat",
    routes=[
        Route("/chat", show),
        Route("/chat/look", look, methods=["POST"]),
        Route("/chat/file", read, methods=["POST"]),
        Route("/chat/contest", contest, methods=["POST"]),
        Route("/chat/completions", Relay(), methods=["POST"]),
    ],
    group="try",
    order=40,
    needs_gate=True,
)
