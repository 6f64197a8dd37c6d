"""Exclusions: what a prompt rules out ("no drums, bass or keys"), and who plays alone."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Final

from acestep_desktop.domain.elements import Element

_REACH: Final = 4
"""So many function words and unknown words may stand between "no" and what it rules out."""

_LONGEST_LIST: Final = 16
"""Longer lists are cut here, so that the time taken grows with the text alone."""

_NOUNS: Final = ("instrument", "family", "role", "negated_noun", "effect", "section", "everything")
_ARTICLES: Final = frozenset(("a", "an", "the", "ein", "eine", "un", "una", "une"))
_ACCOMPANYING: Final = frozenset(("with", "mit", "con", "avec", "featuring", "plus", "and", "over"))


@dataclass(slots=True)
class Exclusions:
    """Indices of elements: those ruled out, and by which negation; those that play alone.

    `dropped` only described what is ruled out. `alone` is what "solo", "only" or
    "no instruments but" points at. `everything` are wishes for no music at all.
    """

    out: dict[int, int] = field(default_factory=dict)
    soft: set[int] = field(default_factory=set)
    dropped: set[int] = field(default_factory=set)
    alone: set[int] = field(default_factory=set)
    everything: list[int] = field(default_factory=list)


def find_exclusions(elements: Sequence[Element], texts: Sequence[str]) -> Exclusions:
    """Return what is ruled out, and what plays alone, in `elements` that read `texts`."""
    exclusions = Exclusions()
    for index, element in enumerate(elements):
        if element.has("no_negation"):
            continue
        if element.has("negation", "soft_negation"):
            _rule_out_after(elements, index, exclusions)
        if element.has("negation_after"):
            _rule_out_before(elements, index, exclusions)
    for index, element in enumerate(elements):
        if element.has("solo_after", "fragment") and _follows_player(elements, index):
            _mark_alone_before(elements, texts, index, exclusions)
        elif element.has("solo_before"):
            _mark_alone_after(elements, index, exclusions)
    return exclusions


def _rule_out_after(elements: Sequence[Element], negation: int, exclusions: Exclusions) -> None:
    soft = elements[negation].has("soft_negation")
    target = _target(elements, negation + 1)
    if target is None:
        return
    if not soft:
        while (
            elements[target].modifies
            and target + 1 < len(elements)
            and elements[target + 1].has(*_NOUNS)
        ):
            exclusions.dropped.add(target)
            target += 1
    if _at(elements, target + 1, "fragment") and _at(elements, target + 1, "solo_before"):
        return
    if elements[target].has("everything") and not elements[target].says_something:
        _rule_out_everything(elements, target, exclusions)
        return
    first = elements[target]
    for index in _list_from(elements, target, "or", lambda i: _is_like(elements, i, first)):
        exclusions.out[index] = negation
        if soft:
            exclusions.soft.add(index)


def _rule_out_everything(elements: Sequence[Element], target: int, exclusions: Exclusions) -> None:
    """Take "no instruments" as a slip, and "no instruments but drums" as a wish for drums alone."""
    if _at(elements, target + 1, "exception"):
        _mark_alone_after(elements, target + 1, exclusions)
    else:
        exclusions.everything.append(target)


def _target(elements: Sequence[Element], start: int) -> int | None:
    for index in range(start, min(start + _REACH, len(elements))):
        element = elements[index]
        if element.role in ("break", "amount") or element.has("contrast", "negation"):
            return None
        if element.says_something or element.has("negated_noun", "everything"):
            return index
    return None


def _list_from(
    elements: Sequence[Element], first: int, last_joiner: str, is_listed: Callable[[int], bool]
) -> list[int]:
    """Return `first` and what is listed behind it: all three of "drums, bass or keys".

    A list with commas is one only if it ends in a joiner of the kind `last_joiner`.
    """
    listed = [first]
    while len(listed) < _LONGEST_LIST:
        after = listed[-1] + 1
        if not _at(elements, after, "joiner"):
            if not _comma_goes_on(elements, after, last_joiner, is_listed):
                break
            after += _at(elements, after + 1, "joiner")
        following = after + 1
        while following < len(elements) and _is_mere_filler(elements[following]):
            following += 1
        if following >= len(elements) or not is_listed(following):
            break
        listed.append(following)
    return listed


def _comma_goes_on(
    elements: Sequence[Element], comma: int, last_joiner: str, is_listed: Callable[[int], bool]
) -> bool:
    for index in range(comma, min(comma + 2 * _LONGEST_LIST, len(elements) - 1), 2):
        if elements[index].role != "break":
            return False
        if _at(elements, index + 1, last_joiner):
            return index + 2 < len(elements) and is_listed(index + 2)
        if not is_listed(index + 1):
            return False
        if _at(elements, index + 2, last_joiner):
            return True
    return False


def _is_like(elements: Sequence[Element], index: int, first: Element) -> bool:
    """Return whether an element can stand in one list with `first`: players with players."""
    element = elements[index]
    if first.modifies:
        return element.modifies
    return element.has(*_NOUNS)


def _is_mere_filler(element: Element) -> bool:
    return (
        element.role == "phrase"
        and element.has("stop")
        and not (element.says_something or element.has("negation", "contrast", "negated_noun"))
    )


def _rule_out_before(elements: Sequence[Element], negation: int, exclusions: Exclusions) -> None:
    """Rule out what stands before a negation, as in Japanese: "ドラムとベースなし"."""
    index = negation - 1
    while index >= 0 and _is_mere_filler(elements[index]):
        index -= 1
    while index >= 0 and elements[index].says_something:
        exclusions.out[index] = negation
        if not _at(elements, index - 1, "joiner"):
            return
        index -= 2


def _follows_player(elements: Sequence[Element], index: int) -> bool:
    return index > 0 and elements[index - 1].plays and not elements[index - 1].has("effect")


def _mark_alone_before(
    elements: Sequence[Element], texts: Sequence[str], index: int, exclusions: Exclusions
) -> None:
    """Mark the players of "drums only" and "piano loop", but not of "with a guitar solo"."""
    first = index - 1
    while first >= 2 and _at(elements, first - 1, "joiner") and elements[first - 2].plays:
        first -= 2
    before = first - 1
    while before >= 0 and (elements[before].modifies or texts[before] in _ARTICLES):
        before -= 1
    accompanied = before >= 0 and texts[before] in _ACCOMPANYING
    if accompanied and not elements[index].has("solo_after"):
        return
    exclusions.alone.update(i for i in range(first, index) if elements[i].plays)


def _mark_alone_after(elements: Sequence[Element], index: int, exclusions: Exclusions) -> None:
    following = index + 1
    while following < len(elements) and following <= index + 3:
        element = elements[following]
        if element.plays:
            listed = _list_from(elements, following, "joiner", lambda i: elements[i].plays)
            exclusions.alone.update(listed)
            return
        if not (element.modifies or _is_mere_filler(element)):
            return
        following += 1


def _at(elements: Sequence[Element], index: int, kind: str) -> bool:
    return 0 <= index < len(elements) and elements[index].has(kind)
