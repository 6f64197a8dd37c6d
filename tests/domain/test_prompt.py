"""Prompts are read as a musician means them."""

import pytest

from acestep_desktop.domain.key import Key
from acestep_desktop.domain.prompt import read_prompt
from acestep_desktop.domain.reading import SectionWish
from acestep_desktop.domain.time import Meter

TEMPO = [
    ("120 bpm", 120.0),
    ("120bpm", 120.0),
    ("120 BPM", 120.0),
    ("120-bpm", 120.0),
    ("at 87.5 BPM", 87.5),
    ("87,5 bpm", 87.5),
    ("tempo 98", 98.0),
    ("Tempo: 98", 98.0),
    ("bpm: 120", 120.0),
    ("bpm=128", 128.0),
    ("at a tempo of 110", 110.0),
    ("tempo around 110 bpm", 110.0),
    ("♩ = 72", 72.0),
    ("one hundred and twenty bpm", 120.0),
    ("a hundred and five beats per minute", 105.0),
    ("one twenty eight bpm", 128.0),
    ("ninety-five bpm", 95.0),
    ("１２０ＢＰＭ", 120.0),
    ("テンポ120", 120.0),
    ("BPM 140", 140.0),
    ("120 Schläge pro Minute", 120.0),
    ("techno at 132", 132.0),
    ("house 124", 124.0),
    ("drum'n'bass 174", 174.0),
    ("30 bpm", 30.0),
    ("300 bpm", 300.0),
    ("808 drums", None),
    ("a 303 line", None),
    ("100% analog", None),
    ("the #100 song", None),
    ("16 bit sound", None),
    ("top 5 hits", None),
    ("90 seconds", None),
    ("120 bars", None),
    ("mk2", None),
]


@pytest.mark.parametrize(("text", "bpm"), TEMPO)
def test_a_tempo_is_read_from_numbers(text: str, bpm: float | None) -> None:
    assert read_prompt(text).bpm == bpm


@pytest.mark.parametrize(
    ("text", "words", "bpm_range"),
    [
        ("slow", ("slow",), (58.0, 84.0)),
        ("a very slow ballad", ("very_slow", "slow"), (58.0, 62.0)),
        ("fast", ("fast",), (136.0, 176.0)),
        ("uptempo", ("uptempo",), (118.0, 150.0)),
        ("mid-tempo", ("moderate",), (90.0, 116.0)),
        ("downtempo", ("downtempo",), (70.0, 100.0)),
        ("allegro", ("uptempo",), (118.0, 150.0)),
        ("adagio", ("slow",), (58.0, 84.0)),
        ("langsam", ("slow",), (58.0, 84.0)),
        ("rápido", ("fast",), (136.0, 176.0)),
        ("lent", ("slow",), (58.0, 84.0)),
        ("速い", ("fast",), (136.0, 176.0)),
        ("ゆっくり", ("slow",), (58.0, 84.0)),
        ("not too fast", ("moderate",), (90.0, 116.0)),
        ("not slow", ("moderate",), (90.0, 116.0)),
        ("not very fast", ("moderate",), (90.0, 116.0)),
        ("not too fast, not too slow", ("moderate",), (90.0, 116.0)),
        ("slow and downtempo", ("slow", "downtempo"), (70.0, 84.0)),
        ("120-125 bpm", (), (120.0, 125.0)),
        ("120 to 125 bpm", (), (120.0, 125.0)),
        ("between 90 and 100 bpm", (), (90.0, 100.0)),
        ("slow, 70 bpm", ("slow",), None),
    ],
)
def test_words_say_where_a_tempo_should_lie(
    text: str, words: tuple[str, ...], bpm_range: tuple[float, float] | None
) -> None:
    reading = read_prompt(text)
    assert reading.tempo_words == words
    assert reading.bpm_range == bpm_range


