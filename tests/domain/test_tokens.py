"""A prompt is cut into the same tokens however it was typed."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from acestep_desktop.domain.tokens import tokenise


@pytest.mark.parametrize(
    ("text", "tokens"),
    [
        ("Deep House", ["deep", "house"]),
        ("lo-fi", ["lo", "fi"]),
        ("drum'n'bass", ["drum", "n", "bass"]),
        ("d&b", ["d", "&", "b"]),
        ("120bpm", ["120", "bpm"]),
        ("87.5 bpm", ["87.5", "bpm"]),
        ("87,5 bpm", ["87,5", "bpm"]),
        ("8,16,32", ["8,16", ",", "32"]),
        ("10,000 bars", ["10", ",", "000", "bars"]),
        ("1e9", ["1e9"]),
        ("1e", ["1", "e"]),
        ("8.", ["8", "."]),
        ("F♯m", ["f", "#", "m"]),
        ("E♭", ["eb"]),
        ("Größe", ["grosse"]),
        ("batería", ["bateria"]),
        ("bateri\u0301a", ["bateria"]),
        ("１２０ＢＰＭ", ["120", "bpm"]),
        ("ﾄﾞﾗﾑ", ["ド", "ラ", "ム"]),
        ("ト\u3099ラム", ["ド", "ラ", "ム"]),
        ("速いjazz", ["速", "い", "jazz"]),
        ("١٢٠", ["120"]),
        ("①", ["1"]),
        ("½", ["1", "/", "2"]),
        ("☀️", ["☀"]),
        ("👍🏽", ["👍"]),
        ("👩\u200d🎤", ["👩", "🎤"]),
        ("snake_case", ["snake", "case"]),
        ("a — b", ["a", "b"]),
        ("a\nb", ["a", "\n", "b"]),
        ("a\u200bb", ["a", "b"]),
        ("\ud800a", ["a"]),
        ("", []),
        ("   ", []),
    ],
)
def test_a_text_has_these_tokens(text: str, tokens: list[str]) -> None:
    assert [token.text for token in tokenise(text)] == tokens


@pytest.mark.parametrize(
    ("text", "index", "glued", "hyphened"),
    [
        ("c #", 1, False, False),
        ("c#", 1, True, False),
        ("80's", 1, True, False),
        ("80’s", 1, True, False),
        ("six-eight", 1, False, True),
        ("six–eight", 1, False, True),
        ("six - eight", 1, False, False),
        ("six_eight", 1, False, False),
    ],
)
def test_a_token_knows_what_separates_it(
    text: str, index: int, glued: bool, hyphened: bool
) -> None:
    token = tokenise(text)[index]
    assert (token.glued, token.hyphened) == (glued, hyphened)


@pytest.mark.parametrize(
    ("text", "kinds"),
    [
        ("jazz 120 , ", ["word", "number", "sign"]),
        ("ピ曲", ["ideograph", "ideograph"]),
        ("привет שלום", ["word", "word"]),
        ("🎹", ["sign"]),
    ],
)
def test_a_token_has_a_kind(text: str, kinds: list[str]) -> None:
    assert [token.kind for token in tokenise(text)] == kinds


@given(st.text(max_size=100))
def test_tokens_lie_in_the_text_as_it_was_written(text: str) -> None:
    tokens = tokenise(text)
    assert all(0 <= token.start < token.end <= len(text) for token in tokens)
    starts = [token.start for token in tokens]
    assert starts == sorted(starts)


@given(st.text(alphabet="abcXYZ 123,.-'", max_size=60))
def test_a_token_of_plain_text_is_what_stands_there(text: str) -> None:
    for token in tokenise(text):
        assert text[token.start : token.end].lower() == token.text


@given(st.text(max_size=60))
def test_every_token_is_without_capitals(text: str) -> None:
    for token in tokenise(text):
        assert token.text == token.text.casefold() or not token.text.isascii()
