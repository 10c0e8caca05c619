"""Blobs as files under one directory, which all services may share.

A file is written aside, flushed, moved into place, and its directory flushed:
what `put` returned is on the disk, and a reader sees the whole or nothing. The
content's hash is the name, so a value that is there already is not written
again; the file's time says when it was put last. Looking at that time before a
removal, and renewing it, exclude each other by a lock over the store, between
processes too. Blocking calls run in a few threads of this store.

Where what is acknowledged need not survive a power cut (`flush_named` false), what is stored under
names of ours is left to the system to flush: an archive stands beside the log for longer than that
takes.
"""

from __future__ import annotations

import asyncio
import fcntl
import hashlib
import os
import re
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import TypeVar
from uuid import uuid4

T = TypeVar("T")

_PART = re.compile(r"[A-Za-z0-9_-][A-Za-z0-9._-]*")
_SHA256_HEX = 64
_BY_CONTENT = re.compile(r"[^/]+/[0-9a-f]{64}")
THREADS = 4


class FileBlobs:
    """The port on a directory. Close it to end its threads."""

    def __init__(self, root: Path, *, flush_named: bool = True) -> None:
        self._root = root
        self._flush_named = flush_named
        self._threads = ThreadPoolExecutor(THREADS, thread_name_prefix="blobs")
        # Where nothing is flushed, several threads that make files take twice as long for each.
        self._naming = self._threads if flush_named else ThreadPoolExecutor(1, "named blobs")

    async def put(self, tenant: str, data: bytes) -> str:
        """Store by content."""

        def work() -> str:
            key = f"{tenant}/{hashlib.sha256(data).hexdigest()}"
            path = self._path(key)
            if not _holds(path, len(data)):
                _write(path, data)
                return key
            with self._locked(fcntl.LOCK_SH):
                if _holds(path, len(data)):
                    os.utime(path)
                    _flush_directory(path.parent)  # who moved it here may have died before that
                else:
                    _write(path, data)
            return key

        return await self._run(work)

    async def get(self, key: str) -> bytes:
        """The content, or KeyError."""

        def work() -> bytes:
            try:
                return self._path(key).read_bytes()
            except (FileNotFoundError, IsADirectoryError, NotADirectoryError):
                raise KeyError(key) from None

        return await self._run(work)

    async def put_named(self, values: Mapping[str, bytes]) -> None:
        """Store under these keys, replacing what was there."""
        paths = {self._path(key): data for key, data in values.items()}

        def work() -> None:
            for path, data in paths.items():
                _move_in(path, data, flush=self._flush_named)
            if self._flush_named:
                for folder in {path.parent for path in paths}:
                    _flush_directory(folder)

        await self._run(work, self._naming)

    async def delete(self, key: str) -> None:
        """Remove, if there."""

        def work() -> None:
            path = self._path(key)
            path.unlink(missing_ok=True)

        await self._run(work)

    async def expire(self, key: str, before_ms: int) -> bool:
        """Remove what was put before a time."""

        def work() -> bool:
            path = self._path(key)
            if not _older(path, before_ms):
                return False
            with self._locked(fcntl.LOCK_EX):
                if not _older(path, before_ms):
                    return False
                path.unlink(missing_ok=True)
            return True

        return await self._run(work)

    async def aged(self, before_ms: int) -> AsyncIterator[str]:
        """What was put by content before a time, folder by folder."""
        for folder in await self._run(partial(_folders, self._root, "")):
            for key in await self._run(partial(_keys, self._root, folder, before_ms)):
                if _BY_CONTENT.fullmatch(key):
                    yield key

    async def keys(self, prefix: str) -> AsyncIterator[str]:
        """The keys that begin so, folder by folder."""
        for folder in await self._run(partial(_folders, self._root, prefix)):
            for key in await self._run(partial(_keys, self._root, folder)):
                if key.startswith(prefix):
                    yield key

    async def close(self) -> None:
        """End the threads; what was begun is finished."""
        for threads in {self._threads, self._naming}:
            await asyncio.to_thread(threads.shutdown)

    async def _run(self, work: Callable[[], T], threads: ThreadPoolExecutor | None = None) -> T:
        return await asyncio.get_running_loop().run_in_executor(threads or self._threads, work)

    @contextmanager
    def _locked(self, how: int) -> Iterator[None]:
        descriptor = os.open(self._root / ".lock", os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(descriptor, how)
            yield
        finally:
            os.close(descriptor)

    def _path(self, key: str) -> Path:
        """Where a key lies; ValueError for one that could leave the store.

        Values by content are spread over 256 directories per tenant.
        """
        tenant, *parts = key.split("/")
        if not parts or not all(_PART.fullmatch(part) for part in (tenant, *parts)):
            raise ValueError(f"{key!r} is no key: it reads <tenant>/<name>, without dots in front")
        if len(parts) == 1 and len(parts[0]) == _SHA256_HEX:
            parts.insert(0, parts[0][:2])
        return self._root.joinpath(tenant, *parts)


def _holds(path: Path, size: int) -> bool:
    try:
        return path.stat().st_size == size
    except OSError:
        return False


def _older(path: Path, before_ms: int) -> bool:
    try:
        return path.stat().st_mtime * 1000 < before_ms
    except OSError:
        return False


def _write(path: Path, data: bytes) -> None:
    _move_in(path, data, flush=True)
    _flush_directory(path.parent)


def _move_in(path: Path, data: bytes, *, flush: bool) -> None:
    _make_directory(path.parent)
    part = path.with_name(f".{uuid4().hex}.part")
    try:
        with part.open("xb") as file:
            file.write(data)
            if flush:
                file.flush()
                os.fsync(file.fileno())
        part.replace(path)
    except BaseException:
        part.unlink(missing_ok=True)
        raise


def _make_directory(path: Path) -> None:
    """Make the directory and those above it, each durable in its parent."""
    if path.is_dir():
        return
    _make_directory(path.parent)
    path.mkdir(exist_ok=True, mode=0o700)
    _flush_directory(path.parent)


def _flush_directory(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _folders(root: Path, prefix: str) -> list[Path]:
    """Every folder that may hold keys with this beginning, in the order of their keys."""
    parts = prefix.split("/")[:-1]
    if not all(_PART.fullmatch(part) for part in parts):
        return []
    # A value by content lies one folder deeper than its key says; that only adds folders.
    top = root.joinpath(*parts)
    return sorted(Path(at) for at, _, _ in os.walk(top)) if top.is_dir() else []


def _keys(root: Path, folder: Path, before_ms: int | None = None) -> list[str]:
    """The keys of the files that lie directly in a folder, all or those from before a time."""
    keys = []
    for entry in os.scandir(folder):
        if entry.name.startswith(".") or not entry.is_file():
            continue
        if before_ms is not None and not _older(Path(entry.path), before_ms):
            continue
        *parts, name = Path(entry.path).relative_to(root).parts
        if len(name) == _SHA256_HEX and parts[-1] == name[:2]:
            parts.pop()
        keys.append("/".join([*parts, name]))
    return sorted(keys)