KEYS = [
    ("in F# minor", Key("F#", "minor")),
    ("in f sharp minor", Key("F#", "minor")),
    ("F♯ minor", Key("F#", "minor")),
    ("F♯m", Key("F#", "minor")),
    ("F#m", Key("F#", "minor")),
    ("f#min", Key("F#", "minor")),
    ("key of Bb", Key("Bb")),
    ("Bb major", Key("Bb")),
    ("b flat major", Key("Bb")),
    ("B♭", Key("Bb")),
    ("Am", Key("A", "minor")),
    ("Amin", Key("A", "minor")),
    ("techno, Ebm, 138 bpm", Key("Eb", "minor")),
    ("EBM, 138 bpm", None),
    ("A minor", Key("A", "minor")),
    ("a minor", Key("A", "minor")),
    ("in a minor", Key("A", "minor")),
    ("a minor, 120 bpm", Key("A", "minor")),
    ("techno in A minor with a minor change", Key("A", "minor")),
    ("A-moll", Key("A", "minor")),
    ("a-Moll", Key("A", "minor")),
    ("fis-Moll", Key("F#", "minor")),
    ("Es-Dur", Key("Eb")),
    ("B-Dur", Key("Bb")),
    ("h-Moll", Key("B", "minor")),
    ("C♯ major", Key("C#")),
    ("C# Major", Key("C#")),
    ("key: G", Key("G")),
    ("key G", Key("G")),
    ("in the key of D", Key("D")),
    ("in C", Key("C")),
    ("in E, 90 bpm", Key("E")),
    ("la menor", Key("A", "minor")),
    ("en sol mayor", Key("G")),
    ("si bemol mayor", Key("Bb")),
    ("fa dièse mineur", Key("F#", "minor")),
    ("en do majeur", Key("C")),
    ("イ短調", Key("A", "minor")),
    ("ハ長調", Key("C")),
    ("嬰ヘ短調", Key("F#", "minor")),
    ("変ロ長調", Key("Bb")),
    ("Cメジャー", Key("C")),
    ("Aマイナー", Key("A", "minor")),
    ("D dorian", Key("D", "minor")),
    ("G mixolydian", Key("G")),
    ("minor key, in D", Key("D", "minor")),
    ("keys in C minor", Key("C", "minor")),
    ("keys and guitar", None),
    ("a minor detail", None),
    ("a minor key", None),
    ("a major hit", None),
    ("in a room", None),
    ("I am happy", None),
    ("Cmaj7 chords", None),
    ("vitamin C", None),
    ("plan B", None),
    ("es ist schön", None),
    ("FM bass", None),
    ("a flat bass", None),
    ("do it", None),
    ("la musique", None),
]


@pytest.mark.parametrize(("text", "key"), KEYS)
def test_a_key_is_read_in_every_spelling(text: str, key: Key | None) -> None:
    assert read_prompt(text).key == key


@pytest.mark.parametrize(
    ("text", "mode"),
    [
        ("a minor key", "minor"),
        ("in a minor key", "minor"),
        ("A minor key ballad", "minor"),
        ("major chords", "major"),
        ("moll", "minor"),
        ("in F# minor", "minor"),
        ("in F#", "major"),
        ("sad", None),
    ],
)
def test_a_mode_is_read_also_without_a_tonic(text: str, mode: str | None) -> None:
    assert read_prompt(text).mode == mode


