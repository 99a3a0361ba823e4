"""Notifications in a chain: read and written, checked, and resolved for what happened."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from onecloud.access import actions as access
from onecloud.chains import actions
from onecloud.chains.catalog import catalog
from onecloud.chains.check import Checked
from onecloud.chains.codec import decode, encode
from onecloud.chains.document import document_text, parse_document
from onecloud.chains.notices import fired
from onecloud.chains.parts.notification import EmailNotice, NotificationSpec
from onecloud.chains.validation import validated
from onecloud.connector.context import FileRef
from onecloud.infra.http import Ground
from onecloud.kernel.errors import Invalid
from onecloud.kernel.principal import Principal
from onecloud.kernel.secret import Secret
from onecloud.notify.model import Attachment, Notice
from onecloud.variables.model import Missing, Reference, Resolved
from onecloud.workspaces import actions as workspaces
from onecloud.workspaces.model import EnvironmentFields, WorkspaceFields
from tests.chains.make import SPECS, document

FILE = FileRef(name="rows.csv", blob="runs/1/rows.csv", size_bytes=12, media_type="text/csv")
WHOLE = """\
notifications:
  - on: [errored, warned]
    email:
      to: [ada@example.com, '${{ workspace.owner }}']
      subject: Rows are wrong
      text: "There are ${{ node.a.count }} rows."
      attach: ['${{ node.a.file }}']
  - apprise: ${{ workspace.channel }}
    apprise_text: Look at it.
  - on: [succeeded]
    email: {to: [ada@example.com]}
    digest: daily
