"""`ecluse doctor` says once whether the files of calls are read, and what that lacks."""

import pytest

from ecluse.edge.classification_settings import FileSettings
from ecluse.edge.doctor.files import file_remarks
from ecluse.edge.doctor.remark import Grade


def remark(files: FileSettings) -> tuple[Grade, str, str]:
    [said] = file_remarks(files)
    return said.grade, said.says, said.next_step


def test_files_that_are_read_are_said_to_be() -> None:
    assert remark(FileSettings())[:1] == (Grade.GOOD,)


def test_reading_that_is_switched_off_is_no_fault() -> None:
    grade, says, _ = remark(FileSettings(read=False))
    assert grade is Grade.GOOD
    assert "unreadable" in says


def test_a_missing_extra_is_said_with_what_installs_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ecluse.edge.doctor.files.find_spec", lambda _name: None)
    grade, _, step = remark(FileSettings())
    assert grade is Grade.WEIGH
    assert 'pip install "ecluse[documents]"' in step


def test_reading_pictures_without_tesseract_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ecluse.edge.doctor.files.shutil.which", lambda _name: None)
    grade, says, _ = remark(FileSettings(ocr=True))
    assert grade is Grade.WEIGH
    assert "tesseract" in says
