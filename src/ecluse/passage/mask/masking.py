"""A request without what was found in it, and the vault that brings it back.

Law: nothing leaves masked in half. Every finding of a covered class is replaced; then the whole masked request is
searched for every value that was replaced, in all its spellings. What is seen elsewhere is replaced too; what cannot
be replaced, or is still seen after that, refuses. Embeddings, pages and sounds are never masked (decision 27).
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial

from ecluse.domain.errors import GatewayError
from ecluse.domain.finding import MASKED_FORM, Classification, DataClass, Extent, Finding
from ecluse.domain.masking import PLAIN_STYLE, MaskingStyle, Quasi
from ecluse.domain.request import AS_IS_ONLY, Request, Slot, SlotPath, Surface, rewrite, slots
from ecluse.domain.vault import SurrogateType, Vault, joined
from ecluse.passage.attached import attachments, carriers
from ecluse.passage.mask.coarse import ages, coarse
from ecluse.passage.mask.instruction import SENTENCES, instruct, language
from ecluse.passage.mask.kin import damaged, kin, logins, plurals, short_dates, written_out
from ecluse.passage.mask.mint import Mint, look_alikes
from ecluse.passage.mask.people import identities, mention, name_parts
from ecluse.passage.mask.search import Hit, Values
from ecluse.passage.mask.spans import Span, Spans, span_of
from ecluse.passage.mask.spelling import compact, readings
from ecluse.passage.mask.traces import traces
from ecluse.passage.mask.written import Written, written

_ROUNDS = 5
"""What is seen elsewhere is replaced and all is searched again: mostly the second round sees nothing, the fifth is
last."""
_SHORTEST_KEY = 16
_LONG_FILE = 64 * 1024
"""Characters of base64 from which a file that nobody read is not searched either: it goes where unreadable data may."""
_PERSONS = frozenset({SurrogateType.WOMAN, SurrogateType.MAN, SurrogateType.PEOPLE})
"""Whom a name names when its gender or number is known: a name by itself is one of a person."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Masked:
    """What may be sent, and how to read the answer. `instruction` is the language of the sentence added, if any.

    `generalised` is how many values were made coarser: they do not come back. `written` are the texts in which
    something was exchanged; `values` is what was searched for, for whoever writes these texts elsewhere.
    """

    request: Request = field(repr=False)
    vault: Vault
    instruction: str | None = None
    generalised: int = 0
    written: Mapping[SlotPath, Written] = field(default_factory=dict, repr=False)
    values: Values | None = field(default=None, repr=False)

    @property
    def instructed(self) -> bool:
        """Whether a sentence of ours was added to the conversation."""
        return self.instruction is not None


def mask(
    request: Request,
    classification: Classification,
    *,
    cover: frozenset[DataClass],
    key: bytes,
    style: MaskingStyle = PLAIN_STYLE,
    before: Vault | None = None,
) -> Masked:
    """Replace every finding of the classes in `cover` by a surrogate made under `key` (16 bytes or more).

    `before` is the vault of earlier turns that lie at the provider: its values are looked for and replaced too, its
    surrogates keep their meaning, and the vault that is returned brings back these as well.

    Raises:
        ValueError: An embedding, a class without a masked form, or a short key: no caller of ours asks for these.
        GatewayError: `mask_unavailable`: a value stands where it cannot be replaced, or is still seen.
    """
    if request.surface in AS_IS_ONLY:
        raise ValueError(f"{request.surface} is never masked")
    if not cover <= MASKED_FORM.keys():
        raise ValueError("a class without a masked form cannot be covered")
    if len(key) < _SHORTEST_KEY:
        raise ValueError("the key is too short")
    covered = tuple(finding for finding in classification.findings if finding.data_class in cover)
    if not covered and (not cover or before is None):
        return _unmasked(request, before or Vault.empty())
    draft = _Draft(request, covered, style, before or Vault.empty(), _carried(request, classification))
    masked, vault = _masked(draft, key, style, before)
    if request.surface is not Surface.CHAT or not vault.originals:
        # There is no turn to say it in, or nothing to say: what has the format of a value is copied as a value is.
        spoken, told = None, masked
    else:
        spoken = language(request)
        told = instruct(masked, SENTENCES[spoken])
    return Masked(
        request=told,
        vault=vault,
        instruction=spoken,
        generalised=draft.generalised,
        written=draft.written,
        values=draft.values,
    )


def _unmasked(request: Request, vault: Vault) -> Masked:
    """Return a request in which nothing is to be covered; of earlier surrogates its model is told again."""
    if request.surface is not Surface.CHAT or not vault.originals:
        return Masked(request=request, vault=vault)
    spoken = language(request)
    return Masked(request=instruct(request, SENTENCES[spoken]), vault=vault, instruction=spoken)


def _masked(draft: "_Draft", key: bytes, style: MaskingStyle, before: Vault | None) -> tuple[Request, Vault]:
    folds = [compact(reading.text) for slot in draft.slots for reading in readings(slot.text)]
    excluded = look_alikes(folds) | (before.excluded if before else frozenset())
    for _ in range(_ROUNDS):
        mint = Mint(key, excluded, folds, style.formatted, before)
        masked = draft.masked(mint)
        seen = traces(masked, draft.values, draft.written, draft.carried)
        if not seen:
            return masked, joined(before, mint.vault()) if before else mint.vault()
        draft.widen(seen)
    raise _unavailable("a value is still seen")


