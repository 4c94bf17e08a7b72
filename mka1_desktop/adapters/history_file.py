"""The history's file: opening it safely, and what to do with one that is newer, damaged, or cannot be written."""

from __future__ import annotations

import sqlite3
from contextlib import ExitStack, closing, suppress
from pathlib import Path
from urllib.parse import quote

from mka1_desktop.adapters.file_lock import FileLock
from mka1_desktop.adapters.history_schema import VERSION, migrate, version_of
from mka1_desktop.adapters.private_files import make_private_folder, set_aside, store_error, touch_private
from mka1_desktop.domain.errors import AppError, Code

MAGIC = b"SQLite format 3\x00"
VERSION_AT = 60  # offset of user_version in the header: https://www.sqlite.org/fileformat.html
BUSY_S = 5.0
CHECK_LIMIT_B = 128 * 1024 * 1024  # checking 58 MB takes 80 ms; beyond this damage is found when it is met

_DAMAGED = frozenset({sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB})
# A quota and a file size limit come as I/O errors, a full disk as FULL.
_FULL = frozenset({sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR})
_READ_ONLY = frozenset({sqlite3.SQLITE_READONLY, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_PERM})
_BUSY = frozenset({sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED})


class OtherProgramsFileError(sqlite3.DatabaseError):
    """A sound database that is no history."""


def database_error(error: sqlite3.Error) -> AppError | None:
    """Say what an SQLite error means for a person; None: it is a defect of ours."""
    extended = getattr(error, "sqlite_errorcode", None)
    if extended is None:
        return None
    details = getattr(error, "sqlite_errorname", None)
    primary = extended & 0xFF
    for codes, code in (
        (_DAMAGED, Code.STORE_DAMAGED),
        (_FULL, Code.STORE_FULL),
        (_READ_ONLY, Code.STORE_READ_ONLY),
        (_BUSY, Code.BUSY),
    ):
        if primary in codes:
            return AppError(code, details=details)
    return None


class HistoryFile:
    """Opens the database at `path`. Used on one thread, the one that will use the connection.

    A newer file is not touched. A damaged one is renamed with its -wal and -shm, and a new one begun.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self.set_aside: Path | None = None
        self.writable = False

    def open(self, *, thorough: bool = False) -> sqlite3.Connection:
        """Return a migrated connection in autocommit mode; read-only where nothing can be written.

        Raises AppError: STORE_NEWER, STORE_READ_ONLY, STORE_FULL, BUSY. `thorough` checks indexes too, any size.
        """
        try:
            return self._open_to_write(thorough=thorough)
        except AppError as e:
            if e.code is not Code.STORE_READ_ONLY:
                raise
            return self._open_to_read()

    def _open_to_write(self, *, thorough: bool) -> sqlite3.Connection:
        try:
            make_private_folder(self._path.parent)
            with FileLock(self._path.with_name("history.lock")):  # one process at a time migrates or sets aside
                self._refuse_newer()
                connection = self._checked(thorough=thorough)
                if connection is None:
                    self.set_aside = set_aside(self._path, companions=("-wal", "-shm"))
                    connection = self._connect()
                self.writable = True
                return connection
        except OSError as e:
            raise store_error(e) from None
        except sqlite3.Error as e:
            if (known := database_error(e)) is None:
                raise
            raise known from None

    def _checked(self, *, thorough: bool) -> sqlite3.Connection | None:
        """Return a connection, or None when the file is damaged."""
        if self._has_other_content():  # SQLite is not asked: it might tidy up the -wal of what is set aside
            return None
        try:
            connection = self._connect()
        except sqlite3.DatabaseError as e:
            if _is_damage(e):
                return None
            raise
        if not _is_sound(connection, thorough=thorough, size_b=self._path.stat().st_size):
            connection.close()
            return None
        return connection

    def _connect(self) -> sqlite3.Connection:
        touch_private(self._path)  # SQLite gives -wal and -shm the mode of this file
        with ExitStack() as undo:
            connection = sqlite3.connect(self._path, timeout=BUSY_S, isolation_level=None, cached_statements=64)
            undo.callback(connection.close)
            _refuse_others(connection)
            connection.execute("PRAGMA journal_mode = WAL")
            connection.execute("PRAGMA synchronous = FULL")  # a commit is on disk, power cut or not
            connection.execute("PRAGMA foreign_keys = ON")
            connection.execute("PRAGMA secure_delete = ON")  # deleted words are overwritten
            connection.execute("PRAGMA trusted_schema = OFF")
            migrate(connection)
            undo.pop_all()
        return connection

    def _open_to_read(self) -> sqlite3.Connection:
        """Open what cannot be written; as immutable where not even the -shm file can be made."""
        self.writable = False
        failure: sqlite3.Error | None = None
        for mode in ("mode=ro", "mode=ro&immutable=1"):
            with ExitStack() as undo, suppress(sqlite3.OperationalError):
                connection = sqlite3.connect(f"file:{quote(str(self._path))}?{mode}", uri=True, isolation_level=None)
                undo.callback(connection.close)
                try:
                    version = version_of(connection)
                    connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
                except sqlite3.Error as e:
                    failure = e
                    continue
                _refuse_newer_version(version)
                if version == VERSION:  # an older one cannot be migrated here
                    undo.pop_all()
                    return connection
        raise AppError(Code.STORE_READ_ONLY, details=getattr(failure, "sqlite_errorname", None))

    def _refuse_newer(self) -> None:
        header = self._header()
        if header.startswith(MAGIC):
            _refuse_newer_version(int.from_bytes(header[VERSION_AT : VERSION_AT + 4], "big"))

    def _has_other_content(self) -> bool:
        header = self._header()
        return bool(header) and not header.startswith(MAGIC)

    def _header(self) -> bytes:
        try:
            with self._path.open("rb") as file:
                return file.read(100)
        except FileNotFoundError:
            return b""


def _refuse_newer_version(version: int) -> None:
    if version > VERSION:
        raise AppError(Code.STORE_NEWER, details=f"version {version}, this app knows {VERSION}")


def _refuse_others(connection: sqlite3.Connection) -> None:
    """Refuse a newer history and another program's database before anything is changed in them."""
    version = version_of(connection)
    _refuse_newer_version(version)
    if version == 0 and connection.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]:
        raise OtherProgramsFileError("tables of another program")


def _is_damage(error: sqlite3.DatabaseError) -> bool:
    """Whether the file is no history: malformed, no database, or another program's."""
    known = database_error(error)
    return isinstance(error, OtherProgramsFileError) or (known is not None and known.code is Code.STORE_DAMAGED)


def _is_sound(connection: sqlite3.Connection, *, thorough: bool, size_b: int) -> bool:
    if not thorough and size_b > CHECK_LIMIT_B:
        return True
    check = "integrity_check" if thorough else "quick_check"
    try:
        with closing(connection.execute(f"PRAGMA {check}(1)")) as answer:
            return bool(answer.fetchone()[0] == "ok")
    except sqlite3.DatabaseError as e:
        if _is_damage(e):
            return False
        raise
