"""The balance of a genre: how loud each family is, its rooms, its pumping and its glue."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache

from acestep_desktop.domain.resources import read_resource


@dataclass(frozen=True, slots=True)
class Balance:
    """What a mixing engineer has in mind for a genre.

    `levels_db` is the loudness of each family against the drums. `room` is where the band
    plays, `kit_room` where the drums stand. `echo_quarters` is the time between two echoes.
    `duck_s` is how long the others take to come back after the kick. `glue` 0..1 is the
    compression of the whole. `crest_db` is how far peaks of a part may stand above its loudness
    before they are rounded off.
    """

    room: str = "plate"
    kit_room: str = "room"
    echo_quarters: float = 0.75
    duck_s: float = 0.2
    glue: float = 0.4
    crest_db: float = 24.0
    levels_db: Mapping[str, float] = field(default_factory=dict)

    def level_db(self, family: str) -> float:
        """Return the loudness wanted of a family."""
        return self.levels_db.get(family, -6.0)


@cache
def balances() -> Mapping[str, Balance]:
    """Return the balance of every genre, and under `_usual` that of all others."""
    table = json.loads(read_resource("sketch/patches_mix.json"))
    usual = table["_usual"]
    found = {}
    for name, values in table.items():
        levels = usual["levels_db"] | values.get("levels_db", {})
        found[name] = Balance(**{**usual, **values, "levels_db": levels})
    return found


def balance_of(genre: str) -> Balance:
    """Return the balance of a genre; one that is not in the table has the usual one."""
    table = balances()
    return table.get(genre, table["_usual"])