"""
NODES = "a: {command: box.read, inputs: {path: x}}\nb: {command: box.read, inputs: {path: y}}"
LINKS = "- {from: a, to: b}"


def check(more: str, nodes: str = NODES, links: str = LINKS) -> Checked:
    return validated(document(nodes, links, more=more), SPECS)


def faults(checked: Checked) -> list[tuple[str, str]]:
    return [(problem.where, problem.message) for problem in checked.problems]


def test_a_whole_notification_is_read_stored_and_written() -> None:
    text = document(NODES, LINKS, more=WHOLE)
    definition = parse_document(text).definition
    first, second, third = definition.notifications
    assert first.on == ("errored", "warned")
    assert first.email is not None
    assert first.email.to == ("ada@example.com", "${{ workspace.owner }}")
    assert (second.on, second.digest, third.digest) == (("errored",), "none", "daily")
    assert decode(encode(definition)) == definition
    assert parse_document(document_text(definition)).definition == definition
    checked = validated(text, SPECS)
    assert (checked.problems, checked.notes) == ((), ())


def test_a_command_and_a_group_have_notifications_too() -> None:
    nodes = (
        "a: {group: {start: [m], nodes: {m: {command: box.read, inputs: {path: x}, "
        "notifications: [{email: {to: [a@x.example], text: '${{ node.m.count }}'}}]}}}, "
        "notifications: [{on: [stopped], email: {to: [a@x.example], text: '${{ node.a.status }}'}}]}"
    )
    definition = parse_document(document(nodes)).definition
    assert [len(node.notifications) for node in definition.nodes] == [1, 1]
    assert parse_document(document_text(definition)).definition == definition
    assert check("", nodes, "").problems == ()


@pytest.mark.parametrize(
    ("entry", "where", "message"),
    [
        ("{on: [errored]}", "", "This notification tells nobody."),
        ("{email: {to: [nobody]}}", ".email.to[0]", "`nobody` is no email."),
        ("{email: {to: ['a@x, b@x']}}", ".email.to[0]", "`a@x, b@x` is no email."),
        ("{email: {to: [a@x], attach: [rows.csv]}}", ".email.attach[0]", "This is no reference to a file."),
        (
            "{email: {to: [a@x], attach: ['${{ node.a.file }} ']}}",
            ".email.attach[0]",
            "This is no reference to a file.",
        ),
        ("{email: {to: [a@x]}, apprise_text: x}", ".apprise_text", "There is no `apprise` that this text is for."),
        ("{apprise: hello}", ".apprise", "This is no Apprise address"),
        ("{apprise: 'mailto://a:b@x.example'}", ".apprise", "Addresses of the kind mailto:// are not taken"),
        ("{email: {to: [a@x], text: x}, digest: daily}", ".email.text", "A digest holds one line"),
        ("{email: {to: [a@x], subject: x}, digest: hourly}", ".email.subject", "A digest holds one line"),
        ("{email: {to: [a@x], text: '${{ node.c.count }}'}}", ".email.text", "There is no node `c`."),
        ("{email: {to: [a@x], text: '${{ node.a.rows }}'}}", ".email.text", "`box.read` has no output `rows`."),
        ("{email: {to: ['${{ input.who }}']}}", ".email.to[0]", "The chain has no runtime input `who`."),
        ("{apprise: '${{ chain.channel }}'}", ".apprise", "The chain has no variable `channel`."),
        ("{email: {to: [a@x], text: '${{ node.a. }}'}}", ".email.text", "At character"),
    ],
)
def test_a_notification_that_cannot_be_is_refused(entry: str, where: str, message: str) -> None:
    for more, nodes, place in (
        (f"notifications: [{entry}]\n", NODES, "notifications[0]"),
        ("", NODES.replace("path: y}}", f"path: y}}, notifications: [{entry}]}}"), "nodes.b.notifications[0]"),
    ):
        found = faults(check(more, nodes))
        assert [place + where] == [place for place, _ in found]
        assert message in found[0][1]


@pytest.mark.parametrize(
    "entry",
    [
        "{on: [], email: {to: [a@x]}}",
        "{on: [failed], email: {to: [a@x]}}",
        "{email: {to: []}}",
        "{email: {to: a@x}}",
        "{email: {to: [a@x], cc: [b@x]}}",
        "{email: {to: [a@x]}, digest: weekly}",
        "{apprise: ''}",
    ],
)
def test_a_notification_of_another_shape_is_refused(entry: str) -> None:
    with pytest.raises(Invalid) as refused:
        parse_document(document(NODES, LINKS, more=f"notifications: [{entry}]\n"))
    assert refused.value.problems[0].where.startswith("notifications[0]")


def test_a_command_tells_of_itself_and_of_what_came_before() -> None:
    entry = "[{email: {to: [a@x], text: '${{ node.a.count }} ${{ node.b.count }}'}}]"
    assert check("", NODES.replace("path: y}}", f"path: y}}, notifications: {entry}}}")).problems == ()
    later = check("", NODES.replace("path: x}}", f"path: x}}, notifications: {entry}}}"))
    assert faults(later) == [("nodes.a.notifications[0].email.text", "Line 5: Node `b` does not run before `a`.")]


def test_a_secret_that_stands_in_the_chain_is_noted() -> None:
    checked = check("notifications: [{apprise: 'slack://TokenA/TokenB/TokenC'}]\n")
    assert checked.problems == ()
    (note,) = checked.notes
    assert note.where == "notifications[0].apprise"
    assert "everybody who sees the chain can read it" in note.message
    assert "TokenA" not in note.sentence()


# --- what is told, with references replaced ---

KNOWN: dict[str, Resolved] = {
    "workspace.owner": "bob@example.com, eve@example.com",
    "workspace.owners": ["bob@example.com", "eve@example.com"],
    "workspace.empty": None,
    "workspace.hidden": Secret("carol@example.com"),
    "workspace.channel": Secret("slack://A/B/C"),
    "workspace.open": "json://x.example",
    "node.a.file": FILE,
    "node.a.files": [FILE, FILE],
    "node.a.row": FILE.model_dump(),
    "node.a.broken": {"kind": "file", "blob": 1, "size_bytes": "many"},
    "node.a.count": 3,
    "node.a.deep": {"password": Secret("s3cret"), "files": [FILE]},
}


def lookup(reference: Reference) -> Resolved:
    if str(reference) not in KNOWN:
        raise Missing(reference, "it has no value", "Set it.")
    return KNOWN[str(reference)]


def notice(**fields: Any) -> Notice:
    email: dict[str, Any] = {"to": ()}
    email |= {name: fields.pop(name) for name in ("to", "subject", "text", "attach") if name in fields}
    spec = NotificationSpec(email=EmailNotice(**email), **fields)
    (found,) = fired([spec], "errored", lookup)
    return found


def test_only_what_is_for_the_status_fires() -> None:
    specs = [NotificationSpec(on=("errored",)), NotificationSpec(on=("succeeded", "warned")), NotificationSpec()]
    assert len(fired(specs, "errored", lookup)) == 2
    assert len(fired(specs, "warned", lookup)) == 1
    assert fired(specs, "paused", lookup) == []


def test_texts_take_in_outputs_and_never_a_secret() -> None:
    found = notice(
        to=("a@x",),
        subject="${{ node.a.count }}",
        text="${{ node.a.count }} in ${{ node.a.file }}, ${{ workspace.hidden }}; ${{ node.a.deep }}",
        apprise_text="${{ workspace.channel }}",
        apprise="${{ workspace.channel }}",
    )
    assert found.subject == "3"
    assert found.text == '3 in rows.csv, •••; {"password":"•••","files":["rows.csv"]}'
    assert found.apprise_text == "•••"
    assert found.apprise == Secret("slack://A/B/C")
    assert found.faults == ()


def test_a_text_takes_in_values_through_transformations() -> None:
    found = notice(
        text="${{ node.a.count | add(1) }}, ${{ workspace.hidden | uppercase }}, ${{ workspace.open | uppercase }}"
    )
    assert found.text == "4, •••, JSON://X.EXAMPLE"
    wrong = notice(text="${{ node.a.count }} and ${{ workspace.open | add(1) }}")
    assert wrong.text == "3 and ${{ workspace.open | add(1) }}"
    assert len(wrong.faults) == 1


def test_recipients_come_one_by_one_or_several_at_once() -> None:
    found = notice(to=("a@x", "${{ workspace.owner }}", "${{ workspace.owners }}", "${{ workspace.empty }}"))
    assert found.to == ("a@x", "bob@example.com, eve@example.com", "bob@example.com", "eve@example.com")
    assert found.faults == ()


def test_files_go_along() -> None:
    file = Attachment("runs/1/rows.csv", "rows.csv", 12, "text/csv")
    assert notice(attach=("${{ node.a.file }}", "${{ node.a.files }}")).attachments == (file, file, file)
    row = notice(attach=("${{ node.a.row }}",), text="${{ node.a.row }}")  # as a result's row has it
    assert (row.attachments, row.text, row.faults) == ((file,), "rows.csv", ())


@pytest.mark.parametrize(
    ("fields", "fault"),
    [
        ({"to": ("${{ workspace.gone }}",)}, "`workspace.gone` in this notification: it has no value. Set it."),
        ({"to": ("${{ workspace.hidden }}",)}, "is encrypted; name people by a variable that is not"),
        ({"to": ("${{ node.a.count }}",)}, "is no email"),
        ({"attach": ("${{ node.a.count }}",)}, "is not a file, so it is not attached"),
        ({"attach": ("${{ node.a.broken }}",)}, "is not a file, so it is not attached"),
        ({"attach": ("${{ node.a.gone }}",)}, "`node.a.gone` in this notification"),
        ({"apprise": "${{ workspace.empty }}"}, "came out empty"),
        ({"apprise": "${{ workspace.gone }}"}, "`workspace.gone` in this notification"),
    ],
)
def test_what_cannot_be_resolved_is_said(fields: dict[str, Any], fault: str) -> None:
    found = notice(**fields)
    assert len(found.faults) == 1
    assert fault in found.faults[0]
    assert (found.to, found.attachments, found.apprise) == ((), (), None)


def test_the_rest_of_a_text_is_worth_more_than_nothing() -> None:
    found = notice(text="${{ node.a.count }} rows; ${{ node.a.gone }}!")
    assert found.text == "3 rows; ${{ node.a.gone }}!"
    assert found.faults == ("`node.a.gone` in this notification: it has no value. Set it.",)


@given(st.lists(st.sampled_from([*KNOWN, "node.a.gone", "workspace.gone"]), max_size=6))
def test_no_text_holds_a_secret_whatever_it_refers_to(names: list[str]) -> None:
    text = " ".join(f"${{{{ {name} }}}}" for name in names)
    found = notice(to=(text,), subject=text, text=text, apprise_text=text)
    for shown in (found.subject, found.text, found.apprise_text):
        assert not any(secret in shown for secret in ("carol", "slack://", "s3cret"))


# --- in its place ---


async def test_recipients_who_cannot_be_told_are_noted_when_the_chain_is_published(ground: Ground) -> None:
    text = document(
        "a: {command: box.read, inputs: {path: x}, notifications: [{email: {to: [eve@elsewhere.example]}}]}",
        more="notifications: [{email: {to: [Ada@example.com, bob@example.com]}}]\n",
    )
    async with ground.database.transaction() as db:
        user = await access.create_admin(db, "ada@example.com", "correct-horse-1")
        bob = await access.create_admin(db, "bob@example.com", "correct-horse-1")
        await access.set_admin(db, None, bob.id, is_admin=False)
        caller = Principal(user.id, user.email, "Ada", is_admin=True, via="cli")
        workspace = await workspaces.create_workspace(db, caller, WorkspaceFields("Finance"))
        dev = await workspaces.create_environment(db, caller, workspace.id, EnvironmentFields("DEV"))
        applied = await actions.apply(db, ground.keys, caller, dev.id, text, publish=True, commands=SPECS)
        again = await actions.publish(db, caller, applied.chain.id, commands=SPECS)
    assert applied.version is not None
    told = {note.where: note.message for note in applied.notes}
    assert set(told) == {"notifications[0].email.to[1]", "nodes.a.notifications[0].email.to[0]"}
    assert "The user bob@example.com may not see the environment" in told["notifications[0].email.to[1]"]
    assert "not the email of a user" in told["nodes.a.notifications[0].email.to[0]"]
    said = {note.where: note.message for note in again.notes}
    assert set(said) == set(told)
    assert "The user bob@example.com may not see the chain" in said["notifications[0].email.to[1]"]


def test_every_chain_on_the_page_about_notifications_is_sound() -> None:
    page = (Path(__file__).parents[2] / "docs" / "notifications.md").read_text(encoding="utf-8")
    chains = re.findall(r"^```yaml\n(.*?)^```", page, re.MULTILINE | re.DOTALL)
    assert chains
    for chain in chains:
        checked = validated(chain, catalog())
        assert (checked.problems, checked.notes) == ((), ())
