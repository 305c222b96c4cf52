"""Texts in two languages on one page: told apart by class, switched by one attribute of the root.

A page is described once in each language; `merge` lays the two descriptions on each other, and
what differs becomes a `Both`, which a template writes as two spans.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from netlib.words import LANGUAGES, Language, translate, translate_value

if TYPE_CHECKING:
    from markupsafe import Markup

# Language tags of the page by language of the program.
TAGS: dict[Language, str] = {"zh": "zh-Hans", "en": "en"}


@dataclass(frozen=True)
class Both:
    """A text in Chinese and in English.

    Attributes
    ----------
    zh, en
        The same thing said in both languages.
    """

    zh: str
    en: str

    def __html__(self) -> str:
        """Write both languages as spans, of which the style sheet shows one."""
        from markupsafe import Markup

        spans = '<span class="zh" lang="zh-Hans">{}</span><span class="en" lang="en">{}</span>'
        return str(Markup(spans).format(self.zh, self.en))  # noqa: S704 - format escapes

    def pick(self, lang: Language) -> str:
        """Return the text in one language."""
        return self.zh if lang == "zh" else self.en


def merge(zh: Any, en: Any) -> Any:
    """Lay a description in Chinese on the same in English.

    Returns
    -------
    Any
        The common structure of dictionaries and lists; texts that differ are `Both`.

    Raises
    ------
    ValueError
        If the two differ in anything but texts.

    Examples
    --------
    >>> merge({"n": 1, "city": ["郑州", "G1"]}, {"n": 1, "city": ["Zhengzhou", "G1"]})
    {'n': 1, 'city': [Both(zh='郑州', en='Zhengzhou'), 'G1']}
    """
    if isinstance(zh, dict) and isinstance(en, dict) and list(zh) == list(en):
        return {key: merge(value, en[key]) for key, value in zh.items()}
    if isinstance(zh, list | tuple) and isinstance(en, list | tuple) and len(zh) == len(en):
        return [merge(a, b) for a, b in zip(zh, en, strict=True)]
    if isinstance(zh, float) and isinstance(en, float) and math.isnan(zh) and math.isnan(en):
        return zh
    if zh == en:
        return zh
    if isinstance(zh, str) and isinstance(en, str):
        return Both(zh, en)
    raise ValueError(f"the two languages differ in more than words: {zh!r} and {en!r}")


def say(key: str) -> Both | str:
    """Return the word of ``key`` in both languages."""
    texts: Both | str = merge(*(translate(key, lang) for lang in LANGUAGES))
    return texts


def say_value(column: str, value: str) -> Both | str:
    """Return the word of a table value in both languages."""
    texts: Both | str = merge(*(translate_value(column, value, lang) for lang in LANGUAGES))
    return texts


def pick(part: object, lang: Language) -> str:
    """Return a text in one language, whether it is a `Both` or the same in all."""
    return part.pick(lang) if isinstance(part, Both) else str(part)


def write_attribute(lang: Language, name: str, *parts: object) -> Markup:
    """Write an attribute in ``lang``, and beside it the text that the switch puts there.

    Parameters
    ----------
    lang
        Language that the page opens in.
    name
        Name of the attribute; ``text`` writes only what the switch needs to change the element's
        text, for elements such as ``option`` that cannot hold spans.
    parts
        Texts that are joined by blanks.

    Examples
    --------
    >>> print(write_attribute("en", "alt", "C1", Both("地图", "map")))
    alt="C1 map" data-t-alt="C1 地图"
    """
    from markupsafe import Markup

    other: Language = "en" if lang == "zh" else "zh"
    first, second = (" ".join(pick(part, tongue) for part in parts) for tongue in (lang, other))
    written = [] if name == "text" else [Markup('{}="{}"').format(name, first)]
    if first != second:
        written.append(Markup('data-t-{}="{}"').format(name, second))
    return Markup(" ").join(written)
