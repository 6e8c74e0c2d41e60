"""Policies put together from values: what makes no sense in them is refused, all at once, each with its place."""

from __future__ import annotations

from fractions import Fraction

import attrs
import pytest
from hypothesis import HealthCheck, given, settings

import slaclock as sla
from helpers import CALENDARS
from policy_documents import documents
from slaclock.errors import PolicyError
from slaclock.policy import Policy
from slaclock.rules import Layer, Rule, Table
from slaclock.strategies import Strategies
from slaclock.target import CalendarFrom, Target

OFFICE = sla.WorkingCalendar(hours={"mon-fri": "09:00-17:00"})
SOUND = Target(amount="4h", calendar="office")
TRIAGE = sla.Metric(name="triage", start=sla.Trigger(on="created"), stop=sla.Trigger(on="changed", names="team"))
ENTRY = sla.ExceptionEntry(name="e", effect=sla.Effect.SUSPEND, window=sla.Window(), reason="r")


def policy(**values: object) -> Policy:
    sound = {"calendars": {"office": OFFICE}, "metrics": sla.builtin_metrics()}
    return Policy(**{**sound, **values})  # type: ignore[arg-type]


def rules(*given: object) -> Policy:
    return policy(layers=[Layer("customer", given)])  # type: ignore[arg-type]


def promise(entry: object, **keys: object) -> Policy:
    return rules(Rule(name="r", targets={"resolution": entry}, **keys))  # type: ignore[dict-item,arg-type]