@pytest.mark.parametrize(
    ("text", "meter"),
    [
        ("6/8", "6/8"),
        ("in 7/8", "7/8"),
        ("3/4 time", "3/4"),
        ("time signature 5/4", "5/4"),
        ("6 / 8", "6/8"),
        ("６／８", "6/8"),
        ("12/8 blues", "12/8"),
        ("waltz", "3/4"),
        ("a slow jazz waltz", "3/4"),
        ("Walzer", "3/4"),
        ("valse", "3/4"),
        ("ワルツ", "3/4"),
        ("三拍子", "3/4"),
        ("in seven", "7/8"),
        ("in 7", "7/8"),
        ("in five", "5/4"),
        ("in three, slow", "3/4"),
        ("in six time", "6/8"),
        ("three four time", "3/4"),
        ("six-eight", "6/8"),
        ("odd meter", "7/8"),
        ("cut time", "2/2"),
        ("waltz in 7/8", "7/8"),
        ("in 4 bars", None),
        ("in two parts", None),
        ("1/16 notes", None),
        ("11/22/2026", None),
        ("4/3", None),
        ("4 bars", None),
    ],
)
def test_a_meter_is_read_from_numbers_and_dances(text: str, meter: str | None) -> None:
    assert read_prompt(text).meter == (Meter.parse(meter) if meter else None)


@pytest.mark.parametrize(
    ("text", "bars", "seconds"),
    [
        ("8 bars", 8, None),
        ("16-bar", 16, None),
        ("4bars", 4, None),
        ("twelve bars", 12, None),
        ("thirty-two bars", 32, None),
        ("a dozen bars", 12, None),
        ("8 bar loop", 8, None),
        ("bars: 8", 8, None),
        ("12-bar blues", 12, None),
        ("8 measures", 8, None),
        ("acht Takte", 8, None),
        ("8-taktig", 8, None),
        ("huit mesures", 8, None),
        ("ocho compases", 8, None),
        ("8小節", 8, None),
        ("十六小節", 16, None),
        ("30 seconds", None, 30.0),
        ("30s", None, 30.0),
        ("30 sec", None, 30.0),
        ("a 30-second loop", None, 30.0),
        ("1:30", None, 90.0),
        ("2:05 min", None, 125.0),
        ("2 minutes", None, 120.0),
        ("2 min 30 s", None, 150.0),
        ("1m30s", None, 90.0),
        ("2 minutes and 10 seconds", None, 130.0),
        ("half a minute", None, 30.0),
        ("two and a half minutes", None, 150.0),
        ("1.5 minutes", None, 90.0),
        ("eine Minute", None, 60.0),
        ("30秒", None, 30.0),
        ("trente secondes", None, 30.0),
        ("80s", None, None),
        ("second verse", None, None),
        ("16:9", None, None),
        ("bar", None, None),
    ],
)
def test_a_length_is_read_in_bars_and_in_time(
    text: str, bars: int | None, seconds: float | None
) -> None:
    reading = read_prompt(text)
    assert (reading.bars, reading.seconds) == (bars, seconds)


