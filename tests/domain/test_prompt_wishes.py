"""What a prompt rules out, who plays alone, what contradicts itself, and what is not understood."""

import unicodedata

import pytest

from acestep_desktop.domain.prompt import MAX_IGNORED, read_prompt
from acestep_desktop.domain.reading import PromptReading
from acestep_desktop.domain.time import Meter


def _asked(reading: PromptReading) -> tuple[str, ...]:
    return (*reading.instruments, *reading.families, *reading.moods, *reading.genres)


EXCLUSIONS = [
    ("no drums", {"drums"}, ()),
    ("No Drums!", {"drums"}, ()),
    ("without drums", {"drums"}, ()),
    ("w/o drums", {"drums"}, ()),
    ("sans batterie", {"drums"}, ()),
    ("ohne Schlagzeug", {"drums"}, ()),
    ("sin batería", {"drums"}, ()),
    ("ドラムなし", {"drums"}, ()),
    ("ドラム抜き", {"drums"}, ()),
    ("ドラムとベースなし", {"drums", "bass"}, ()),
    ("don't use drums", {"drums"}, ()),
    ("please do not add any drums", {"drums"}, ()),
    ("without any drums at all", {"drums"}, ()),
    ("drumless", {"drums", "percussion"}, ()),
    ("beatless", {"drums", "percussion"}, ()),
    ("drum-free", {"drums", "percussion"}, ()),
    ("no beat", {"drums", "percussion"}, ()),
    ("no percussion", {"drums", "percussion"}, ()),
    ("instrumental", {"vocals", "choir"}, ()),
    ("without vocals", {"vocals", "choir"}, ()),
    ("no singing", {"vocals", "choir"}, ()),
    ("no vocals, female singer please", {"vocals", "choir"}, ()),
    ("no drums and no bass", {"drums", "bass"}, ()),
    ("no drums and bass", {"drums", "bass"}, ()),
    ("no drums or bass", {"drums", "bass"}, ()),
    ("no drums, bass or keys", {"drums", "bass", "keys"}, ()),
    ("no drums, bass, or keys", {"drums", "bass", "keys"}, ()),
    ("neither here: no drums nor bass", {"drums", "bass"}, ()),
    ("no drums, piano", {"drums"}, ("grand_piano",)),
    ("no drums, soft piano", {"drums"}, ("upright_piano",)),
    ("no drums, piano and strings", {"drums"}, ("grand_piano", "strings")),
    ("no drums and a dark piano", {"drums"}, ("grand_piano", "dark")),
    ("no drums but piano", {"drums"}, ("grand_piano",)),
    ("no piano, just guitar", {"grand_piano"}, ("guitar",)),
    ("piano, no drums", {"drums"}, ("grand_piano",)),
    ("no acoustic guitar", {"steel_guitar"}, ()),
    ("no electric guitars", {"clean_guitar"}, ()),
    ("no loud drums", {"drums"}, ()),
    ("no 808", {"kit_808", "bass_808"}, ()),
    ("no drums, 808", {"drums"}, ("bass_808",)),
    ("no drums, brushes", {"drums"}, ()),
    ("no strings except a cello", {"strings"}, ("cello",)),
    ("not dark", {"dark"}, ()),
    ("not too dark", {"dark"}, ()),
    ("not sad or dark", {"sad", "dark"}, ()),
    ("happy, not sad", {"sad"}, ("happy",)),
    ("not a dark piano", {"dark"}, ("grand_piano",)),
    ("nicht traurig", {"sad"}, ()),
    ("no jazz", {"jazz"}, ()),
    ("house but no techno", {"techno"}, ("house",)),
    ("no guitar solo", set(), ("guitar",)),
    ("not only piano but strings", set(), ("grand_piano", "strings")),
    ("no. 5", set(), ()),
    ("no problem, piano", set(), ("grand_piano",)),
    ("drum and bass without drums", {"drums"}, ("drum_and_bass",)),
    ("no drum and bass", {"drum_and_bass"}, ()),
    ("nodrums", set(), ()),
    ("drums without hats", {"hat"}, ("drums",)),
    ("no kick, no snare", {"kick", "snare"}, ()),
    ("techno, no melody", {"melody", "lead"}, ("techno",)),
    ("no chords", {"chords"}, ()),
]


