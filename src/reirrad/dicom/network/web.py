"""Connections to a DICOMweb server, and why a request fails."""

import json
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from urllib.parse import SplitResult, urlsplit

import requests
import urllib3
from requests.adapters import HTTPAdapter
from requests.auth import AuthBase, HTTPBasicAuth
from urllib3.util import Retry

from reirrad.dicom.network.addresses import is_loopback
from reirrad.dicom.network.credentials import Credentials
from reirrad.dicom.network.tls import TlsFiles, client_tls, tls_reason
from reirrad.errors import InputError, NetworkError

__all__ = ["WebService", "open_service"]

LATE = (TimeoutError, urllib3.exceptions.TimeoutError)
ADVICE = {
    401: "the server wants other credentials. Check user and password, or the token",
    403: "these credentials do not allow this at the server",
    404: "there is no such thing at the server. Check the path of the URL",
    405: "the server does not offer this service. Check the path of the URL",
    413: "the server refuses objects of this size",
    507: "the server has no room left",
}


@dataclass(frozen=True, slots=True)
class WebService:
    """A DICOMweb server and how it is asked.

    Parameters
    ----------
    url
        Root of its services, without a slash at the end.
    session
        Connections with certificates and credentials; follows no redirection, so that
        patient data goes where the user said and nowhere else.
    timeout_s
        Longest wait for an answer.
    """

    url: str
    session: requests.Session
    timeout_s: float

    @contextmanager
    def faults(self) -> Iterator[None]:
        """Turn what requests raises into sentences.

        Raises
        ------
        NetworkError
            For everything that the network, the server or its answer does wrong.
        """
        try:
            yield
        except requests.TooManyRedirects as error:
            msg = (
                f"{self.url}: the server points to another address. If that is right, "
                f"give that address."
            )
            raise NetworkError(msg) from error
        except requests.HTTPError as error:
            msg = f"{self.url}: {_http_reason(error.response)}."
            raise NetworkError(msg) from error
        except requests.Timeout as error:
            raise NetworkError(self._too_late()) from error
        except requests.ConnectionError as error:
            reason = _connection_reason(error)
            msg = f"{self.url}: {reason}." if reason else self._too_late()
            raise NetworkError(msg) from error
        except (requests.RequestException, json.JSONDecodeError) as error:
            msg = (
                f"{self.url}: the answer is not that of a DICOMweb server. Check the "
                f"port and the path of the URL."
            )
            raise NetworkError(msg) from error

    def _too_late(self) -> str:
        return (
            f"{self.url}: no answer within {self.timeout_s:g} s. Check the address, "
            f"and that no firewall is in between."
        )


class _BearerToken(AuthBase):
    """Proof of identity by a token."""

    def __init__(self, token: str) -> None:
        self._token = token

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        request.headers["Authorization"] = f"Bearer {self._token}"
        return request


def open_service(
    url: str,
    *,
    credentials: Credentials | None,
    tls: TlsFiles,
    timeout_s: float,
) -> WebService:
    """Prepare the requests to a server; nothing is sent yet.

    Proxies, ``.netrc`` and certificate settings of the environment are not used: where
    patient data goes is on the command line alone.

    Parameters
    ----------
    url
        Root of the DICOMweb services, http or https, without user and password.
    credentials
        Who asks, or None.
    tls
        Own certificate and key, where the server wants them, and certificates of the
        authorities to trust in place of those that come with certifi.
    timeout_s
        Longest wait for an answer.

    Raises
    ------
    InputError
        If the URL or a file cannot be used, or credentials would travel in clear.
    """
    parts = _checked_url(url)
    in_clear = parts.scheme != "https" and not is_loopback(parts.hostname or "")
    if credentials is not None and in_clear:
        msg = (
            f"--dicomweb {url}: user, password or token would travel in clear. Use "
            f"https, or leave the credentials out."
        )
        raise InputError(msg)
    # Only to refuse unusable files with a sentence.
    client_tls(tls)
    session = requests.Session()
    session.trust_env = False
    session.max_redirects = 0
    session.verify = True if tls.ca is None else str(tls.ca)
    if tls.certificate is not None and tls.key is not None:
        session.cert = (str(tls.certificate), str(tls.key))
    # A server may close a connection that was kept open at the moment it is used again.
    again = Retry(total=1, status=0, allowed_methods={"GET"}, backoff_factor=0.1)
    for scheme in ("http://", "https://"):
        session.mount(scheme, HTTPAdapter(max_retries=again))
    if credentials is not None:
        session.auth = (
            _BearerToken(credentials.token)
            if credentials.token
            else HTTPBasicAuth(credentials.user.encode(), credentials.password.encode())
        )
    return WebService(url.rstrip("/"), session, timeout_s)


def _checked_url(url: str) -> SplitResult:
    try:
        parts = urlsplit(url)
        usable = parts.scheme in {"http", "https"} and bool(parts.hostname)
        usable = usable and parts.port != 0
    except ValueError:
        usable, parts = False, SplitResult("", "", "", "", "")
    if parts.username is not None or parts.password is not None:
        msg = (
            "--dicomweb: user and password do not belong into the URL, where others "
            "can see them. Use --credentials or the environment."
        )
        raise InputError(msg)
    if not usable or parts.query or parts.fragment:
        msg = f"--dicomweb {url}: must be a URL such as https://pacs:8443/dicom-web."
        raise InputError(msg)
    return parts


def _http_reason(response: requests.Response | None) -> str:
    if response is None:
        return "the server answers with an error"
    advice = ADVICE.get(response.status_code, "ask the administrator of the server")
    words = response.reason or "no reason given"
    return f"the server answers {response.status_code} ({words}): {advice}"


def _connection_reason(error: requests.ConnectionError) -> str:
    """The cause that lies under several layers of libraries; empty if time ran out."""
    causes = list(_causes(error))
    for cause in causes:
        if isinstance(cause, ssl.SSLError):
            return tls_reason(cause)
        if isinstance(cause, ConnectionRefusedError):
            return "nothing listens on that port. Check it, and that the server runs"
        if isinstance(cause, OSError) and cause.strerror:
            return f"cannot be reached ({cause.strerror.lower()}). Check the address"
    if any(isinstance(cause, LATE) for cause in causes):
        return ""
    return "the connection broke. Check the address, and whether it is https"


def _causes(error: BaseException) -> Iterator[BaseException]:
    """An exception and all those inside it."""
    seen: list[BaseException] = []
    waiting: list[object] = [error]
    while waiting:
        one = waiting.pop(0)
        if not isinstance(one, BaseException) or one in seen:
            continue
        seen.append(one)
        yield one
        waiting += [one.__cause__, one.__context__, getattr(one, "reason", None)]
        waiting += one.args
