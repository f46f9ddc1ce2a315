"""An organisation's key held outside: by a simulated transit engine, and by a real SoftHSM2 through PKCS#11."""

import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pkcs11
import pytest
from pkcs11 import Attribute, KeyType

from ecluse.domain.caller import OrganisationId
from ecluse.edge.capture.files import SafeFiles
from ecluse.edge.capture.safe import Content, Safe
from ecluse.edge.capture.unusable import CaptureUnusable
from ecluse.edge.capture.wrapping import HeldKey, Wrapping, probe, wrapping_of
from ecluse.edge.capture_settings import CaptureSettings, Pkcs11Settings, TransitSettings
from ecluse.edge.config import EgressSettings, SettingsError
from ecluse.edge.doctor.capture import capture_remarks
from ecluse.edge.doctor.remark import Grade
from ecluse.edge.keys import SecretUnavailable
from tests.console.world import settings
from tests.edge.capture.transit_simulator import TOKEN, TransitSimulator, transit_simulator
from tests.passage.record import samples

MODULE = Path("/usr/lib/softhsm/libsofthsm2.so")
OWN, TOWN, NOW = bytes(range(32)), OrganisationId("town"), samples.NOW
ENTRY = samples.intent(1).id
SAID = Content(prompt="Jeanne Martin asks for a place", answer="A place is free")
PIN = "1234"


@pytest.fixture
def engine() -> Iterator[TransitSimulator]:
    with transit_simulator() as made:
        yield made


@pytest.fixture
def transit(engine: TransitSimulator, tmp_path: Path) -> TransitSettings:
    (tmp_path / "token").write_text(TOKEN, encoding="ascii")
    return TransitSettings(address=engine.address, key="town", token=f"file:{tmp_path / 'token'}")