GENRES = [
    ("house", ("house",)),
    ("Deep House", ("deep_house",)),
    ("deephouse", ("deep_house",)),
    ("#deephouse", ("deep_house",)),
    ("TECHNO", ("techno",)),
    ("trance", ("trance",)),
    ("drum and bass", ("drum_and_bass",)),
    ("drum'n'bass", ("drum_and_bass",)),
    ("drum & bass", ("drum_and_bass",)),
    ("drum n bass", ("drum_and_bass",)),
    ("drumnbass", ()),
    ("dnb", ("drum_and_bass",)),
    ("DnB", ("drum_and_bass",)),
    ("d&b", ("drum_and_bass",)),
    ("D & B", ("drum_and_bass",)),
    ("jungle", ("jungle",)),
    ("dubstep", ("dubstep",)),
    ("UK garage", ("uk_garage",)),
    ("2-step", ("uk_garage",)),
    ("trap", ("trap",)),
    ("uk drill", ("drill",)),
    ("boom bap", ("boom_bap",)),
    ("boom-bap", ("boom_bap",)),
    ("hip hop", ("boom_bap",)),
    ("hip-hop", ("boom_bap",)),
    ("lofi", ("lo_fi",)),
    ("lo-fi", ("lo_fi",)),
    ("Lo-Fi Hip-Hop", ("lo_fi",)),
    ("R&B", ("rnb",)),
    ("r'n'b", ("rnb",)),
    ("rnb", ("rnb",)),
    ("funk", ("funk",)),
    ("funky", ("funk",)),
    ("disco", ("disco",)),
    ("soul", ("soul",)),
    ("jazz", ("jazz",)),
    ("jazzy", ("jazz",)),
    ("bossa nova", ("bossa",)),
    ("reggae", ("reggae",)),
    ("dub", ("dub",)),
    ("rock", ("rock",)),
    ("rock'n'roll", ("rock",)),
    ("heavy metal", ("metal",)),
    ("pop", ("pop",)),
    ("k-pop", ("pop",)),
    ("synthwave", ("synthwave",)),
    ("ambient", ("ambient",)),
    ("cinematic", ("cinematic",)),
    ("folk", ("folk",)),
    ("classical", ("classical",)),
    ("ジャズ", ("jazz",)),
    ("ハウス", ("house",)),
    ("テクノ", ("techno",)),
    ("ﾃｸﾉ", ("techno",)),
    ("ボサノバ", ("bossa",)),
    ("クラシック", ("classical",)),
    ("Klassik", ("classical",)),
    ("filmmusik", ("cinematic",)),
    ("reggaeton", ("reggae",)),
    ("blues", ("soul",)),
    ("EDM", ("house",)),
    ("dub techno", ("techno", "dub")),
    ("disco funk", ("funk", "disco")),
    ("funky house", ("house",)),
    ("funky techno", ("techno", "funk")),
    ("jazz, then house", ("jazz", "house")),
    ("house with a jazz guitar", ("house",)),
    ("a jazz guitar", ("jazz",)),
    ("rock drums", ("rock",)),
    ("warehouse", ()),
    ("popcorn", ()),
    ("クロック", ()),
]


@pytest.mark.parametrize(("text", "genres"), GENRES)
def test_genres_are_read_with_the_noun_first(text: str, genres: tuple[str, ...]) -> None:
    assert read_prompt(text).genres == genres


INSTRUMENTS = [
    ("piano", ("grand_piano",)),
    ("pianos", ("grand_piano",)),
    ("grand piano", ("grand_piano",)),
    ("felt piano", ("upright_piano",)),
    ("rhodes", ("electric_piano",)),
    ("Fender Rhodes", ("electric_piano",)),
    ("e-piano", ("electric_piano",)),
    ("DX7", ("electric_piano",)),
    ("wurli", ("wurlitzer",)),
    ("Hammond B3", ("organ",)),
    ("clav", ("clavinet",)),
    ("808", ("kit_808", "bass_808")),
    ("808s", ("kit_808", "bass_808")),
    ("TR-808", ("kit_808", "bass_808")),
    ("808 bass", ("bass_808",)),
    ("808 kick", ("kit_808",)),
    ("909", ("kit_909",)),
    ("tr 909", ("kit_909",)),
    ("walking bass", ("upright_bass",)),
    ("walking bassline", ("upright_bass",)),
    ("double bass", ("upright_bass",)),
    ("bass guitar", ("electric_bass",)),
    ("slap bass", ("slap_bass",)),
    ("acid line", ("acid_bass",)),
    ("TB-303", ("acid_bass",)),
    ("sub bass", ("sub_bass",)),
    ("sub-bass", ("sub_bass",)),
    ("reese", ("reese_bass",)),
    ("FM bass", ("fm_bass",)),
    ("brushes", ("kit_brushes",)),
    ("brushed drums", ("kit_brushes",)),
    ("jazz kit", ("kit_jazz",)),
    ("amen break", ("kit_breaks",)),
    ("congas and bongos", ("kit_latin",)),
    ("taiko", ("kit_orchestral",)),
    ("drum machine", ("kit_electro",)),
    ("vibraphone", ("vibraphone",)),
    ("music boxes", ("music_box",)),
    ("glockenspiel", ("celesta",)),
    ("acoustic guitar", ("steel_guitar",)),
    ("nylon guitar", ("nylon_guitar",)),
    ("electric guitars", ("clean_guitar",)),
    ("distorted guitar", ("distorted_guitar",)),
    ("palm-muted guitar", ("muted_guitar",)),
    ("strings", ("strings",)),
    ("string section", ("strings",)),
    ("string pad", ("string_pad",)),
    ("pizzicato strings", ("pizzicato",)),
    ("violin", ("solo_violin",)),
    ("fiddle", ("solo_violin",)),
    ("cellos", ("cello",)),
    ("harp", ("harp",)),
    ("horn section", ("brass",)),
    ("French horns", ("french_horn",)),
    ("trumpet", ("trumpet",)),
    ("sax", ("saxophone",)),
    ("saxophones", ("saxophone",)),
    ("flute", ("flute",)),
    ("choir", ("choir",)),
    ("warm pads", ("warm_pad",)),
    ("glassy pad", ("glass_pad",)),
    ("dark pad", ("dark_pad",)),
    ("supersaws", ("supersaw",)),
    ("saw lead", ("saw_lead",)),
    ("chord stabs", ("synth_stab",)),
    ("arps", ("arp_synth",)),
    ("sitar", ("sitar",)),
    ("kalimba", ("kalimba",)),
    ("accordion", ("accordion",)),
    ("harmonica", ("harmonica",)),
    ("banjo", ("banjo",)),
    ("Klavier", ("grand_piano",)),
    ("Flügel", ("grand_piano",)),
    ("Kontrabass", ("upright_bass",)),
    ("violon", ("solo_violin",)),
    ("guitarra acústica", ("steel_guitar",)),
    ("ピアノ", ("grand_piano",)),
    ("サックス", ("saxophone",)),
    ("🎹 🎷", ("grand_piano", "saxophone")),
    ("sax, piano and upright bass", ("saxophone", "grand_piano", "upright_bass")),
    ("piano piano piano", ("grand_piano",)),
]


