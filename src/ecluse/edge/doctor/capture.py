"""Keys of what is kept of prompts and answers: where they are held, and whether they can be used.

Law: a key of noughts is wrapped and unwrapped, and nothing of any content is touched.
"""

from collections.abc import Iterator

from ecluse.domain.errors import GatewayError
from ecluse.edge.capture.wrapping import probe, wrapping_of
from ecluse.edge.capture_settings import CaptureSettings
from ecluse.edge.config import Settings
from ecluse.edge.doctor.remark import Grade, Remark
from ecluse.edge.keys.resolver import SecretUnavailable

UNKNOWN = "unknown"


def capture_remarks(settings: Settings) -> Iterator[Remark]:
    """Look at the key of each organisation that keeps contents."""
    for name, stated in settings.capture.items():
        try:
            probe(wrapping_of(stated, settings.egress))
        except (ValueError, GatewayError) as error:
            said = f"{error.reference}: {error.why}" if isinstance(error, SecretUnavailable) else str(error)
            yield Remark(
                about="capture",
                grade=Grade.MEND,
                says=f"{name}: {said}",
                next_step="until then nothing is kept for it, and what is kept cannot be read",
            )
            continue
        yield _held(name, stated)


def _held(name: str, stated: CaptureSettings) -> Remark:
    outside = stated.transit or stated.pkcs11
    if outside is None:
        says = f"{name}: its key is on this machine ({stated.key}): whoever has both it and the state can read contents"
        step = "hold it outside, in a transit engine or a device (docs/how-to/keep-prompts-and-answers.md)"
        return Remark(about="capture", grade=Grade.WEIGH, says=says, next_step=step)
    what = f"transit engine {stated.transit.address}" if stated.transit else "device that speaks PKCS#11"
    if outside.hosted_on == UNKNOWN:
        says = f"{name}: its key is held by a {what}, in an unknown place"
        step = "say where: hosted_on, an offer of `ecluse registry list offers`, or own_premises"
        return Remark(about="capture", grade=Grade.WEIGH, says=says, next_step=step)
    return Remark(
        about="capture", grade=Grade.GOOD, says=f"{name}: its key is held by a {what}, on {outside.hosted_on}"
    )
