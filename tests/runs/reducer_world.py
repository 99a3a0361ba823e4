"""Random chains, a fate that fixes what every attempt comes to, and a simulated engine that plays them.

The engine does what the effects say, in an order that the test draws. It holds by itself what must hold at every
moment: no attempt number twice, no unit twice at a time, no count of open nodes below zero.
"""

from __future__ import annotations

import itertools
import zlib
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Final

from hypothesis import strategies as st

from onecloud.chains.model import Definition, Link, Node, OnError, When
from onecloud.chains.parts.iterate import Iterate
from onecloud.runs.model import (
    CancelNode,
    Check,
    Checked,
    DropLoop,
    Effect,
    Event,
    NodeFinished,
    NodeState,
    NodeWaits,
    Open,
    Opened,
    PauseAsked,
    Resumed,
    RetryAt,
    RetryDue,
    RunState,
    Seed,
    ShowNode,
    Spot,
    Started,
    StartNode,
    Unit,
)
from onecloud.runs.plan import Plan, plan_of
from onecloud.runs.reducer import initial, step
from onecloud.runs.state import Run
from onecloud.variables.conditions import Comparison

NOW: Final = datetime(2026, 1, 1, tzinfo=UTC)
SUCCEEDED, WARNED, ERRORED, SKIPPED = NodeState.SUCCEEDED, NodeState.WARNED, NodeState.ERRORED, NodeState.SKIPPED

# --- random chains ---

MET: Final = Comparison("${{ iteration.index }}", "greater_than", 3)  # its fate decides, not its text
WHENS: Final = (When.SUCCESS, When.SUCCESS, When.ANY, When.ANY, When.ANY, When.FAILURE, When.WARNING)
TRIES: Final = ((0, 0.0), (0, 0.0), (0, 0.0), (1, 0.0), (2, 0.0), (1, 5.0), (2, 5.0))
SETTINGS: Final = tuple(itertools.product(TRIES, ((), (), (7,))))
LISTS: Final = tuple(
    Iterate(over=(), parallel=width, on_failure=rule) for width in (1, 1, 2, 3, 4) for rule in ("stop", "continue")
)
UNTILS: Final = tuple(
    Iterate(until=MET, at_most=most, on_failure=r) for most in (1, 3, 6) for r in ("stop", "continue")
)
ORDERLY: Final = tuple(loop for loop in LISTS + UNTILS if loop.parallel == 1 or loop.on_failure == "continue")
COMMANDS: Final = ("command", "command", "command", "loop", "event.conditional", "event.set_result")
KINDS: Final = ("command", "command", "command", "loop", "group", "repeating group", "repeating group", *COMMANDS[-2:])


@st.composite
def definitions(
    draw: st.DrawFn, *, exits: bool = True, pauses: bool = True, orderly: bool = False, first: Sequence[str] = KINDS
) -> Definition:
    """Random acyclic chains of up to eight nodes and groups, with every setting that the reducer reads.

    `exits` and `pauses` are error actions that may be among them. In an orderly one no node's result depends on the
    order in which attempts end. `first` are the kinds that the first node may have.
    """
    actions = [OnError.CONTINUE] * 4 + [OnError.EXIT] * (exits and not orderly) + [OnError.PAUSE] * pauses
    loops = ORDERLY if orderly else LISTS + UNTILS

    def node(key: str, kind: str, group: str | None = None) -> Node:
        action = draw(st.sampled_from(actions))
        loop = draw(st.sampled_from(loops)) if kind in ("loop", "repeating group") else None
        if kind in ("group", "repeating group"):
            return Node(key, on_error=action, iterate=loop, starts=(), skip_if=draw(st.sampled_from((None, None, MET))))
        (retries, pause_s), ignored = draw(st.sampled_from(SETTINGS))
        return Node(
            key,
            kind if kind.startswith("event.") else "x.y",
            retries=retries,
            retry_pause_s=pause_s,
            ignore_exit_codes=ignored,
            on_error=action,
            iterate=loop,
            group=group,
        )

    def links(keys: Sequence[str], lone: Sequence[str] = ()) -> tuple[Link, ...]:
        found: list[Link] = []
        for index, target in enumerate(keys):
            if index and target not in lone:
                several = draw(st.integers(0, 4**index - 1))  # one link in four of the possible ones
                parents = {draw(st.integers(0, index - 1)), *(i for i in range(index) if several >> 2 * i & 3 == 3)}
                found += [Link(keys[i], target, draw(st.sampled_from(WHENS))) for i in sorted(parents)]
        return tuple(found)

    nodes: list[Node] = []
    keys = [f"n{i}" for i in range(draw(st.integers(1, 8)))]
    for key in keys:
        outer = node(key, draw(st.sampled_from(KINDS if nodes else first)))
        if not outer.is_group:
            nodes.append(outer)
            continue
        members = [f"{key}m{i}" for i in range(draw(st.integers(1, 4)))]
        lone = [member for member in members[1:] if draw(st.integers(0, 3)) == 3]
        nodes.append(replace(outer, starts=(members[0], *lone), links=links(members, lone)))
        nodes += [node(member, draw(st.sampled_from(COMMANDS)), key) for member in members]
    return Definition(name="random", start="n0", nodes=tuple(nodes), links=links(keys))


