"""Amounts: the numbers of a prompt and what they count - tempo, length and meter."""

from dataclasses import dataclass
from typing import Final, Literal

from acestep_desktop.domain.errors import InvalidValueError
from acestep_desktop.domain.key import Key, Mode
from acestep_desktop.domain.sentence import Sentence
from acestep_desktop.domain.time import Meter

AmountKind = Literal[
    "bpm", "bpm_range", "bare_bpm", "bars", "seconds", "meter", "key", "tonic", "mode", "nothing"
]


@dataclass(frozen=True, slots=True)
class Amount:
    """A number or name with its meaning, found in the tokens [start, end) of a sentence.

    `high` is the end of a range; a `tonic` is a key whose mode was not said;
    `note` is a sentence for the person where something was odd; `nothing` is an
    amount that cannot be.
    """

    start: int
    end: int
    kind: AmountKind
    number: float = 0.0
    high: float = 0.0
    meter: Meter | None = None
    key: Key | None = None
    mode: Mode | None = None
    note: str = ""


MIN_BARE_BPM: Final = 60.0
MAX_BARE_BPM: Final = 200.0
"""A number without a unit is a tempo only if it is a likely one."""

_MAX_ABOUT_WORDS: Final = 3
_SECONDS: Final = {"seconds": 1.0, "minutes": 60.0, "minutes_short": 60.0, "hours": 3600.0}
_UNITS: Final = tuple(
    f"unit_{unit}" for unit in ("bpm", "bars", "seconds", "minutes", "hours", "other")
)
_STARTERS: Final = (
    *("number_unit", "number_teen", "number_ten", "number_hundred", "number_kanji_ten"),
    *("number_half", "unit_tempo", "unit_bars", "unit_in"),
)
"""What an amount can begin with, besides digits."""


@dataclass(frozen=True, slots=True)
class _Number:
    value: float
    end: int


def read_amount(sentence: Sentence, at: int) -> Amount | None:
    """Return the tempo, length or meter that begins at token `at`."""
    if sentence.tokens[at].kind != "number" and sentence.find(at, *_STARTERS) is None:
        return None
    for read in (_read_meter, _read_length, _read_tempo, _read_bare_tempo):
        amount = read(sentence, at)
        if amount is not None:
            return amount
    return None


def _read_number(sentence: Sentence, at: int) -> _Number | None:
    """Return the number at token `at`: digits, words ("twelve") or both ("2 and a half")."""
    token = sentence.token(at)
    if token is None:
        return None
    if token.kind == "number":
        number = _Number(float(token.text.replace(",", ".")), at + 1)
        if token.gap.endswith(("-", "\u2212")) and (at == 0 or token.gap[0].isspace()):
            number = _Number(-number.value, at + 1)
    else:
        spelled = _read_spelled_number(sentence, at)
        if spelled is None:
            return None
        number = spelled
    if sentence.texts(number.end, 3) == ("and", "a", "half"):
        return _Number(number.value + 0.5, number.end + 3)
    return number


def _read_spelled_number(sentence: Sentence, at: int) -> _Number | None:
    half = sentence.find(at, "number_half")
    if half is not None:
        return _Number(0.5, at + half.length)
    article = sentence.texts(at, 1) == ("a",) and sentence.find(at + 1, "number_hundred")
    first = _Number(1.0, at + 1) if article else _read_below_hundred(sentence, at)
    hundred = sentence.find(first.end if first else at, "number_hundred")
    if hundred is not None:
        value = 100.0 * (first.value if first else 1.0)
        end = (first.end if first else at) + hundred.length
        joined = end + 1 if sentence.texts(end, 1) == ("and",) else end
        rest = _read_below_hundred(sentence, joined)
        return _Number(value + rest.value, rest.end) if rest else _Number(value, end)
    if first is not None and first.value in (1.0, 2.0):
        rest = _read_below_hundred(sentence, first.end)
        if rest is not None and rest.value >= 10:
            return _Number(100.0 * first.value + rest.value, rest.end)
    return first


