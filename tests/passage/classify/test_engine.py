"""The search: what disguises hide is found, spans are exact, and what cannot be searched raises."""

import base64
import time
import unicodedata
from collections.abc import Callable
from dataclasses import replace
from urllib.parse import quote

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ecluse.domain.errors import GatewayError
from ecluse.domain.finding import DataClass
from ecluse.domain.request import Role, Slot, SlotPath
from ecluse.packs import dictionaries
from ecluse.passage.classify import Candidate, Engine, Hit, Recogniser, built_in
from ecluse.passage.classify import engine as make_engine
from ecluse.passage.classify.engine import LIMIT
from tests.passage.classify.tagger.made import tagger as drawn_tagger

ANY_TEXT = st.text(alphabet=st.characters(exclude_categories=()), max_size=120)
FRAGMENTS = st.sampled_from(
    [
        "06 12 34 56 78", "Mme Marie Dubois", "@orange.fr", "marie", "FR76 3000 6000 0112", "%40", "DR", "\n", " ", "é",
        "\u200b", "\u0301", "œ", "data:", "password=", "S3cr3t!x", "né le ", "12/03/1980", "diabète", "patient de 5",
        "-----BEGIN PRIVATE KEY-----", "eyJhbGciOiJIUzI1NiJ9", "sk-", "TWFyaWUgRHVib2lz", "::1", "2 85 03 69", "\ud800",
    ]
)  # fmt: skip
MADE_TEXT = st.lists(FRAGMENTS, max_size=12).map("".join)

VALUES = {
    "email": ("marie.dubois@orange.fr", "Son mail est {}, merci."),
    "phone": ("06 12 34 56 78", "Appelez-le au {} demain."),
    "iban": ("FR76 3000 6000 0112 3456 7890 189", "L'IBAN est {} pour le virement."),
    "nir": ("2 85 03 69 123 456 56", "Numéro de sécurité sociale : {}."),
    "payment_card": ("4970 1000 0123 4562", "Carte bancaire {} valable."),
    "person": ("Marie Dubois", "Le dossier de Mme {} est complet."),
}
DISGUISES: dict[str, Callable[[str], str]] = {
    "as it is": str,
    "thin spaces": lambda s: s.replace(" ", "\u202f"),
    "no-break spaces": lambda s: s.replace(" ", "\u00a0"),
    "zero-width everywhere": "\u200b".join,
    "soft hyphen": lambda s: s[:4] + "\u00ad" + s[4:],
    "full-width": lambda s: "".join(chr(ord(c) + 0xFEE0) if 33 <= ord(c) < 127 else c for c in s),
    "full-width digits": lambda s: "".join(chr(ord(c) + 0xFEE0) if c.isdigit() else c for c in s),
    "Cyrillic look-alikes": lambda s: s.translate(str.maketrans("aeoicp", "\u0430\u0435\u043e\u0456\u0441\u0440")),
    "Greek look-alikes": lambda s: s.translate(str.maketrans("AEMoFR", "\u0391\u0395\u039c\u03bf\u03dc\u13a1")),
    "spaced characters": lambda s: " ".join(s.replace(" ", "")),
    "url-encoded": lambda s: quote(s, safe=""),
    "base64": lambda s: base64.b64encode(s.encode()).decode(),
    "hexadecimal": lambda s: s.encode().hex(),
    "decomposed": lambda s: unicodedata.normalize("NFD", s.replace("a", "à")),
}


def slot(text: str, path: str = "messages/0/parts/0", *, maskable: bool = True, role: Role = Role.USER) -> Slot:
    return Slot(path=SlotPath(path), text=text, role=role, maskable=maskable)


@pytest.mark.parametrize("disguise", DISGUISES)
@pytest.mark.parametrize("kind", VALUES)
def test_a_value_is_found_in_its_disguise_to_the_character(kind: str, disguise: str, detector: Engine) -> None:
    value, frame = VALUES[kind]
    hidden = DISGUISES[disguise](value)
    text = frame.format(hidden)
    spans = {text[c.start : c.end] for c in detector.search(text) if c.recogniser.kind == kind}
    assert spans == {hidden}


@given(before=ANY_TEXT, kind=st.sampled_from(sorted(VALUES)))
def test_a_value_on_a_line_of_its_own_is_found_after_any_text(before: str, kind: str, detector: Engine) -> None:
    value, frame = VALUES[kind]
    text = f"{before}\n\n\n{frame.format(value)}"
    covered = {i for c in detector.search(text) for i in range(c.start, c.end)}
    at = text.rindex(value)
    assert covered >= {i for i in range(at, at + len(value)) if not text[i].isspace()}


@settings(max_examples=200)
@given(text=ANY_TEXT | MADE_TEXT)
def test_any_text_is_searched_and_every_finding_lies_in_it(text: str, cascade: Engine) -> None:
    found = cascade.classify([slot(text)])
    assert all(0 <= f.start < f.end <= len(text) and f.confidence >= 0.5 for f in found.findings)
    assert found == cascade.classify([slot(text)])