# --- what happens ---


@dataclass(frozen=True, slots=True)
class Fate:
    """What each attempt, opening and check comes to: fixed by the seed, the place and how often it was tried.

    With the seed 0 everything succeeds; late tries always do, so that no run pauses for ever.
    """

    seed: int

    def roll(self, sides: int, *what: object) -> int:
        """A die with so many sides."""
        return (zlib.crc32(repr((self.seed, *what)).encode()) >> 4) % sides if self.seed else 0

    def finished(self, plan: Plan, unit: Unit, attempt: int, nth: int) -> NodeFinished:
        """What the unit's nth attempt comes to."""
        outcomes = (SUCCEEDED, SUCCEEDED, SUCCEEDED, SUCCEEDED, ERRORED, ERRORED, WARNED, SKIPPED)
        state = outcomes[self.roll(8, unit, nth)] if nth < 4 else SUCCEEDED
        command = plan.nodes[unit.key].command
        if command == "event.conditional" and state is WARNED:
            state = SUCCEEDED
        codes = (1, 2) if command == "event.conditional" else (1, 7)
        code = codes[self.roll(2, unit, nth, "code")] if state is ERRORED else 0
        forces = ""
        if command == "event.set_result" and state is SUCCEEDED:
            forces = ("success", "warning", "failure")[self.roll(3, unit)]
        retryable = self.roll(4, unit, nth, "retryable") < 3
        return NodeFinished(unit, attempt, state, code, retryable, NOW, forces, f"By {unit.key}." if forces else "")

    def waits(self, unit: Unit, nth: int) -> bool:
        """Whether the attempt waits for an answer before it ends."""
        return self.roll(6, unit, nth, "waits") == 5

    def opening(self, plan: Plan, spot: Spot, nth: int) -> Event:
        """How many passes the nth opening finds; sometimes none are to be had, or the group is skipped."""
        rolled = self.roll(9, spot, nth, "passes")
        if rolled in (7, 8) and nth < 3:
            state = (SKIPPED, ERRORED)[rolled - 7]
            return NodeFinished(Unit(*spot), 0, state, int(state is ERRORED), retryable=False, at=NOW)
        rule = plan.nodes[spot.key].iterate
        if rule is None:
            return Opened(spot, 1)
        return Opened(spot, None if rule.until is not None else self.roll(6, spot, "total"))

    def checked(self, spot: Spot, index: int, nth: int) -> Checked:
        """What the condition comes to after that pass, looked at for the nth time."""
        rolled = self.roll(6, spot, index, nth, "check")
        if nth >= 3 or rolled in (0, 1):
            return Checked(spot, index, done=True)
        return Checked(spot, index, done=False, fault="It has no such output." if rolled == 5 else "")


fates = st.builds(Fate, st.integers(0, 999))
Choose = Callable[[int], int]


