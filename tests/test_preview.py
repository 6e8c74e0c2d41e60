"""Previews: what a ticket would be promised, asked without any event."""

from __future__ import annotations

import json

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from helpers import hours, make_policy, on, short
from policy_documents import documents
from slaclock.errors import EventError, NaiveTimeError
from slaclock.events import Created
from slaclock.history import replay
from slaclock.policyfile import load_policy
from slaclock.preview import Preview
from slaclock.state import Phase

LAYERS = {
    "corporate": [{"name": "everyone", "targets": {"resolution": {"within": "6h", "calendar": "always"}}}],
    "customer": [
        {"name": "vip", "when": {"vip": True}, "targets": {"resolution": {"within": "4h", "calendar": "office"}}},
        {"name": "sandbox", "when": {"environment": "sandbox"}, "exempt": True},
    ],
}
POLICY = make_policy(None, layers=LAYERS)


def ask(at: str = "mon 09:00", **fields: object) -> Preview:
    return POLICY.targets_for(fields, on(at))


def test_a_preview_is_shown_in_one_line_and_printed_in_full() -> None:
    assert "<Preview at 2026-03-02T09:00:00+00:00: targets for resolution>" == repr(ask())
    nothing = make_policy(None, layers={}).targets_for({}, on("mon 09:00"))
    assert "<Preview at 2026-03-02T09:00:00+00:00: targets for nothing>" == repr(nothing)


def test_the_candidate_due_first_binds_and_says_by_how_much() -> None:
    found = ask("mon 09:00", vip=True)["resolution"]
    assert found.binding is not None
    assert ("customer", "mon 13:00") == (found.binding.layer, short(found.due_at))
    assert found.margin is not None
    assert 2 * 3600 == found.margin.total_seconds()
    assert found.target is found.binding.target


def test_four_working_hours_on_friday_evening_lose_to_six_hours_round_the_clock() -> None:
    found = ask("fri 16:30", vip=True)["resolution"]
    assert found.binding is not None
    assert ("corporate", "fri 22:30") == (found.binding.layer, short(found.due_at))
    assert ["fri 22:30", "mon+1 12:30"] == [short(candidate.due_at) for candidate in found.candidates]


def test_an_exempt_ticket_has_no_target_and_is_told_by_which_rule() -> None:
    found = ask(environment="sandbox")["resolution"]
    assert ((), None, "sandbox") == (found.candidates, found.binding, found.exempt_by)
    assert (None, None, None) == (found.target, found.due_at, found.margin)


def test_a_metric_of_which_no_rule_speaks_has_no_target() -> None:
    found = make_policy({"resolution": "4h"}).targets_for({}, on("mon 09:00"))["update"]
    assert ((), None, None, ()) == (found.candidates, found.binding, found.exempt_by, found.considered)
    assert found.reason == "no rule gives one"


def test_it_is_a_mapping_of_every_metric() -> None:
    found = ask()
    assert list(POLICY.metrics) == list(found)
    assert len(POLICY.metrics) == len(found)
    with pytest.raises(KeyError, match=r"the policy has no metric `resoluton`; did you mean `resolution`\?"):
        ask()["resoluton"]
    with pytest.raises(KeyError):
        found["handover"]


def test_the_status_and_the_hour_of_arrival_are_known_to_rules() -> None:
    rules = [
        {"name": "open", "when": {"category": "open"}, "targets": {"resolution": "1h"}},
        {"name": "odd", "when": {"arrived": "outside_hours"}, "targets": {"resolution": "2h"}},
        {"name": "hours", "when": {"arrived": "within_hours"}, "targets": {"resolution": "3h"}},
    ]
    policy = make_policy(None, *rules, defaults={"calendar": "office"})

    def amount(at: str, **fields: object) -> str:
        return str(policy.targets_for(fields, on(at))["resolution"].target)

    assert "3h on office" == amount("mon 10:00")
    assert "2h on office" == amount("sat 10:00")
    assert "1h on office" == amount("sat 10:00", status="open")
    # A status that the policy does not know counts as open, as in a history.
    assert "1h on office" == amount("sat 10:00", status="odd")


def test_best_effort_binds_and_is_never_due() -> None:
    found = make_policy({"resolution": "best effort"}).targets_for({}, on("mon 09:00"))["resolution"]
    assert found.binding is not None
    assert (None, None) == (found.due_at, found.margin)
    assert (
        str(found) == "resolution: best effort on always by customer: the only candidate\n"
        "  customer: everybody: gives best effort on always"
    )


def test_text_tells_of_the_metrics_to_which_some_rule_gives_a_target() -> None:
    layers = {"corporate": LAYERS["corporate"], "customer": LAYERS["customer"][:1]}
    policy = make_policy(None, layers=layers)
    assert str(policy.targets_for({"vip": True}, on("mon 09:00"))) == (
        "resolution: 4h on office by customer, due 2026-03-02T13:00:00+00:00: 2h before corporate\n"
        "  corporate: everyone: gives 6h on always, due 2026-03-02T15:00:00+00:00\n"
        "  customer: vip: gives 4h on office, due 2026-03-02T13:00:00+00:00"
    )
    assert "no rule gives a target for any metric" == str(make_policy().targets_for({}, on("mon 09:00")))


