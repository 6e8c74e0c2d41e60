"""What has changed in the rules of two policies: which are new, gone, elsewhere, and what they say otherwise."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Mapping, Sequence
from datetime import tzinfo
from typing import Final

import attrs

from slaclock._windows import instants_words, window_words
from slaclock.conditions import shown
from slaclock.differences import Noted, Words, Zones, silent, unlike, words_of
from slaclock.rules import Layer, Rule, Table, TargetOrTable, Window
from slaclock.strategies import CHOICES
from slaclock.target import Target, Warn

__all__ = ["layer_changes", "window_changes"]


# Layers and rules.


def layer_changes(noted: Noted, name: str, before: Sequence[Layer], after: Sequence[Layer], zones: Zones) -> None:
    ones, others = ({layer.name: layer for layer in layers} for layers in (before, after))
    for layer in dict.fromkeys((*ones, *others)):
        rules = (found.rules if found is not None else () for found in (ones.get(layer), others.get(layer)))
        _rules(noted.under(name, layer, place=layer), layer, *rules, zones=zones)
    for layer in ones.keys() ^ others.keys():
        found = ones.get(layer) or others[layer]
        if not found.rules:
            noted.note((name, layer), f"layer {layer}", *(("no rules", None) if layer in ones else (None, "no rules")))
    orders = [[layer for layer in layers if layer in ones and layer in others] for layers in (ones, others)]
    if orders[0] != orders[1]:
        noted.move((name,), "order of the layers", *(", ".join(order) for order in orders))


def _rules(noted: Noted, layer: str, before: Sequence[Rule], after: Sequence[Rule], *, zones: Zones) -> None:
    pairs = _paired(layer, before, after)
    place = dict(pairs)
    for number, rule in enumerate(before):
        if number not in place:
            noted.note((rule.name,), rule.name, _rule_words(rule, zones[0]), None)
            continue
        partner = after[place[number]]
        if rule != partner:
            inner = noted.under(partner.name, place=f"{noted.place}: {partner.name}")
            if rule.name != partner.name and not _unnamed(layer, before, number, after, place[number]):
                inner.values(("name",), "name", rule.name, partner.name)
            _rule(inner, rule, partner, zones)
    taken = set(place.values())
    for number, rule in enumerate(after):
        if number not in taken:
            noted.note((rule.name,), rule.name, None, _rule_words(rule, zones[1]))
    _moves(noted, before, after, pairs)


def _automatic(layer: str, number: int) -> str:
    """The name of a rule that was given none."""
    return f"{layer} rule {number + 1}"


def _unnamed(layer: str, before: Sequence[Rule], number: int, after: Sequence[Rule], partner: int) -> bool:
    return (before[number].name, after[partner].name) == (_automatic(layer, number), _automatic(layer, partner))


def _paired(layer: str, before: Sequence[Rule], after: Sequence[Rule]) -> list[tuple[int, int]]:
    """Which rule of the newer policy is which of the older one: first those that are equal, then those that are equal
    but for their name, then those that ask for the same and have no name of their own, and last those of one name."""
    pairs: list[tuple[int, int]] = []
    rest, others = dict(enumerate(before)), dict(enumerate(after))
    unnamed = {
        id(rules[n]) for rules in (before, after) for n in range(len(rules)) if rules[n].name == _automatic(layer, n)
    }

    def key_of_equal(rule: Rule) -> object:
        return rule

    def key_of_content(rule: Rule) -> object:
        return attrs.evolve(rule, name="")

    def key_of_question(rule: Rule) -> object:
        return (rule.when, rule.effective) if id(rule) in unnamed else id(rule)

    def key_of_name(rule: Rule) -> object:
        return rule.name

    for key in (key_of_equal, key_of_content, key_of_question, key_of_name):
        free: dict[object, list[int]] = {}
        for number, rule in others.items():
            free.setdefault(key(rule), []).append(number)
        for number, rule in tuple(rest.items()):
            found = free.get(key(rule))
            if found:
                pairs.append((number, found[0]))
                del rest[number], others[found.pop(0)]
    return sorted(pairs)


def _moves(noted: Noted, before: Sequence[Rule], after: Sequence[Rule], pairs: Sequence[tuple[int, int]]) -> None:
    """Rules that are read before or after others than they were: as few as account for the new order."""
    stay = _rising([partner for _, partner in pairs])
    olds, news = [old for old, _ in pairs], sorted(new for _, new in pairs)
    for place, (old, new) in enumerate(pairs):
        if place in stay:
            continue
        was = "first" if place == 0 else f"after {before[olds[place - 1]].name}"
        at = bisect_left(news, new)
        now = "first" if at == 0 else f"after {after[news[at - 1]].name}"
        passed = (after[other] for one, other in pairs if (one < old) != (other < new) and one != old)
        idle = not any(_speaks_with(after[new], rule) for rule in passed)
        remark = "which changes nothing: it passes no rule that speaks of the same metrics" if idle else ""
        noted.move((after[new].name,), f"{after[new].name}: read", was, now, remark)


def _rising(numbers: Sequence[int]) -> set[int]:
    """The places of a longest rising selection."""
    ends: list[int] = []
    places: list[int] = []
    previous: list[int] = []
    for place, number in enumerate(numbers):
        at = bisect_left(ends, number)
        previous.append(places[at - 1] if at else -1)
        ends[at : at + 1], places[at : at + 1] = [number], [place]
    found: set[int] = set()
    place = places[-1] if places else -1
    while place >= 0:
        found.add(place)
        place = previous[place]
    return found


def _speaks_with(one: Rule, other: Rule) -> bool:
    if "*" in one.exempt or "*" in other.exempt:
        return True
    return not {*one.targets, *one.exempt}.isdisjoint({*other.targets, *other.exempt})


def _rule(noted: Noted, before: Rule, after: Rule, zones: Zones) -> None:
    noted.values(("when",), "condition", before.when, after.when)
    window_changes(noted, "effective", (before.effective, after.effective), zones)
    noted.values(("exempt",), "exempts", before.exempt, after.exempt, _exempt)
    for metric, was, now in unlike(before.targets, after.targets):
        _entry(noted, ("targets", metric), metric, was, now)


def _exempt(metrics: tuple[str, ...]) -> str:
    return "every metric" if "*" in metrics else ", ".join(metrics) or "nothing"


def window_changes(noted: Noted, key: str, windows: tuple[Window, Window], zones: Zones) -> None:
    """Note another window; where both are written alike, since the zone in which they are written is another, as
    instants."""
    if windows[0] == windows[1]:
        return
    words = [window_words(window, zone) for window, zone in zip(windows, zones, strict=True)]
    if words[0] == words[1]:
        words = list(map(instants_words, windows))
    noted.note((key,), "in effect", *words)


def _rule_words(rule: Rule, zone: tzinfo) -> str:
    parts = [f"{metric} {_entry_words(entry)}" for metric, entry in rule.targets.items()]
    parts += [f"exempts {_exempt(rule.exempt)}"] if rule.exempt else []
    window = "" if not rule.effective.is_limited else f", {window_words(rule.effective, zone)}"
    return f"{', '.join(parts)}; when {rule.when}{window}"


# Targets.


def _entry(
    noted: Noted, keys: tuple[str, ...], subject: str, before: TargetOrTable | None, after: TargetOrTable | None
) -> None:
    if isinstance(before, Target) and isinstance(after, Target):
        _target(noted, keys, subject, before, after)
    elif isinstance(before, Table) and isinstance(after, Table) and before.field == after.field:
        field = shown(before.field)
        # Of rows for one value the first counts.
        rows = [dict(reversed(dict(reversed(table.rows)).items())) for table in (before, after)]
        for value, was, now in unlike(*rows):
            _entry(noted, (*keys, value), f"{subject}, {field} {value}", was, now)
        if before.otherwise != after.otherwise:
            _entry(noted, (*keys, "otherwise"), f"{subject}, any other {field}", before.otherwise, after.otherwise)
        orders = [
            [value for value, _ in table.rows if value in rows[0] and value in rows[1]] for table in (before, after)
        ]
        if orders[0] != orders[1]:
            noted.move(keys, f"{subject}, order of rows", *(", ".join(order) for order in orders))
    else:
        noted.note(keys, subject, *(None if entry is None else _entry_words(entry) for entry in (before, after)))


def _entry_words(entry: TargetOrTable) -> str:
    if isinstance(entry, Target):
        return str(entry)
    rows = [f"{value} {_entry_words(row)}" for value, row in entry.rows]
    rows += [f"any other {_entry_words(entry.otherwise)}"] if entry.otherwise is not None else []
    return f"by {shown(entry.field)} ({', '.join(rows)})"


def _target(noted: Noted, keys: tuple[str, ...], subject: str, before: Target, after: Target) -> None:
    for attribute in attrs.fields(Target):
        name = attribute.name
        was, now = getattr(before, name), getattr(after, name)
        if name == "strategies":
            for key in CHOICES:
                noted.values((*keys, key), f"{subject}, {key}", getattr(was, key), getattr(now, key), silent)
            continue
        key, noun = _TARGET_NAMES.get(name, (name, name))
        said = f"{subject}, {noun}" if noun else subject
        noted.values((*keys, key), said, was, now, _TARGET_WORDS.get(name, words_of))


def _warn(warnings: tuple[Warn, ...]) -> str:
    told = (f"{warn} to {' and '.join(warn.notify)}" if warn.notify else str(warn) for warn in warnings)
    return ", ".join(told) or "none"


_TARGET_NAMES: Final = {"amount": ("within", ""), "warn": ("warn", "warnings"), "at_close": ("at_close", "at closing")}
_TARGET_WORDS: Final[Mapping[str, Words]] = {
    "warn": _warn,
    "objective": lambda share: "none" if share is None else f"{float(share * 100):g}%",
    "pause_while": lambda condition: "as the metric says" if condition is None else str(condition),
}