def drawn(data: st.DataObject) -> Choose:
    """An order that the test draws."""
    return lambda choices: data.draw(st.integers(0, choices - 1)) if choices > 1 else 0


# --- the engine ---


@dataclass(frozen=True, slots=True)
class Step:
    """An event with the run before and after it, its effects, and what the engine then owed an answer."""

    event: Event
    before: Run
    run: Run
    effects: tuple[Effect, ...]
    owed: frozenset[Spot]


@dataclass(slots=True)
class World:
    """The engine. `pauses` and `restarts` say how often somebody pauses, and resumes from a node of choice.

    `count` says how often each unit was tried, each loop opened and each condition looked at; `cut` is what cancelled
    attempts would have reported, `seen` what people see of each node.
    """

    plan: Plan
    fate: Fate
    choose: Choose = lambda _: 0
    seed: Seed | None = None
    pauses: int = 0
    restarts: int = 0
    run: Run = field(init=False)
    steps: list[Step] = field(default_factory=list[Step])
    live: dict[Unit, int] = field(default_factory=dict[Unit, int])
    waiting: set[Unit] = field(default_factory=set[Unit])
    retries: list[RetryAt] = field(default_factory=list[RetryAt])
    opens: dict[Spot, None] = field(default_factory=dict[Spot, None])
    checks: dict[Spot, int] = field(default_factory=dict[Spot, int])
    count: Counter[object] = field(default_factory=Counter[object])
    begun: set[tuple[Unit, int]] = field(default_factory=set[tuple[Unit, int]])
    cut: list[NodeFinished] = field(default_factory=list[NodeFinished])
    seen: dict[str, NodeState] = field(default_factory=dict[str, NodeState])
    messages: int = 0

    def __post_init__(self) -> None:
        self.run = initial(self.plan, self.seed)

    @property
    def events(self) -> list[Event]:
        """The journal."""
        return [taken.event for taken in self.steps]

    @property
    def effects(self) -> list[Effect]:
        """All effects in order."""
        return [effect for taken in self.steps for effect in taken.effects]

    def tell(self, event: Event) -> tuple[Effect, ...]:
        """Let the event happen, and do what follows from it."""
        before = self.run
        self.run, effects = step(self.plan, before, event)
        for effect in effects:
            self._follow(effect)
        assert all(count >= 0 for count in self.run.open.values())
        owed = frozenset([*self.opens, *self.checks])
        self.steps.append(Step(event, before, self.run, effects, owed))
        return effects

    def _follow(self, effect: Effect) -> None:
        match effect:
            case StartNode(unit, attempt):
                assert unit not in self.live, "a unit runs once at a time"
                assert (unit, attempt) not in self.begun, "an attempt number never comes again"
                self.begun.add((unit, attempt))
                self.count[unit] += 1
                self.live[unit] = attempt
            case RetryAt():
                self.retries.append(effect)
            case CancelNode(unit, attempt):
                assert self.live.pop(unit) == attempt
                self.waiting.discard(unit)
                self.cut.append(self.fate.finished(self.plan, unit, attempt, self.count[unit]))
            case DropLoop(spot):
                self.opens.pop(spot, None)
                self.checks.pop(spot, None)
            case Open(spot):
                self.count[spot] += 1
                self.opens[spot] = None
            case Check(spot, index):
                self.count[spot, index] += 1
                self.checks[spot] = index
            case ShowNode(key, state):
                self.seen[key] = state
            case _:
                pass

    def finish(self) -> World:
        """Go on until the run ends; it must, since every node settles."""
        if not self.steps:
            self.tell(Started())
        for _ in range(3000):
            if self.run.ended:
                return self
            self.turn()
        raise AssertionError("the run did not end")

    def turn(self) -> None:
        """Something happens: a piece of work ends, or somebody pauses or resumes the run."""
        paused = self.run.state is RunState.PAUSED
        work: list[Unit | RetryAt | Spot | tuple[Spot, int]] = [*self.live, *self.retries, *self.opens]
        work += list(self.checks.items())
        assert work or paused, "the run has not ended, and nothing is under way"
        somebody, often = paused or self.pauses > 0, 1 if paused else 4
        choice = self.choose(len(work) * often + somebody) // often
        if choice < len(work):
            self.work_ends(work[choice])
        elif paused:
            self.messages += 1
            self.tell(Resumed(self.messages, self._restart()))
        else:
            self.pauses -= 1
            self.messages += 1
            self.tell(PauseAsked(self.messages, "Ann"))

    def _restart(self) -> Spot | None:
        if self.restarts <= 0:
            return None
        self.restarts -= 1
        spots = [spot for spot, progress in self.run.spots.items() if progress.state is not NodeState.WAITING]
        return [None, *spots, list(self.run.spots)[-1]][self.choose(len(spots) + 2)]

    def work_ends(self, work: Unit | RetryAt | Spot | tuple[Spot, int]) -> None:
        """One of the things under way is over."""
        match work:
            case Unit():
                self._unit_ends(work)
            case RetryAt(unit, attempt):
                self.retries.remove(work)
                self.tell(RetryDue(unit, attempt))
            case Spot():
                del self.opens[work]
                self.tell(self.fate.opening(self.plan, work, self.count[work]))
            case spot, index:
                del self.checks[spot]
                self.tell(self.fate.checked(spot, index, self.count[spot, index]))

    def _unit_ends(self, unit: Unit) -> None:
        nth = self.count[unit]
        if unit not in self.waiting and self.fate.waits(unit, nth):
            self.waiting.add(unit)
            self.tell(NodeWaits(unit, self.live[unit], None, fails=False))
            return
        event = self.fate.finished(self.plan, unit, self.live.pop(unit), nth)
        if unit in self.waiting:
            self.waiting.discard(unit)
            self.messages += 1
            event = replace(event, event_id=self.messages)
        self.tell(event)


