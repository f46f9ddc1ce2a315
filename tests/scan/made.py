"""Documents made by the tests: as small as the formats let them be."""

import io
import zipfile
import zlib
from collections.abc import Mapping
from email.message import EmailMessage

GUID = "2096f6a2-d2f7-48be-b329-b73aaa526e5d"
W = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
PROPERTIES = (
    '<Properties xmlns="http://schemas.openxmlformats.org/officeDocument/2006/custom-properties" '
    'xmlns:vt="http://schemas.openxmlformats.org/officeDocument/2006/docPropsVTypes">{}</Properties>'
)
INFO = (
    '<clbl:labelList xmlns:clbl="http://schemas.microsoft.com/office/2020/mipLabelMetadata">'
    '<clbl:label id="{{{}}}" enabled="1" method="Privileged" siteId="{{a}}" removed="{}"/></clbl:labelList>'
)


def zipped(files: Mapping[str, str | bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as made:
        for name, content in files.items():
            made.writestr(name, content)
    return out.getvalue()


def paragraph(text: str) -> str:
    return f"<w:p><w:r><w:t>{text}</w:t></w:r></w:p>"


def docx(*paragraphs: str, **more: str | bytes) -> bytes:
    """Return a Word file; `more` are parts by name, with `__` for `/` and a name without an end for `.xml`."""
    body = "".join(map(paragraph, paragraphs))
    parts = {name.replace("__", "/") + ("" if "." in name else ".xml"): text for name, text in more.items()}
    return zipped(
        {
            "[Content_Types].xml": "<Types/>",
            "word/document.xml": f"<w:document {W}><w:body>{body}</w:body></w:document>",
            **parts,
        }
    )


def property_of(name: str, value: str) -> str:
    return f'<property name="{name}" pid="2"><vt:lpwstr>{value}</vt:lpwstr></property>'


def msip(guid: str = GUID, *, enabled: str = "true", name: str = "Confidential") -> str:
    rows = (property_of(f"MSIP_Label_{guid}_Enabled", enabled), property_of(f"MSIP_Label_{guid}_Name", name))
    return PROPERTIES.format("".join(rows))


def xlsx(rows: str, strings: tuple[str, ...] = (), styles: str = "") -> bytes:
    shared = "".join(f"<si><t>{text}</t></si>" for text in strings)
    files = {
        "[Content_Types].xml": "<Types/>",
        "xl/worksheets/sheet1.xml": f"<worksheet><sheetData>{rows}</sheetData></worksheet>",
        "xl/sharedStrings.xml": f"<sst>{shared}</sst>",
    }
    return zipped(files | ({"xl/styles.xml": styles} if styles else {}))


def mail(text: str, *attached: tuple[str, bytes], **headers: str) -> bytes:
    message = EmailMessage()
    message["From"] = "a@exemple.fr"
    message["To"] = "b@exemple.fr"
    message["Subject"] = "Pièces"
    for name, value in headers.items():
        message[name.replace("_", "-") if name != "msip_labels" else name] = value
    message.set_content(text)
    for name, data in attached:
        message.add_attachment(data, maintype="application", subtype="octet-stream", filename=name)
    return message.as_bytes()


def pdf(
    text: str = "",
    *,
    more: bytes = b"",
    trailer: bytes = b"",
    picture: tuple[int, int] | None = None,
    drawn: bytes = b"",
) -> bytes:
    """Return a PDF of one page with one line; `more` are further objects, `picture` the size of a grey one."""
    content = b"BT /F1 12 Tf 72 720 Td (" + text.encode("cp1252") + b") Tj ET " + drawn
    shown = b""
    if picture is not None:
        content += b" q 60 0 0 40 99 99 cm /Im Do Q"
        shown = b" /XObject << /Im 6 0 R >>"
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] /Contents 5 0 R /Resources %s >>"
        % (b"<< /Font << /F1 4 0 R >>%s >>" % shown),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>",
        b"<< /Length %d >>\nstream\n%s\nendstream" % (len(content), content),
    ]
    if picture is not None:
        width, height = picture
        head = b"/Type /XObject /Subtype /Image /Width %d /Height %d /ColorSpace /DeviceGray /BitsPerComponent 8"
        grey = bytes([127]) * (width * height)
        objects.append(b"<< " + head % picture + b" /Length %d >>\nstream\n%s\nendstream" % (len(grey), grey))
    out = bytearray(b"%PDF-1.4\n")
    places: list[int] = []
    for n, body in enumerate(objects, 1):
        places.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (n, body)
    out += more
    start = len(out)
    out += b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    out += b"".join(b"%010d 00000 n \n" % place for place in places)
    out += b"trailer\n<< /Size %d /Root 1 0 R %s >>\nstartxref\n%d\n%%%%EOF\n" % (len(objects) + 1, trailer, start)
    return bytes(out)


def stream(number: int, head: bytes, data: bytes) -> bytes:
    packed = zlib.compress(data)
    return b"%d 0 obj\n<< %s /Filter /FlateDecode /Length %d >>\nstream\n%s\nendstream\nendobj\n" % (
        number,
        head,
        len(packed),
        packed,
    )
