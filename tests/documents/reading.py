"""How hard a text is to read: the Flesch-Kincaid grade, whose number is the school year of the United States, five years under the age.

J. P. Kincaid et al., Derivation of New Readability Formulas for Navy Enlisted Personnel, 1975. Syllables are counted by the groups of
vowels in a word, which is not always right; `test_notice_reading` tries it on words whose syllables are known.
"""

import re

_SILENT_END = re.compile(r"(?<=[^aeiouyl])e$|(?<=[aeiouy]l)e$|(?<=[^aeiouytd])ed$|(?<=[^aeiouysxzcg])es$")
_APART = re.compile(r"i(?:a(?!l\b)|o(?!n)|e(?=t)|u)|ua|uou|eo(?=[^u])")
_JOINED = re.compile(r"(?<=[aeiouy][bcdfgkmnpstvz])e(?=ful|less|ly|ment|s\b)")


def syllables(word: str) -> int:
    """Count the syllables of one English word, at least one."""
    bare = _SILENT_END.sub("", re.sub(r"[^a-z]", "", word.lower()))
    bare = _JOINED.sub("", bare)
    return max(1, len(re.findall(r"[aeiouy]+", bare)) + len(_APART.findall(bare)))


def sentences(text: str) -> list[list[str]]:
    """Break a text into sentences of words; the end of a line ends a sentence too."""
    found = (re.findall(r"[A-Za-z][A-Za-z'\u2019-]*|\d+", part) for part in re.split(r"[.!?:]+(?:\s|$)|\n", text))
    return [words for words in found if words]


def grade(text: str) -> float:
    """The Flesch-Kincaid grade of a text: 0.39 words a sentence + 11.8 syllables a word - 15.59."""
    parts = sentences(text)
    words = [word for part in parts for word in part]
    return 0.39 * len(words) / len(parts) + 11.8 * sum(map(syllables, words)) / len(words) - 15.59
