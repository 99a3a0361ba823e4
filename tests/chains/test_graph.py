"""The shape of any graph, against slow and plain definitions of the same words."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from onecloud.chains.graph import circles, shape_of
from onecloud.chains.model import Definition, Link, Node, When

keys = st.sampled_from("abcdef")
links = st.builds(Link, keys, keys, st.sampled_from(When))


@st.composite
def graphs(draw: st.DrawFn) -> Definition:
    """A definition with any links at all between few nodes, some of them to nodes that are not there."""
    names = draw(st.lists(keys, min_size=1, unique=True))
    return Definition("g", names[0], tuple(Node(n, "x.y") for n in names), tuple(draw(st.lists(links, max_size=12))))


def led_to(key: str, arrows: list[Link]) -> set[str]:
    """Every node at the end of a way from the key, by trying every arrow until nothing changes."""
    found: set[str] = set()
    while more := {a.target for a in arrows if a.source in found | {key}} - found:
        found |= more
    return found


@given(graphs())
def test_connected_is_what_the_start_leads_to(graph: Definition) -> None:
    there = {n.key for n in graph.nodes}
    arrows = [li for li in graph.links if {li.source, li.target} <= there]
    shape = shape_of(graph)
    assert shape.connected == led_to(graph.start, arrows) | {graph.start}


@given(graphs())
def test_before_a_connected_node_are_the_connected_nodes_that_lead_to_it(graph: Definition) -> None:
    shape = shape_of(graph)
    arrows = [li for li in shape.links if li.source in shape.connected]
    for key in shape.connected:
        assert shape.before(key) == {k for k in shape.connected if key in led_to(k, arrows)} - {key}
        well = {
            a.source
            for a in arrows
            if a.when is not When.FAILURE and (a.target == key or key in led_to(a.target, arrows))
        }
        assert shape.finished_before(key) == well - {key}


@given(st.lists(links, max_size=12))
def test_circles_are_found_exactly_when_there_are_some(arrows: list[Link]) -> None:
    found = circles(arrows)
    in_one = {a.source for a in arrows if a.source in led_to(a.source, arrows)}
    assert bool(found) == bool(in_one)
    steps = {(a.source, a.target) for a in arrows}
    for circle in found:
        assert set(zip(circle, (*circle[1:], circle[0]), strict=True)) <= steps
        assert len(set(circle)) == len(circle)