def _carried(request: Request, classification: Classification) -> frozenset[SlotPath]:
    """Return the slots that are files which were read whole: they were searched before, and nothing in them is masked.

    A text of one's own that only looks like a file stays searched, and so does a short file that nobody read.
    """
    whole = {one.path for one in classification.files if one.read is Extent.WHOLE}
    files = attachments(request) if classification.files else ()
    skipped = [file for file in files if file.path in whole or len(file.data) > _LONG_FILE]
    return frozenset(carriers(slots(request), skipped))


def _earlier(before: Vault) -> Iterator[tuple[str, SurrogateType]]:
    """Iterate over the values that earlier turns hid: what hid them there may not recognise them here."""
    for shown, original in before.originals.items():
        word = SurrogateType(shown.partition("_")[0])
        yield original, SurrogateType.PERSON if word in _PERSONS else word
    for original in before.formats.values():
        yield original, SurrogateType.VALUE


def values_of(findings: Iterable[tuple[Finding, str]]) -> Values:
    """Return what to search for to see whether a text repeats one of these findings, each with its value."""
    return _sought({value: span_of(finding).word for finding, value in findings})


def _sought(values: Mapping[str, SurrogateType]) -> Values:
    names = [value for value, word in values.items() if word is SurrogateType.PERSON]
    names += [plain for name in names if (plain := written_out(name))]
    parts = (part for name in names for part in (*name_parts(name), *logins(name), *damaged(name)))
    several = (word for name in names for word in plurals(name))
    return Values({**_kin(values), **values}, parts, short_dates(values), several)


def _kin(values: Mapping[str, SurrogateType]) -> Mapping[str, SurrogateType]:
    return {other: word for value, word in values.items() for other in kin(value, word)}


def _unavailable(why: str) -> GatewayError:
    return GatewayError("mask_unavailable", why)


class _Draft:
    """Which spans of which slots are to be replaced, and what came of it last time."""

    def __init__(
        self,
        request: Request,
        covered: Iterable[Finding],
        style: MaskingStyle,
        before: Vault,
        carried: frozenset[SlotPath],
    ) -> None:
        self._request = request
        self._style = style
        self.generalised = 0
        self.carried = carried
        self.slots = tuple(slot for slot in slots(request) if slot.path not in carried)
        self._by_path: Mapping[SlotPath, Slot] = {slot.path: slot for slot in self.slots}
        self._spans: dict[SlotPath, Spans] = {}
        self.written: Mapping[SlotPath, Written] = {}
        spans: dict[SlotPath, list[Span]] = {}
        values = dict(_earlier(before))
        for finding in covered:
            slot = self._by_path.get(finding.slot)
            if slot is None or finding.end > len(slot.text):
                raise _unavailable("a finding is of another request")
            if not slot.maskable or not finding.maskable:
                raise _unavailable("a value stands where it cannot be replaced")
            span = span_of(finding)
            spans.setdefault(slot.path, []).append(span)
            values.setdefault(slot.text[span.start : span.end], span.word)
        self.values = _sought(values)
        if Quasi.AGE in style.generalised:
            for slot in self.slots:
                if slot.maskable and slot.role is not None and (found := list(ages(slot.text))):
                    spans.setdefault(slot.path, []).extend(found)
        for path, found in spans.items():
            self._add(path, found)

    def _add(self, path: SlotPath, spans: Iterable[Span]) -> None:
        if path not in self._spans:
            slot = self._by_path[path]
            self._spans[path] = Spans(slot.text, address=slot.address)
        self._spans[path].add(spans)

    def masked(self, mint: Mint) -> Request:
        """Return the request with a surrogate for each span, made in reading order."""
        texts = [(slot, spans.settled) for slot in self.slots if (spans := self._spans.get(slot.path)) is not None]
        named = {
            (slot.path, span.start): mention(slot.text, span.start, span.end)
            for slot, spans in texts
            for span in spans
            if span.word is SurrogateType.PERSON
        }
        persons = identities(named.values())

        if SurrogateType.DATE in self._style.formatted:
            mint.settle(s.text[a.start : a.end] for s, spans in texts for a in spans if a.word is SurrogateType.DATE)
        self.generalised = 0

        def surrogate(slot: Slot, span: Span) -> str:
            original = slot.text[span.start : span.end]
            shown = span.shown or coarse(span.word, original, self._style.generalised)
            if shown is not None:
                self.generalised += 1
                return shown
            if span.word is not SurrogateType.PERSON:
                return mint.surrogate(span.word, original)
            person = persons[named[slot.path, span.start]]
            return mint.surrogate(person.word, original, person.seed)

        self.written = {slot.path: written(slot.text, spans, partial(surrogate, slot)) for slot, spans in texts}
        return rewrite(self._request, {path: shown.text for path, shown in self.written.items()})

    def widen(self, seen: Mapping[Slot, Sequence[Hit]]) -> None:
        """Add spans for what is seen in the masked request. Raises if it stands where it cannot be replaced."""
        for slot, hits in seen.items():
            if not slot.maskable:
                raise _unavailable("a value is seen where it cannot be replaced")
            shown = self.written.get(slot.path)
            source = shown.source if shown else int
            self._add(
                slot.path,
                (Span(start=source(hit.start), end=source(hit.end - 1) + 1, word=hit.word) for hit in hits),
            )
