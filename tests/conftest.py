"""Servers that several tests share."""

from collections.abc import Iterator

import pytest

from tests import pacs as servers


@pytest.fixture(scope="session")
def running_pacs(tmp_path_factory: pytest.TempPathFactory) -> Iterator[servers.Pacs]:
    """A PACS without TLS, in whatever state the test before left it."""
    with servers.pacs(tmp_path_factory.mktemp("pacs")) as running:
        yield running


@pytest.fixture
def pacs(running_pacs: servers.Pacs) -> servers.Pacs:
    """An empty PACS without TLS."""
    return running_pacs.emptied()


@pytest.fixture(scope="session")
def certificates(
    tmp_path_factory: pytest.TempPathFactory,
) -> servers.Certificates:
    """A throwaway authority and a certificate of it."""
    return servers.made_certificates(tmp_path_factory.mktemp("certificates"))


@pytest.fixture(scope="session")
def secured_pacs(
    tmp_path_factory: pytest.TempPathFactory, certificates: servers.Certificates
) -> Iterator[servers.Pacs]:
    """A PACS that speaks TLS only, checks certificates and wants a password.

    For its web address in TLS, put `https` in front of it.
    """
    with servers.pacs(
        tmp_path_factory.mktemp("secured"),
        DicomTlsEnabled=True,
        DicomTlsCertificate=str(certificates.certificate),
        DicomTlsPrivateKey=str(certificates.key),
        DicomTlsTrustedCertificates=str(certificates.ca),
        DicomTlsRemoteCertificateRequired=True,
        AuthenticationEnabled=True,
        RegisteredUsers={"physicist": "correct horse"},
    ) as running:
        yield running
