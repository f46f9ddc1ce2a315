"""What mask costs: replace 200 values in a request of 200 kB, and search all of it for every spelling of them.

Run: python bench/mask_cost.py. The target is 100 milliseconds of CPU.
"""

import time

from ecluse.domain.finding import Classification, DataClass, Finding
from ecluse.domain.request import Message, Request, Role, SlotPath, Surface, TextPart
from ecluse.passage.mask import mask

ROUNDS = 7
VALUES = 200
KEY = bytes(32)
PROSE = (
    "Le dossier est suivi par le service de l'état civil, au premier étage de la mairie, depuis l'année dernière. " * 9
)


def request(*, lower: bool) -> tuple[Request, Classification]:
    """Return a text of 200 kB and the findings in it; `lower` adds spellings that nobody found."""
    words: list[str] = []
    findings: list[Finding] = []
    length = 0
    for i in range(VALUES):
        name = f"Prénom{i} Nom{i}" if i % 2 else f"06 {i % 90 + 10} {i % 80 + 11} {i % 70 + 12} 5{i % 10}"
        unseen = name.lower().replace(" ", "") if lower and not i % 10 else ""
        words += (PROSE, name, " ", unseen, " ")
        start = length + len(PROSE)
        findings.append(
            Finding(
                slot=SlotPath("messages/0/parts/0"),
                start=start,
                end=start + len(name),
                kind="person" if i % 2 else "phone",
                data_class=DataClass.PERSONAL,
                confidence=1.0,
                recogniser="bench",
                evidence="bench",
            )
        )
        length = start + len(name) + 2 + len(unseen)
    message = Message(role=Role.USER, parts=(TextPart(text="".join(words)),))
    asked = Request(surface=Surface.CHAT, model="m", messages=(message,))
    return asked, Classification(findings=tuple(findings), detector="bench")


def main() -> None:
    """Print the table."""
    print("| request | values | characters | milliseconds of CPU |\n|---|---|---|---|")
    for name, lower in (("everything was found", False), ("20 spellings were not found", True)):
        asked, found = request(lower=lower)
        best = float("inf")
        for _ in range(ROUNDS):
            begun = time.thread_time()
            masked = mask(asked, found, cover=frozenset({DataClass.PERSONAL}), key=KEY)
            best = min(best, time.thread_time() - begun)
        part = asked.messages[0].parts[0]
        size = len(part.text) if isinstance(part, TextPart) else 0
        print(f"| {name} | {masked.vault.surrogates} | {size} | {best * 1e3:.0f} |")


if __name__ == "__main__":
    main()
