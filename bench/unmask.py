"""What unmask costs: CPU for each piece of four characters, about one token, and for an answer that comes whole.

Run: python bench/unmask.py. The target is 6 microseconds a piece.
"""

import time
from collections.abc import Callable, Sequence

from ecluse.domain.event import Channel, Event, Text, ToolArgs
from ecluse.domain.vault import Vault
from ecluse.passage.unmask import Restorer

ROUNDS = 15
PIECE = 4
MASKED = "Bonjour PERSON_7K2Q9F, votre dossier est suivi par PERSON_0A1BCD (à joindre : EMAIL_9XYZ11). "
PLAIN = "Bonjour Madame, votre dossier est suivi par le service de l'état civil, au premier étage. "
LINKED = "Voir https://exemple.fr/dossiers/2026 et [la fiche](https://exemple.fr/f?id=12), PERSON_7K2Q9F. "
VAULT = Vault(
    originals={"PERSON_7K2Q9F": "Zoé Lefèvre", "PERSON_0A1BCD": "Jean d'Arc", "EMAIL_9XYZ11": "zoe@exemple.fr"}
)


def text(piece: str) -> Event:
    """Make a piece of text."""
    return Text(choice=0, channel=Channel.CONTENT, s=piece)


def arguments(piece: str) -> Event:
    """Make a piece of a tool call's arguments."""
    return ToolArgs(choice=0, index=0, s=piece)


def cut(whole: str, size: int, make: Callable[[str], Event]) -> list[Event]:
    """Cut an answer in pieces of `size` characters."""
    return [make(whole[at : at + size]) for at in range(0, len(whole), size)]


def cost(events: Sequence[Event], vault: Vault) -> float:
    """Return the seconds of CPU of the best round."""
    best = float("inf")
    for _ in range(ROUNDS):
        restorer = Restorer(vault)
        feed = restorer.feed
        begun = time.thread_time()
        for event in events:
            feed(event)
        restorer.end()
        best = min(best, time.thread_time() - begun)
    return best


def main() -> None:
    """Print the table."""
    print("| answer | microseconds of CPU a piece of four characters |\n|---|---|")
    quoted = '{"to": "' + MASKED * 200 + '"}'
    for name, events, vault in (
        ("text with 3 surrogates in 95 characters", cut(MASKED * 200, PIECE, text), VAULT),
        ("text with links and 1 surrogate in 97", cut(LINKED * 200, PIECE, text), VAULT),
        ("text without surrogates", cut(PLAIN * 200, PIECE, text), VAULT),
        ("arguments of a tool, 3 surrogates in 95", cut(quoted, PIECE, arguments), VAULT),
        ("nothing was masked", cut(PLAIN * 200, PIECE, text), Vault.empty()),
    ):
        print(f"| {name} | {cost(events, vault) / len(events) * 1e6:.2f} |")
    whole = MASKED * 2_000
    print(f"\nA whole answer of {len(whole) // 1000} kB: {cost([text(whole)], VAULT) * 1e3:.1f} ms of CPU.")


if __name__ == "__main__":
    main()
