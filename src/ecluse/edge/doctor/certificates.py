"""Client certificates of one's own servers: whether they can be used, by whom they can be read, when they end.

Law: no server is asked; a key is loaded and thrown away.
"""

import stat
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path

from cryptography import x509

from ecluse.domain.snapshot import Instant
from ecluse.edge.doctor.remark import Grade, Remark
from ecluse.edge.tls import TlsUnusable, context
from ecluse.edge.tls_settings import TlsSettings

SOON = 30
"""Days before a certificate's end from which it is said."""
OTHERS = stat.S_IRWXG | stat.S_IRWXO


def certificate_remarks(bundle: str | None, stated: Mapping[str, TlsSettings], now: Instant) -> Iterator[Remark]:
    """Look at the files of `egress.tls`."""
    for name, one in stated.items():
        try:
            context(bundle, one)
        except (TlsUnusable, OSError) as error:
            yield Remark(
                about="tls",
                grade=Grade.MEND,
                says=f"{name}: {error}",
                next_step="mend what egress.tls names; `ecluse serve` does not start with it",
            )
            continue
        for path in one.files:
            yield from _ends(name, path, now)
        key = one.key or one.certificate
        if key is not None and Path(key).stat().st_mode & OTHERS:
            yield Remark(
                about="tls",
                grade=Grade.WEIGH,
                says=f"{name}: the private key in {key} can be read by other accounts of this machine",
                next_step=f"chmod 600 {key}",
            )


def _ends(name: str, path: str, now: Instant) -> Iterator[Remark]:
    """Speak of the certificate in a file that ends first; a file that holds a key alone has none."""
    data = Path(path).read_bytes()
    if b"-----BEGIN CERTIFICATE-----" not in data:
        return
    ends = min(one.not_valid_after_utc for one in x509.load_pem_x509_certificates(data))
    days = (ends - datetime.fromtimestamp(now / 1000, UTC)).days
    says = f"{name}: a certificate of {path} ends on {ends:%Y-%m-%d}"
    if days > SOON:
        yield Remark(about="tls", grade=Grade.GOOD, says=says)
        return
    yield Remark(
        about="tls",
        grade=Grade.WEIGH if days >= 0 else Grade.MEND,
        says=f"{says}: {f'in {days} days' if days >= 0 else 'it has ended'}",
        next_step="write the new one to the same file; it is taken while the gateway serves",
    )