def test_the_class_and_the_evidence_come_with_a_finding(detector: Engine) -> None:
    (finding,) = detector.classify([slot("Son NIR est 2 85 03 69 123 456 56")]).findings
    assert (finding.kind, finding.data_class, finding.recogniser) == ("nir", DataClass.NATIONAL_ID, "nir")
    assert finding.confidence == 0.99
    assert finding.evidence == "the key is right"


def test_a_finding_where_no_surrogate_can_stand_is_not_maskable(detector: Engine) -> None:
    kept = detector.classify([slot("06 12 34 56 78", "tools/0/name", maskable=False)])
    assert [f.maskable for f in kept.findings] == [False]
    assert kept.coverable == frozenset()


def test_each_data_class_of_a_letter_is_found(detector: Engine) -> None:
    text = (
        "DIFFUSION RESTREINTE\nMme Marie Dubois, née le 12 mars 1980, NIR 2 85 03 69 123 456 56, diabétique, "
        "IBAN FR76 3000 6000 0112 3456 7890 189, mot de passe : Soleil!2024"
    )
    assert detector.classify([slot(text)]).classes == {
        DataClass.RESTRICTED,
        DataClass.PERSONAL,
        DataClass.NATIONAL_ID,
        DataClass.HEALTH,
        DataClass.PAYMENT,
        DataClass.CREDENTIAL,
    }


@pytest.mark.parametrize(
    "text",
    [
        "Rédige une note de service sur les congés de Noël à Paris et à Lyon.",
        "Le Conseil d'État a rappelé que l'ANSSI qualifie les offres ; contact@ssi.gouv.fr répond.",
        "def total(xs: list[int]) -> int:\n    return sum(x * 2 for x in xs if x > 1024)  # v1.2.3",
        "SIRET 732 829 320 00074, siège : 3 place de Fontenoy, 75007 Paris",
        "Écrire à jean@example.org depuis 192.0.2.1, carte de test 4242 4242 4242 4242",
    ],
)
def test_what_is_nobodys_makes_no_data_class(text: str, detector: Engine, cascade: Engine) -> None:
    assert detector.classify([slot(text)]).classes == frozenset()
    assert cascade.classify([slot(text)]).classes == frozenset()


def test_places_and_organisations_are_shown_to_whoever_asks_and_decide_nothing(cascade: Engine) -> None:
    text = "La mairie de Lyon et la société Dubreuil SAS ont signé à Bordeaux."
    assert cascade.search(text) == ()
    assert {c.recogniser.kind for c in cascade.search(text, indirect=True)} >= {"place", "organisation"}


def test_what_names_nobody_changes_no_finding(cascade: Engine) -> None:
    text = "Mme Marie Dubois, 12 rue des Lilas, 69003 Lyon, vue à Paris, tél. 06 12 34 56 78"
    shown = cascade.search(text, indirect=True)
    assert tuple(c for c in shown if not c.recogniser.indirect) == cascade.search(text)


def test_the_tagger_finds_whom_no_pattern_shows(detector: Engine, cascade: Engine) -> None:
    text = "hier j'ai déjeuné avec Zéphyrine Kowaltczuk et son frère"
    assert detector.search(text) == ()
    assert [text[c.start : c.end] for c in cascade.search(text)] == ["Zéphyrine Kowaltczuk"]
    assert detector.version != cascade.version


def test_a_search_of_names_that_is_stopped_refuses(cascade: Engine) -> None:
    with pytest.raises(GatewayError, match="stopped before its end"):
        cascade.classify([slot("ceci ne contient rien " * 2_000)], lambda: True)


def test_an_engine_whose_tagger_lacks_its_dictionaries_refuses_to_compile() -> None:
    with pytest.raises(ValueError, match="the tagger needs the dictionary given_names"):
        make_engine([], {}, drawn_tagger())


def test_a_data_url_of_a_file_is_unreadable_and_not_searched(detector: Engine) -> None:
    url = "data:image/png;base64," + base64.b64encode(bytes(range(256)) * 8).decode()
    found = detector.classify([slot(url, "messages/0/parts/1/0", maskable=False)])
    assert found.unreadable == ("messages/0/parts/1/0",)
    assert found.findings == ()
    assert found.classes == {DataClass.UNREADABLE}


def test_a_file_pasted_in_a_text_makes_it_unreadable_and_the_rest_is_searched(detector: Engine) -> None:
    pasted = base64.b64encode(bytes(range(256)) * 8).decode()
    found = detector.classify([slot(f"Voici : {pasted}\nMme Marie Dubois")])
    assert found.classes == {DataClass.UNREADABLE, DataClass.PERSONAL}


