"""Casting: who plays in a sketch, which role, on which instrument, in which style."""

from dataclasses import dataclass, replace
from typing import Final

from acestep_desktop.sketch.dice import Dice
from acestep_desktop.sketch.tables import (
    HAND_PIECES,
    PIECES,
    Genre,
    Instrument,
    RoleTable,
    instruments,
    piece_name,
    styles,
)
from acestep_desktop.sketch.wish import Wish

ROLES: Final = (
    "drums", "percussion", "bass", "chords", "pad", "melody", "counter", "arp", "fx",
)  # fmt: skip
"""Roles in the order in which parts are listed."""

EFFECTS: Final[dict[str, str]] = {
    "riser": "Riser",
    "impact": "Impact",
    "vinyl_crackle": "Vinyl crackle",
    "rain": "Rain",
    "noise_sweep": "Noise sweep",
    "sub_drop": "Sub drop",
    "laser": "Laser",
    "room_tone": "Room tone",
}
_ONE_SHOTS: Final = frozenset(("riser", "impact", "noise_sweep", "sub_drop", "laser"))
MOST_PLAYERS: Final = 7
FEWEST_PLAYERS: Final = 4

_FAMILY_DEFAULTS: Final = {
    "drums": "kit_acoustic",
    "bass": "electric_bass",
    "keys": "grand_piano",
    "bells": "vibraphone",
    "guitar": "steel_guitar",
    "strings": "strings",
    "brass": "brass",
    "winds": "flute",
    "choir": "choir",
    "pad": "warm_pad",
    "lead": "saw_lead",
    "pluck": "synth_pluck",
}
_DEFAULT_STYLES: Final = {
    "bass": "root_fifth",
    "chords": "halves",
    "pad": "swells",
    "melody": "vocal",
    "counter": "guide",
    "arp": "eighths",
}
_ROLE_DEFAULTS: Final = {"melody": "soft_lead", "chords": "grand_piano"}
_ROLE_WORDS: Final = {"melody": "lead", "counter": "answers", "arp": "arpeggio"}
_RULED_OUT_BY: Final = {"percussion": "drums", "counter": "melody", "arp": "arpeggiated"}
"""What rules a role out besides its own name."""

_POLYPHONIC: Final = frozenset(("keys", "guitar", "bells"))
_TWO_HANDED: Final = frozenset(("keys", "guitar"))
_INTIMATE_FORMS: Final = frozenset(("jazz", "quiet"))


@dataclass(frozen=True, slots=True)
class Player:
    """One player: a part's name, its instrument, and the roles it fills (mostly one).

    `styles` has a style for each role. `rootless` leaves the root to the bass.
    """

    name: str
    instrument: str
    program: int
    drums: bool
    roles: tuple[str, ...]
    styles: tuple[str, ...]
    rootless: bool = False

    @property
    def role(self) -> str:
        """The main role."""
        return self.roles[0]


def cast(wish: Wish, genre: Genre, seed: int, notes: list[str]) -> tuple[tuple[Player, ...], str]:
    """Return the players, no two of one name, and the drum kit ("" without drums)."""
    if _is_effect_alone(wish):
        return _named_apart([_effect(effect) for effect in wish.effects if effect in EFFECTS]), ""
    named = _named(wish, genre)
    taken = _roles_of_named(named, wish)
    if not (wish.solo and named):
        _fill_asked(taken, wish, genre, seed)
    if not (wish.solo and (named or wish.roles)):
        _fill_roles(taken, wish, genre, seed)
    if not taken:
        notes.append("no instruments were left; a piano plays")
        taken["chords"] = instruments()["grand_piano"]
    players = [_player(role, taken[role], wish, genre, seed) for role in ROLES if role in taken]
    players = _two_hands(players, wish, genre, [each.instrument for each in named])
    players += [_effect(effect) for effect in _effects(wish, genre, seed)]
    kit = next((player.instrument for player in players if player.role == "drums"), "")
    return _named_apart(players), kit


def _is_effect_alone(wish: Wish) -> bool:
    """Return whether nothing but effects is wanted: "a huge impact", not "dreamy, with rain"."""
    mood = wish.moods and not _ONE_SHOTS.issuperset(wish.effects)
    return bool(wish.effects) and not (wish.genres or wish.instruments or wish.families or mood)


