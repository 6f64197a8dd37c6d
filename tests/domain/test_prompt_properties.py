"""Whatever the text, reading it is safe, repeatable and quick."""

import time
import unicodedata

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from acestep_desktop.domain.prompt import read_prompt
from acestep_desktop.domain.reading import PromptReading
from acestep_desktop.domain.vocabulary import Vocabulary, vocabulary

VOCABULARY = (
    "no drums , bass or and & solo only piano jazz house 120 bpm 8 bars in a minor C# F♯m 6/8 "
    "waltz not too fast slow without intro drop 30 seconds 808 80s : / . ( ) - ' 1e9 -5 H moll "
    "ドラム なし ジャズ 八 十 小節 イ 短調 😢 🎹 ♩ = half hundred one twenty except loop Bb key of"
)

PIECES = VOCABULARY.split()

texts = st.text(max_size=200)
phrases = st.lists(st.sampled_from(PIECES), max_size=20).map(" ".join)
glued = st.lists(st.sampled_from(PIECES), max_size=12).map("".join)
nasty = st.lists(
    st.one_of(
        st.characters(codec=None),
        st.sampled_from(["\ud800", "\udfff", "\u0301", "\u200d", "\ufe0f", "\x00", "½", "ﷺ", "İ"]),
        st.sampled_from(PIECES),
    ),
    max_size=40,
).map("".join)


def _ids_are_known(reading: PromptReading, words: Vocabulary) -> bool:
    terms = {
        "mood": reading.moods,
        "era": reading.eras,
        "family": reading.families,
        "style": reading.styles,
        "effect": reading.effects,
        "section": tuple(section.form for section in reading.sections),
    }
    return (
        set(reading.genres) <= set(words.genres)
        and set(reading.instruments) <= set(words.instruments)
        and all(set(ids) <= set(words.terms[kind]) for kind, ids in terms.items())
    )


@given(st.one_of(texts, phrases, glued, nasty))
@example("9" * 5000 + " bpm")
@example("1" * 400 + "/" + "2" * 400)
@example("in a minor " * 100)
@example("no " * 500)
@example("八" * 300 + "小節")
@example("\ud800 bpm 120")
@example("½ bars")
@example("²/³")
@example("١٢٠ bpm")
def test_no_text_is_too_strange_to_read(text: str) -> None:
    reading = read_prompt(text)
    assert reading.text == text
    assert reading.bpm is None or 30 <= reading.bpm <= 300
    assert reading.bpm is None or reading.bpm_range is None
    assert reading.bars is None or (1 <= reading.bars <= 512 and reading.seconds is None)
    assert reading.seconds is None or 0.1 <= reading.seconds <= 600
    assert reading.energy is None or 0 <= reading.energy <= 1
    assert reading.key is None or reading.key.mode == reading.mode
    assert _ids_are_known(reading, vocabulary())


@given(st.one_of(texts, phrases, glued, nasty))
def test_spans_lie_inside_the_text_in_order(text: str) -> None:
    spans = read_prompt(text).spans
    assert all(0 <= span.start < span.end <= len(text) for span in spans)
    assert [span.start for span in spans] == sorted(span.start for span in spans)
    assert all(span.value for span in spans)


@given(st.one_of(texts, phrases, glued, nasty))
def test_the_same_text_is_always_read_the_same(text: str) -> None:
    assert read_prompt(text) == read_prompt(text)


@given(phrases)
def test_a_text_means_the_same_in_capitals_and_decomposed(text: str) -> None:
    plain, decomposed = read_prompt(text), read_prompt(unicodedata.normalize("NFD", text))
    for field in PromptReading.__slots__:
        if field not in ("text", "spans", "ignored", "notes"):
            assert getattr(plain, field) == getattr(decomposed, field), field


@given(phrases)
def test_nothing_is_both_asked_for_and_ruled_out(text: str) -> None:
    reading = read_prompt(text)
    asked = {*reading.instruments, *reading.families, *reading.genres, *reading.moods}
    assert not asked & set(reading.without)
    if "drums" in reading.without:
        assert not [id for id in reading.instruments if id.startswith("kit_")]


@given(phrases)
def test_no_list_says_anything_twice(text: str) -> None:
    reading = read_prompt(text)
    for ids in (reading.genres, reading.instruments, reading.families, reading.without):
        assert len(set(ids)) == len(ids)
    assert len(set(reading.notes)) == len(reading.notes)


@given(phrases)
def test_a_solo_has_somebody_who_plays_it(text: str) -> None:
    reading = read_prompt(text)
    if reading.solo and not reading.without:
        assert reading.instruments or reading.families


LONG = [
    "upbeat jazz piano with walking bass, 120 bpm, zorp ",
    "no drums nor bass ",
    "no drums, bass, keys, ",
    "only piano and ",
    "piano and piano loop ",
    "a",
    "1",
    "1/",
    "120 ",
    "ジャズピアノドラムなし",
    "謎",
    "ｱﾞ",
    "e\u0301",
    "dark ",
    "one hundred and twenty ",
    "in the key of ",
    "'n' ",
    "🎹",
]


@pytest.mark.parametrize("piece", LONG)
def test_the_time_to_read_grows_with_the_length_alone(piece: str) -> None:
    read_prompt(piece)

    def seconds(length: int) -> float:
        text = (piece * length)[:length]
        start = time.process_time()
        read_prompt(text)
        return time.process_time() - start

    # A busy machine can make some measurements long, but not all; in turns, both meet it alike.
    pairs = [(seconds(2_500), seconds(10_000)) for _ in range(6)]
    short, long = (min(times) for times in zip(*pairs, strict=True))
    assert long < 8 * max(short, 0.002)