# ------------------------------------------------------------------ failure
def made(verify: Callable[[Candidate], Hit | None], pattern: str = "x") -> Engine:
    one = Recogniser(name="one", kind="one", data_class=DataClass.PERSONAL, patterns=(pattern,), verify=verify)
    return make_engine([one], {})


def nothing(_: Candidate) -> Hit | None:
    return None


def test_a_request_over_the_limit_refuses(detector: Engine) -> None:
    with pytest.raises(GatewayError, match="classification_unavailable"):
        detector.classify([slot(" " * (LIMIT // 2)), slot(" " * (LIMIT // 2 + 1))])


def test_a_recogniser_that_errs_refuses_and_its_error_does_not_quote_the_text() -> None:
    def errs(candidate: Candidate) -> Hit | None:
        raise ValueError(candidate.text)

    with pytest.raises(GatewayError, match="classification_unavailable") as raised:
        made(errs).search("secret x")
    assert "secret" not in str(raised.value)
    assert raised.value.__suppress_context__


@pytest.mark.parametrize("hit", [Hit(0, 0, 0.9, ""), Hit(-1, 1, 0.9, ""), Hit(0, 9, 0.9, ""), Hit(0, 1, 1.5, "")])
def test_a_recogniser_that_gives_no_span_refuses(hit: Hit) -> None:
    with pytest.raises(GatewayError, match="gave no span"):
        made(lambda _: hit).search("x")


def test_a_set_that_ran_out_of_memory_refuses(monkeypatch: pytest.MonkeyPatch) -> None:
    class Exhausted:
        def Match(self, _: bytes) -> None:  # noqa: N802 - the name is RE2's
            """Answer as RE2 does when it has no memory left: nothing matched."""

    broken = made(nothing)
    asked = broken._asked
    monkeypatch.setattr(asked, "_automata", tuple(one._replace(found=Exhausted()) for one in asked._automata))
    with pytest.raises(GatewayError, match="ran out of memory"):
        broken.search("x")


@pytest.mark.parametrize("pattern", [r"(?=x)", r"(x)\1", "x*", ""])
def test_a_pattern_that_is_not_linear_or_matches_nothing_refuses_to_compile(pattern: str) -> None:
    with pytest.raises(ValueError, match="recogniser one"):
        made(nothing, pattern)


def test_a_missing_dictionary_refuses_to_compile() -> None:
    needy = Recogniser(
        name="needy",
        kind="needy",
        data_class=DataClass.PERSONAL,
        patterns=("x",),
        verify=nothing,
        dictionaries=("given_names",),
    )
    with pytest.raises(ValueError, match="needs the dictionary given_names"):
        make_engine([needy], {"given_names": frozenset()})


def test_the_version_changes_with_what_findings_depend_on() -> None:
    one = Recogniser(
        name="one",
        kind="one",
        data_class=DataClass.PERSONAL,
        patterns=("x",),
        verify=nothing,
        dictionaries=("words",),
    )

    def version(recogniser: Recogniser, word: str = "a") -> str:
        return make_engine([recogniser], {"words": frozenset({word})}).version

    versions = [
        version(one),
        version(replace(one, revision=2)),
        version(replace(one, patterns=("y",))),
        version(replace(one, data_class=DataClass.HEALTH)),
        version(one, "b"),
    ]
    assert len(set(versions)) == len(versions)
    assert version(one) == versions[0]


# ------------------------------------------------------------------ floods
def test_a_line_of_ten_megabytes_is_searched_to_its_end(detector: Engine) -> None:
    text = "a" * 10_000_000 + " 06 12 34 56 78"
    assert [text[c.start : c.end] for c in detector.search(text)] == ["06 12 34 56 78"]


FLOODS = (
    "1 2 3 4 5 6 7 8 9 0 ",
    "1.2.",
    "M. ",
    "Marie Dubois ",
    "a@",
    "eyJaaaaaaaaaaa-",
    "DR ",
    "%41",
    "e\u0301",
    "06 1",
    "fr76 30 ",
)


def test_a_row_of_single_digits_is_not_tried_at_each_of_them() -> None:
    asked: list[int] = []

    def count(candidate: Candidate) -> None:
        asked.append(candidate.start)

    counted = [replace(recogniser, verify=count) for recogniser in built_in().values()]
    make_engine(counted, dictionaries.load()).search("1 2 3 4 5 6 7 8 9 0 " * 50)
    assert len(asked) < 50


@pytest.mark.long
@pytest.mark.parametrize("flood", FLOODS)
def test_a_flood_is_searched_in_linear_time(flood: str, detector: Engine) -> None:
    def seconds(size: int) -> float:
        text = flood * (size // len(flood))
        start = time.process_time()
        detector.search(text)
        return time.process_time() - start

    seconds(1_000)
    assert seconds(400_000) < 16 * seconds(100_000) + 0.5
