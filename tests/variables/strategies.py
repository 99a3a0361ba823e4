"""Random templates, references and values for property tests."""

from __future__ import annotations

from hypothesis import strategies as st

from onecloud.kernel.jsonvalue import Json
from onecloud.variables.model import PASS_FACTS, SCOPES, SYSTEM, Piece, Pipe, Piped, Reference, Template, Text
from onecloud.variables.transform import CATALOG, FITS, Parameter

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


def argument_of(parameter: Parameter) -> st.SearchStrategy[Json | Reference]:
    """What may stand for a parameter: a literal of its kind, or a reference."""
    kinds: dict[str, st.SearchStrategy[Json]] = {
        "text": st.text(alphabet='ab,"\\|)}$ñ', min_size=1, max_size=4),
        "number": st.one_of(st.integers(-(10**18), 10**18), st.floats(-1e9, 1e9).map(lambda n: round(n, 6))),
        "whole": st.integers(max(parameter.least or 0, -10), min(parameter.most or 0, 20)),
        "choice": st.sampled_from(parameter.choices or ("",)),
        "format": st.sampled_from(["%Y-%m-%d", "%d.%m.%Y", "%H:%M"]),
        "path": st.sampled_from(["a", "a.b[0]", '["}} |"]', "[*].id"]),
        "any": json_values(st.text(max_size=4)),
    }
    return st.one_of(kinds[parameter.kind], references())


@st.composite
def pipes(draw: st.DrawFn) -> tuple[Pipe, ...]:
    """Transformations that fit each other, with arguments of the right kind."""
    found: list[Pipe] = []
    gives = "any"
    for _ in range(draw(st.integers(1, 3))):
        fitting = sorted(name for name, t in CATALOG.items() if t.takes in FITS[gives])
        transformation = CATALOG[draw(st.sampled_from(fitting))]
        least = sum(not parameter.optional for parameter in transformation.parameters)
        count = draw(st.integers(least, len(transformation.parameters)))
        arguments = tuple(draw(argument_of(parameter)) for parameter in transformation.parameters[:count])
        found.append(Pipe(transformation.name, arguments))
        gives = transformation.gives
    return tuple(found)


piped = st.builds(Piped, references(), pipes())


@st.composite
def templates(draw: st.DrawFn, inner: st.SearchStrategy[Reference | Piped] | None = None) -> Template:
    """A template in normal form: no two texts adjoin. `inner` are its references, plain ones unless given."""
    pieces: list[Piece] = []
    for piece in draw(st.lists(st.one_of(literals.map(Text), references() if inner is None else inner), max_size=5)):
        if pieces and isinstance(piece, Text) and isinstance(pieces[-1], Text):
            continue
        pieces.append(piece)
    return Template(tuple(pieces))


piped_templates = templates(st.one_of(references(), piped))
