"""The language of a text is the one that was chosen, else that of the locale, else English."""

from __future__ import annotations

import pytest

from ebl.messages.languages import CHOICES, languages_of


def test_a_choice_counts_more_than_the_locale() -> None:
    chosen = {choice: languages_of(choice, {"LC_ALL": "zh_CN.UTF-8"}) for choice in CHOICES}
    assert chosen == {"en": ("en",), "zh": ("zh-Hans",), "both": ("zh-Hans", "en")}


@pytest.mark.parametrize(
    ("environ", "language"),
    [
        ({}, "en"),
        ({"LANG": "C"}, "en"),
        ({"LANG": "zh_CN.UTF-8"}, "zh-Hans"),
        ({"LANG": "zh"}, "zh-Hans"),
        ({"LANG": "zh.UTF-8"}, "zh-Hans"),
        ({"LANG": "zh-Hans-SG"}, "zh-Hans"),
        ({"LANG": "zh_HK.UTF-8"}, "zh-Hans"),
        ({"LANG": "zha_CN"}, "en"),
        ({"LANG": "zh_CN", "LC_MESSAGES": "en_SG"}, "en"),
        ({"LANG": "zh_CN", "LC_MESSAGES": ""}, "zh-Hans"),
        ({"LANG": "en_SG", "LC_MESSAGES": "zh_SG"}, "zh-Hans"),
        ({"LANG": "zh_CN", "LC_MESSAGES": "zh_CN", "LC_ALL": "C.UTF-8"}, "en"),
    ],
)
def test_without_a_choice_the_locale_counts(environ: dict[str, str], language: str) -> None:
    assert languages_of(None, environ) == (language,)
