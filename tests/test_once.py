"""Attributes worked out when they are first read."""

from __future__ import annotations

from slaclock._once import once


class Room:
    def __init__(self) -> None:
        self.asked = 0

    @once
    def view(self) -> str:
        """What is seen."""
        self.asked += 1
        return f"view {self.asked}"


def test_what_is_worked_out_is_kept_for_each_instance() -> None:
    one, two = Room(), Room()
    assert ("view 1", "view 1", "view 1") == (one.view, one.view, two.view)
    assert (1, 1) == (one.asked, two.asked)


def test_on_the_class_it_is_itself_and_says_what_it_is_for() -> None:
    assert isinstance(Room.view, once)
    assert "What is seen." == Room.view.__doc__