@pytest.mark.parametrize(("text", "instruments"), INSTRUMENTS)
def test_instruments_are_read_in_the_order_said(text: str, instruments: tuple[str, ...]) -> None:
    assert read_prompt(text).instruments == instruments


@pytest.mark.parametrize(
    ("text", "families"),
    [
        ("bass", ("bass",)),
        ("drums and bass", ("drums", "bass")),
        ("drum and bass", ()),
        ("bassline", ("bass",)),
        ("keys", ("keys",)),
        ("guitars", ("guitar",)),
        ("pads", ("pad",)),
        ("synths", ("lead",)),
        ("plucks", ("pluck",)),
        ("woodwinds", ("winds",)),
        ("percussion", ("percussion",)),
        ("vocals", ("vocals",)),
        ("female singer", ("vocals",)),
        ("Schlagzeug", ("drums",)),
        ("batería y guitarra", ("drums", "guitar")),
        ("ドラムとベース", ("drums", "bass")),
        ("🥁🎸", ("drums", "guitar")),
        ("bass, an upright bass", ()),
        ("drums with brushes", ()),
        ("bass drum", ("drums",)),
        ("mallets", ("bells",)),
    ],
)
def test_a_family_stands_where_no_exact_instrument_was_named(
    text: str, families: tuple[str, ...]
) -> None:
    assert read_prompt(text).families == families


