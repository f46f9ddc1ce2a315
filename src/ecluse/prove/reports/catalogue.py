"""Every report by name.

Law: a report stands here once; its punctuation follows its language.
"""

from collections.abc import Callable, Mapping

from ecluse.prove.reports.ai_act import ai_act
from ecluse.prove.reports.document import Report, punctuated
from ecluse.prove.reports.dora import dora
from ecluse.prove.reports.impact import impact
from ecluse.prove.reports.material import Material
from ecluse.prove.reports.notice import notice
from ecluse.prove.reports.register import register
from ecluse.prove.reports.transfers import transfers

REPORTS: Mapping[str, Callable[..., Report]] = {
    "register": register,
    "impact": impact,
    "transfers": transfers,
    "dora": dora,
    "ai-act": ai_act,
    "notice": notice,
}
"""Every report by its name; each takes a `Material` and `fr`."""


def written(name: str, material: Material, language: str) -> Report:
    """Write a report in `en` or `fr`. Raises KeyError for a name that is none."""
    return punctuated(REPORTS[name](material, fr=language == "fr"))
