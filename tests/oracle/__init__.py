"""A slow and obvious oracle for service-level clocks that shares no code with slaclock, to hold its answers against.

Time is a row of equal ticks (a minute, or a coarser step that everything lies on). Whatever is asked is found by
walking from tick to tick: the phase of a clock is what the last event left, elapsed is the number of ticks that were
both running and open, and a clock is due at the first running tick at which all that was granted has been counted.
Nothing is kept between two questions: each walks anew from the first event.

`grid` is time, `register` exceptions, `sketch` a policy as plain data, `cycles` one cycle and a promise laid over it,
`life` what events do, `figures` what is true at a tick, `facts` what became of the clocks by then.
"""

from oracle.facts import Chronicle
from oracle.figures import Oracle
from oracle.grid import Clock, Hours
from oracle.life import Told, counting
from oracle.register import Excepted
from oracle.sketch import Own, Promise, Rule, Sketch

__all__ = [
    "Chronicle", "Clock", "Excepted", "Hours", "Oracle", "Own", "Promise", "Rule", "Sketch", "Told", "counting",
]  # fmt: skip
