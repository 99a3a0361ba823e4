"""What all attempts of one run share in this process: its values, its outputs so far, its loops."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from onecloud.infra.blobs import Blobs
from onecloud.infra.http import Ground
from onecloud.kernel.jsonvalue import Json, as_object, dump
from onecloud.kernel.secret import Secret
from onecloud.runs.items import Items
from onecloud.runs.model import (
    SETTLED_STATES,
    ClosePass,
    DropLoop,
    Effect,
    Event,
    NodeState,
    Opened,
    Settled,
    Spot,
    Unit,
)
from onecloud.runs.plan import Plan
from onecloud.runs.records import Outcome, RunRecord
from onecloud.runs.values import plain
from onecloud.variables.model import Known, Reference, Resolved

SHORTEST_MASKED: Final = 4
VARIABLES: Final = "variable"  # purpose under which encrypted values are sealed
SHOWN_ITEM: Final = 200

SKIPPED: Final[Mapping[str, Resolved]] = {"status": "skipped", "exit_code": None, "message": ""}


@dataclass(slots=True)
class RunWorld:
    """The memory of one run.

    `facts` holds per spot without passes its outputs with status, exit code and message, as far as anything may still
    refer to them; of a loop only the last three. `passes` holds of a repeating command's last pass what its condition
    may look at. `secrets` holds every secret text the run has met: logs, messages
    and shown outputs mask them all. `unwritten` are outcomes of the turn that is just being written.
    """

    ground: Ground
    blobs: Blobs
    threads: ThreadPoolExecutor
    run: RunRecord
    plan: Plan
    known: Known
    on_change: Callable[[], None]
    work_root: Path = field(init=False)
    folders: tuple[Path, ...] = field(init=False)
    references: dict[str, tuple[Reference, ...]] = field(default_factory=dict[str, tuple[Reference, ...]])
    facts: dict[Spot, Mapping[str, Resolved]] = field(default_factory=dict[Spot, Mapping[str, Resolved]])
    passes: dict[Spot, Mapping[str, Resolved]] = field(default_factory=dict[Spot, Mapping[str, Resolved]])
    totals: dict[Spot, int | None] = field(default_factory=dict[Spot, int | None])
    items: dict[Spot, Items] = field(default_factory=dict[Spot, Items])
    dynamic: dict[str, Resolved] = field(default_factory=dict[str, Resolved])
    unwritten: dict[tuple[Unit, int], Outcome] = field(default_factory=dict[tuple[Unit, int], Outcome])
    kept_dynamic: dict[str, Json] = field(default_factory=dict[str, Json])
    secrets: set[str] = field(default_factory=set[str])

    def __post_init__(self) -> None:
        # Once a run: asking the disk for every folder on the way costs more than a light command.
        settings = self.ground.settings
        self.work_root = settings.data.resolve() / "work"
        self.folders = settings.open_folders

    def meet(self, secrets: set[str] | frozenset[str]) -> None:
        """Remember secret texts; very short ones would mask half of every line and hide nothing."""
        self.secrets |= {secret for secret in secrets if len(secret) >= SHORTEST_MASKED}

    def note(self, events: tuple[Event, ...]) -> None:
        """Remember how many passes the loops have that were opened."""
        for event in events:
            if isinstance(event, Opened):
                self.totals[event.spot] = event.total

    def follow(self, effects: tuple[Effect, ...]) -> None:
        """Keep `node.KEY.status` true, and forget what nothing can refer to any more."""
        for effect in effects:
            match effect:
                case Settled(spot, state) if state in SETTLED_STATES:
                    before = self.facts.get(spot, SKIPPED)
                    shown = state if state is not NodeState.STOPPED else NodeState.SKIPPED
                    self.facts[spot] = {**before, "status": shown.value}
                    if spot in self.items:
                        self.items.pop(spot).close()
                case DropLoop(spot):
                    if spot in self.items:
                        self.items.pop(spot).close()
                case ClosePass(group, outer):
                    # The condition of a repeat-until still looks at the pass that just ended.
                    rule = self.plan.nodes[group].iterate
                    gone = outer - 1 if rule is not None and rule.until is not None else outer
                    for key in self.plan.groups[group].keys:
                        self.facts.pop(Spot(key, gone), None)
                case _:
                    pass

    def remember(self, outcome: Outcome) -> None:
        """Take in what an attempt gave, as far as anything may refer to it."""
        unit, node = outcome.unit, self.plan.nodes[outcome.unit.key]
        if unit.item < 0:
            self.facts[unit.spot] = outcome.facts
        elif node.iterate is not None and node.iterate.until is not None:
            self.passes[unit.spot] = outcome.facts

    def items_key(self, spot: Spot) -> str:
        """File key of the values of a loop's passes."""
        return f"runs/{self.run.id}/{spot.key}/{spot.outer}.items.jsonl"

    def item(self, spot: Spot, index: int) -> Resolved:
        """The value of a pass; of a repeat-until its number."""
        total = self.totals[spot]
        if total is None:
            return index
        if spot not in self.items:
            self.items[spot] = Items(self.blobs.path(self.items_key(spot)), total, self.ground.keys)
        return self.items[spot][index]

    def iteration_text(self, unit: Unit) -> str | None:
        """The value of the unit's innermost pass, cut for lists; None where nothing repeats."""
        group = self.plan.nodes[unit.key].group
        if unit.item >= 0:
            spot, index = unit.spot, unit.item
        elif unit.outer >= 0 and group is not None:
            spot, index = Spot(group), unit.outer
        else:
            return None
        value = self.item(spot, index)
        text = "•••" if isinstance(value, Secret) else value if isinstance(value, str) else dump(plain(value))
        return text if len(text) <= SHOWN_ITEM else text[: SHOWN_ITEM - 1] + "…"

    def close(self) -> None:
        """Close the files of the loops."""
        for items in self.items.values():
            items.close()


def opened(ground: Ground, kept: Json) -> Resolved:
    """A value as it was kept: `{"plain": …}` as it is, `{"sealed": …}` opened as a Secret."""
    stored = as_object(kept)
    sealed = stored.get("sealed")
    return stored.get("plain") if sealed is None else Secret(ground.keys.unseal(str(sealed), VARIABLES))
