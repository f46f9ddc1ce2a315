"""The profile for coding agents: names inside source code are not asked for, and nothing else is left out."""

import inspect
import re
from pathlib import Path

import pytest

from ecluse.domain.finding import MASKED_FORM, DataClass
from ecluse.domain.request import Role, Slot, SlotPath
from ecluse.passage.classify import Engine, Entry, OwnDetector
from ecluse.passage.classify.code import LEFT_OUT, CodeProfile, is_source_code

POLICIES = sorted((Path(__file__).parents[3] / "src/ecluse/packs/policies").glob("*.cedar"))
PYTHON = '''"""Written by Marie Dubois."""
import os

AUTHOR = "Mme Marie Dubois"
API_TOKEN = "ghp_16C7e42F292c6912E7710c838347Ae178B4a"
MAIL = "marie.dubois@orange.fr"
ACCOUNT = "FR76 3000 6000 0112 3456 7890 189"


def greet(name: str) -> str:
    # M. Jean Dupont est diabétique
    return f"Bonjour {name}"
'''
TYPESCRIPT = """import { readFile } from "fs";

export async function load(path: string): Promise<string> {
  const text = await readFile(path);
  if (!text) {
    throw new Error("empty");
  }
  return text.toString();
}
"""
SQL = """CREATE TABLE patient (
  id integer PRIMARY KEY,
  name varchar(80) NOT NULL,
  born date,
  town varchar(80)
);
"""
DIFF = """@@ -1,4 +1,5 @@
-def greet(name):
+def greet(name: str) -> str:
     text = "Bonjour " + name
+    log(text)
     return text
"""
LETTER = """Madame,

Je vous écris au sujet du dossier de Mme Marie Dubois, que nous avons reçu hier.
Elle habite 12 rue de la Paix, 75002 Paris; merci de lui répondre: elle attend depuis lundi.
Son fils, Jean Dubois, viendra mardi (avec sa sœur).
Il faut lui dire que tout est prêt;
Bien à vous,

Paul Martin
"""
ASKING = """Bonjour, peux-tu corriger ceci pour Marie Dubois ?
Elle m'a dit hier que la fonction plantait au démarrage.
Voici la ligne:
    return text.toString();
Je pense que c'est le type qui n'est pas bon.
Merci d'avance,
Jean Dupont
"""


def slot(text: str) -> Slot:
    return Slot(path=SlotPath("messages/0/parts/0"), text=text, role=Role.USER)


@pytest.mark.parametrize("text", [PYTHON, TYPESCRIPT, SQL, DIFF, inspect.getsource(Engine)])
def test_programs_are_source_code(text: str) -> None:
    assert is_source_code(text)
    assert is_source_code("".join(f"{n:6}\t{line}\n" for n, line in enumerate(text.splitlines(), 1)))


@pytest.mark.parametrize("text", [LETTER, ASKING, "", "import os", "- un\n- deux\n- trois\n- quatre\n- cinq\n" * 3])
def test_letters_and_questions_about_a_line_are_not(text: str) -> None:
    assert not is_source_code(text)


def test_the_files_of_this_program_are_source_code_and_its_pages_are_not() -> None:
    root = Path(__file__).parents[3]
    sources = [p.read_text(encoding="utf-8") for p in sorted((root / "src" / "ecluse" / "passage").rglob("*.py"))]
    long = [text for text in sources if text.count("\n") > 20]
    told = sum(map(is_source_code, long))
    assert told >= 0.9 * len(long), f"{told} of {len(long)}"
    pages = [p.read_text(encoding="utf-8") for p in sorted((root / "docs" / "explanation").glob("*.md"))]
    assert not [text[:40] for text in pages if is_source_code(text)]


def test_names_in_code_are_left_out_and_everything_else_stays(detector: Engine) -> None:
    whole = detector.classify((slot(PYTHON),))
    code = CodeProfile(detector).classify((slot(PYTHON),))
    assert {f.kind for f in whole.findings} - {f.kind for f in code.findings} == {"person"}
    assert set(code.findings) == {f for f in whole.findings if f.kind not in LEFT_OUT}
    assert {DataClass.CREDENTIAL, DataClass.PAYMENT, DataClass.HEALTH, DataClass.PERSONAL} <= code.classes
    assert code.detector != whole.detector


@pytest.mark.parametrize("text", [LETTER, ASKING])
def test_prose_is_searched_whole(detector: Engine, text: str) -> None:
    found = CodeProfile(detector).classify((slot(text),))
    assert found.findings == detector.classify((slot(text),)).findings
    assert "person" in found.counts


def test_an_own_entry_for_a_person_counts_in_code_too(detector: Engine) -> None:
    entry = Entry(name="directors", kind="person", data_class=DataClass.PERSONAL, words=("Marie Dubois",))
    found = CodeProfile(OwnDetector(detector, (entry,))).classify((slot(PYTHON),))
    assert {f.recogniser for f in found.findings if f.kind == "person"} == {"own:directors"}


def test_only_what_a_mask_could_hide_is_left_out(detector: Engine) -> None:
    entry = Entry(name="staff", kind="person", data_class=DataClass.CLASSIFIED, words=("Jean Dupont",))
    found = CodeProfile(OwnDetector(detector, (entry,))).classify((slot(PYTHON),))
    assert DataClass.CLASSIFIED in found.classes
    assert DataClass.PERSONAL in MASKED_FORM


def test_the_profile_passes_no_floor_of_where_data_may_go(detector: Engine) -> None:
    rules = [rule for path in POLICIES for rule in re.split(r";\s*\n", path.read_text(encoding="utf-8"))]
    kept = re.compile(r'Action::"(?:hold|store)"')  # what is held or kept is not where data may go
    floor = [one for one in rules if re.search(r"^@floor\(", one, re.MULTILINE) and not kept.search(one)]
    looked_at = {DataClass(name) for rule in floor for name in re.findall(r'DataClass::"(\w+)"', rule)}
    assert looked_at == {DataClass.CREDENTIAL, DataClass.CLASSIFIED, DataClass.RESTRICTED}
    for marked in ("", "SECRET DÉFENSE\n", "DIFFUSION RESTREINTE\n"):
        text = f"{marked}{PYTHON}{marked}"
        assert is_source_code(text)
        whole = detector.classify((slot(text),)).classes & looked_at
        assert CodeProfile(detector).classify((slot(text),)).classes & looked_at == whole
        assert len(whole) == 1 + bool(marked)