@pytest.fixture(scope="session")
def softhsm(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """A SoftHSM2 with a token of its own, for the whole process: the library reads where it is once."""
    if not MODULE.exists() or shutil.which("softhsm2-util") is None:
        pytest.skip("softhsm2 is not installed: apt-get install softhsm2")
    folder = tmp_path_factory.mktemp("softhsm")
    (folder / "tokens").mkdir()
    conf = folder / "softhsm2.conf"
    conf.write_text(f"directories.tokendir = {folder / 'tokens'}\nlog.level = ERROR\n", encoding="ascii")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SOFTHSM2_CONF", str(conf))
        made = ["softhsm2-util", "--init-token", "--free", "--label", "town", "--pin", PIN, "--so-pin", "5678"]
        subprocess.run(made, check=True, capture_output=True, timeout=30)
        with pkcs11.lib(str(MODULE)).get_token(token_label="town").open(user_pin=PIN, rw=True) as session:
            for label, out in (("ecluse", False), ("loose", True)):
                template = {Attribute.EXTRACTABLE: out, Attribute.SENSITIVE: not out}
                session.generate_key(KeyType.AES, 256, label=label, store=True, template=template)
        yield


@pytest.fixture
def device(softhsm: None, tmp_path: Path) -> Pkcs11Settings:
    del softhsm
    (tmp_path / "pin").write_text(PIN, encoding="ascii")
    return Pkcs11Settings(module=str(MODULE), token="town", key="ecluse", pin=f"file:{tmp_path / 'pin'}")


@pytest.fixture(params=["here", "transit", "pkcs11"])
def wrapping(request: pytest.FixtureRequest) -> Wrapping:
    if request.param == "here":
        return HeldKey(bytes(32))
    stated = request.getfixturevalue("transit" if request.param == "transit" else "device")
    return wrapping_of(CaptureSettings(days=30, **{request.param: stated}), EgressSettings())


class TestEveryWrapping:
    """The contract."""

    def test_gives_back_what_it_wrapped_and_shows_nothing_of_it(self, wrapping: Wrapping) -> None:
        probe(wrapping)
        wrapped = wrapping.wrap(OWN, "town/1")
        assert wrapping.unwrap(wrapped, "town/1") == OWN
        assert OWN not in wrapped
        assert wrapping.wrap(OWN, "town/1") != wrapped

    def test_refuses_what_is_for_another_or_was_changed(self, wrapping: Wrapping) -> None:
        wrapped = wrapping.wrap(OWN, "town/1")
        for other, bound in ((wrapped, "town/2"), (wrapped[:-2] + b"AA", "town/1"), (b"", "town/1")):
            with pytest.raises(CaptureUnusable):
                wrapping.unwrap(other, bound)

    def test_opens_a_content_that_lies_sealed(self, wrapping: Wrapping, tmp_path: Path) -> None:
        safe = Safe(SafeFiles(tmp_path / "state"))
        (tmp_path / "state").mkdir()
        safe.put(ENTRY, TOWN, SAID, wrapping, now=NOW, days=30)
        assert safe.open(ENTRY, wrapping, NOW) == SAID
        with pytest.raises(CaptureUnusable, match="not the key"):
            safe.open(ENTRY, HeldKey(bytes(range(32))), NOW)


def test_an_engine_is_sent_a_key_and_never_a_word_of_the_content(
    engine: TransitSimulator, transit: TransitSettings, tmp_path: Path
) -> None:
    Safe(SafeFiles(tmp_path)).put(
        ENTRY, TOWN, SAID, wrapping_of(CaptureSettings(days=30, transit=transit), EgressSettings()), now=NOW, days=30
    )
    (asked,) = engine.seen
    assert set(asked) == {"plaintext", "associated_data"}
    assert len(asked["plaintext"]) == 44


@pytest.mark.parametrize(
    "broken", [(503, b"{}"), (200, b"not json"), (200, b'{"data": {}}'), (200, b'{"data": {"plaintext": "AAAA"}}')]
)
def test_an_engine_that_errs_refuses(
    engine: TransitSimulator, transit: TransitSettings, broken: tuple[int, bytes]
) -> None:
    made = wrapping_of(CaptureSettings(days=30, transit=transit), EgressSettings())
    wrapped = made.wrap(OWN, "town/1")
    engine.broken = broken
    with pytest.raises(CaptureUnusable):
        made.wrap(OWN, "town/1")
    with pytest.raises(CaptureUnusable):
        made.unwrap(wrapped, "town/1")


def test_an_engine_in_a_namespace_is_asked_there_and_a_rotated_token_needs_no_restart(
    engine: TransitSimulator, transit: TransitSettings, tmp_path: Path
) -> None:
    engine.namespace = "admin/town"
    made = wrapping_of(
        CaptureSettings(days=30, transit=msgspec.structs.replace(transit, namespace="admin/town")), EgressSettings()
    )
    probe(made)
    (tmp_path / "token").write_text("s.another-token", encoding="ascii")
    with pytest.raises(CaptureUnusable, match="403"):
        made.wrap(OWN, "town/1")
    with pytest.raises(CaptureUnusable, match="403"):
        probe(wrapping_of(CaptureSettings(days=30, transit=transit), EgressSettings()))


def test_an_engine_elsewhere_in_plain_http_or_without_a_token_refuses(transit: TransitSettings) -> None:
    for changed, error in (
        ({"address": "http://bao.example.fr:8200"}, SettingsError),
        ({"token": "env:NO_SUCH_TOKEN_HERE"}, SecretUnavailable),
    ):
        stated = CaptureSettings(days=30, transit=msgspec.structs.replace(transit, **changed))
        with pytest.raises(error):
            wrapping_of(stated, EgressSettings())


@pytest.mark.parametrize(
    ("changed", "why"),
    [
        ({"key": "nothing"}, "cannot be used"),
        ({"token": "nothing"}, "cannot be used"),
        ({"module": "/no/module.so"}, "cannot be used"),
        ({"key": "loose"}, "can be taken out"),
    ],
)
def test_a_device_without_its_key_or_with_one_that_can_be_taken_out_refuses(
    device: Pkcs11Settings, changed: dict[str, str], why: str
) -> None:
    with pytest.raises(CaptureUnusable, match=why):
        wrapping_of(CaptureSettings(days=30, pkcs11=msgspec.structs.replace(device, **changed)), EgressSettings())


def test_a_wrong_pin_refuses(device: Pkcs11Settings, tmp_path: Path) -> None:
    (tmp_path / "pin").write_text("0000", encoding="ascii")
    with pytest.raises(CaptureUnusable, match="PinIncorrect"):
        wrapping_of(CaptureSettings(days=30, pkcs11=device), EgressSettings())


def test_no_key_or_two_refuses(transit: TransitSettings) -> None:
    for stated in ({}, {"key": "env:A", "transit": transit}):
        with pytest.raises(ValueError, match="one key"):
            CaptureSettings(days=30, **stated)  # type: ignore[arg-type] # a plain dict


def test_the_doctor_says_where_a_key_is_held_and_whether_it_can_be_used(
    engine: TransitSimulator, transit: TransitSettings, tmp_path: Path
) -> None:
    placed = msgspec.structs.replace(transit, hosted_on="own_premises")
    capture = {
        "a": CaptureSettings(days=30, transit=transit),
        "b": CaptureSettings(days=30, transit=placed),
        "c": CaptureSettings(days=30, key="env:NO_SUCH_KEY_HERE"),
    }
    stated = msgspec.structs.replace(settings(tmp_path), capture=capture)
    assert [one.grade for one in capture_remarks(stated)] == [Grade.WEIGH, Grade.GOOD, Grade.MEND]
    engine.broken = (503, b"")
    assert [one.grade for one in capture_remarks(stated)] == [Grade.MEND] * 3
