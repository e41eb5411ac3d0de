"""The key of a registry: the same for ever, or its patients would be new ones."""

from contextlib import closing
from pathlib import Path

from reirrad.core.cohort.pseudonyms import fingerprint_of, pseudonym_of
from reirrad.errors import InputError
from reirrad.store.addresses import address_of
from reirrad.store.database import Store
from reirrad.store.registry_key import keep_key, kept_key
from reirrad.workflows.pseudonym_key import existing_key, new_key, write_key

__all__ = ["RegistryKey"]


class RegistryKey:
    """The secret of pseudonyms, looked for only once a Patient ID is met.

    Parameters
    ----------
    file
        Where the key is, or will be.
    url
        Address of the registry; one that is not there yet takes any key.
    """

    def __init__(self, file: Path, url: str) -> None:
        self._file = file
        self._url = url
        self._key: bytes | None = None
        self._is_new = False
        self._is_kept = False

    def pseudonym(self, patient_id: str) -> str:
        """Pseudonym of a Patient ID.

        Raises
        ------
        InputError
            If the file is no key, or not the key of the registry.
        """
        return pseudonym_of(patient_id, self._secret())

    def write(self) -> None:
        """Write the secret down where it was met and is a new one.

        Raises
        ------
        OutputError
            If the file cannot be written.
        """
        if self._key is not None and self._is_new:
            write_key(self._file, self._key)
            self._is_new = False

    def keep(self, store: Store, *, who: str) -> None:
        """Write the secret down, and keep in the registry which one it is.

        Raises
        ------
        OutputError
            If the file cannot be written.
        StoreError
            If the registry has another key.
        """
        self.write()
        if self._key is not None and not self._is_kept:
            keep_key(store, fingerprint_of(self._key), who=who)
            self._is_kept = True

    def _secret(self) -> bytes:
        if self._key is None:
            found = existing_key(self._file)
            key = found or new_key()
            self._require_same(key, is_new=found is None)
            self._key, self._is_new = key, found is None
        return self._key

    def _require_same(self, key: bytes, *, is_new: bool) -> None:
        if address_of(self._url).is_missing:
            return
        with closing(Store.open(self._url)) as store:
            kept = kept_key(store)
        if is_new and (kept.fingerprint or kept.made_pseudonyms):
            msg = (
                f"{self._file}: there is no key, and the registry has pseudonyms that "
                f"a key made. A new key would make new patients of the same people. "
                f"Bring the key back, or name its file with --key. If it is lost, "
                f"name patients by their pseudonyms (record_id)."
            )
            raise InputError(msg)
        if kept.fingerprint not in {None, fingerprint_of(key)}:
            msg = (
                f"{self._file}: not the key that the pseudonyms of this registry are "
                f"made with. It would make new patients of the same people. Give the "
                f"key of the registry with --key, or another registry with --database."
            )
            raise InputError(msg)
