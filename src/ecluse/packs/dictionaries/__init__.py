"""Words that recognisers know, one text file a dictionary, each with its source, its licence and its date."""

from ecluse.packs.dictionaries.words import DictionaryRefused, load, words_of

__all__ = ["DictionaryRefused", "load", "words_of"]
