"""Settings of what an organisation has recognised beside what ships, or not.

Law: the files named here hold words, patterns and hashes; the key of the hashes is named, never written.
"""

import msgspec

from ecluse.domain.recognition import Profile


class RecognitionSettings(msgspec.Struct, forbid_unknown_fields=True, frozen=True, kw_only=True):
    """One organisation's own entries, and the profile of its applications.

    `folders` hold files of entries, `key` names the secret that its hashes were made with; `applications` says by
    application id what stands instead of `profile`.
    """

    folders: list[str] = []
    key: str | None = None
    profile: Profile = Profile.FULL
    applications: dict[str, Profile] = {}
