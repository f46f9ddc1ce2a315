"""What somebody stated and cannot be taken: said in both languages, because a reviewer reads it, not an engineer.

Law: a sentence of our own that says what to state instead; it names things, and repeats nobody's words.
"""


class Misstated(ValueError):
    """What somebody stated cannot be taken. Its text is English, `fr` the French sentence if it has one."""

    def __init__(self, en: str, fr: str = "") -> None:
        """Keep both sentences."""
        super().__init__(en)
        self.fr = fr

    def sentence(self, language: str) -> str:
        """Return the sentence in `en` or `fr`; English where there is no French one."""
        return self.fr if language == "fr" and self.fr else str(self)
