"""What each body of API v1 must look like, written by hand as JSON Schemas: every field, its type, nothing else."""

from __future__ import annotations

from typing import Any, Final, TypeAlias

from jsonschema import Draft202012Validator

Schema: TypeAlias = dict[str, Any]

TEXT: Final[Schema] = {"type": "string"}
TEXT_OR_NULL: Final[Schema] = {"type": ["string", "null"]}
WHOLE: Final[Schema] = {"type": "integer"}
WHOLE_OR_NULL: Final[Schema] = {"type": ["integer", "null"]}
FLAG: Final[Schema] = {"type": "boolean"}
ROW: Final[Schema] = {"type": "string", "pattern": r"^[1-9][0-9]*$"}
GUID: Final = "[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}"
EXACT_TIME: Final[Schema] = {"type": "string", "pattern": r"^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{6}$"}
# Empty when there is no such moment (yet): the contract's type is a text without null.
SECOND_TIME: Final[Schema] = {"type": "string", "pattern": r"^(\d{4}-\d\d-\d\d \d\d:\d\d:\d\d)?$"}
COLOR: Final[Schema] = {"type": "string", "pattern": "^#[0-9A-Fa-f]{6}$"}


def each(item: Schema) -> Schema:
    """A list of these."""
    return {"type": "array", "items": item}


def exactly(**fields: Schema) -> Schema:
    """An object with these fields, all of them and no other."""
    return {"type": "object", "properties": fields, "required": list(fields), "additionalProperties": False}


def one_of(*values: str) -> Schema:
    """One of these texts."""
    return {"enum": list(values)}


# Of an encrypted variable nothing is told; of another one everything.
VARIABLE: Final[Schema] = {
    "oneOf": [
        exactly(key=TEXT, label=TEXT, defaultValue=TEXT, value=TEXT, encrypted={"const": False}),
        exactly(key=TEXT, label=TEXT, defaultValue={"const": ""}, value={"type": "null"}, encrypted={"const": True}),
    ]
}
WORKSPACE: Final = exactly(
    id=ROW, company_id=ROW, external_id=TEXT, name=TEXT, description=TEXT, variables=each(VARIABLE)
)
ENVIRONMENT: Final = exactly(
    id=ROW,
    name=TEXT,
    description=TEXT,
    position=WHOLE,
    color=COLOR,
    chains_count=WHOLE,
    variables=each(VARIABLE),
    settings=exactly(color=COLOR),
    created_at=EXACT_TIME,
    updated_at=EXACT_TIME,
)
SHORT_CHAIN_FIELDS: Final[dict[str, Schema]] = {
    "id": ROW,
    "internal_id": WHOLE,
    "name": TEXT,
    "description": TEXT,
    "created_at": EXACT_TIME,
    "updated_at": EXACT_TIME,
}
SHORT_CHAIN: Final = exactly(**SHORT_CHAIN_FIELDS)
SCHEDULE: Final = exactly(
    enabled=FLAG,
    start_at=TEXT,
    end_at=TEXT_OR_NULL,
    properties=exactly(
        days_of_month=each(TEXT),
        days_of_week=each(TEXT),
        recurring_interval=WHOLE,
        recurring_type=TEXT,
        run_at_hours=WHOLE,
        run_at_minutes=WHOLE,
        run_at_seconds=WHOLE,
        stop_at_hours=WHOLE_OR_NULL,
        stop_at_minutes=WHOLE_OR_NULL,
        zone=TEXT,
    ),
)
CHAIN: Final = exactly(
    **SHORT_CHAIN_FIELDS,
    disabled=FLAG,
    concurrency_enabled=FLAG,
    runtime_inputs=each(exactly(vuid={"type": "string", "pattern": rf"^data\.chain\.{GUID}$"}, data_type=TEXT)),
    schedules=each(SCHEDULE),
)
COMMAND: Final = exactly(
    id={"type": "string", "pattern": f"^{GUID}$"},
    link_id={"type": "string", "pattern": f"^({GUID})?$"},
    name=TEXT,
    description=TEXT,
)
RUN_FIELDS: Final[dict[str, Schema]] = {
    "id": ROW,
    "chainId": ROW,
    "envId": ROW,
    "userId": TEXT,
    "userName": TEXT,
    "startAt": SECOND_TIME,
    "endAt": SECOND_TIME,
    "pausedAt": SECOND_TIME,
    "resumedAt": SECOND_TIME,
    "state": one_of("sleeping", "enqueueing", "paused", "errored", "warned", "all_succeeded", "stopped"),
    "launchType": one_of("manual", "api", "schedule", "trigger", "slack", "trigger_event"),
    "resultText": TEXT,
}
RUN: Final = exactly(**RUN_FIELDS)
RESULT: Final = exactly(
    id=TEXT,
    iteratorValue=TEXT,
    outputLogUrl=TEXT,
    outputVariables=exactly(data=TEXT, path=TEXT),
    state=one_of("active", "errored", "skipped", "warned", "succeeded", "stopped"),
)
RUN_NODE: Final = exactly(
    id=TEXT,
    nodeId={"type": "string", "pattern": f"^{GUID}$"},
    name=TEXT,
    nodeType=one_of("command", "event"),
    iterable=FLAG,
    startAt=SECOND_TIME,
    endAt=SECOND_TIME,
    state=one_of("sleeping", "paused", "skipped", "errored", "warned", "succeeded"),
    results=each(RESULT),
)
RUN_WITH_NODES: Final = exactly(**RUN_FIELDS, nodes=each(RUN_NODE), rootCause=TEXT_OR_NULL)
RUN_PAGE: Final = exactly(cursor=TEXT, chainExecutors=each(RUN))
ERROR: Final = exactly(
    error={"type": "string", "pattern": "^[a-z0-9_.]+$"}, error_description={"type": "string", "minLength": 1}
)