def _read_below_hundred(sentence: Sentence, at: int) -> _Number | None:
    for kind in ("number_teen", "number_unit"):
        found = sentence.find(at, kind)
        if found is not None:
            value, end = float(found.value(kind)), at + found.length
            ten = sentence.find(end, "number_kanji_ten") if kind == "number_unit" else None
            if ten is None:
                return _Number(value, end)
            return _plus_unit(sentence, 10.0 * value, end + ten.length)
    for kind in ("number_ten", "number_kanji_ten"):
        found = sentence.find(at, kind)
        if found is not None:
            return _plus_unit(sentence, float(found.value(kind)), at + found.length)
    return None


def _plus_unit(sentence: Sentence, tens: float, at: int) -> _Number:
    unit = sentence.find(at, "number_unit")
    if unit is None:
        return _Number(tens, at)
    return _Number(tens + float(unit.value("number_unit")), at + unit.length)


def _read_range(sentence: Sentence, at: int) -> tuple[_Number, float]:
    """Return the number at `at` with the end of the range that it begins, or 0."""
    low = _read_number(sentence, at)
    if low is None:
        return _Number(0.0, at), 0.0
    token = sentence.token(low.end)
    if token is not None and token.kind == "number" and token.hyphened:
        return _Number(low.value, low.end + 1), float(token.text.replace(",", "."))
    word = sentence.find(low.end, "unit_range")
    if word is not None:
        high = _read_number(sentence, low.end + word.length)
        if high is not None and high.value > low.value > 0:
            return _Number(low.value, high.end), high.value
    return low, 0.0


def _read_tempo(sentence: Sentence, at: int) -> Amount | None:
    word = sentence.find(at, "unit_tempo")
    start = sentence.skip(at + word.length, "unit_about", _MAX_ABOUT_WORDS) if word else at
    number, high = _read_range(sentence, start)
    if number.end == start:
        return None
    unit = sentence.find(number.end, "unit_bpm")
    if unit is not None:
        return _tempo(at, number.end + unit.length, number.value, high)
    if word is None or sentence.find(number.end, *_UNITS) or sentence.is_sign(number.end, "/"):
        return None
    return _tempo(at, number.end, number.value, high)


def _tempo(start: int, end: int, low: float, high: float) -> Amount:
    if high > low > 0:
        return Amount(start, end, "bpm_range", number=low, high=high)
    return Amount(start, end, "bpm", number=low)


def _read_bare_tempo(sentence: Sentence, at: int) -> Amount | None:
    token = sentence.token(at)
    if token is None or token.kind != "number":
        return None
    value = float(token.text.replace(",", "."))
    before, after = sentence.token(at - 1), sentence.token(at + 1)
    stands_alone = (
        (before is None or not token.glued or before.kind == "sign")
        and (before is None or before.text not in ("#", "$", "/", ":", "€", "£"))
        and not token.gap.endswith("-")
        and (after is None or not after.glued or after.text in (",", ".", ";", "!", ")", "\n"))
    )
    if not stands_alone or not MIN_BARE_BPM <= value <= MAX_BARE_BPM:
        return None
    if sentence.find(at + 1, *_UNITS):
        return None
    return Amount(at, at + 1, "bare_bpm", number=value)


def _read_length(sentence: Sentence, at: int) -> Amount | None:
    bars = sentence.find(at, "unit_bars")
    if bars is not None:
        after = sentence.skip(at + bars.length, "unit_about", 1)
        number = _read_number(sentence, after) if after > at + bars.length else None
        return Amount(at, number.end, "bars", number=number.value) if number else None
    clock = _read_clock(sentence, at)
    if clock is not None:
        return clock
    number, _ = _read_range(sentence, at)
    if number.end == at:
        return None
    unit = sentence.find(number.end, "unit_bars")
    if unit is not None:
        return Amount(at, number.end + unit.length, "bars", number=number.value)
    return _read_duration(sentence, at, number)