def _effects(wish: Wish, genre: Genre, seed: int) -> list[str]:
    asked = [effect for effect in wish.effects if effect in EFFECTS]
    usual = genre.roles.get("fx")
    if asked or wish.solo or usual is None or "fx" in wish.without:
        return asked
    happens = Dice(seed, genre.genre, "cast", "fx").happens(usual.chance / 100)
    return [name for name, _ in usual.instruments if happens and name not in wish.without]


def _named(wish: Wish, genre: Genre) -> list[Instrument]:
    known = instruments()
    named = [known[key] for key in wish.instruments if key in known and _survives(known[key], wish)]
    if "percussion" in wish.families and _allowed(known["kit_latin"], wish):
        named.append(known["kit_latin"])
    families = list(wish.families)
    if wish.whole_kit or any(piece in PIECES for piece in wish.pieces):
        families.append("drums")
    for family in families:
        others = [each for each in named if each.instrument != "kit_latin"]
        if family in _FAMILY_DEFAULTS and all(each.family != family for each in others):
            representative = _representative(family, wish, genre)
            if representative is not None:
                named.append(representative)
    return list(dict.fromkeys(named))[:MOST_PLAYERS]


def _representative(family: str, wish: Wish, genre: Genre) -> Instrument | None:
    known = instruments()
    usual = [key for key, _ in genre.kits] if family == "drums" else []
    for role in ("bass", "chords", "melody", "pad", "arp", "counter"):
        if role in genre.roles:
            usual += [key for key, _ in genre.roles[role].instruments]
    for key in [*usual, _FAMILY_DEFAULTS[family], *known]:
        instrument = known.get(key)
        if instrument and instrument.family == family and _allowed(instrument, wish):
            return instrument
    return None


def _allowed(instrument: Instrument, wish: Wish) -> bool:
    return instrument.instrument not in wish.without and instrument.family not in wish.without


def _survives(instrument: Instrument, wish: Wish) -> bool:
    """Return whether an instrument asked by name plays: "no strings but a cello" has a cello."""
    if instrument.family == "drums":
        return _allowed(instrument, wish)
    return instrument.instrument not in wish.without


def _roles_of_named(named: list[Instrument], wish: Wish) -> dict[str, Instrument]:
    taken: dict[str, Instrument] = {}
    for instrument in named:
        free = [role for role in instrument.roles if role not in taken]
        free.sort(key=lambda role: (role in wish.without, role not in wish.roles))
        others = [role for role in ("melody", "counter", "arp", "pad") if role not in taken]
        pitched = instrument.family != "drums"
        role = next(iter(free or (others if pitched else [])), None)
        if role is not None:
            taken[role] = instrument
    return taken


def _fill_roles(taken: dict[str, Instrument], wish: Wish, genre: Genre, seed: int) -> None:
    optional: list[str] = []
    intimate = genre.form in _INTIMATE_FORMS and "melody" not in taken
    two_handed = any(each.family in _POLYPHONIC for each in taken.values())
    if "arpeggiated" in wish.styles and "arp" in genre.roles and "arp" not in taken:
        _fill("arp", taken, wish, genre, seed)
    for role in sorted(genre.roles, key=lambda name: -genre.roles[name].chance):
        if role in taken or role == "fx" or (role == "melody" and intimate and two_handed):
            continue
        dice = Dice(seed, genre.genre, "cast", role)
        if not dice.happens(genre.roles[role].chance / 100):
            optional.append(role)
        elif len(taken) < MOST_PLAYERS:
            _fill(role, taken, wish, genre, seed)
    fewest = 3 if two_handed and intimate else FEWEST_PLAYERS
    for role in optional:
        if len(taken) < fewest:
            _fill(role, taken, wish, genre, seed)
    answers_nobody = "counter" in taken and "melody" not in taken
    if answers_nobody and "melody" in genre.roles and not (intimate and two_handed):
        _fill("melody", taken, wish, genre, seed)


def _fill(role: str, taken: dict[str, Instrument], wish: Wish, genre: Genre, seed: int) -> None:
    if any(name in wish.without for name in (role, _RULED_OUT_BY.get(role))):
        return
    known = instruments()
    options = genre.kits if role == "drums" else genre.roles[role].instruments
    present = {each.instrument for each in taken.values()}
    fitting = tuple((key, weight) for key, weight in options if _allowed(known[key], wish))
    unused = tuple((key, weight) for key, weight in fitting if key not in present)
    if unused or fitting:
        dice = Dice(seed, genre.genre, "instrument", role)
        taken[role] = known[dice.weighted(unused or fitting)]


