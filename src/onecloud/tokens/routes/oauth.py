"""The OAuth endpoints: token, revocation, introspection, and the metadata that names them.

Each opens its own short transaction, so that a database that does not answer becomes 503 and never a false 200.
"""

from __future__ import annotations

from typing import Final

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse, Response

from onecloud.access.guard import public
from onecloud.infra.http import Ground, ground_of
from onecloud.kernel.errors import Unauthenticated
from onecloud.kernel.secret import Secret
from onecloud.tokens import actions, rules
from onecloud.tokens.actions.introspection import Active
from onecloud.tokens.actions.refreshing import RefreshAsked
from onecloud.tokens.format import TokenKind
from onecloud.tokens.model import SCOPES, BearerProblem, Issued, OAuthRefusal
from onecloud.tokens.oauth_form import Fields, check_public, client_claim, idempotency_key, invalid_request
from onecloud.tokens.policy import policy_of
from onecloud.tokens.routes.oauth_wire import (
    NO_STORE,
    Refused,
    accepted,
    answered,
    documented,
    fields_of,
    limits_of,
    only_post,
    origin_of,
    refuse,
)
from onecloud.tokens.shapes import IntrospectionOut, OAuthTokenOut, ServerMetadataOut

router = APIRouter()

TOKEN: Final = "/oauth/token"  # noqa: S105 - an address
REVOKE: Final = "/oauth/revoke"
INTROSPECT: Final = "/oauth/introspect"
METADATA: Final = "/.well-known/oauth-authorization-server"

_CLIENT_ID = "The client id of the API access page."
_ON_TOKEN = documented(
    {
        "grant_type": "refresh_token",
        "client_id": _CLIENT_ID,
        "refresh_token": "The refresh token; it works once.",
        "scope": "May be left out, or: api.",
    },
    ["grant_type", "client_id", "refresh_token"],
    (400, 401, 405, 413, 415, 429, 503),
)
_ON_REVOKE = documented(
    {"token": "An access token or a refresh token.", "client_id": _CLIENT_ID},
    ["token", "client_id"],
    (400, 401, 405, 413, 415, 429, 503),
)
_ON_INTROSPECT = documented(
    {"token": "An access token or a refresh token of the caller."}, ["token"], (400, 401, 405, 413, 415, 429, 503)
)


@router.post(TOKEN, response_model=OAuthTokenOut, **_ON_TOKEN)
@public
async def refresh_token(request: Request) -> Response:
    """Spend a refresh token for a new access token and a new refresh token.

    Each refresh token works once; using it again ends all tokens of its grant. With an `Idempotency-Key` header the
    same request may be repeated for 60 seconds and gets the same answer.
    """

    async def work() -> Response | OAuthRefusal:
        asked, ground = _refresh_asked(request, await fields_of(request)), ground_of(request)
        async with ground.database.transaction() as db:
            outcome = await actions.refresh(db, ground.keys, policy_of(ground.settings), asked)
        return _tokens(outcome) if isinstance(outcome, Issued) else outcome

    return await answered(request, work)


def _refresh_asked(request: Request, fields: Fields) -> RefreshAsked:
    """The refresh that a request asks for.

    Raises: Refused.
    """
    grant = fields.get("grant_type")
    if grant is None:
        raise Refused(invalid_request("The parameter grant_type is missing."))
    if grant != "refresh_token":
        raise Refused(OAuthRefusal("unsupported_grant_type", "The only grant here is refresh_token."))
    client_id = _client_id(request, fields)
    token = fields.get("refresh_token")
    if token is None:
        raise Refused(invalid_request("The parameter refresh_token is missing."))
    if rules.narrowed(SCOPES, fields.get("scope")) is None:
        raise Refused(OAuthRefusal("invalid_scope", f"The scope of this grant is: {rules.ALL_SCOPES}."))
    key = accepted(idempotency_key(request.headers.getlist("idempotency-key")))
    return RefreshAsked(client_id, Secret(token), origin_of(request), key)


def _client_id(request: Request, fields: Fields) -> str:
    """The client that the request says it is.

    Raises: Refused.
    """
    claim = accepted(client_claim(request.headers.getlist("authorization"), fields))
    refusal = check_public(claim)
    if refusal is not None:
        raise Refused(refusal)
    return claim.client_id


def _tokens(issued: Issued) -> Response:
    body = OAuthTokenOut(
        access_token=issued.pair.access.reveal(),
        token_type="Bearer",  # noqa: S106 - the kind of token, not a token
        expires_in=issued.expires_in_s,
        refresh_token=issued.pair.refresh.reveal(),
        scope=rules.ALL_SCOPES,
    )
    return JSONResponse(body.model_dump(), headers=NO_STORE)


