"""How often surrogates survive a model, by format, task and language: `python -m bench.mask`.

Without options it asks SmolLM2-135M, on this machine: a model so small that its figures say little of others. With
`--base-url URL --model NAME [--key-env VARIABLE]` it asks any OpenAI-compatible endpoint. Values are invented, answers
are asked for at temperature 0, and each request is masked by the same code as in the gateway, instruction included.

For each surrogate that an answer should repeat: *exact* (as it was sent), *restored* (what Ecluse would put back, other
case or escapes included), *damaged* (looks like a surrogate and is none), *absent* (not repeated at all).

With `--through` the endpoint is a gateway that masks: Ecluse, or LiteLLM's proxy with its Presidio guardrail before the
same model. Run it before each and lay the tables side by side; what leaked is in the log of the model's server.
"""

import argparse
import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

import httpx2

from ecluse.domain.event import Channel, Text
from ecluse.domain.finding import Classification, DataClass, Finding
from ecluse.domain.masking import FORMS, PLAIN_STYLE, MaskingStyle
from ecluse.domain.request import Message, Request, Role, SlotPath, Surface, TextPart
from ecluse.passage.mask import mask
from ecluse.passage.unmask import Restorer

PEOPLE = (
    ("Éléonore Lefèvre", "06 12 34 56 78", "e.lefevre@mairie-exemple.fr"),
    ("Karim Benali", "07 98 76 54 32", "karim.benali@exemple.fr"),
    ("Anne-Marie Dubois", "01 42 34 56 78", "am.dubois@exemple.fr"),
    ("Jean Martin", "06 55 44 33 22", "jean.martin@exemple.fr"),
)
KINDS = ("person", "phone", "email")
TASKS = {
    ("repeat", "fr"): "Recopiez exactement cette ligne, sans rien ajouter :\n{0} ; {1} ; {2}",
    ("repeat", "en"): "Copy this line exactly, and add nothing:\n{0}; {1}; {2}",
    ("letter", "fr"): "Écrivez une lettre de deux phrases à {0} pour confirmer son numéro {1} et son adresse {2}.",
    ("letter", "en"): "Write a letter of two sentences to {0} to confirm the number {1} and the address {2}.",
    ("json", "fr"): 'Répondez par un objet JSON avec "nom", "tel" et "mail" : {0}, joignable au {1} ou à {2}.',
    ("json", "en"): 'Answer with a JSON object that has "name", "phone" and "mail": {0} can be reached at {1} or {2}.',
    ("translate", "fr"): "Traduisez en anglais : {0} habite à Lyon ; son téléphone est {1}, son adresse est {2}.",
    ("translate", "en"): "Translate into French: {0} lives in Lyon; the phone number is {1}, the address is {2}.",
}
FORMATTED = MaskingStyle(formatted=frozenset(word for _, word in FORMS.values()))
FORMATS = ("typed", "format-valid", "brackets")
"""What Ecluse sends by default, what it sends on request, and what others send: `[PERSON_1]`."""
BRACKETS = re.compile(r"\[(?:PERSON|PHONE|EMAIL)_[0-9]+\]")
KEY = bytes(range(32))


@dataclass
class Cell:
    """What became of the surrogates of one format, task and language."""

    sent: int = 0
    exact: int = 0
    restored: int = 0
    damaged: int = 0


@dataclass(kw_only=True)
class Case:
    """One request, and how to read its answer."""

    request: Request
    shown: dict[str, str]
    restorer: Restorer | None = None
    values: Sequence[str] = field(default_factory=tuple)


def case(template: str, person: Sequence[str], form: str) -> Case:
    """Fill a task and mask it."""
    text = template.format(*person)
    findings = tuple(
        Finding(
            slot=SlotPath("messages/0/parts/0"),
            start=text.index(value),
            end=text.index(value) + len(value),
            kind=kind,
            data_class=DataClass.PERSONAL,
            confidence=1.0,
            recogniser="bench",
            evidence="bench",
        )
        for value, kind in zip(person, KINDS, strict=True)
    )
    if form == "brackets":
        shown = {f"[{kind.upper()}_{i}]": value for i, (value, kind) in enumerate(zip(person, KINDS, strict=True), 1)}
        for surrogate, value in shown.items():
            text = text.replace(value, surrogate)
        return Case(request=chat(text), shown=shown, values=person)
    style = FORMATTED if form == "format-valid" else PLAIN_STYLE
    masked = mask(
        chat(text),
        Classification(findings=findings, detector="bench"),
        cover=frozenset({DataClass.PERSONAL}),
        key=KEY,
        style=style,
    )
    sent = said(masked.request)
    known = {**masked.vault.originals, **masked.vault.formats}
    shown = {surrogate: value for surrogate, value in known.items() if surrogate in sent or surrogate in sent.lower()}
    return Case(request=masked.request, shown=shown, restorer=Restorer(masked.vault), values=person)


def chat(text: str) -> Request:
    """Ask a text."""
    return Request(surface=Surface.CHAT, model="m", messages=(Message(role=Role.USER, parts=(TextPart(text=text),)),))


def said(request: Request) -> str:
    """Return what a request says."""
    return "\n".join(part.text for m in request.messages for part in m.parts if isinstance(part, TextPart))