# Who may do what.
USER: Final = exactly(
    id=ROW,
    email=TEXT,
    first_name=TEXT_OR_NULL,
    last_name=TEXT_OR_NULL,
    sso_enabled=FLAG,
    last_sign_in_at={"oneOf": [EXACT_TIME, {"type": "null"}]},
    created_at=EXACT_TIME,
)
USER_GROUP: Final = exactly(id=ROW, name=TEXT, default=FLAG, created_at=EXACT_TIME)
PERMISSION: Final = exactly(
    id=ROW,
    object_id=ROW,
    object_type=one_of("Workspace", "Environment", "Chain"),
    object_name=TEXT,
    name=one_of("read", "execute", "write", "create", "admin"),
    user_groups=each(USER_GROUP),
)
LOGIN_ACTIVITY: Final = exactly(
    id=ROW,
    identity=TEXT,
    context=TEXT,
    success=FLAG,
    failure_reason=TEXT,
    user_id=TEXT,
    ip=TEXT,
    city=TEXT,
    region=TEXT,
    country=TEXT,
    created_at=EXACT_TIME,
)
ACTIVITY: Final = exactly(
    id=ROW,
    trackable_type=TEXT,
    trackable_id=TEXT,
    owner_type=TEXT,
    owner_id=TEXT,
    key={"type": "string", "pattern": r"^[a-z_]+\.[a-z_]+$"},
    parameters={"type": "object", "required": ["id"]},
    recipient_type=TEXT,
    recipient_id=TEXT,
    created_at=EXACT_TIME,
    updated_at=EXACT_TIME,
)


def check(body: Any, schema: Schema) -> None:
    """Fail with every place where the body is not as the schema says."""
    validator: Any = Draft202012Validator(schema)  # typed loosely where it comes from
    faults = [f"{fault.json_path}: {fault.message}" for fault in validator.iter_errors(body)]
    assert not faults, faults


def check_data(body: Any, schema: Schema) -> None:
    """The same for a body in the envelope `data`."""
    check(body, exactly(data=schema))