def _fill_asked(taken: dict[str, Instrument], wish: Wish, genre: Genre, seed: int) -> None:
    """Have somebody play each role that was named."""
    for role in wish.roles:
        if role not in taken and role in genre.roles:
            _fill(role, taken, wish, genre, seed)
        elif role not in taken:
            taken[role] = instruments()[_ROLE_DEFAULTS[role]]


def _player(role: str, instrument: Instrument, wish: Wish, genre: Genre, seed: int) -> Player:
    table = genre.roles.get(role)
    style = _style(role, instrument, table, wish, genre, seed)
    name = instrument.name
    hands = [piece for piece in wish.pieces if piece in HAND_PIECES]
    bare = [piece for piece in wish.pieces if piece in PIECES and wish.solo and not wish.whole_kit]
    if role == "percussion":
        name = piece_name(hands[0]) if len(hands) == 1 else "Percussion"
    elif role == "drums" and len(bare) == 1:
        name = piece_name(bare[0])
    elif role == "drums" and instrument.instrument == "kit_latin":
        name = "Drums"
    elif style == "walk":
        name = "Walking bass"
    return Player(
        name=name,
        instrument=instrument.instrument,
        program=instrument.program,
        drums=instrument.family == "drums",
        roles=(role,),
        styles=(style,),
        rootless=table is not None and table.rootless,
    )


def _style(
    role: str,
    instrument: Instrument,
    table: RoleTable | None,
    wish: Wish,
    genre: Genre,
    seed: int,
) -> str:
    if role == "percussion":
        names = tuple(genre.percussion)
        return Dice(seed, genre.genre, "style", role).pick(names) if names else ""
    if role == "bass":
        if any(style.startswith("walk") for style in wish.styles):
            return "walk"
        if instrument.instrument == "acid_bass":
            return "acid"
    asked = [style for style in wish.styles if role in _STYLED and style in styles(role)]
    if asked:
        return asked[0]
    options = table.styles if table is not None else ()
    if "walking" in wish.without:
        options = tuple(option for option in options if option[0] != "walk")
    playable = tuple(option for option in options if _suits(instrument, role, option[0]))
    if not playable:
        return _DEFAULT_STYLES.get(role, "")
    return Dice(seed, genre.genre, "style", role).weighted(playable)


def _suits(instrument: Instrument, role: str, style: str) -> bool:
    table = styles(role) if role in _STYLED else {}
    families = table[style].families if style in table else ()
    return not families or instrument.family in families


_STYLED: Final = frozenset(("bass", "chords", "arp", "melody"))


def _two_hands(players: list[Player], wish: Wish, genre: Genre, named: list[str]) -> list[Player]:
    """Let one who can play several lines at once play them where nobody else does."""
    roles = {player.role for player in players}
    found = []
    for player in players:
        family = instruments()[player.instrument].family
        extra: list[str] = []
        if player.role == "chords" and player.instrument in named and family in _POLYPHONIC:
            if "melody" not in roles and (wish.solo or genre.form in _INTIMATE_FORMS):
                extra.append("melody")
            if wish.solo and "bass" not in roles and family in _TWO_HANDED:
                extra.append("bass")
        asked = [role for role in extra if not wish.roles or role in wish.roles]
        added = tuple(role for role in asked if role not in wish.without)
        chosen = tuple(_two_hand_style(role, genre) for role in added)
        found.append(
            replace(player, roles=player.roles + added, styles=player.styles + chosen)
            if added
            else player
        )
    return found


def _two_hand_style(role: str, genre: Genre) -> str:
    if role == "bass":
        return "slow_roots"
    table = genre.roles.get("melody")
    return table.styles[0][0] if table and table.styles else "vocal"


def _effect(effect: str) -> Player:
    return Player(EFFECTS[effect], effect, 0, False, ("fx",), (effect,))


def _named_apart(players: list[Player]) -> tuple[Player, ...]:
    seen: set[str] = set()
    apart = []
    for player in players:
        name = player.name
        if name in seen:
            name = f"{player.name} {_ROLE_WORDS.get(player.role, player.role)}"
        number = 2
        while name in seen:
            name, number = f"{player.name} {number}", number + 1
        seen.add(name)
        apart.append(replace(player, name=name))
    return tuple(apart)
