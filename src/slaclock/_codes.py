"""Every kind of fault that a policy can have, by its stable code.

Programs may rely on the codes; the sentences go into the reference. A code never changes its meaning.
"""

from __future__ import annotations

from typing import Final

__all__ = ["CODES", "UNSEEN"]

CODES: Final[dict[str, str]] = {
    # The document as a whole: reading stops here.
    "unreadable": "The file or stream cannot be read.",
    "not-utf8": "The file is no text in UTF-8.",
    "too-large": "The document is longer than 10 MB, or a part of it is more than its place takes.",
    "too-deep": "Mappings and lists are nested more than 50 levels deep.",
    "too-many-nodes": "The document has more than a million values.",
    "too-many-aliases": "Aliases repeat more than 1,000 values.",
    "control-character": "A character that cannot be printed stands in the text, or is written as an escape.",
    "directive": "A line begins with `%`, as YAML directives do; the format has none.",
    "syntax": "The text is no YAML.",
    "empty": "Something that must have content has none: the document, a mapping or a list.",
    "several-documents": "The file has a second YAML document.",
    # What YAML offers and the format does not take.
    "tag": "A value has a YAML tag; values are read by the place where they stand.",
    "merge-key": "The merge key `<<` is used.",
    "wrong-key": "A key is no text: a list, a mapping, an alias, nothing, or what a loader made of a text.",
    "unknown-alias": "An alias names no anchor above it.",
    "duplicate-anchor": "Two anchors have the same name.",
    "alias-loop": "An alias stands within the value that it repeats.",
    # Keys and types.
    "duplicate-key": "A mapping has a key twice.",
    "unknown-key": "The format has no such key here.",
    "missing-key": "A key that must be there is not.",
    "wrong-type": "The value is of another type than its place wants.",
    "wrong-version": "The document is written in another version of the format.",
    "not-yet": "The format has this key, but this version of slaclock does not read it.",
    "one-key": "A mapping that makes one choice has no key, or several.",
    # Single values.
    "unknown-word": "The value is none of the words that its place knows.",
    "bad-amount": "The text is no amount of time.",
    "bare-day": "An amount is given in days or weeks without saying what a day is.",
    "zero-amount": "An amount is zero.",
    "bad-time": "The text is no time of day.",
    "bad-percentage": "The text is no percentage, or out of range.",
    "bad-number": "The text is no number.",
    "bad-date": "The text is no date or date-time, or the date does not exist.",
    "unknown-zone": "There is no time zone of that name.",
    "empty-window": "A window ends before it begins.",
    "bad-warning": "A warning names no moment: its offset has no sign, or is no open time.",
    "bad-extension": "More time is neither so many times the amount nor an amount of open time, or it is none.",
    # Names that must be known.
    "unknown-calendar": "The policy has no calendar of that name.",
    "unknown-metric": "There is no metric of that name.",
    "unknown-field": "The policy declares its fields, and has none of that name.",
    "unknown-value": "The policy declares the values of the field, and this is none of them.",
    "unknown-status": "The policy lists its statuses, and has none of that name.",
    "unknown-layer": "The policy has no layer of that name.",
    "duplicate-name": "A name is given twice.",
    # What does not fit together.
    "no-calendar": "A calendar is needed, and neither the target nor `defaults` names one.",
    "no-targets": "A rule says nothing: it has neither targets nor exemptions.",
    "no-end": "A metric can never begin or never end: it has no `start`, or neither `stop` nor `cancel`.",
    "needs-by": "A table of targets by value stands in a rule without `by`.",
    "unordered-field": "A field that is declared as no number is compared with one.",
    # In working calendars, besides the ones above.
    "bad-hours": "The text is no opening hours.",
    "late-minute": "Hours end at 23:59 or the like, where the end of the day is written 24:00.",
    "overlap": "Opening hours, or seasons, overlap.",
    "bad-weekday": "The text is no weekday, range or list of them.",
    "repeated-weekday": "A weekday is given hours twice.",
    "repeated-date": "A date is given hours twice.",
    "mixed-range": "One end of a range has a year, the other none.",
    "reversed": "A range or a closure ends before it begins.",
    "bad-instant": "An end of a closure is no date, date-time or instant.",
    "bad-value": "The value is none of the words that its place in a calendar knows.",
    "unknown-country": "The `holidays` package knows no such country.",
    "unknown-subdivision": "The country has no such subdivision.",
    "unknown-categories": "The country has no such category of holidays.",
    "unknown-language": "The country's holidays have no names in that language.",
    "unknown-holiday": "What is to be removed from a source of holidays by its name is not there.",
    "bad-ics": "An iCalendar file or text is broken, or asks for what no calendar of people's would.",
    "bad-calendar": "The calendar cannot be made, for a reason that no other code names.",
}

UNSEEN: Final = frozenset(
    (
        # What the text of a document says, before there is any data.
        "unreadable", "not-utf8", "too-large", "too-deep", "too-many-nodes", "too-many-aliases", "control-character",
        "directive", "syntax", "several-documents", "tag", "merge-key", "wrong-key", "unknown-alias",
        "duplicate-anchor", "alias-loop", "duplicate-key",
        # What a single text says, beyond its form.
        "bad-amount", "bare-day", "zero-amount", "bad-time", "bad-percentage", "bad-date", "unknown-zone", "bad-hours",
        "late-minute", "bad-weekday", "bad-instant", "bad-warning", "bad-extension", "bad-ics",
        # Names, and the values of declared fields.
        "unknown-calendar", "unknown-metric", "unknown-field", "unknown-value", "unknown-status", "unknown-layer",
        "unknown-word", "duplicate-name", "unknown-country", "unknown-subdivision", "unknown-categories",
        "unknown-language", "unknown-holiday",
        # What does not fit together.
        "empty-window", "no-calendar", "needs-by", "unordered-field", "overlap", "repeated-weekday", "repeated-date",
        "mixed-range", "reversed", "bad-calendar",
    )
)  # fmt: skip
"""The codes of faults that the JSON Schema cannot see, or not always."""