@pytest.mark.parametrize(("make", "path", "code", "sentence"), [
    (lambda: policy(timezone="Europe/Berln"), "timezone", "unknown-zone",
     ("found `Europe/Berln`, expected the IANA name of a time zone, such as Europe/Berlin; "
     "did you mean `Europe/Berlin`?")),
    (lambda: policy(calendars={"office": "09:00-17:00"}), "calendars.office", "wrong-type",
     "found `09:00-17:00`, expected a WorkingCalendar"),
    (lambda: policy(statuses={"waiting": "pendin"}), "statuses.waiting", "unknown-word",
     "found `pendin`, expected a category of statuses; did you mean `pending`?"),
    (lambda: policy(default_calendar="offce"), "default_calendar", "unknown-calendar",
     "found `offce`, expected the name of a calendar of the policy; did you mean `office`?"),
    (lambda: policy(default_calendar=CalendarFrom("region", "mars")), "default_calendar", "unknown-calendar",
     "found `mars`, expected the name of a calendar of the policy"),
    (lambda: policy(binds="earliest"), "binds", "unknown-word",
     "found `earliest`, expected earliest_due or most_specific; did you mean `earliest_due`?"),
    (lambda: policy(strategies=Strategies(on_change="carri")), "on_change", "unknown-word",
     "found `carri`, expected recompute or carry or restart or keep; did you mean `carry`?"),
    (lambda: policy(layers=["x"]), "layers", "wrong-type", "found `x`, expected a Layer"),
    (lambda: policy(layers=[Layer("a", ()), Layer("a", ())]), "layers", "duplicate-name",
     "found `a` 2 times, expected each layer once"),
    (lambda: rules("x"), "layers.customer", "wrong-type", "found `x`, expected a Rule"),
    (lambda: rules(*[Rule(name="r", exempt=("*",))] * 3), "layers.customer", "duplicate-name",
     "found `r` 3 times, expected a name of its own for each rule of the layer"),
    (lambda: rules(Rule(name="r")), "layers.customer.r", "no-targets",
     "found a rule that says nothing, expected `targets` or `exempt`"),
    (lambda: rules(Rule(name="r", exempt=("updat",))), "layers.customer.r.exempt.updat", "unknown-metric",
     "found `updat`, expected the name of a metric of the policy; did you mean `update`?"),
    (lambda: Policy(layers=[Layer("a", [Rule(name="r", exempt="update")])]), "layers.a.r.exempt.update",
     "unknown-metric", ("found `update`, expected the name of a metric of the policy; "
      "give the policy its metrics, such as `metrics=builtin_metrics()`")),
    (lambda: promise("4h"), "layers.customer.r.targets.resolution", "wrong-type",
     "found `4h`, expected a Target, or a Table of targets"),
    (lambda: promise(attrs.evolve(SOUND, calendar="mars")), "layers.customer.r.targets.resolution.calendar",
     "unknown-calendar", "found `mars`, expected the name of a calendar of the policy"),
    (lambda: promise(attrs.evolve(SOUND, at_close="opening")), "layers.customer.r.targets.resolution.at_close",
     "unknown-word", "found `opening`, expected closing or next_opening; did you mean `next_opening`?"),
    (lambda: promise(attrs.evolve(SOUND, strategies=Strategies(on_relax="x"))),
     "layers.customer.r.targets.resolution.on_relax", "unknown-word", "found `x`, expected final or sticky"),
    (lambda: promise(Table("tier", (("a", SOUND), ("a", SOUND)))), "layers.customer.r.targets.resolution",
     "duplicate-name", "found `a` 2 times, expected each value once"),
    (lambda: promise(Table("tier", {"a": Table("size", {}, attrs.evolve(SOUND, calendar="mars"))})),
     "layers.customer.r.targets.resolution.a.otherwise.calendar", "unknown-calendar",
     "found `mars`, expected the name of a calendar of the policy"),
    (lambda: policy(metrics={"triage": "x"}), "metrics.triage", "wrong-type", "found `x`, expected a Metric"),
    (lambda: policy(metrics={"sorting": TRIAGE}), "metrics.sorting", "duplicate-name",
     "found a metric whose name is `triage`, expected its own name as its key"),
    (lambda: policy(metrics=[TRIAGE, attrs.evolve(TRIAGE, repeats=True)]), "metrics.triage", "duplicate-name",
     "found `triage` again, expected a name of its own for each metric"),
    (lambda: policy(metrics=[attrs.evolve(TRIAGE, repeats="at_end")]), "metrics.triage.repeats", "unknown-word",
     "found `at_end`, expected True, False or 'at_due'"),
    (lambda: policy(metrics=[attrs.evolve(TRIAGE, binds="x")]), "metrics.triage.binds", "unknown-word",
     "found `x`, expected earliest_due or most_specific"),
    (lambda: policy(metrics=[attrs.evolve(TRIAGE, start=sla.Trigger(on="create"))]), "metrics.triage", "unknown-word",
     ("found `create`, expected an event: created, changed, replied, held, released, restarted, reopened; "
      "did you mean `created`?")),
    (lambda: policy(metrics=[attrs.evolve(TRIAGE, stop=())]), "metrics.triage", "no-end",
     "found a metric without `stop` or `cancel`, expected `start`, and `stop` or `cancel`"),
    (lambda: policy(metrics=[attrs.evolve(TRIAGE, start=())]), "metrics.triage", "no-end",
     "found a metric without `start`, expected `start`, and `stop` or `cancel`"),
    (lambda: policy(calendars=[OFFICE]), "calendars", "wrong-type", f"found [{OFFICE!r}], expected a mapping by name"),
    (lambda: policy(metrics=["x"]), "metrics", "wrong-type", "found `x`, expected a Metric"),
    (lambda: policy(exceptions=("x",)), "exceptions", "wrong-type", "found `x`, expected an ExceptionEntry"),
    (lambda: policy(exceptions=(attrs.evolve(ENTRY, when="x"),)), "exceptions.e.when", "wrong-type",
     'found `x`, expected a condition, such as Is("customer", "acme")'),
    (lambda: promise(attrs.evolve(SOUND, calendar=OFFICE)), "layers.customer.r.targets.resolution.calendar",
     "wrong-type", f"found {OFFICE!r}, expected the name of a calendar of the policy"),
    (lambda: promise(attrs.evolve(SOUND, warn="75%")), "layers.customer.r.targets.resolution.warn", "wrong-type",
     "found `75%`, expected a Warn, such as Warn(fraction=Fraction(3, 4))"),
    (lambda: promise(attrs.evolve(SOUND, pause_while={"a": 1})), "layers.customer.r.targets.resolution.pause_while",
     "wrong-type", "found {'a': 1}, expected a condition, such as Is(\"customer\", \"acme\")"),
    (lambda: promise(SOUND, when={"customer": "acme"}), "layers.customer.r.when", "wrong-type",
     "found {'customer': 'acme'}, expected a condition, such as Is(\"customer\", \"acme\")"),
    (lambda: promise(SOUND, when=sla.Not(sla.Ordered("seats", "atleast", Fraction(5)))), "layers.customer.r.when",
     "unknown-word",
     "found `atleast`, expected at_least or more_than or at_most or less_than; did you mean `at_least`?"),
    (lambda: promise(SOUND, effective=sla.Window(5, 5)), "layers.customer.r.effective", "empty-window",
     "found a window that ends before it begins, expected an end that lies after its start"),
    (lambda: promise(SOUND, effective=None), "layers.customer.r.effective", "wrong-type",
     "found nothing, expected a Window"),
    (lambda: policy(metrics=[attrs.evolve(TRIAGE, start_while="x")]), "metrics.triage.start_while", "wrong-type",
     'found `x`, expected a condition, such as Is("customer", "acme")'),
    (lambda: policy(metrics=[attrs.evolve(TRIAGE, cancel=sla.Trigger(on="changed", condition="x"))]), "metrics.triage",
     "wrong-type", 'found `x`, expected a condition, such as Is("customer", "acme")'),
    (lambda: policy(exceptions=(ENTRY, ENTRY)), "exceptions", "duplicate-name",
     "found `e` 2 times, expected a name of its own for each exception"),
    (lambda: policy(exceptions=(attrs.evolve(ENTRY, metrics=("x",)),)), "exceptions.e.metrics.x", "unknown-metric",
     ("found `x`, expected the name of a metric of the policy; "
      "give the policy its metrics, such as `metrics=builtin_metrics()`")),
])  # fmt: skip
def test_a_fault_is_told_with_its_place_and_what_to_do(make: object, path: str, code: str, sentence: str) -> None:
    with pytest.raises(PolicyError, match="the policy cannot be put together: 1 problem") as caught:
        make()  # type: ignore[operator]
    (problem,) = caught.value.problems
    assert (path, code, sentence) == (problem.path, problem.code, problem.sentence)


