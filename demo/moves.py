"""The acts that change something first: a rule's mode, a destination's door, the language, the gateway's place.

Law: what is changed is changed by its ordinary means (settings, a closed port, a header), never inside Ecluse.
"""

from dataclasses import replace
from pathlib import Path
from typing import Any

import msgspec

from demo import acts
from demo.acts import Cast
from demo.checks import Act, Check, equal, shown
from demo.children import ChildError, run
from demo.house import House
from demo.scenes import Down, Move, Scene, Screenplay
from demo.world import SIMULATORS

LANGUAGES = ("en", "fr")


def flipped(cast: Cast, house: House, play: Screenplay) -> Act:
    """Explain the opening's letter with the settings as they are, and with one rule in another mode."""
    letter = cast.world.folder / "letter.txt"
    letter.write_text(play.opening.prompt, encoding="utf-8")
    other = cast.world.folder / "flipped.toml"
    cast.world.write(other, house.addresses, house.model, mode=(play.flip.organisation, play.flip.rule, play.flip.mode))
    before, after = (explained(play.flip.application, letter, config) for config in (cast.world.settings, other))
    act = acts.flip(play.flip, before, after)
    online = acts.cells(cast.asker.explain(play.flip.application, play.opening.prompt))
    same = equal("ecluse explain and /v1/explain agree", acts.cells(before) == online, expected=True, where="both")
    return replace(act, checks=(*act.checks, same))


def explained(application: str, letter: Path, config: Path) -> dict[str, Any]:
    """Run `ecluse explain` on a letter. Raises ChildError when it fails."""
    done = run("ecluse", ["explain", str(letter), "--application", application, "--config", str(config), "--json"])
    if done.returncode:
        raise ChildError(f"ecluse explain: {done.stderr.strip()}")
    told: dict[str, Any] = msgspec.json.decode(done.stdout)
    return told


def down(cast: Cast, house: House, play: Down) -> Act:
    """Close the only permitted destination, ask, and look for the request elsewhere."""
    destination = play.closed
    house.simulators.tell({"do": "down", "name": SIMULATORS[destination]})
    try:
        act = acts.scene(cast, play)
    finally:
        house.simulators.tell({"do": "up", "name": SIMULATORS[destination]})
    *intents, outcome = cast.trail.last_passage()
    tried = sorted({str(entry.body["destination"]) for entry in intents})
    return replace(
        act,
        checks=(
            *act.checks,
            equal("tried", acts.names(tried), acts.names([destination]), "trail"),
            shown("outcome", f"{outcome.body['status']}, {outcome.body['code']}", "trail"),
        ),
    )


def languages(cast: Cast, play: Scene) -> Act:
    """Show one refusal in each language."""
    act = acts.scene(cast, play)
    reasons: list[str] = []
    said: list[Check] = []
    for language in LANGUAGES:
        answer = cast.asker.chat(play.caller, play.prompt, model=play.model, language=language)
        reasons.append(answer.error.get("message", ""))
        where = f"Accept-Language: {language}"
        said.append(shown(language, reasons[-1], where))
        said += [shown("", hint, where) for hint in answer.error.get("would_help", [])[:1]]
        said += [shown("", " ".join(answer.error.get("not_checked", [])), where)]
    said.append(equal("sentences that differ", len(set(reasons)), len(LANGUAGES), acts.RESPONSE))
    kept = tuple(check for check in act.checks if check.what not in {"why", "would help"})
    return replace(act, checks=(*kept, *said))


def moved(cast: Cast, play: Move) -> Act:
    """Ask the gateway that now stands elsewhere."""
    act = acts.scene(cast, play)
    return replace(act, said=(f"gateway.hosted_on = {play.hosted_on}", *act.said))
