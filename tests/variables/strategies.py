"""Random templates, references and values for property tests."""

from __future__ import annotations

from hypothesis import strategies as st

from onecloud.kernel.jsonvalue import Json
from onecloud.variables.model import PASS_FACTS, SCOPES, SYSTEM, Reference, Template, Text

# Made of what the language itself uses, so that every escape is met in a hundred examples.
parts = st.sampled_from(["$", "$", "$$", "{", "{{", "${{", "}}", "[", "]", '"', ".", " ", "\n", "\\", "a", "ñ"])
literals = st.lists(parts, min_size=1, max_size=5).map("".join)
names = st.one_of(st.from_regex(r"[a-zA-Z_][\w-]{0,8}", fullmatch=True), literals)
steps = st.lists(st.one_of(names, st.integers(-99, 99)), max_size=3)


@st.composite
def references(draw: st.DrawFn) -> Reference:
    """A reference that the language allows."""
    scope = draw(st.sampled_from(SCOPES))
    if scope == "system":
        return Reference(scope, (draw(st.sampled_from(sorted(SYSTEM))),))
    if scope in {"iteration", "group"}:
        fact = draw(st.sampled_from(sorted(PASS_FACTS)))
        return Reference(scope, (fact, *draw(steps)) if fact == "value" else (fact,))
    first = (draw(names), draw(names)) if scope == "node" else (draw(names),)
    return Reference(scope, (*first, *draw(steps)))


@st.composite
def templates(draw: st.DrawFn) -> Template:
    """A template in normal form: no two texts adjoin."""
    pieces: list[Text | Reference] = []
    for piece in draw(st.lists(st.one_of(literals.map(Text), references()), max_size=5)):
        if pieces and isinstance(piece, Text) and isinstance(pieces[-1], Text):
            continue
        pieces.append(piece)
    return Template(tuple(pieces))


def json_values(texts: st.SearchStrategy[str]) -> st.SearchStrategy[Json]:
    """JSON of any depth with the given texts as its leaves."""
    scalars = st.one_of(
        texts, st.none(), st.booleans(), st.integers(), st.floats(allow_nan=False, allow_infinity=False)
    )
    return st.recursive(
        scalars,
        lambda inner: st.one_of(st.lists(inner, max_size=4), st.dictionaries(st.text(max_size=5), inner, max_size=4)),
        max_leaves=12,
    )
