"""The acts: each asks, reads what came back and what was seen elsewhere, and checks both.

Law: an act shows only what it read from a response, the trail or a journal.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from demo.asking import Answer, Asker
from demo.checks import Act, Check, Table, among, equal, shown
from demo.paper import pdf
from demo.scenes import Flip, Opening, Organisation, Scene
from demo.trail import Trail
from demo.watching import Mark, Watch, found, kept
from demo.world import ORDER, SIMULATORS, WORDS, World
from ecluse.domain.trail import Field, Scalar

RESPONSE = "response"
JOURNALS = "simulators' journals"
SURROGATE = re.compile(r"\b[A-Z]{2,12}_[A-Z0-9]{6,8}\b")
REFUSED = 403
AS_IS = "as is"


@dataclass(frozen=True, slots=True, kw_only=True)
class Cast:
    """What an act works with."""

    world: World
    asker: Asker
    watch: Watch
    trail: Trail
    callers: Mapping[str, str]
    """What to call each application: its organisation's name."""


def callers(organisations: list[Organisation]) -> dict[str, str]:
    """Map each application to the name of its organisation."""
    return {application.id: each.name for each in organisations for application in each.applications}


# ------------------------------------------------------------------ tables of verdicts
def cells(told: Mapping[str, Any]) -> dict[str, str]:
    """Turn the answer of `/v1/explain` into one word for each destination, with the rule when it is refused."""
    made: dict[str, str] = {}
    for ruling in told["rulings"]:
        name = ruling["destination"]
        if not ruling["permitted"]:
            made.setdefault(name, "refused: " + ", ".join(reason["rule"] for reason in ruling["reasons"][:2]))
        elif made.get(name) != AS_IS:
            made[name] = "masked" if ruling["masked"] else AS_IS
    return made


def word(cell: str) -> str:
    """Return the verdict of a cell without its rules."""
    return cell.partition(":")[0]


def opening(cast: Cast, play: Opening) -> Act:
    """Ask for the verdicts on the same letter, for each caller; nothing is sent."""
    mark = cast.watch.mark()
    told = {caller: cast.asker.explain(caller, play.prompt) for caller in play.callers}
    columns = {caller: cells(answer) for caller, answer in told.items()}
    rows = tuple((WORDS[name], *(columns[caller].get(name, "-") for caller in play.callers)) for name in ORDER)
    classes = sorted({name for answer in told.values() for name in answer["classes"]})
    checks = [
        shown("found in the letter", ", ".join(classes), "/v1/explain"),
        *(
            equal(WORDS[name], [word(columns[caller].get(name, "-")) for caller in play.callers], wanted, "/v1/explain")
            for name, wanted in play.expect.items()
        ),
        equal("different tables", len({tuple(c.values()) for c in columns.values()}), len(play.callers), "/v1/explain"),
        silence(cast, mark),
    ]
    table = Table(
        columns=("destination", *(cast.callers[caller] for caller in play.callers)), rows=rows, notes=legend(told)
    )
    return Act(id="opening", title=play.title, said=quote(play.prompt), table=table, checks=failed_or_few(checks))


def failed_or_few(checks: list[Check]) -> tuple[Check, ...]:
    """Keep of the checks on single rows only those that differ: the table above them shows the others."""
    rows = set(WORDS.values())
    return tuple(check for check in checks if not (check.held and check.what in rows))


def legend(told: Mapping[str, Mapping[str, Any]]) -> tuple[str, ...]:
    """Say in words what the rules of the table say, once each."""
    words: dict[str, str] = {}
    for answer in told.values():
        for ruling in answer["rulings"]:
            if not ruling["masked"]:
                for reason in ruling["reasons"][:2]:
                    words.setdefault(reason["rule"], f"{reason['reason']} [{reason['basis']}: {reason['source']}]")
    return tuple(f"{rule}: {sentence}" for rule, sentence in sorted(words.items()))


def flip(play: Flip, before: Mapping[str, Any], after: Mapping[str, Any]) -> Act:
    """Compare two verdicts of the same request, before and after one rule changed its mode."""
    pair = (cells(before), cells(after))
    rows = tuple((WORDS[name], *(each.get(name, "-") for each in pair)) for name in ORDER)
    checks = [
        equal(WORDS[name], [word(each.get(name, "-")) for each in pair], wanted, "ecluse explain")
        for name, wanted in play.expect.items()
    ]
    changed = sum(first != second for _, first, second in rows)
    checks.append(Check(what="cells that changed", seen=str(changed), where="ecluse explain", held=changed > 0))
    table = Table(columns=("destination", f"{play.rule}: enforce", f"{play.rule}: {play.mode}"), rows=rows)
    return Act(id="flip", title=play.title, table=table, checks=failed_or_few(checks))


# ------------------------------------------------------------------ one request
def scene(cast: Cast, play: Scene) -> Act:
    """Send one request, as often as the screenplay says, and check everything that it left behind."""
    checks: list[Check] = []
    texts: list[str] = []
    document = pdf(play.document) if play.document else b""
    for stream in play.stream:
        mark = cast.watch.mark()
        answer = cast.asker.chat(
            play.caller, play.prompt, document=document, model=play.model, stream=stream, max_tokens=play.max_tokens
        )
        texts.append(answer.text)
        seen = [*_answered(play, answer), *_elsewhere(cast, play, answer, mark), *_recorded(cast, play, answer)]
        if stream:
            seen.append(Check(what="pieces", seen=str(answer.pieces), where="stream", held=answer.pieces > 1))
        checks += merged(checks, seen)
    if len(texts) > 1:
        checks.append(equal("streamed as whole", texts[1] == texts[0], expected=True, where=RESPONSE))
    return Act(
        id=play.id,
        title=play.title,
        said=(
            f"{cast.callers[play.caller]}, model {play.model}:",
            *(("A PDF:", *quote(play.document)) if play.document else ()),
            *quote(play.prompt),
        ),
        checks=tuple(checks),
    )