@pytest.mark.parametrize(("text", "without", "asked"), EXCLUSIONS)
def test_what_is_ruled_out_is_not_asked_for(
    text: str, without: set[str], asked: tuple[str, ...]
) -> None:
    reading = read_prompt(text)
    assert set(reading.without) == without
    assert _asked(reading) == asked


@pytest.mark.parametrize(
    ("text", "solo"),
    [
        ("solo piano", True),
        ("piano solo", True),
        ("a piano solo in C minor", True),
        ("unaccompanied cello", True),
        ("only drums", True),
        ("only drums and bass", True),
        ("just piano, please", True),
        ("drums only", True),
        ("piano alone", True),
        ("nothing but strings", True),
        ("no instruments except piano", True),
        ("8 bar drum loop", True),
        ("bass loop, 120 bpm", True),
        ("a guitar riff", True),
        ("ピアノソロ", True),
        ("ピアノのみ", True),
        ("nur Klavier", True),
        ("rock with a guitar solo", False),
        ("jazz with a sax solo over brushes", False),
        ("only drums, bass, and piano", True),
        ("only soft piano", True),
        ("solo piano and later drums come in", False),
        ("piano solo, then drums and bass", False),
        ("strings with a solo violin", False),
        ("just a chill house loop with piano", False),
        ("drum and bass loop", False),
        ("lo-fi with a drum loop", False),
        ("house loop", False),
        ("piano", False),
        ("no solo", False),
        ("only you", False),
    ],
)
def test_a_solo_is_heard_only_where_nothing_else_was_named(text: str, solo: bool) -> None:
    assert read_prompt(text).solo is solo


def test_the_first_prompt_of_the_manual_is_understood_whole() -> None:
    reading = read_prompt("upbeat jazz piano with walking bass, 120 bpm")
    assert reading.genres == ("jazz",)
    assert reading.instruments == ("grand_piano", "upright_bass")
    assert reading.styles == ("walking",)
    assert reading.moods == ("happy",)
    assert reading.bpm == 120.0
    assert reading.ignored == ()
    assert reading.notes == ()


def test_a_prompt_full_of_contradictions_has_sane_values_and_a_note_for_each() -> None:
    reading = read_prompt("fast slow waltz in 7/8, 400 bpm, no instruments")
    assert reading.meter == Meter(7, 8)
    assert reading.bpm == 300.0
    assert reading.bpm_range is None
    assert reading.without == ()
    assert reading.solo is False
    assert reading.notes == (
        '"400 bpm" is beyond 30 to 300 bpm; 300 bpm is used.',
        '"fast" and "slow" exclude each other; the tempo words were left out.',
        '"waltz" means 3/4, but 7/8 was asked for and counts.',
        "Music without any instrument would be silence; that wish was left out.",
    )


