"""A hub on this machine: it speaks as huggingface.co does, and misbehaves when asked to."""

import hashlib
import json
import re
import sys
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import urlsplit

from acestep_desktop.models.catalogue import CatalogueModel, Source

LFS_FROM = 4_096
"""Files of so many bytes have a SHA-256 on this hub, smaller ones the hash of git."""

COMMIT = "c" * 40

Answer = Callable[["Request"], None]


class Request(BaseHTTPRequestHandler):
    """One request; `hub` decides."""

    protocol_version = "HTTP/1.1"
    hub: "LoopbackHub"

    def do_GET(self) -> None:
        self.hub.answer(self)

    def log_message(self, format: str, *args: object) -> None:
        pass

    @property
    def place(self) -> str:
        return urlsplit(self.path).path.lstrip("/")

    @property
    def start(self) -> int:
        """Where the wanted bytes begin."""
        found = re.fullmatch(r"bytes=(\d+)-", self.headers.get("Range", ""))
        return int(found[1]) if found else 0

    def give(
        self, data: bytes, status: int = 200, headers: Mapping[str, str] | None = None
    ) -> None:
        self.send_response(status)
        for name, value in {"Content-Length": str(len(data)), **(headers or {})}.items():
            self.send_header(name, value)
        self.end_headers()
        try:
            self.wfile.write(data)
        except ConnectionError:
            self.close_connection = True

    def give_span(self, data: bytes, headers: Mapping[str, str] | None = None) -> None:
        """Give what of `data` was asked for."""
        if not self.start:
            return self.give(data, headers=headers)
        if self.start >= len(data):
            return self.give(b"", 416)
        span = f"bytes {self.start}-{len(data) - 1}/{len(data)}"
        return self.give(data[self.start :], 206, {"Content-Range": span, **(headers or {})})

    def give_cut(self, data: bytes, count: int) -> None:
        """Promise what was asked for, give `count` bytes of it, and hang up."""
        rest = data[self.start :]
        self.send_response(206 if self.start else 200)
        self.send_header("Content-Length", str(len(rest)))
        if self.start:
            span = f"bytes {self.start}-{len(data) - 1}/{len(data)}"
            self.send_header("Content-Range", span)
        self.end_headers()
        self.wfile.write(rest[:count])
        self.close_connection = True


@dataclass
class LoopbackHub:
    """The files of a repository, what was asked for, and odd answers to come.

    `odd` has, for the end of a file's name, the answers to the next requests for
    it; when they are used up, it is given as it should be.
    """

    repo: str
    files: dict[str, bytes]
    commit: str = COMMIT
    asked: list[tuple[str, int]] = field(default_factory=list)
    odd: dict[str, list[Answer]] = field(default_factory=dict)
    endpoint: str = ""
    let_go: threading.Event = field(default_factory=threading.Event)
    listing_changes: dict[str, object] = field(default_factory=dict)

    def answer(self, request: Request) -> None:
        place = request.place
        if place.startswith(f"api/models/{self.repo}/revision/"):
            return request.give(
                json.dumps(self._listing()).encode(), headers={"Content-Type": "application/json"}
            )
        name = place.removeprefix(f"{self.repo}/resolve/{self.commit}/")
        if name == place or name not in self.files:
            return request.give(b"Entry not found", 404)
        self.asked.append((name, request.start))
        for ending, answers in self.odd.items():
            if name.endswith(ending) and answers:
                return answers.pop(0)(request)
        return request.give_span(self.files[name], {"ETag": f'"{digest(self.files[name])}"'})

    def times_asked(self, ending: str) -> list[int]:
        """Return where each request for a file began."""
        return [start for name, start in self.asked if name.endswith(ending)]

    def _listing(self) -> dict[str, object]:
        siblings = []
        for name, data in self.files.items():
            entry: dict[str, object] = {"rfilename": name, "size": len(data)}
            entry["blobId"] = git_hash(data)
            if len(data) >= LFS_FROM:
                entry["lfs"] = {"sha256": digest(data), "size": len(data), "pointerSize": 130}
            siblings.append(entry)
        return {
            "id": self.repo,
            "modelId": self.repo,
            "sha": self.commit,
            "siblings": siblings,
            **self.listing_changes,
        }


def digest(data: bytes) -> str:
    """Return the hash that this hub has for a file."""
    return hashlib.sha256(data).hexdigest() if len(data) >= LFS_FROM else git_hash(data)


def git_hash(data: bytes) -> str:
    """Return the name that git has for a file."""
    return hashlib.sha1(b"blob %d\0" % len(data) + data).hexdigest()


@contextmanager
def serve(repo: str, folder: Path) -> Iterator[LoopbackHub]:
    """Give the files below `folder` as a repository, for the time of the block."""
    files = {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }
    hub = LoopbackHub(repo, files)
    handler = type("Handler", (Request,), {"hub": hub})
    server = _QuietServer(("127.0.0.1", 0), handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,))
    thread.start()
    hub.endpoint = f"http://127.0.0.1:{server.server_port}"
    try:
        yield hub
    finally:
        hub.let_go.set()
        server.shutdown()
        server.server_close()
        thread.join()


class _QuietServer(ThreadingHTTPServer):
    """Clients that hang up are what these tests are about."""

    daemon_threads = True

    def handle_error(self, request: object, client_address: object) -> None:
        if not isinstance(sys.exception(), ConnectionError):
            raise


def entry(hub: LoopbackHub, *sources: Source, **changes: object) -> CatalogueModel:
    """Return an entry of a catalogue for what this hub gives, in the diffusers layout."""
    values: dict[str, object] = {
        "name": "tiny",
        "label": "Tiny",
        "kind": "turbo",
        "size": "2B",
        "layout": "diffusers",
        "sources": sources or (Source(hub.repo, "main"),),
        "download_bytes": 1,
        "disk_bytes": 1,
        "licence": "mit",
        "vram_bytes": 1,
        "least_vram_bytes": 1,
        "needs": "nothing",
        "abilities": "little",
    }
    return CatalogueModel(**{**values, **changes})  # type: ignore[arg-type]
