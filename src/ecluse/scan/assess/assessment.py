"""The assessment of a corpus: what its documents come to, one added after the other, and its report as a document.

Law: the report has counts. Names of files and text of documents are in it only where examples were asked for.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from ecluse.scan.assess.attack import Rest, Sort, pairs
from ecluse.scan.assess.document import Assessed, Shown
from ecluse.scan.assess.linking import FEW, Linked, Record, link

_EXAMPLES = 50
SMALL = 100
"""Records under which to stand alone says little."""


@dataclass(slots=True, kw_only=True)
class Corpus:
    """What the documents so far come to."""

    documents: int = 0
    whole: int = 0
    in_part: int = 0
    nothing: int = 0
    types: Counter[str] = field(default_factory=Counter)
    kinds: Counter[str] = field(default_factory=Counter)
    documents_by_kind: Counter[str] = field(default_factory=Counter)
    classes: Counter[str] = field(default_factory=Counter)
    left: Counter[str] = field(default_factory=Counter)
    unread: Counter[str] = field(default_factory=Counter)
    faults: Counter[str] = field(default_factory=Counter)
    rests: Counter[str] = field(default_factory=Counter)
    documents_by_rest: Counter[str] = field(default_factory=Counter)
    people: set[str] = field(default_factory=set)
    exposed: set[str] = field(default_factory=set)
    records: list[Record] = field(default_factory=list)
    owners: list[int] = field(default_factory=list)
    found: set[int] = field(default_factory=set)
    neighbours: list[tuple[int, frozenset[str], frozenset[str]]] = field(default_factory=list)
    names: list[str] = field(default_factory=list)
    shown: list[Shown] = field(default_factory=list)

    def add(self, one: Assessed) -> None:
        """Add a document."""
        number = self.documents
        self.documents += 1
        self.names.append(one.name)
        self.whole += bool(one.texts and not one.unread)
        self.in_part += bool(one.texts and one.unread)
        self.nothing += not one.texts
        self.types[one.type or "unknown"] += 1
        self.kinds.update(one.kinds)
        self.documents_by_kind.update(set(one.kinds))
        self.classes.update(map(str, one.classes))
        self.left.update(map(str, one.left))
        self.unread.update(str(part.why) for part in one.unread)
        if one.fault:
            self.faults[one.fault] += 1
            return
        self._attacked(number, one.rests)
        self.people |= one.people
        self.records += one.records
        self.owners += [number] * len(one.records)
        self.neighbours.append((number, one.neighbours, one.people))
        self.shown += one.shown[: max(0, _EXAMPLES - len(self.shown))]

    def _attacked(self, number: int, rests: Sequence[Rest]) -> None:
        self.rests.update(str(rest.sort) for rest in rests)
        self.documents_by_rest.update({str(rest.sort) for rest in rests})
        self.exposed |= {name for rest in rests for name in rest.names}
        if rests:
            self.found.add(number)

    def _elsewhere(self) -> Mapping[int, frozenset[str]]:
        """Return, by document, the names left in it that another document gives away."""
        known = pairs(self.people)
        found = {number: frozenset(near & known - own) for number, near, own in self.neighbours}
        return {number: names for number, names in found.items() if names}

    def assessed(self, *, detector: str, day: str, generalised: Sequence[str], examples: bool) -> dict[str, object]:
        """Return the report."""
        elsewhere = self._elsewhere()
        linked = link(self.records)
        counts = self.rests + Counter({Sort.KNOWN_ELSEWHERE: sum(map(len, elsewhere.values()))})
        by_document = self.documents_by_rest + Counter({Sort.KNOWN_ELSEWHERE: len(elsewhere)})
        exposed = self.exposed.union(*elsewhere.values())
        attacked = self.documents - self.faults.total()
        hit = self.found | set(elsewhere)
        alone = {self.owners[n] for n in linked.unique}
        told: dict[str, object] = {
            "date": day,
            "detector": detector,
            "generalised": list(generalised),
            "documents": {
                "all": self.documents,
                "read_whole": self.whole,
                "read_in_part": self.in_part,
                "nothing_read": self.nothing,
                "masked": attacked,
                "not_masked": dict(sorted(self.faults.items())),
            },
            "types": dict(self.types.most_common()),
            "kinds": {
                kind: {"findings": n, "documents": self.documents_by_kind[kind]} for kind, n in self.kinds.most_common()
            },
            "classes": dict(self.classes.most_common()),
            "left_in_clear": dict(self.left.most_common()),
            "unread": dict(self.unread.most_common()),
            "people": {"named": len(self.people), "name_left": len(exposed & self.people)},
            "rests": {
                str(sort): {"places": counts[sort], "documents": by_document[sort]} for sort in Sort if counts[sort]
            },
            "documents_with_rests": len(hit),
            "links": _links(linked),
            "documents_reidentifiable": len(hit | alone),
            "few": FEW,
            "small": linked.records < SMALL,
        }
        return told | ({"examples": self._examples(elsewhere, linked)} if examples else {})

    def _examples(self, elsewhere: Mapping[int, frozenset[str]], linked: Linked) -> list[dict[str, str]]:
        found = [{"document": one.document, "sort": one.sort, "text": one.text} for one in self.shown]
        found += [
            {"document": self.names[number], "sort": str(Sort.KNOWN_ELSEWHERE), "text": ", ".join(sorted(names))}
            for number, names in list(elsewhere.items())[:_EXAMPLES]
        ]
        for n in sorted(linked.unique)[:_EXAMPLES]:
            facts = "; ".join(f"{name} {', '.join(sorted(v))}" for name, v in self.records[n].facts.items() if v)
            found.append({"document": self.names[self.owners[n]], "sort": "unique", "text": facts})
        return found


def _links(linked: Linked) -> dict[str, object]:
    return {
        "records": linked.records,
        "linkable": linked.linkable,
        "unique": len(linked.unique),
        "below_five": len(linked.below_five),
        "by": [
            {"facts": list(names), "records": a.records, "unique": a.unique, "below_five": a.below_five}
            for names, a in linked.by.items()
        ],
    }