NOTES = [
    ("400 bpm", '"400 bpm" is beyond 30 to 300 bpm; 300 bpm is used.'),
    ("1e9 bpm", '"1e9 bpm" is beyond 30 to 300 bpm; 300 bpm is used.'),
    ("5 bpm", '"5 bpm" is beyond 30 to 300 bpm; 30 bpm is used.'),
    ("0 bpm", '"0 bpm" is no tempo; it was left out.'),
    ("techno, -1 bpm", '"-1 bpm" is no tempo; it was left out.'),
    ("120 bpm, 140 bpm", "Two tempi were asked for; 120 bpm, the first, counts."),
    ("slow techno, 190 bpm", None),
    ("slow techno, 250 bpm", '"slow" and 250 bpm exclude each other; the number counts.'),
    ("fast, 80 bpm", None),
    ("fast, 110 bpm", '"fast" and 110 bpm exclude each other; the number counts.'),
    ("fast and slow", '"fast" and "slow" exclude each other; the tempo words were left out.'),
    ("H minor", 'There is no key called "H minor": H is German for B, so B was used.'),
    ("h-Moll", None),
    ("D dorian", '"D dorian" was read as D minor.'),
    ("C major and A minor", "Two keys were asked for; C major, the first, counts."),
    (
        "4/3",
        "4/3 is no meter: the meter's lower number must be 1, 2, 4, 8, 16 or 32, got 3;"
        " it was left out.",
    ),
    ("3/4, 7/8", "Two meters were asked for; 3/4, the first, counts."),
    ("waltz in 5/4", '"waltz" means 3/4, but 5/4 was asked for and counts.'),
    ("waltz in 3/4", None),
    ("0 bars", '"0 bars" is no length; it was left out.'),
    ("1000 bars", '"1000 bars" cannot be; 512 bars are used.'),
    ("2.5 bars", '"2.5 bars" cannot be; 3 bars are used.'),
    ("8 bars or 16 bars", "Two lengths were asked for; 8 bars, the first, counts."),
    ("20 minutes", '"20 minutes" is longer than 600 seconds, which are used.'),
    ("0 seconds", '"0 seconds" is no length; it was left out.'),
    ("10 s, no, 20 s", "Two lengths were asked for; 10 seconds, the first, counts."),
    ("8 bars, 30 seconds", "The length was asked for in bars and in time; the bars count."),
    ("no instruments", "Music without any instrument would be silence; that wish was left out."),
    ("no drums, brushes", '"brushes" was asked for and ruled out; it was left out.'),
    ("no vocals but a singer", '"singer" was asked for and ruled out; it was left out.'),
    ("reggaeton", '"reggaeton" is not a genre of its own here; Reggae comes closest.'),
    ("", "The prompt is empty; everything is left to the engine."),
    ("  \n\t", "The prompt is empty; everything is left to the engine."),
    ("zorp", "None of these words was understood; everything is left to the engine."),
    ("!!!", "None of these words was understood; everything is left to the engine."),
    ("jazz привет", "Some words are in a script that is not read here; they were left out."),
    ("jazz שלום", "Some words are in a script that is not read here; they were left out."),
    ("jazz", None),
    ("ジャズ 謎", None),
]


@pytest.mark.parametrize(("text", "note"), NOTES)
def test_what_cannot_be_is_said_in_one_sentence(text: str, note: str | None) -> None:
    assert read_prompt(text).notes == ((note,) if note else ())


@pytest.mark.parametrize("text", ["400 bpm", "0 bars", "4/3", "9" * 400 + " bars", "1e308 seconds"])
def test_every_number_is_one_that_a_request_may_hold(text: str) -> None:
    reading = read_prompt(text)
    assert reading.bpm is None or 30 <= reading.bpm <= 300
    assert reading.bars is None or 1 <= reading.bars <= 512
    assert reading.seconds is None or 0.1 <= reading.seconds <= 600


@pytest.mark.parametrize(
    ("text", "ignored"),
    [
        ("please make me a nice jazz song with some piano in it", ()),
        ("zorp jazz", ("zorp",)),
        ("Zorp jazz zorp ZORP", ("Zorp",)),
        ("bitte ein ruhiges Lied mit Klavier", ()),
        ("une chanson triste avec du violon", ()),
        ("una canción alegre para bailar", ("bailar",)),
        ("悲しいピアノの曲", ()),
        ("techno 808 piano 7", ("7",)),
        ("house 124 99", ("99",)),
        ("house 124 bpm 99", ("99",)),
        ("jazz 🦄", ("🦄",)),
        ("jazz 謎の音", ("謎",)),
        ("jazz привет мир", ("привет", "мир")),
        ("x y z", ()),
        ("fancypants-jazz", ("fancypants",)),
    ],
)
def test_words_that_mean_nothing_are_listed_once(text: str, ignored: tuple[str, ...]) -> None:
    assert read_prompt(text).ignored == ignored


def test_the_list_of_unknown_words_has_an_end() -> None:
    text = " ".join(f"zorp{chr(97 + k % 26)}{chr(97 + k // 26)}" for k in range(500))
    assert len(read_prompt(text).ignored) == MAX_IGNORED