@router.post(REVOKE, status_code=200, response_class=Response, **_ON_REVOKE)
@public
async def revoke_token(request: Request) -> Response:
    """End a token; also 200 when it was never known.

    A refresh token takes every token of its grant with it; an access token leaves the refresh token alive.
    """

    async def work() -> Response | OAuthRefusal:
        fields = await fields_of(request)
        client_id, token, ground = _client_id(request, fields), _token(fields), ground_of(request)
        async with ground.database.transaction() as db:
            refusal = await actions.revoke_token(db, ground.keys, client_id, token, origin_of(request))
        return refusal or Response(status_code=200, headers=NO_STORE)

    return await answered(request, work)


def _token(fields: Fields) -> Secret:
    token = fields.get("token")
    if token is None:
        raise Refused(invalid_request("The parameter token is missing."))
    return Secret(token)


@router.post(INTROSPECT, response_model=IntrospectionOut, **_ON_INTROSPECT)
@public
async def introspect_token(request: Request) -> Response:
    """Whether a token of the caller is live, and its facts; send a live access token in the Authorization header.

    Unknown, expired, revoked and other people's tokens all answer exactly `{"active": false}`.
    """

    async def work() -> Response | OAuthRefusal:
        credentials = rules.bearer_token(request.headers.getlist("authorization"), list(request.query_params.keys()))
        if not isinstance(credentials, str):
            return _refuse_bearer(credentials)
        ground = ground_of(request)
        try:
            async with ground.database.reading() as db:
                caller = (await actions.authenticate(db, ground.keys, credentials)).principal
        except Unauthenticated as error:
            return _refuse_bearer(rules.invalid_token(error))
        limits_of(request).take_introspection(caller.user_id)
        token = _token(await fields_of(request))
        async with ground.database.reading() as db:
            active = await actions.introspect(db, ground.keys, caller, token)
        return _facts(active, _issuer(request, ground)) if active else JSONResponse({"active": False}, headers=NO_STORE)

    return await answered(request, work)


def _refuse_bearer(problem: BearerProblem | None) -> Response:
    shown = problem or BearerProblem(401, "invalid_token", "Send a live access token in the Authorization header.")
    return refuse(OAuthRefusal(shown.error, shown.description, shown.status, challenge=rules.bearer_challenge(problem)))


def _facts(active: Active, issuer: str) -> Response:
    facts = IntrospectionOut(
        active=True,
        scope=rules.ALL_SCOPES,
        client_id=active.client_id,
        username=active.email,
        token_type="Bearer" if active.kind is TokenKind.ACCESS else None,
        exp=int(active.expires_at.timestamp()),
        iat=int(active.issued_at.timestamp()),
        sub=str(active.user_id),
        iss=issuer,
    )
    return JSONResponse(facts.model_dump(exclude_none=True), headers=NO_STORE)


@router.get(METADATA)
@public
async def get_authorization_server(request: Request, response: Response) -> ServerMetadataOut:
    """What this server offers to OAuth clients. Source: RFC 8414."""
    ground = ground_of(request)
    issuer = _issuer(request, ground)
    # Without a public address the issuer is what this caller used: no cache may give it to another.
    response.headers["Cache-Control"] = "public, max-age=3600" if ground.settings.public_url else "private, max-age=60"
    return ServerMetadataOut(
        issuer=issuer,
        token_endpoint=issuer + TOKEN,
        token_endpoint_auth_methods_supported=["none"],
        revocation_endpoint=issuer + REVOKE,
        revocation_endpoint_auth_methods_supported=["none"],
        introspection_endpoint=issuer + INTROSPECT,
        introspection_endpoint_auth_methods_supported=["Bearer"],
        grant_types_supported=["refresh_token"],
        # Required by the RFC, and empty: there is no authorization endpoint.
        response_types_supported=[],
        scopes_supported=sorted(SCOPES),
    )


def _issuer(request: Request, ground: Ground) -> str:
    return (ground.settings.public_url or str(request.base_url)).rstrip("/")


@public
async def refuse_method() -> Response:
    """405 with the one method that there is."""
    return only_post()


for _path in (TOKEN, REVOKE, INTROSPECT):
    router.add_api_route(
        _path,
        refuse_method,
        methods=["GET", "HEAD", "PUT", "PATCH", "DELETE", "OPTIONS"],
        include_in_schema=False,
    )
