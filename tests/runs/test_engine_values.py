"""Values on their way into a command: transformed, and hidden as long as a secret is in them."""

from __future__ import annotations

from onecloud.kernel.secret import MASK
from onecloud.runs.model import RunState
from tests.runs.house import House


async def test_what_transformations_make_of_a_secret_is_hidden_as_well(house: House) -> None:
    chain = await house.chain(
        """
onecloud: 1
name: Transformed secrets
variables: [{name: key, value: ab-s3cr3t-planted, encrypted: true}]
start: tell
nodes:
  tell:
    command: script.shell
    inputs:
      code: 'printf "%s" "$KEY"; test "$KEY" = S3CR3T-PLANTED || exit 9'
      environment: {KEY: '${{ chain.key | trim_prefix("ab-") | uppercase }}'}
"""
    )
    run = await house.wait(await house.start(chain))
    tell = (await house.result(run.id))["tell"][0]
    assert run.state is RunState.ALL_SUCCEEDED, tell.message
    assert "S3CR3T-PLANTED" not in house.log(tell) + str(tell.outputs)
    assert MASK in str(tell.outputs)


async def test_a_transformation_that_cannot_be_done_fails_the_node_with_its_sentence(house: House) -> None:
    chain = await house.chain(
        """
onecloud: 1
name: Refused transformation
start: first
nodes:
  first: {command: files.create, inputs: {text: ten}}
  second: {command: files.create, inputs: {text: "${{ node.first.status | add(1) }}"}}
links: [{from: first, to: second}]
"""
    )
    run = await house.wait(await house.start(chain))
    second = (await house.result(run.id))["second"][0]
    assert second.message == (
        'Input text: `node.first.status`: `add`: it needs a number, and this is a text ("succeeded"). '
        "Put `parse_number` before it, or check where the text comes from."
    )