@pytest.mark.parametrize(
    ("text", "field", "ids"),
    [
        ("upbeat", "moods", ("happy",)),
        ("dark and sad", "moods", ("dark", "sad")),
        ("DREAMY", "moods", ("dreamy",)),
        ("laid-back", "moods", ("chill",)),
        ("traurig", "moods", ("sad",)),
        ("fröhlicher Walzer", "moods", ("happy",)),
        ("darker and calmer", "moods", ("dark", "calm")),
        ("triste", "moods", ("sad",)),
        ("mélancolique", "moods", ("melancholic",)),
        ("悲しい", "moods", ("sad",)),
        ("穏やかな", "moods", ("calm",)),
        ("😢", "moods", ("sad",)),
        ("a rainy house", "moods", ("melancholic",)),
        ("80s", "eras", ("1980s",)),
        ("80's", "eras", ("1980s",)),
        ("1980s", "eras", ("1980s",)),
        ("eighties", "eras", ("1980s",)),
        ("80er Jahre", "eras", ("1980s",)),
        ("90年代", "eras", ("1990s",)),
        ("vintage", "eras", ("vintage",)),
        ("modern", "eras", ("modern",)),
        ("walking bass", "styles", ("walking",)),
        ("half-time", "styles", ("half_time",)),
        ("four on the floor", "styles", ("four_on_the_floor",)),
        ("swing", "styles", ("swung",)),
        ("side-chained", "styles", ("sidechain",)),
        ("riser", "effects", ("riser",)),
        ("vinyl crackle", "effects", ("vinyl_crackle",)),
        ("rain", "effects", ("rain",)),
        ("noise sweeps", "effects", ("noise_sweep",)),
        ("sub drop", "effects", ("sub_drop",)),
        ("laser", "effects", ("laser",)),
        ("impact", "effects", ("impact",)),
        ("room tone", "effects", ("room_tone",)),
        ("a riser into an impact", "effects", ("riser", "impact")),
    ],
)
def test_moods_eras_styles_and_effects_are_read(
    text: str, field: str, ids: tuple[str, ...]
) -> None:
    assert getattr(read_prompt(text), field) == ids


@pytest.mark.parametrize(
    ("lively", "quiet"),
    [("energetic", "calm"), ("driving", "mellow"), ("upbeat", "sad"), ("aggressive", "chill")],
)
def test_energy_follows_the_words(lively: str, quiet: str) -> None:
    high, low = read_prompt(lively).energy, read_prompt(quiet).energy
    assert high is not None and low is not None
    assert 0 <= low < 0.5 < high <= 1


@pytest.mark.parametrize(
    ("text", "sections", "bars"),
    [
        ("intro, build, drop, outro", ("intro", "build", "drop", "outro"), None),
        ("verse then chorus then verse", ("verse", "chorus", "verse"), None),
        ("with a breakdown", ("breakdown",), None),
        ("pre-chorus", ("pre_chorus",), None),
        ("Strophe und Refrain", ("verse", "chorus"), None),
        ("サビ", ("chorus",), None),
        ("seamless loop", ("loop",), None),
        ("build me a track", (), None),
        ("no intro, a drop", ("drop",), None),
        ("sub drop", (), None),
    ],
)
def test_sections_are_read_in_order(text: str, sections: tuple[str, ...], bars: int | None) -> None:
    reading = read_prompt(text)
    assert tuple(section.form for section in reading.sections) == sections
    assert reading.bars == bars


@pytest.mark.parametrize(
    ("text", "sections", "bars"),
    [
        (
            "8 bar intro, 16 bar drop",
            (SectionWish("intro", 8), SectionWish("drop", 16)),
            24,
        ),
        ("intro (4 bars)", (SectionWish("intro", 4),), 4),
        ("intro: 4 bars, drop 8 bars", (SectionWish("intro", 4), SectionWish("drop", 8)), 12),
        ("8 bar piano intro", (SectionWish("intro", 8),), 8),
        ("8 bar intro, drop", (SectionWish("intro", 8), SectionWish("drop")), None),
        ("8 bar loop", (SectionWish("loop"),), 8),
        ("32 bars: intro, drop", (SectionWish("intro"), SectionWish("drop")), 32),
        ("32 bars, 8 bar intro, a drop", (SectionWish("intro", 8), SectionWish("drop")), 32),
    ],
)
def test_bars_beside_a_section_are_its_length(
    text: str, sections: tuple[SectionWish, ...], bars: int | None
) -> None:
    reading = read_prompt(text)
    assert (reading.sections, reading.bars) == (sections, bars)
