"""Setup, sign-in, sessions, people and the sign-in log over HTTP."""

from __future__ import annotations

from fastapi import APIRouter, Depends, Request, Response

from onecloud import __version__
from onecloud.access import actions, rules
from onecloud.access.cookie import SESSION_COOKIE
from onecloud.access.guard import Admin, SignedIn, public, requires_own_page
from onecloud.access.model import Profile, User, Visitor
from onecloud.access.model import SignedIn as NewSession
from onecloud.access.shapes import (
    InvitationAnswer,
    InvitationState,
    InvitationToken,
    LoginActivityOut,
    LoginActivityPage,
    PasswordResetIn,
    PersonChange,
    PersonOut,
    PersonPage,
    ResetLinkOut,
    SessionOut,
    SetupIn,
    SetupState,
    SignInIn,
    UserOut,
    person_out,
)
from onecloud.access.throttle import admit_attempt
from onecloud.activity import actions as activity
from onecloud.infra.http import GroundPart, Reading, Session
from onecloud.infra.settings import Settings
from onecloud.kernel.secret import Secret

# Every door that is open without credentials: our own pages and programs only, so many times a minute.
_door = [Depends(requires_own_page), Depends(admit_attempt)]
router = APIRouter(tags=["access"])
log = APIRouter(tags=["activity"])


@router.get("/api/v2/setup")
@public
async def get_setup_state(db: Reading) -> SetupState:
    """Whether the server still waits for its first administrator."""
    return SetupState(needed=await actions.is_setup_needed(db))


@router.post("/api/v2/setup", status_code=201, dependencies=_door)
@public
async def set_up(body: SetupIn, request: Request, response: Response, ground: GroundPart) -> SessionOut:
    """Make the first administrator with the setup link's token, and sign them in."""
    profile = Profile(body.email, Secret(body.password), body.first_name, body.last_name)
    made = await actions.set_up(ground, body.token, profile, _visitor(request), request.cookies.get(SESSION_COOKIE))
    return _welcome(response, made, ground.settings)


@router.post("/api/v2/session", status_code=201, dependencies=_door)
@public
async def sign_in(body: SignInIn, request: Request, response: Response, ground: GroundPart) -> SessionOut:
    """Sign in: sets the session cookie. Six wrong passwords lock the account; a reset link opens it again."""
    made = await actions.sign_in(
        ground, body.email, Secret(body.password), _visitor(request), request.cookies.get(SESSION_COOKIE)
    )
    return _welcome(response, made, ground.settings)


@router.get("/api/v2/session")
async def get_session(
    caller: SignedIn, db: Reading, request: Request, response: Response, ground: GroundPart
) -> SessionOut:
    """Who is signed in, and the CSRF token of the session."""
    user = await actions.get_user(db, caller.user_id)
    return _session(response, user, request.cookies[SESSION_COOKIE], ground.settings)


@router.delete("/api/v2/session", status_code=204)
async def sign_out(caller: SignedIn, db: Session, request: Request, response: Response, ground: GroundPart) -> None:
    """End this session."""
    await actions.sign_out(db, ground.keys, caller, request.cookies[SESSION_COOKIE])
    _forget(response, ground.settings)


@router.delete("/api/v2/sessions", status_code=204)
async def sign_out_everywhere(caller: SignedIn, db: Session, response: Response, ground: GroundPart) -> None:
    """End every session of the caller, on every device. API tokens stay."""
    await actions.sign_out_everywhere(db, caller)
    _forget(response, ground.settings)


@router.post("/api/v2/password-reset", status_code=204, dependencies=_door)
@public
async def reset_password(body: PasswordResetIn, ground: GroundPart) -> None:
    """Set a new password with a reset link's token: unlocks the account, ends its sessions and API tokens."""
    await actions.reset_password(ground, body.token, Secret(body.password))


@router.post("/api/v2/invitation/look", dependencies=_door)
@public
async def look_at_invitation(body: InvitationToken, ground: GroundPart) -> InvitationState:
    """Whom an invitation's token is for; nothing is spent."""
    user = await actions.invited_by(ground, body.token)
    return InvitationState(email=user.email, first_name=user.first_name, last_name=user.last_name)


