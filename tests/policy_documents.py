"""Policies of every kind as plain data, for laws about files: Hypothesis strategies over the whole format."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from slaclock.conditions import Condition
from slaclock.metric import CATEGORIES
from slaclock.policyfile import builtin_metrics
from slaclock.strategies import CHOICES

Data = dict[str, Any]

# Names as people give them, and names that some reader of YAML takes for something else.
NAMES = st.sampled_from(
    [
        "acme",
        "Acme Corp",
        "no",
        "on",
        "16:00",
        "12-25",
        "null",
        "~",
        "a b",
        "ü",
        "2026-01-01",
        "x: y",
        "# h",
        "1e3",
        "true",
        "3",
        "010",
        "-x",
        "- y",
        "{a",
        "'q'",
        '"d"',
        "tab\there",
        "two\nlines",
        " lead",
        "trail ",
        "0x1F",
        "<<",
        "=",
        ".5",
        "+1",
        "a, b",
        "*x",
        "&y",
        "!z",
        "%p",
        "@q",
        "`r",
        "\\",
        "\u2028",
        "\x85",
        "?",
        "-",
        "a#b",
        "Zürich 東京",
        "1_000",
        "y" * 1_100,
    ]
)
FIELDS = ("customer", "tier", "seats", "vip", "any", "region", "by", "2026")
DECLARED = {
    "customer": "text",
    "tier": ["gold", "silver", 3],
    "seats": "number",
    "vip": "bool",
    "any": ["x"],
    "2026": "text",
}
VALUES = {
    "tier": ["gold", "silver", "3"],
    "seats": [5, "5", "-1.5"],
    "vip": [True, "false"],
    "any": ["x"],
    "region": ["office"],
}
STATUSES = ("in work", "wait", "done")
METRICS = (*builtin_metrics(), "handoff", "no")
CALENDARS = ("office", "always", "on", "world")
AMOUNTS = st.sampled_from(
    [
        "4h",
        "90m",
        "PT4H",
        "1h30m",
        "0.5s",
        "0.000001s",
        "3 business days",
        "2 working days by 16:00:30",
        "20s",
        "next business day by 24:00",
        "same business day",
        "1 calendar day",
        "best effort",
        " 8 hours, 5 min ",
    ]
)
WARNINGS = st.sampled_from(
    [
        "75%",
        "12.345678%",
        "120 %",
        "-30m",
        "+2h",
        "+0s",
        {"after": "3h"},
        {"at": "80%", "notify": "lead"},
        {"after": "1h", "notify": ["a", "no"]},
    ]
)
SHARES = st.sampled_from(["95%", "99.5 %", "0.000001%", "100%"])
MOMENTS = (
    "0001-01-01",
    "2018-11-04",
    "2025-10-26T02:30",
    "2026-01-01",
    "2026-06-01T08:00",
    "2026-06-01 18:00:00.5Z",
    "2027-01-01",
    "2027-01-02T00:00+01:00",
    "9999-12-31",
)
ZONES = st.sampled_from(
    ["UTC", "Europe/Berlin", "America/Sao_Paulo", "Pacific/Apia", "Africa/Monrovia", "Asia/Kathmandu"]
)
HOURS = st.sampled_from(
    [
        "09:00-17:00",
        "all day",
        "24h",
        [],
        ["09:00-12:00", "13:00-18:00"],
        "22:00-06:00",
        "closed",
        "09:00-12:00, 14:00-24:00",
        "00:00:30-23:59:00",
        ["08:00-08:00"],
    ]
)
WEEKS = st.one_of(
    HOURS,
    st.dictionaries(st.sampled_from(["mon-fri", "sat", "sun"]), HOURS),
    st.dictionaries(st.sampled_from(["mon", "tue, thu", "wed", "Friday-sun"]), HOURS),
)
HOLIDAYS = st.sampled_from(
    [
        "2026-12-24",
        "12-25",
        "02-29",
        "2026-04-03..2026-04-06",
        "12-24..01-02",
        {"date": "2026-05-01", "name": "May: Day"},
        {"from": "2026-08-01", "until": "2026-08-14", "name": "no"},
    ]
)


def some(strategies: dict[str, st.SearchStrategy[Any]], required: tuple[str, ...] = ()) -> st.SearchStrategy[Data]:
    """A mapping with some of the keys."""
    needed = {key: value for key, value in strategies.items() if key in required}
    return st.fixed_dictionaries(needed, optional={k: v for k, v in strategies.items() if k not in required})


def one_or_more(items: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return items | st.lists(items, min_size=1, max_size=3)


def calendars() -> st.SearchStrategy[Any]:
    """A calendar that is made of no others."""
    moments = ["2026-03-07T18:00", "2026-03-08", "2026-03-09T00:00Z"]
    closures = [{"from": moments[0], "until": moments[1]}, {"from": moments[0], "until": moments[2], "reason": "x: y"}]
    seasons = [{"from": "11-20", "until": "01-05"}, {"from": "2026-06-01", "until": "2026-08-31", "name": "summer"}]
    return st.just("all day") | some(
        {
            "hours": WEEKS,
            "timezone": ZONES,
            "name": NAMES | st.just(""),
            "holidays": st.lists(HOLIDAYS, max_size=3),
            "special": st.dictionaries(st.sampled_from(["2026-12-24", "12-31", "2028-02-29"]), HOURS),
            "closures": st.lists(st.sampled_from(closures), max_size=2),
            "seasons": st.tuples(*(st.builds(lambda s, h: {**s, "hours": h}, st.just(s), WEEKS) for s in seasons)).map(
                list
            ),
            "holidays_close": st.sampled_from(["dates", "shifts"]),
        },
        required=("hours",),
    )


def conditions(values: dict[str, list[Any]], statuses: tuple[str, ...]) -> st.SearchStrategy[Data]:
    """Conditions over the fields, with values that they may have."""
    numbers = st.sampled_from(["50", "-1.5", 0, 2.5, "0.001"])
    names = st.sampled_from(FIELDS)

    def comparing(name: str) -> st.SearchStrategy[Data]:
        held = one_or_more(st.sampled_from(values.get(name, ["acme", "no", 7, "7.0", True, ""])))
        orders = {} if name in ("vip", "customer", "2026", "by") else dict.fromkeys(("at_least", "less_than"), numbers)
        return some({"exists": st.booleans(), "is": held, **orders}).filter(bool)

    def asked(name: str) -> st.SearchStrategy[Data]:
        if name == "any":
            return comparing(name).map(lambda found: {"field": {"name": name, **found}})
        plain = one_or_more(st.sampled_from(values.get(name, ["acme", "~", "on", "16:00", 7, False, ""])))
        return (plain | comparing(name)).map(lambda found: {name: found})

    leaves = st.one_of(
        names.flatmap(asked),
        one_or_more(st.sampled_from(statuses)).map(lambda found: {"status": found}),
        one_or_more(st.sampled_from(CATEGORIES)).map(lambda found: {"category": found}),
        st.just({"never": True}),
        st.just({"arrived": "outside_hours"}),
        st.just({"field": {"name": "status", "exists": True}}),
    )

    def wider(inner: st.SearchStrategy[Data]) -> st.SearchStrategy[Data]:
        several = st.lists(inner, min_size=1, max_size=3)
        return st.one_of(
            inner.map(lambda found: {"not": found}),
            several.map(lambda found: {"any": found}),
            several.map(lambda found: {"all": found}),
            inner.map(lambda found: {"any": found}),
            several.map(lambda found: {key: value for part in found for key, value in part.items()}),
        )

    return st.recursive(leaves, wider, max_leaves=6)


def triggers(inner: st.SearchStrategy[Data]) -> st.SearchStrategy[Any]:
    by = one_or_more(st.sampled_from(["customer", "agent", "bot", "system"]))
    words = st.sampled_from(["created", "replied", "held", "released", "restarted", "reopened"])
    mappings = st.one_of(
        some({"by": by}).map(lambda found: {"created": found}),
        some({"by": by, "public": st.sampled_from([True, False, "any"])}).map(lambda found: {"replied": found}),
        one_or_more(st.sampled_from(["customer", "category", "status", "tier"])).map(lambda found: {"changed": found}),
        inner.map(lambda found: {"changed": found}),
        st.just({"reopened": {}}),
    )
    return one_or_more(words | mappings)


def strategy_keys() -> dict[str, st.SearchStrategy[Any]]:
    return {key: st.sampled_from(words) for key, words in CHOICES.items()}


@st.composite
def documents(draw: st.DrawFn) -> Data:
    """A policy as JSON-ready data that `load_policy` takes."""
    declared = draw(st.booleans())
    statuses = STATUSES if draw(st.booleans()) else ("whatever", "no")
    inner = conditions(VALUES if declared else {}, statuses)
    reference = st.sampled_from(CALENDARS) | st.sampled_from(
        [{"from": "region", "default": "office"}, {"from": "region"}, {"from": "category", "default": "on"}]
    )
    warn = one_or_more(WARNINGS) | st.just([])
    close = st.sampled_from(["closing", "next_opening"])
    long_target = some(
        {
            "within": AMOUNTS,
            "calendar": reference,
            "warn": warn,
            "objective": SHARES,
            "pause_while": inner,
            "at_close": close,
            **strategy_keys(),
        },
        required=("within",),
    )
    target = AMOUNTS | long_target | st.just("80% within 20s")

    def tables(by: list[str]) -> st.SearchStrategy[Any]:
        if not by:
            return target
        rows = [
            "otherwise",
            *map(str, VALUES.get(by[0], ["acme", "no", "16:00"]) if declared else ["a", "no", "3", "x: y"]),
        ]
        if by[0] == "category":
            rows = ["otherwise", "new", "closed"]
        rows = [{"True": "true"}.get(row, row) for row in rows]
        return target | st.dictionaries(st.sampled_from(rows), tables(by[1:]), min_size=1, max_size=3)

    def rules(number: int) -> st.SearchStrategy[Data]:
        by = draw(st.lists(st.sampled_from(["tier", "seats", "category", "vip"]), max_size=2, unique=True))
        ends = sorted(draw(st.lists(st.integers(0, len(MOMENTS) - 1), min_size=2, max_size=2, unique=True)))
        window = {"from": MOMENTS[ends[0]], "until": MOMENTS[ends[1]]}
        promised = st.dictionaries(st.sampled_from(METRICS), tables(by), min_size=1, max_size=3)
        keys: dict[str, st.SearchStrategy[Any]] = {
            "name": NAMES.map(lambda name: f"{name}{number}"),
            "when": inner,
            "effective": st.sampled_from([window, {"from": window["from"]}, {"until": window["until"]}]),
            "exempt": st.just(True) | one_or_more(st.sampled_from(METRICS)),
            "targets": promised,
        }
        required = ("targets", "by") if by else ("targets",) if draw(st.booleans()) else ("exempt",)
        if by:
            keys["by"] = st.just(by if len(by) > 1 else by[0])
        return some(keys, required)

    own = {
        "kind": st.sampled_from(["sla", "ola", "underpinning"]),
        **dict.fromkeys(("start", "stop", "cancel", "start_after", "reset", "unanswered"), triggers(inner)),
        **dict.fromkeys(("start_while", "pause_while"), inner),
        "repeats": st.sampled_from((True, False, "at_event", "at_due")),
        "binds": st.sampled_from(["earliest_due", "most_specific"]),
        **strategy_keys(),
    }
    entries = st.one_of(
        some(
            {
                "when": inner,
                "metrics": one_or_more(st.sampled_from(METRICS)),
                "from": st.just("2026-03-07"),
                "until": st.sampled_from(["2026-03-07", "2026-03-09T12:00"]),
                "reason": NAMES,
                "approved_by": NAMES,
                **effect,
            },
            ("from", "reason", *effect),
        )
        for effect in (
            {"suspend": st.just(True)},
            {"exclude": st.just(True)},
            {"extend": st.sampled_from(["2x", "1.25 x", "+4h", "+90m"])},
        )
    )
    layers = draw(st.sampled_from([None, ["world", "no", "x: y"]]))
    found: Data = {"slaclock": 1}
    if draw(st.booleans()):
        found |= {
            "name": draw(NAMES),
            "timezone": draw(ZONES),
            "binds": draw(st.sampled_from(["earliest_due", "most_specific"])),
        }
    found["calendars"] = {name: draw(calendars()) for name in CALENDARS[:3]}
    found["calendars"]["world"] = {
        draw(st.sampled_from(["union", "intersection", "difference"])): ["office", draw(calendars())]
    }
    if statuses is STATUSES:
        found["statuses"] = {"open": ["in work"], "pending": "wait", "closed": ["done"]}
    if declared:
        found["fields"] = {**DECLARED, "region": ["office"], "by": "text"}
    found["defaults"] = draw(
        some({"calendar": reference, "warn": warn, "at_close": close, **strategy_keys()}, ("calendar",))
    )
    if layers is not None:
        found["layer_order"] = layers
    found["layers"] = {
        name: [draw(rules(number)) for number in range(draw(st.integers(0, 3)))]
        for name in draw(st.lists(st.sampled_from(layers or ["corporate", "customer", "service"]), unique=True))
    }
    found["metrics"] = {
        "handoff": draw(some(own, ("start", "stop"))),
        "no": draw(some(own, ("start", "cancel"))),
        **draw(st.dictionaries(st.sampled_from(list(builtin_metrics())), some(own), max_size=2)),
    }
    found["exceptions"] = [{**draw(entries), "name": f"{number}"} for number in range(draw(st.integers(0, 2)))]
    return found


def depth(condition: Condition) -> int:
    """How deep conditions are nested."""
    return 1 + max(map(depth, condition.parts()), default=0)
