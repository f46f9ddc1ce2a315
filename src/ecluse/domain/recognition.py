"""What is looked for in an application's texts.

Law: a profile leaves out names and addresses of people in source code, and nothing else; it never leaves out a class
that a rule of the hard floor looks at.
"""

from enum import StrEnum


class Profile(StrEnum):
    """`full` is everything; `code` reads no names of persons and no postal addresses inside source code."""

    FULL = "full"
    CODE = "code"