def merged(first: list[Check], second: list[Check]) -> list[Check]:
    """Return what a second, streamed run adds to a first: what was seen otherwise, or not at all."""
    if not first:
        return second
    before = {(check.what, check.seen, check.held) for check in first}
    return [
        replace(check, what=f"{check.what}, streamed")
        for check in second
        if (check.what, check.seen, check.held) not in before
    ]


def _answered(play: Scene, answer: Answer) -> list[Check]:
    expect = play.expect
    checks = [equal("status", answer.status, expect.status, RESPONSE)]
    if expect.code:
        checks.append(equal("code", answer.error.get("code"), expect.code, RESPONSE))
    if expect.verdict:
        checks.append(equal("verdict", answer.header("verdict"), expect.verdict, "x-ecluse-verdict"))
    if expect.destination:
        checks.append(equal("destination", answer.header("destination"), expect.destination, "x-ecluse-destination"))
        simulated = "true" if expect.destination in SIMULATORS else "false"
        checks.append(equal("simulated", answer.header("simulated"), simulated, "x-ecluse-simulated"))
        held = bool(answer.text.strip())
        checks.append(Check(what="answer", seen=answer.text.strip(), where=RESPONSE, held=held, expected="words"))
    if play.document:
        as_text = "read=as_text" in answer.header("files")
        checks.append(equal("left as text", as_text, expected=True, where="x-ecluse-files"))
    if expect.rules:
        checks.append(among("rules", answer.rules, expect.rules, RESPONSE))
    if answer.status == REFUSED:
        checks += refusal(answer)
    return checks


def refusal(answer: Answer) -> list[Check]:
    """Show a refusal's first reason, its source, and what would help."""
    reasons = answer.error.get("reasons") or [{}]
    first = reasons[0]
    checks = [
        shown("why", first.get("reason", ""), RESPONSE),
        shown("source", f"{first.get('source', '')} ({first.get('basis', '')})", RESPONSE),
    ]
    if place := answer.error.get("place"):
        checks.insert(0, shown("refused by", f"the gateway's own place: {place}", RESPONSE))
    if hints := answer.error.get("would_help"):
        checks.append(shown("would help", hints[0], RESPONSE))
    return checks


def _elsewhere(cast: Cast, play: Scene, answer: Answer, mark: Mark) -> list[Check]:
    """Check who was called, and who saw what."""
    checks = [silence(cast, mark, play.expect.destination)]
    destination = answer.header("destination")
    if play.secrets:
        allowed = [destination] if destination in SIMULATORS and not play.hides else []
        seen = cast.watch.holders(mark, play.secrets)
        checks.append(equal("originals seen by", names(seen), names(allowed), JOURNALS))
    if play.hides:
        checks += _masked(cast, play, answer, mark)
    return checks


def _masked(cast: Cast, play: Scene, answer: Answer, mark: Mark) -> list[Check]:
    """Show what the provider got and said, and what the caller read."""
    destination = answer.header("destination")
    sent = sorted({name for body in cast.watch.bodies(mark, destination) for name in SURROGATE.findall(body)})
    said = " ".join(cast.watch.said(mark, destination))
    used = [name for name in sent if name in said]
    back = found(play.secrets, [answer.text])
    return [
        Check(
            what="surrogates sent",
            seen=", ".join(sent) or "none",
            where=JOURNALS,
            held=bool(sent),
            expected="one for each value",
        ),
        shown("the provider said", said.strip(), JOURNALS),
        Check(
            what="put back",
            seen=", ".join(back) or "nothing to put back",
            where=RESPONSE,
            held=not found(sent, [answer.text]) and bool(back) == bool(used),
            expected="an original for each surrogate that was said",
        ),
    ]


def _recorded(cast: Cast, play: Scene, answer: Answer) -> list[Check]:
    """Look the request up in the trail."""
    entry = answer.header("entry")
    if not entry:
        return []
    told = cast.trail.entry(entry)
    if told is None:
        return [Check(what="entry", seen="none", where=f"trail {entry[:8]}", held=False, expected="before the reply")]
    classes = {str(name) for field in ("found", "declared") for name in listed(told.body[field])}
    checks = [
        equal("entry", told.kind.value, "refusal" if answer.status == REFUSED else "intent", f"trail {entry[:8]}"),
        shown("data classes", ", ".join(sorted(classes)) or "none", "trail"),
    ]
    if play.secrets:
        files = kept(play.secrets, cast.world.state)
        checks.append(equal("content kept", ", ".join(files) or "none", "none", "state folder"))
    return checks


def listed(field: Field) -> Sequence[Scalar]:
    """Return a field of an entry that is a list."""
    return field if isinstance(field, Sequence) and not isinstance(field, str) else ()


def silence(cast: Cast, mark: Mark, but: str | None = None) -> Check:
    """Check that no simulator saw a connection since a mark, but the one that may."""
    called = [name for name in cast.watch.called(mark) if name != but]
    return equal("connections elsewhere" if but else "connections", names(called), "none", JOURNALS)


def names(destinations: list[str]) -> str:
    """Name destinations in words."""
    return ", ".join(WORDS[name] for name in destinations) or "none"


def quote(prompt: str) -> tuple[str, ...]:
    """Set a prompt apart."""
    return tuple(f"| {line}" for line in prompt.strip().splitlines() if line.strip())