@pytest.mark.parametrize(
    ("text", "spans"),
    [
        (
            "Upbeat jazz, 120 BPM",
            [
                ("Upbeat", "mood", "Happy"),
                ("jazz", "genre", "Jazz"),
                ("120 BPM", "bpm", "120 bpm"),
            ],
        ),
        ("Flügel in F♯m", [("Flügel", "instrument", "Piano"), ("in F♯m", "key", "F# minor")]),
        ("１２０ｂｐｍ！", [("１２０ｂｐｍ", "bpm", "120 bpm")]),
        ("😢🎹", [("😢", "mood", "Sad"), ("🎹", "instrument", "Piano")]),
        ("no drums", [("no drums", "without", "Drums")]),
        ("no soft drums", [("no soft drums", "without", "Drums")]),
        ("ドラムなし", [("ドラムなし", "without", "Drums")]),
        ("solo cello", [("solo", "solo", "solo"), ("cello", "instrument", "Cello")]),
        ("ﾋﾟｱﾉ", [("ﾋﾟｱﾉ", "instrument", "Piano")]),
        ("Cafe\u0301 jazz", [("jazz", "genre", "Jazz")]),
        ("bateri\u0301a", [("bateri\u0301a", "family", "Drums")]),
        ("8 bar waltz", [("8 bar", "length", "8 bars"), ("waltz", "meter", "3/4")]),
        ("80s pop", [("80s", "era", "1980s"), ("pop", "genre", "Pop")]),
        ("a driving riser", [("driving", "energy", "Driving"), ("riser", "effect", "Riser")]),
        ("slow drop", [("slow", "tempo", "slow"), ("drop", "section", "Drop")]),
    ],
)
def test_spans_show_where_each_meaning_stands(text: str, spans: list[tuple[str, str, str]]) -> None:
    shown = [(text[s.start : s.end], s.kind, s.value) for s in read_prompt(text).spans]
    assert shown == spans


@pytest.mark.parametrize(
    "text",
    [
        "deep house, 122 bpm, in F# minor, no drums, warm pads",
        "jazz waltz in Bb with brushes and a walking bass, 16 bars",
    ],
)
def test_case_spacing_and_unicode_forms_do_not_matter(text: str) -> None:
    plain = read_prompt(text)
    wide = "".join(chr(ord(c) + 0xFEE0) if "!" <= c <= "~" else c for c in text)
    for variant in (text.replace(" ", "  "), unicodedata.normalize("NFD", text), wide):
        reading = read_prompt(variant)
        assert reading.bpm == plain.bpm
        assert reading.key == plain.key
        assert reading.bars == plain.bars
        assert _asked(reading) == _asked(plain)
        assert reading.without == plain.without


@pytest.mark.parametrize(
    ("text", "pieces", "whole_kit"),
    [
        ("hi-hats only", ("hat",), False),
        ("only kick and hats", ("kick", "hat"), False),
        ("a shaker loop", ("shaker",), False),
        ("808 kick only", ("kick",), False),
        ("drums only", (), True),
        ("only drums and claps", ("clap",), True),
        ("drums and congas only", ("conga",), True),
        ("latin percussion only", (), False),
    ],
)
def test_pieces_of_a_kit_play_alone(text: str, pieces: tuple[str, ...], whole_kit: bool) -> None:
    reading = read_prompt(text)
    assert (reading.pieces, reading.whole_kit, reading.solo) == (pieces, whole_kit, True)
    assert not reading.notes


@pytest.mark.parametrize(
    ("text", "roles", "solo"),
    [
        ("melody only, pop", ("melody",), True),
        ("chords only, deep house", ("chords",), True),
        ("piano chords only", ("chords",), True),
        ("piano melody loop", ("melody",), True),
        ("house with rhodes chords and a flute melody", ("chords", "melody"), False),
        ("techno, no melody", (), False),
    ],
)
def test_roles_are_read_and_belong_to_the_player_beside_them(
    text: str, roles: tuple[str, ...], solo: bool
) -> None:
    reading = read_prompt(text)
    assert (reading.roles, reading.solo) == (roles, solo)


def test_no_piece_is_kept_that_is_ruled_out() -> None:
    reading = read_prompt("house with a tambourine, no tambourine, no kick")
    assert reading.pieces == ()
    assert {"tambourine", "kick"} <= set(reading.without)
    assert "drums" not in reading.without
    assert "ruled out" in reading.notes[0]