def judge(cell: Cell, one: Case, answer: str) -> None:
    """Count what became of the surrogates of one case."""
    cell.sent += len(one.values)
    exact = {value for surrogate, value in one.shown.items() if surrogate in answer}
    cell.exact += len(exact)
    if one.restorer is None:
        cell.restored += len(exact)
        cell.damaged += sum(found not in one.shown for found in set(BRACKETS.findall(answer)))
        return
    events = [*one.restorer.feed(Text(choice=0, channel=Channel.CONTENT, s=answer)), *one.restorer.end()]
    back = "".join(event.s for event in events if isinstance(event, Text))
    cell.restored += sum(value in back for value in one.values)
    cell.damaged += one.restorer.unknown


@contextmanager
def local() -> Iterator[str]:
    """Run the local model until the block ends, and give its address."""
    words = [sys.executable, "-m", "simulators.model", "--port", "0", "--parent-pid", str(os.getpid())]
    with subprocess.Popen(words, stdout=subprocess.PIPE, text=True) as child:
        try:
            assert child.stdout is not None  # noqa: S101 - a pipe was asked for
            yield str(json.loads(child.stdout.readline())["address"])
        finally:
            child.terminate()


def ask(client: httpx2.Client, model: str, request: Request) -> str:
    """Return a model's answer."""
    messages = [
        {"role": m.role.value, "content": "".join(p.text for p in m.parts if isinstance(p, TextPart))}
        for m in request.messages
    ]
    body = {"model": model, "messages": messages, "temperature": 0, "max_tokens": 96}
    answer = client.post("chat/completions", json=body)
    answer.raise_for_status()
    return str(answer.json()["choices"][0]["message"]["content"])


def measure(client: httpx2.Client, model: str, people: int) -> dict[tuple[str, str, str], Cell]:
    """Ask every task in every language and format."""
    cells: dict[tuple[str, str, str], Cell] = {}
    for (task, language), template in TASKS.items():
        for form in FORMATS:
            cell = cells.setdefault((form, task, language), Cell())
            for person in PEOPLE[:people]:
                one = case(template, person, form)
                judge(cell, one, ask(client, model, one.request))
    return cells


def table(model: str, cells: dict[tuple[str, str, str], Cell]) -> Iterator[str]:
    """Yield the lines of the table."""
    yield f"Model: {model}. Each surrogate should be repeated once; counts, not percentages, since they are few.\n"
    yield "| format | task | language | sent | exact | restored | damaged | absent |"
    yield "|---|---|---|---|---|---|---|---|"
    for (form, task, language), c in sorted(cells.items()):
        yield _row(form, task, language, c)
    for form in FORMATS:
        mine = [c for (name, _, _), c in cells.items() if name == form]
        total = Cell(*(sum(getattr(c, name) for c in mine) for name in ("sent", "exact", "restored", "damaged")))
        yield _row(f"**{form}**", "all", "all", total)


def _row(form: str, task: str, language: str, c: Cell) -> str:
    return (
        f"| {form} | {task} | {language} | {c.sent} | {c.exact} | {c.restored} | {c.damaged} | {c.sent - c.restored} |"
    )


def through(client: httpx2.Client, model: str, people: int) -> Iterator[str]:
    """Send values as they are to a gateway that masks, streamed: what came back, in how many chunks."""
    yield "| task | language | values | came back | wrong person | chunks | characters |\n|---|---|---|---|---|---|---|"
    for (task, language), template in TASKS.items():
        values = back = wrong = chunks = length = 0
        for person in PEOPLE[:people]:
            messages = [{"role": "user", "content": template.format(*person)}]
            body = {"model": model, "messages": messages, "temperature": 0, "max_tokens": 96, "stream": True}
            answer = ""
            with client.stream("POST", "chat/completions", json=body) as stream:
                for line in stream.iter_lines():
                    if line.startswith("data: {"):
                        said_ = "".join(c["delta"].get("content") or "" for c in json.loads(line[6:])["choices"])
                        chunks += bool(said_)
                        answer += said_
            values += len(person)
            back += sum(value in answer for value in person)
            wrong += sum(other[0] in answer for other in PEOPLE if other is not person)
            length += len(answer)
        yield f"| {task} | {language} | {values} | {back} | {wrong} | {chunks} | {length} |"


def main() -> None:
    """Measure and print."""
    words = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    words.add_argument("--base-url", help="An OpenAI-compatible endpoint, up to /v1; the local model without it.")
    words.add_argument("--model", default="smollm2-135m")
    words.add_argument("--key-env", help="The variable that has the endpoint's key.")
    words.add_argument("--through", action="store_true", help="The endpoint masks by itself: send values as they are.")
    words.add_argument("--people", type=int, default=len(PEOPLE), help="How many invented persons to ask about.")
    asked = words.parse_args()
    if asked.base_url:
        run(asked.base_url, asked)
        return
    with local() as address:
        run(f"{address}/v1", asked)


def run(address: str, asked: argparse.Namespace) -> None:
    """Measure one endpoint."""
    key = os.environ.get(asked.key_env, "") if asked.key_env else ""
    headers = {"authorization": f"Bearer {key}"} if key else {}
    with httpx2.Client(base_url=f"{address.rstrip('/')}/", headers=headers, trust_env=False, timeout=300) as client:
        if asked.through:
            print("\n".join(through(client, asked.model, asked.people)))
            return
        print("\n".join(table(asked.model, measure(client, asked.model, asked.people))))


if __name__ == "__main__":
    main()