@router.post("/api/v2/invitation", status_code=201, dependencies=_door)
@public
async def accept_invitation(
    body: InvitationAnswer, request: Request, response: Response, ground: GroundPart
) -> SessionOut:
    """Accept an invitation with its link's token: sets the password and the name, and signs in."""
    profile = Profile("", Secret(body.password), body.first_name, body.last_name)
    made = await actions.accept_invitation(
        ground, body.token, profile, _visitor(request), request.cookies.get(SESSION_COOKIE)
    )
    return _welcome(response, made, ground.settings)


@router.get("/api/v2/users")
async def list_users(caller: Admin, db: Reading, cursor: str | None = None, limit: int = 50) -> PersonPage:
    """People in the order of their creation."""
    found, next_cursor = await actions.list_users(db, cursor, limit)
    return PersonPage(items=[person_out(user) for user in found], next_cursor=next_cursor)


@router.patch("/api/v2/users/{user_id}")
async def change_user(user_id: str, body: PersonChange, caller: Admin, db: Session) -> PersonOut:
    """Disable or enable a person, give or take the administrator right."""
    number = rules.user_number(user_id)
    user = await actions.get_user(db, number)
    if body.disabled is not None:
        user = await actions.set_disabled(db, caller, number, disabled=body.disabled)
    if body.is_admin is not None:
        user = await actions.set_admin(db, caller, number, is_admin=body.is_admin)
    return person_out(user)


@router.post("/api/v2/users/{user_id}/reset-link", status_code=201)
async def create_reset_link(
    user_id: str, caller: Admin, db: Session, request: Request, response: Response, ground: GroundPart
) -> ResetLinkOut:
    """A link that lets a person set a new password once, within 24 hours."""
    path, expires_at = await actions.create_reset_link(db, ground.keys, rules.user_number(user_id), caller)
    response.headers["Cache-Control"] = "no-store"
    address = ground.settings.public_url or str(request.base_url)
    return ResetLinkOut(url=address.rstrip("/") + path, expires_at=expires_at)


@log.get("/api/v2/login-activity")
async def list_login_activity(
    caller: Admin, db: Reading, cursor: str | None = None, limit: int = 50
) -> LoginActivityPage:
    """Attempts to sign in, newest first."""
    found, next_cursor = await activity.login_activity(db, cursor, limit)
    return LoginActivityPage(
        items=[
            LoginActivityOut(
                id=str(attempt.id),
                identity=attempt.identity,
                context=attempt.context,
                success=attempt.success,
                failure_reason=attempt.failure_reason,
                user_id=None if attempt.user_id is None else str(attempt.user_id),
                ip=attempt.ip,
                agent=attempt.agent,
                created_at=attempt.created_at,
            )
            for attempt in found
        ],
        next_cursor=next_cursor,
    )


def _visitor(request: Request) -> Visitor:
    return Visitor(request.client.host if request.client else "", request.headers.get("user-agent", ""))


def _welcome(response: Response, made: NewSession, settings: Settings) -> SessionOut:
    token = made.token.reveal()
    response.set_cookie(
        SESSION_COOKIE,
        token,
        max_age=settings.session_max_days * 86_400,
        path="/",
        secure=settings.secure_cookies,
        httponly=True,
        samesite="lax",
    )
    return _session(response, made.user, token, settings)


def _forget(response: Response, settings: Settings) -> None:
    response.delete_cookie(SESSION_COOKIE, path="/", secure=settings.secure_cookies, httponly=True, samesite="lax")


def _session(response: Response, user: User, token: str, settings: Settings) -> SessionOut:
    response.headers["Cache-Control"] = "no-store"  # the CSRF token is for this page alone
    return SessionOut(
        user=UserOut(
            id=str(user.id),
            email=user.email,
            first_name=user.first_name or None,
            last_name=user.last_name or None,
            is_admin=user.is_admin,
            may_use_api=user.may_use_api,
            time_zone=user.time_zone,
        ),
        csrf_token=rules.csrf_token(token),
        idle_minutes=settings.session_idle_minutes,
        server_version=__version__,
    )
