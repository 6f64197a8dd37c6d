"""The vocabulary is whole: every id there should be, every word leading where it should."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from acestep_desktop.domain import vocabulary as module
from acestep_desktop.domain.errors import InvalidValueError
from acestep_desktop.domain.key_words import read_key
from acestep_desktop.domain.phrases import PhraseIndex
from acestep_desktop.domain.prompt import read_prompt
from acestep_desktop.domain.resources import read_resource, resources_folder
from acestep_desktop.domain.sentence import Sentence
from acestep_desktop.domain.tokens import tokenise
from acestep_desktop.domain.vocabulary import Vocabulary, vocabulary

GENRES = (
    "house deep_house techno trance drum_and_bass jungle dubstep uk_garage trap drill boom_bap "
    "lo_fi rnb funk disco soul jazz bossa reggae dub rock metal pop synthwave ambient cinematic "
    "folk classical"
)
INSTRUMENTS = {
    "drums": "kit_house kit_techno kit_808 kit_909 kit_breaks kit_lofi kit_acoustic kit_jazz "
    "kit_brushes kit_rock kit_electro kit_latin kit_orchestral",
    "bass": "upright_bass electric_bass picked_bass slap_bass synth_bass acid_bass sub_bass "
    "bass_808 reese_bass fm_bass",
    "keys": "grand_piano upright_piano electric_piano wurlitzer clavinet harpsichord organ "
    "accordion",
    "bells": "vibraphone marimba music_box bells celesta",
    "guitar": "nylon_guitar steel_guitar clean_guitar muted_guitar distorted_guitar banjo",
    "strings": "strings pizzicato solo_violin cello harp",
    "brass": "brass trumpet french_horn",
    "winds": "flute saxophone clarinet harmonica",
    "choir": "choir",
    "pad": "string_pad warm_pad glass_pad dark_pad",
    "lead": "supersaw saw_lead square_lead soft_lead",
    "pluck": "synth_pluck synth_stab arp_synth sitar kalimba",
}
PROGRAMS = {
    "upright_bass": 32,
    "grand_piano": 0,
    "electric_piano": 4,
    "organ": 16,
    "vibraphone": 11,
    "distorted_guitar": 30,
    "strings": 48,
    "trumpet": 56,
    "flute": 73,
    "choir": 52,
    "warm_pad": 89,
    "supersaw": 81,
    "kalimba": 108,
}
EFFECTS = "riser impact vinyl_crackle rain noise_sweep sub_drop laser room_tone"
MOODS = (
    "happy sad dark bright calm energetic aggressive dreamy romantic melancholic epic tense "
    "groovy chill warm nostalgic mysterious"
)
SECTIONS = "intro verse pre_chorus chorus build drop breakdown bridge outro loop"


@pytest.fixture
def words() -> Vocabulary:
    return vocabulary()


@pytest.fixture
def changed_files(monkeypatch: pytest.MonkeyPatch) -> Iterator[dict[str, str]]:
    """Texts that stand for data files while a test runs."""
    files: dict[str, str] = {}

    def read(name: str) -> str:
        return files.get(name) or read_resource(name)

    monkeypatch.setattr(module, "read_resource", read)
    vocabulary.cache_clear()
    yield files
    vocabulary.cache_clear()


def test_every_genre_mood_effect_and_section_is_known(words: Vocabulary) -> None:
    assert list(words.genres) == GENRES.split()
    assert list(words.terms["mood"]) == MOODS.split()
    assert list(words.terms["effect"]) == EFFECTS.split()
    assert list(words.terms["section"]) == SECTIONS.split()


def test_every_instrument_is_in_its_family(words: Vocabulary) -> None:
    families = {
        family: [i.id for i in words.instruments.values() if i.family == family]
        for family in INSTRUMENTS
    }
    assert {f: sorted(ids) for f, ids in families.items()} == {
        family: sorted(ids.split()) for family, ids in INSTRUMENTS.items()
    }
    assert set(INSTRUMENTS) <= set(words.terms["family"])


def test_programs_are_those_of_general_midi(words: Vocabulary) -> None:
    assert {id: words.instruments[id].program for id in PROGRAMS} == PROGRAMS
    assert all(0 <= instrument.program <= 127 for instrument in words.instruments.values())


def test_the_usual_tempi_of_a_genre_are_ones_that_can_be_asked_for(words: Vocabulary) -> None:
    for genre in words.genres.values():
        low, high = genre.bpm
        assert 30 <= low < high <= 300, genre.id


@pytest.mark.parametrize("name", [f"{genre}" for genre in GENRES.split()])
def test_every_word_of_a_genre_is_read_as_that_genre(words: Vocabulary, name: str) -> None:
    genre = words.genres[name]
    for word in (*genre.words, *genre.adjectives):
        assert name in read_prompt(word).genres, word
    for word in genre.near:
        reading = read_prompt(word)
        assert name in reading.genres, word


def test_every_word_of_an_instrument_is_read_as_that_instrument(words: Vocabulary) -> None:
    for instrument in words.instruments.values():
        for word in instrument.words:
            assert instrument.id in read_prompt(word).instruments, word


@pytest.mark.parametrize(
    ("kind", "field"),
    [
        ("mood", "moods"),
        ("era", "eras"),
        ("style", "styles"),
        ("effect", "effects"),
        ("section", "sections"),
        ("family", "families"),
        ("piece", "pieces"),
        ("role", "roles"),
    ],
)
def test_every_word_of_every_other_thing_is_read(words: Vocabulary, kind: str, field: str) -> None:
    for term in words.terms[kind].values():
        for word in term.words:
            read = getattr(read_prompt(word), field)
            ids = [section.form for section in read] if kind == "section" else read
            assert term.id in ids, word


def test_every_word_for_a_tempo_is_read(words: Vocabulary) -> None:
    for term in words.tempo.values():
        assert term.negated in words.tempo
        for word in term.words:
            assert term.id in read_prompt(word).tempo_words, word


def test_every_label_is_a_name_for_people(words: Vocabulary) -> None:
    for genre in words.genres.values():
        assert words.label("genre", genre.id) == words.label_of(genre.id) == genre.label
        assert genre.label and "_" not in genre.label
    for instrument in words.instruments.values():
        assert words.label_of(instrument.id) == instrument.label
    assert words.label_of("nothing") == "nothing"
    assert words.label("colour", "red") == "red"


def test_every_data_file_is_read() -> None:
    names = {path.stem for path in (resources_folder() / "vocabulary").glob("*.json")}
    read = {*module.TERM_FILES, "genres", "instruments", "tempo", "negations", "stopwords"}
    assert names == read | {"units", "numbers", "keys", "meters"}


def test_the_vocabulary_is_read_once() -> None:
    assert vocabulary() is vocabulary()


@pytest.mark.parametrize(
    ("name", "content", "sentence"),
    [
        ("genres", "[]", "must be an object"),
        ("genres", "{", "not the JSON"),
        ("genres", '{"genres": 3}', "must hold a list of genres"),
        ("genres", '{"genres": [{"id": "house"}]}', "lacks a field"),
        ("moods", '{"moods": [{"id": 1, "label": "", "words": []}]}', "must be text"),
        ("moods", '{"moods": [{"id": "a", "label": "A", "words": [1]}]}', "must be text"),
        (
            "moods",
            '{"moods": [{"id": "a", "label": "A", "words": []},'
            ' {"id": "a", "label": "B", "words": []}]}',
            "has an id twice",
        ),
        ("negations", "{}", "lacks the list negated_noun"),
        ("keys", "{}", "lacks a field"),
        ("meters", '{"meters": [{"meter": "4/3", "words": []}], "counts": []}', "must be 1, 2"),
        ("numbers", '{"units": "many"}', "must be a list"),
    ],
)
def test_a_data_file_that_is_not_as_it_should_be_is_refused(
    changed_files: dict[str, str], name: str, content: str, sentence: str
) -> None:
    changed_files[f"vocabulary/{name}.json"] = content
    with pytest.raises(InvalidValueError, match=sentence):
        vocabulary()


@pytest.mark.parametrize("bpm", [[10, 20], [100, 90], [100, 400]])
def test_a_genre_with_impossible_tempi_is_refused(
    changed_files: dict[str, str], bpm: list[int]
) -> None:
    row = {"id": "a", "label": "A", "bpm": bpm, "meter": "4/4", "words": ["a"]}
    changed_files["vocabulary/genres.json"] = json.dumps({"genres": [row]})
    with pytest.raises(InvalidValueError, match=r"must be within 20\.\.300"):
        vocabulary()


def test_a_word_that_is_added_to_a_file_is_understood(changed_files: dict[str, str]) -> None:
    rows = json.loads(read_resource("vocabulary/genres.json"))
    rows["genres"][0]["words"].append("zorp step")
    changed_files["vocabulary/genres.json"] = json.dumps(rows)
    assert read_prompt("a ZORP-step tune").genres == ("house",)


def test_the_resources_lie_in_the_package_or_beside_it(tmp_path: Path) -> None:
    assert (resources_folder() / "vocabulary" / "genres.json").is_file()
    assert resources_folder().name == "resources"


@pytest.mark.parametrize(
    ("phrase", "written"),
    [
        ("piano", "pianos"),
        ("bass", "basses"),
        ("brush", "brushes"),
        ("melody", "melodies"),
        ("key", "keys"),
        ("deep house", "deephouse"),
        ("synth lead", "synth leads"),
        ("synth lead", "synthleads"),
        ("808", "808s"),
    ],
)
def test_a_noun_is_found_in_its_plural_and_written_together(phrase: str, written: str) -> None:
    index = PhraseIndex()
    index.add([phrase], "thing", "x", noun=True)
    found = index.at(tokenise(written), 0)
    assert found[0].value("thing") == "x"
    assert found[0].length == len(tokenise(written))


@pytest.mark.parametrize("written", ["drums and bass", "suberb", "up", "drum bass"])
def test_other_words_are_not_taken_for_a_noun(written: str) -> None:
    index = PhraseIndex()
    index.add(["drum and bass", "sub"], "thing", "x", noun=True)
    assert index.at(tokenise(written), 0) == ()


def test_longer_phrases_come_first_and_meanings_add_up() -> None:
    index = PhraseIndex()
    index.add(["deep house"], "genre", "deep_house")
    index.add(["deep"], "mood", "dark")
    index.add(["deep"], "style", "low")
    index.add(["deep"], "style", "low")
    phrases = index.at(tokenise("deep house"), 0)
    assert [phrase.length for phrase in phrases] == [2, 1]
    assert phrases[1].values("mood") == ("dark",)
    assert phrases[1].values("style") == ("low",)
    assert phrases[1].value("genre") == ""
    assert len(index) == 2


def test_a_word_that_was_added_as_it_stands_beats_a_derived_one() -> None:
    index = PhraseIndex()
    index.add(["key"], "prefix", "key", noun=True)
    index.add(["keys"], "family", "keys")
    assert index.at(tokenise("keys"), 0)[0].value("family") == "keys"
    assert index.at(tokenise("keys"), 0)[0].value("prefix") == ""


def test_a_key_may_have_a_prefix_of_several_words() -> None:
    sentence = Sentence.of("in the key of a minor")
    amount = read_key(sentence, 0)
    assert amount is not None
    assert (amount.start, amount.end, str(amount.key)) == (0, 6, "A minor")


def test_a_sentence_knows_its_bounds() -> None:
    sentence = Sentence.of("jazz, piano")
    assert sentence.token(-1) is None and sentence.token(3) is None
    assert sentence.find(3) is None
    assert sentence.texts(-1, 2) == ("jazz", ",")
    assert sentence.original(0, 3) == "jazz, piano"
    assert sentence.is_sign(1, ",") and not sentence.is_sign(9, ",")