def _read_clock(sentence: Sentence, at: int) -> Amount | None:
    """Read `1:30`."""
    minutes, colon, seconds = (sentence.token(at + k) for k in range(3))
    if minutes is None or colon is None or seconds is None or colon.text != ":":
        return None
    if not (minutes.text.isdigit() and seconds.text.isdigit() and seconds.glued and colon.glued):
        return None
    if len(minutes.text) > 2 or len(seconds.text) != 2 or int(seconds.text) > 59:
        return None
    unit = sentence.find(at + 3, "unit_minutes")
    end = at + 3 + (unit.length if unit else 0)
    return Amount(at, end, "seconds", number=60.0 * int(minutes.text) + int(seconds.text))


def _read_duration(sentence: Sentence, at: int, number: _Number) -> Amount | None:
    """Read "2 minutes and 30 seconds", "1m30s", "90 s"."""
    total, end = 0.0, at
    while number.end > end:
        found = _read_time_unit(sentence, number.end)
        if found is None:
            break
        factor, length = found
        total += factor * number.value
        end = number.end + length
        joined = end + 1 if sentence.texts(end, 1) == ("and",) else end
        following = _read_number(sentence, joined) if factor > 1 else None
        number = following or _Number(0.0, end)
    return Amount(at, end, "seconds", number=total) if end > at else None


def _read_time_unit(sentence: Sentence, at: int) -> tuple[float, int] | None:
    for unit, factor in _SECONDS.items():
        found = sentence.find(at, f"unit_{unit}")
        if found is None:
            continue
        following = sentence.token(at + found.length)
        if unit != "minutes_short" or (following and following.kind == "number"):
            return factor, found.length
    return None


def _read_meter(sentence: Sentence, at: int) -> Amount | None:
    return _read_fraction(sentence, at) or _read_count(sentence, at) or _read_pair(sentence, at)


def _read_fraction(sentence: Sentence, at: int) -> Amount | None:
    """Read `6/8`; one that is no meter, such as 4/3, comes with a note."""
    upper, slash, lower = (sentence.token(at + k) for k in range(3))
    if upper is None or slash is None or lower is None or slash.text != "/":
        return None
    if not (upper.text.isdecimal() and lower.text.isdecimal()):
        return None
    if max(len(upper.text), len(lower.text)) > 4 or sentence.is_sign(at + 3, "/"):
        return None
    word = sentence.find(at + 3, "unit_meter")
    if upper.text == "1" or (word is None and sentence.find(at + 3, "unit_other")):
        return None
    end = at + 3 + (word.length if word else 0)
    try:
        meter = Meter(int(upper.text), int(lower.text))
    except InvalidValueError as error:
        note = f"{upper.text}/{lower.text} is no meter: {error}; it was left out."
        return Amount(at, end, "nothing", note=note)
    return Amount(at, end, "meter", meter=meter)


def _read_count(sentence: Sentence, at: int) -> Amount | None:
    """Read "in seven", "in 5 time"."""
    word = sentence.find(at, "unit_in")
    number = _read_number(sentence, at + word.length) if word else None
    meter = sentence.vocabulary.meter_counts.get(int(number.value)) if number else None
    if number is None or meter is None or number.value != int(number.value):
        return None
    unit = sentence.find(number.end, "unit_meter")
    if unit is not None:
        return Amount(at, number.end + unit.length, "meter", meter=meter)
    after = sentence.token(number.end)
    ends = after is None or (after.kind == "sign" and after.text not in "/:#%&+")
    follows = sentence.texts(number.end, 1)[:1] in (("with",), ("and",), ("at",), ("mit",))
    return Amount(at, number.end, "meter", meter=meter) if ends or follows else None


def _read_pair(sentence: Sentence, at: int) -> Amount | None:
    """Read "six-eight", "three four time"."""
    upper = _read_below_hundred(sentence, at)
    lower = _read_below_hundred(sentence, upper.end) if upper else None
    if upper is None or lower is None or lower.value not in (2, 4, 8, 16) or upper.value < 2:
        return None
    unit = sentence.find(lower.end, "unit_meter")
    hyphened = sentence.tokens[upper.end].hyphened
    before = sentence.texts(at - 1, 1) == ("in",)
    if upper.value > 15 or not (unit or hyphened or before):
        return None
    end = lower.end + (unit.length if unit else 0)
    return Amount(at, end, "meter", meter=Meter(int(upper.value), int(lower.value)))
