"""What kreuzberg does for us: the text and pictures of PDF pages, and the formats of old Office.

Law: the only importer of the extra `documents`, loaded in the process that reads and nowhere else; nothing is cached,
filtered, stripped or fetched.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import kreuzberg
from kreuzberg import exceptions

RENDERED_DPI = 200
_PNG, _JPEG = b"\x89PNG", b"\xff\xd8\xff"


@dataclass(frozen=True, slots=True, kw_only=True)
class PdfPicture:
    """A picture on a page."""

    data: bytes
    format: str
    width: int
    height: int
    mask: bool

    @property
    def readable(self) -> bool:
        """Whether tesseract reads its format."""
        return self.data.startswith((_PNG, _JPEG))


@dataclass(frozen=True, slots=True, kw_only=True)
class PdfPage:
    """A page, from 1; 0 is what belongs to no page."""

    number: int
    text: str
    pictures: tuple[PdfPicture, ...] = ()


def _config(*, pictures: bool) -> kreuzberg.ExtractionConfig:
    return kreuzberg.ExtractionConfig(
        use_cache=False,
        disable_ocr=True,  # type: ignore[call-arg] # the library's stubs lag behind it
        enable_quality_processing=False,
        pages=kreuzberg.PageConfig(extract_pages=True),
        images=kreuzberg.ImageExtractionConfig(
            extract_images=pictures,
            inject_placeholders=False,  # type: ignore[call-arg] # the same
        ),
        pdf_options=kreuzberg.PdfConfig(
            extract_images=pictures,
            extract_annotations=True,
            extract_metadata=True,
            top_margin_fraction=0.0,
            bottom_margin_fraction=0.0,
        ),
        content_filter=kreuzberg.ContentFilterConfig(
            include_headers=True, include_footers=True, include_watermarks=True, strip_repeating_text=False
        ),
    )


def extracted(data: bytes, media: str, *, pictures: bool) -> kreuzberg.ExtractionResult:
    """Extract a file. Raises ValueError when kreuzberg does not read it."""
    try:
        return kreuzberg.extract_bytes_sync(data, media, config=_config(pictures=pictures))
    except exceptions.KreuzbergError as error:
        raise ValueError(type(error).__name__) from None


def pages(data: bytes) -> list[PdfPage]:
    """Return the pages of a PDF. Raises ValueError."""
    result = extracted(data, "application/pdf", pictures=True)
    found = [_page(page) for page in result.pages or []]
    notes = [str(note) for note in result.annotations or []]
    whole = "\n".join([*notes, *_values(result.metadata)])
    return [PdfPage(number=0, text=whole), *found] if whole.strip() else found


def _page(page: Mapping[str, object]) -> PdfPage:
    held = page.get("images")
    pictures = held if isinstance(held, Sequence) and not isinstance(held, str) else ()
    return PdfPage(
        number=int(str(page["page_number"])),
        text=str(page["content"]),
        pictures=tuple(
            PdfPicture(
                data=bytes(one["data"]),
                format=str(one.get("format", "")),
                width=int(one.get("width") or 0),
                height=int(one.get("height") or 0),
                mask=bool(one.get("is_mask")),
            )
            for one in pictures
        ),
    )


_KEPT = ("title", "subject", "authors", "keywords", "created_by", "modified_by")


def _values(metadata: Mapping[str, object] | None) -> list[str]:
    told = metadata or {}
    return [f"{key}: {told[key]}" for key in _KEPT if told.get(key)]


def rendered(file: Path, index: int, dpi: int = RENDERED_DPI) -> bytes:
    """Return a page as a PNG picture. Raises ValueError."""
    try:
        return kreuzberg.render_pdf_page(str(file), index, dpi=dpi)
    except exceptions.KreuzbergError as error:
        raise ValueError(type(error).__name__) from None
