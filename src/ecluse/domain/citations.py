"""Places in a text that a citation names.

Law: they are counted in characters from where all that an answer says begins, as chat counts them; a format that counts
from each of its texts is read and written by moving them.
"""

from collections.abc import Mapping

from ecluse.domain.slot import Json

STARTS = frozenset({"start_index", "start"})
ENDS = frozenset({"end_index", "end"})
"""Offsets of citations in characters of the text that they stand beside. Those of Anthropic (`start_char_index`) are
places in a document of the request, and no call that asks for them is sent: they stay."""
AT = frozenset({"file_citation", "file_path"})
"""Types of OpenAI's annotations whose `index` is a place in the text too; elsewhere it counts something."""


def ends_of(citation: Mapping[str, Json]) -> frozenset[str]:
    """Return the fields of a citation that are the end of a place, or a place by itself."""
    return ENDS | {"index"} if citation.get("type") in AT else ENDS


def moved_by(citation: Mapping[str, Json], characters: int) -> Mapping[str, Json]:
    """Return a citation whose places are so many characters further on."""
    places = STARTS | ends_of(citation)
    return {
        name: member + characters if name in places and type(member) is int else member
        for name, member in citation.items()
    }
