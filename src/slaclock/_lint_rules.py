"""Lints of rules: those that never apply, that an earlier one hides, rows that are never given."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import chain, pairwise
from typing import Final

from slaclock._offers import Entry, Keys, Study, rule_keys
from slaclock._proof import STATUS, all_of
from slaclock.conditions import ARRIVED, CATEGORY, Always, Condition, Is, Not
from slaclock.lints import Lint
from slaclock.rules import Table, Window

__all__ = ["covers", "idle_rules"]

# Fields of which a question says something without being asked of them.
_LINKED: Final = frozenset((STATUS, CATEGORY, ARRIVED))
_STATUS_OR_CATEGORY: Final = frozenset((STATUS, CATEGORY))
# Of more rules than these no proof is tried: together they would hide another only if they listed all there is.
_MOST_HIDING: Final = 500
_MOST_NAMED: Final = 20
_MOST_ROWS: Final = 2_000


def idle_rules(study: Study) -> Iterator[Lint]:
    """Rules, targets and rows that no ticket is ever given."""
    dead = set(_never_applying(study))
    rows: list[Lint] = []
    hidden = {metric: dict(_hidden(study, metric, dead, rows)) for metric in study.entries}
    for layer in study.policy.layers:
        for number, rule in enumerate(layer.rules):
            keys = rule_keys(layer.name, number)
            if keys in dead:
                said = f"no ticket can satisfy `{rule.when}`"
                yield study.lint("never-applies", said, *keys, "when")
                continue
            spoken = [metric for metric in study.entries if metric in rule.targets or rule.exempts(metric)]
            found = {metric: hidden[metric][keys] for metric in spoken if keys in hidden[metric]}
            yield from _told(study, keys, found, whole=len(found) == len(spoken))
    yield from rows
    for number, exception in enumerate(study.policy.exceptions):
        study.look_for("never-applies", "exceptions", number, "when")
        if exception.when != Always(False) and not study.prover.possible(exception.when):
            said = f"no ticket can satisfy `{exception.when}`"
            yield study.lint("never-applies", said, "exceptions", number, "when")


def _never_applying(study: Study) -> Iterator[Keys]:
    for layer in study.policy.layers:
        for number, rule in enumerate(layer.rules):
            keys = rule_keys(layer.name, number)
            study.look_for("never-applies", *keys, "when")
            # Whoever writes `never: true` says so himself.
            if rule.when != Always(False) and not study.prover.possible(rule.when):
                yield keys


def _told(study: Study, keys: Keys, found: dict[str, list[Entry]], *, whole: bool) -> Iterator[Lint]:
    """One lint where all that the rule says is hidden by the same rules, else one for each metric."""
    layer = str(keys[1])
    if whole and len({tuple(map(_named, entries)) for entries in found.values()}) == 1:
        yield study.lint("hidden-rule", _hidden_by(layer, next(iter(found.values()))), *keys)
        return
    for metric, entries in found.items():
        sentence = f"for `{metric}`, {_hidden_by(layer, entries)}"
        yield study.lint("hidden-rule", sentence, *keys, "targets", metric)


def _named(entry: Entry) -> Keys:
    return (entry.layer_name, entry.number)


def _hidden_by(layer: str, entries: list[Entry]) -> str:
    names = [
        f"`{entry.rule.name}`{'' if entry.layer_name == layer else f' of layer `{entry.layer_name}`'}"
        for entry in entries
    ]
    if len(names) == 1:
        before = "" if entries[0].layer_name != layer else " before it"
        how = "exempts" if entries[0].exempts else "speaks for"
        return f"rule {names[0]}{before} {how} all tickets that it is for"
    if len(names) > 3:
        names = [*names[:2], f"{len(names) - 2} others"]
    return f"together the rules {', '.join(names[:-1])} and {names[-1]} speak for all tickets that it is for"


# Hiding.


class _Before:
    """The entries read so far, found by the value for which they ask, so that most need not be looked at."""

    def __init__(self, always: Iterable[Entry]) -> None:
        self.anyone: list[Entry] = []
        self.by_value: dict[str, dict[str, list[Entry]]] = {}
        # The fields of which they ask anything else.
        self.fields = set(_LINKED)
        for entry in always:
            self.add(entry)

    def add(self, entry: Entry) -> None:
        """Take one more entry in."""
        parts = all_of(entry.speaks)
        pin = next((part for part in parts if isinstance(part, Is)), None)
        self.fields.update(name for part in parts if part is not pin for name in part.fields())
        if pin is None:
            self.anyone.append(entry)
            return
        by_text = self.by_value.setdefault(pin.field, {})
        for text in pin.texts:
            by_text.setdefault(text, []).append(entry)

    def near(self, entry: Entry) -> list[Entry]:
        """Those that may help to hide an entry, or a row of it, in order.

        What asks for a value cannot help where nothing else is asked of the field (there are tickets without it), nor
        where the entry asks for another value (there are tickets with that one alone).
        """
        found = self.anyone.copy()
        fields = self.fields | entry.rule.fields()
        pins: dict[str, frozenset[str]] = {}
        for part in all_of(entry.rule.when):
            if isinstance(part, Is):
                pins[part.field] = pins.get(part.field, frozenset()) | part.texts
        for name, by_text in self.by_value.items():
            if name in fields:
                texts = by_text.keys() & pins[name] if name in pins and name not in _LINKED else by_text.keys()
                found += chain.from_iterable(by_text[text] for text in texts)
        return sorted(set(found), key=lambda other: (other.layer, other.number))


def _hidden(study: Study, metric: str, dead: set[Keys], rows: list[Lint]) -> Iterator[tuple[Keys, list[Entry]]]:
    """The rules of which nothing comes for a metric, each with those that hide it; `rows` gets those of the others."""
    layers = study.entries[metric]
    # What a layer exempts before it says anything else, it exempts in all layers.
    absolute = [entries[0] for entries in layers if entries and entries[0].exempts]
    for number, entries in enumerate(layers):
        before = _Before(entry for entry in absolute if entry.layer != number)
        for entry in entries:
            keys = rule_keys(entry.layer_name, entry.number)
            if keys in dead:
                continue
            near = before.near(entry)
            study.look_for("hidden-rule", *keys)
            hiding = _hiding(study, entry, (entry.may_speak,), near)
            if hiding:
                yield keys, hiding
            else:
                rows += _idle_rows(study, entry, near)
            before.add(entry)


def _hiding(study: Study, entry: Entry, needs: tuple[Condition, ...], near: list[Entry]) -> list[Entry]:
    """Those that together speak for every ticket of an entry whenever it is in force; none where that is not proved."""
    usable = [other for other in near if _comparable(entry, other)]
    if not 0 < len(usable) <= _MOST_HIDING or not _hide(study, entry, needs, usable):
        return []
    alone = next((other for other in usable if _hide(study, entry, needs, [other])), None)
    if alone is not None:
        return [alone]
    for other in usable[:_MOST_NAMED]:
        rest = [kept for kept in usable if kept is not other]
        usable = rest if _hide(study, entry, needs, rest) else usable
    return usable


def covers(study: Study, entry: Entry, needs: tuple[Condition, ...], others: list[Entry]) -> bool:
    """Whether others speak for every ticket that satisfies the needs while the entry is in force; True is proved."""
    return all(_comparable(entry, other) for other in others) and _hide(study, entry, needs, others)


def _comparable(entry: Entry, other: Entry) -> bool:
    """Whether the other is read first, and is compared with the same instant by its window, or in force always."""
    if entry.exempts and other.layer > entry.layer:
        return False  # Of two layers that exempt the lower one does it.
    return other.rule.effective == Window() or (entry.moves is not None and entry.moves is other.moves)


def _hide(study: Study, entry: Entry, needs: tuple[Condition, ...], others: list[Entry]) -> bool:
    window = entry.rule.effective
    edges = sorted({us for other in others for us in other.rule.effective.edges() if _inside(window, us)})
    # Between two edges the same rules are in force.
    for start, end in pairwise([window.start_us, *edges, window.end_us]):
        silent = [Not(other.speaks) for other in others if _covers(other.rule.effective, start, end)]
        if not silent or study.prover.possible(*needs, *silent):
            return False
    return True


def _inside(window: Window, us: int) -> bool:
    return (window.start_us is None or window.start_us < us) and (window.end_us is None or us < window.end_us)


def _covers(window: Window, start: int | None, end: int | None) -> bool:
    begins = window.start_us is None or (start is not None and window.start_us <= start)
    return begins and (window.end_us is None or (end is not None and end <= window.end_us))


# Rows.


def _idle_rows(study: Study, entry: Entry, before: list[Entry]) -> Iterator[Lint]:
    """Rows that no ticket of the rule is given, and those for whose tickets earlier rules speak first."""
    asked = entry.rule.when.fields()
    asked |= _STATUS_OR_CATEGORY if asked & _STATUS_OR_CATEGORY else frozenset()
    offers = list(entry.offers()) if isinstance(entry.said, Table) else []
    few = len(before) * len(offers) <= _MOST_ROWS
    for offer in offers:
        fields = [part.field for part in offer.asks if isinstance(part, Is)]
        # A row can only be idle where something else is asked of its field.
        doubtful = len(set(fields)) < len(fields) or any(asked & part.fields() for part in offer.asks)
        code, sentence = "idle-row", "no ticket for which the rule is meant is given this row"
        study.look_for(code, *offer.keys)
        if not doubtful or study.prover.possible(*offer.needs):
            study.look_for("hidden-row", *offer.keys)
            hiding = _hiding(study, entry, offer.needs, before) if before and few else []
            if not hiding:
                continue
            code, sentence = "hidden-row", _hidden_by(entry.layer_name, hiding)
        yield study.lint(code, sentence, *offer.keys)