def test_text_of_an_exempt_ticket_names_the_rule_and_counts_nothing_as_a_candidate() -> None:
    assert str(ask(environment="sandbox")) == (
        "resolution: no target: sandbox, a rule of customer, exempts the ticket\n"
        "  corporate: everyone: gives 6h on always\n"
        "  customer: vip: does not apply: asks for vip is true, and vip is not set\n"
        "  customer: sandbox: exempts resolution"
    )


@pytest.mark.parametrize(("binds", "corporate", "customer", "layer", "reason"), [
    ("earliest_due", "4h", "6h", "corporate", "2h before customer"),
    ("earliest_due", "4h", "1h30m", "customer", "2h30m before corporate"),
    ("earliest_due", "4h", "4h", "customer", "due together with corporate, and more specific"),
    ("earliest_due", "4h", "best effort", "corporate", "customer is never due"),
    ("earliest_due", "best effort", "best effort", "customer", "never due, like corporate, and more specific"),
    ("most_specific", "4h", "6h", "customer", "the most specific, 2h after corporate"),
    ("most_specific", "4h", "4h", "customer", "the most specific, due together with corporate"),
    ("most_specific", "4h", "best effort", "customer", "the most specific, never due, unlike corporate"),
    ("earliest_due", "4h", None, "corporate", "the only candidate"),
])  # fmt: skip
def test_the_reason_says_why_it_binds_and_by_what_margin(
    binds: str, corporate: str, customer: str | None, layer: str, reason: str
) -> None:
    layers = {"corporate": [{"targets": {"resolution": corporate}}]}
    if customer is not None:
        layers["customer"] = [{"targets": {"resolution": customer}}]
    found = make_policy(None, layers=layers, binds=binds).targets_for({}, on("mon 09:00"))["resolution"]
    assert found.binding is not None
    assert (layer, reason) == (found.binding.layer, found.reason)
    assert reason == found.to_dict()["reason"]


def test_to_dict_is_json_ready() -> None:
    data = json.loads(json.dumps(ask("mon 09:00", vip=True).to_dict()))
    assert "2026-03-02T09:00:00+00:00" == data["at"]
    assert list(POLICY.metrics) == [metric["metric"] for metric in data["metrics"]]
    (found,) = (metric for metric in data["metrics"] if metric["metric"] == "resolution")
    told = {"metric", "kind", "binding", "candidates", "exempt_by", "reason", "considered", "passed_over"}
    told |= {"exceptions"}
    assert told == set(found)
    assert found["binding"] == found["candidates"][1]
    assert hours(2) == found["binding"]["margin_us"]
    assert {"corporate", "everyone", "gives", "gives 6h on always"} <= set(map(str, found["considered"][0].values()))


def test_at_is_the_instant_of_which_was_asked_in_the_policys_zone() -> None:
    policy = make_policy(None, timezone="Asia/Tokyo")
    assert policy.targets_for({}, on("mon 09:00")).at.isoformat() == "2026-03-02T18:00:00+09:00"


def test_fields_or_instants_that_are_none_are_event_errors() -> None:
    with pytest.raises(EventError, match="field `priority`: found"):
        POLICY.targets_for({"priority": object()}, on("mon 09:00"))
    with pytest.raises(NaiveTimeError):
        POLICY.targets_for({}, "2026-03-02T09:00")


HELD = st.sampled_from(["acme", "gold", "3", 7, True, "x", "office", "no", "done", None, ("gold", "x"), -1.5, "16:00"])
FIELDS = st.dictionaries(st.sampled_from(["customer", "tier", "seats", "vip", "any", "region", "by", "status"]), HELD)
ARRIVALS = st.sampled_from(["2026-03-02T09:00Z", "2026-06-01T12:00Z", "2027-01-01T00:30Z", "2018-11-04T02:00Z"])


@settings(max_examples=15, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(documents(), FIELDS, ARRIVALS)
def test_law_a_preview_says_what_the_history_of_such_a_ticket_says(
    document: dict[str, object], fields: dict[str, object], at: str
) -> None:
    """Of every metric that starts to run with the ticket, under policies of any kind."""
    policy = load_policy(document)
    preview = policy.targets_for(fields, at)
    snap = replay(policy, [Created(at=at, fields=fields)]).at(at)
    for metric in policy.metrics:
        reading, found = snap[metric], preview[metric]
        if reading.phase is Phase.RUNNING:
            assert [(each.layer, each.rule, each.due_us) for each in reading.candidates] == [
                (each.layer, each.rule, each.due_us) for each in found.candidates
            ]
            assert (reading.binding is None) == (found.binding is None)
    assert str(preview)
