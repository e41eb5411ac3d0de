"""Who is signed in: a random token in a cookie, of which only the hash is kept."""

import hashlib
import secrets
import threading
import time
from datetime import UTC, datetime, timedelta

from reirrad.store import people
from reirrad.store.database import Store
from reirrad.web.configuration import Bounds
from reirrad.web.passwords import is_right

__all__ = ["COOKIE", "Sessions"]

COOKIE = "reirrad_session"


class Sessions:
    """Sessions of a store; each ends after a while without a request, and in all."""

    def __init__(self, store: Store, bounds: Bounds) -> None:
        self._store = store
        self._bounds = bounds
        self._seen: dict[str, float] = {}
        self._counting = threading.Lock()

    def start(self, name: str, password: str) -> str | None:
        """The token for the cookie; None where name or password is wrong."""
        known = people.person(self._store, name)
        usable = known is not None and known.active
        kept = known.password_hash if known is not None and usable else None
        if not is_right(password, kept):
            return None
        token = secrets.token_urlsafe(32)
        expires = datetime.now(UTC) + timedelta(seconds=self._bounds.signed_in_s)
        people.start_session(
            self._store,
            name,
            token_hash=_hash(token),
            csrf=secrets.token_urlsafe(32),
            expires=expires.isoformat(timespec="seconds"),
        )
        return token

    def find(self, token: str | None, *, active: bool = True) -> people.Session | None:
        """Who a token belongs to; None where it is unknown or its time is over.

        Parameters
        ----------
        token
            From the cookie.
        active
            Whether this is something that a person did, which keeps them signed in.
        """
        if not token:
            return None
        key = _hash(token)
        session = people.session(self._store, key)
        if session is None:
            return None
        now = time.monotonic()
        with self._counting:
            idle = now - self._seen.setdefault(key, now) > self._bounds.idle_s
            if idle:
                del self._seen[key]
            elif active:
                self._seen[key] = now
        if idle:
            people.end_session(self._store, key)
            return None
        return session

    def end(self, token: str) -> None:
        """Sign out."""
        people.end_session(self._store, _hash(token))


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