def test_all_faults_are_told_at_once() -> None:
    with pytest.raises(PolicyError, match="3 problems") as caught:
        policy(timezone="Mars", binds="x", layers=[Layer("a", [Rule(name="r")])])
    assert ["timezone", "binds", "layers.a.r"] == [problem.path for problem in caught.value.problems]


def test_a_changed_copy_is_checked_too() -> None:
    with pytest.raises(PolicyError, match="default_calendar: found `mars`"):
        attrs.evolve(policy(), default_calendar="mars")


def test_values_and_a_file_that_say_the_same_make_the_same_policy() -> None:
    """Every part of a policy, by hand and as a mapping."""
    by_hand = Policy(
        name="by hand",
        timezone="Europe/Berlin",
        calendars={
            "office": sla.WorkingCalendar(timezone="Europe/Berlin", hours={"mon-fri": "09:00-17:00"}, name="office")
        },
        statuses={"waiting": "pending"},
        fields={"priority": ("high", "low"), "customer": "text", "team": "text", "tier": "text"},
        default_calendar="office",
        strategies=Strategies(on_change="carry"),
        binds="most_specific",
        layers=[
            Layer("customer", [
                Rule(
                    name="acme",
                    when=sla.All((sla.Is("customer", "acme"), sla.Not(sla.Is("tier", ("iron", "tin"))))),
                    effective=sla.Window.between("2026-01-01T00:00+01:00", "2027-01-01T00:00+01:00"),
                    targets={
                        "triage": Table("priority", {"high": Target(amount="30m", calendar="office")}),
                        "resolution": Target(amount="4h", calendar="office", warn=sla.Warn(offset_us=-1_800_000_000)),
                    },
                    exempt="update",
                ),
            ]),
        ],
        metrics={**sla.builtin_metrics(), "triage": TRIAGE},
    )  # fmt: skip
    read = sla.load_policy({
        "slaclock": 1,
        "name": "by hand",
        "timezone": "Europe/Berlin",
        "calendars": {"office": CALENDARS["office"]},
        "statuses": {"pending": ["waiting"]},
        "fields": {"priority": ["high", "low"], "customer": "text", "team": "text", "tier": "text"},
        "defaults": {"calendar": "office", "on_change": "carry"},
        "binds": "most_specific",
        "layers": {
            "customer": [{
                "name": "acme",
                "when": {"customer": "acme", "not": {"tier": ["iron", "tin"]}},
                "effective": {"from": "2026-01-01", "until": "2026-12-31"},
                "by": "priority",
                "targets": {"triage": {"high": "30m"}, "resolution": {"within": "4h", "warn": "-30m"}},
                "exempt": ["update"],
            }],
        },
        "metrics": {"triage": {"start": "created", "stop": {"changed": "team"}}},
    })  # fmt: skip
    assert not by_hand.diff(read), by_hand.diff(read)
    assert by_hand == read
    assert by_hand.digest == read.digest


@settings(max_examples=10, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(documents())
def test_law_what_a_file_may_say_the_checks_take(document: dict[str, object]) -> None:
    """Nothing is refused of values that a file may spell."""
    read = sla.load_policy(document)
    values = {attribute.name: getattr(read, attribute.name) for attribute in attrs.fields(Policy)}
    assert read == Policy(**values)