def begins(effects: Sequence[Effect]) -> Iterator[Spot]:
    """The places where something begins."""
    for effect in effects:
        if isinstance(effect, StartNode):
            yield effect.unit.spot
        elif isinstance(effect, Open):
            yield effect.spot


# --- the rules by example ---


def chain(*links: Link, nodes: Sequence[Node] = ()) -> Plan:
    """A plan from links; nodes named in them need no more, `nodes` gives those with settings and the members."""
    given = {node.key: node for node in nodes}
    named = ["a", *(key for link in links for key in (link.source, link.target)), *given]
    every = tuple(given.get(key, Node(key, "x.y")) for key in dict.fromkeys(named))
    return plan_of(Definition(name="example", start="a", nodes=every, links=links))


def group(own: Node, *links: Link, starts: tuple[str, ...], nodes: Sequence[Node] = ()) -> list[Node]:
    """A group and its members."""
    given = {node.key: node for node in nodes}
    named = [*starts, *(end for link in links for end in (link.source, link.target)), *given]
    members = [replace(given.get(m, Node(m, "x.y")), group=own.key) for m in dict.fromkeys(named)]
    return [replace(own, starts=starts, links=links), *members]


def play(plan: Plan, *events: Event, seed: Seed | None = None) -> tuple[Run, list[Effect]]:
    """Started, then the events."""
    run, effects = initial(plan, seed), list[Effect]()
    for event in (Started(), *events):
        run, more = step(plan, run, event)
        effects += more
    return run, effects


def done(
    key: str,
    state: NodeState = SUCCEEDED,
    attempt: int = 1,
    *,
    code: int | None = None,
    outer: int = -1,
    item: int = -1,
) -> NodeFinished:
    """An attempt that ended."""
    exit_code = code if code is not None else int(state is ERRORED)
    return NodeFinished(Unit(key, outer, item), attempt, state, exit_code, retryable=True, at=NOW)


def started(effects: Sequence[Effect]) -> list[tuple[Unit, int]]:
    """The attempts that began."""
    return [(effect.unit, effect.attempt) for effect in effects if isinstance(effect, StartNode)]


def states(run: Run) -> dict[str, NodeState]:
    """The states of the nodes outside repeating groups."""
    return {spot.key: progress.state for spot, progress in run.spots.items() if spot.outer < 0}
