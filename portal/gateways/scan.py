"""Does the virus scanner know this file?

clamd's INSTREAM (clamd(8)): length-prefixed chunks, a zero length, one answer. Whatever is not a plain "OK" or "FOUND"
is a failure, never a clean file.
"""

from __future__ import annotations

import socket
from dataclasses import dataclass
from typing import Protocol
from urllib.parse import urlsplit

CHUNK = 64 * 1024
LONGEST_ANSWER = 4096
MOST_READS = 16


class ScanFailed(Exception):
    """The scanner gave no answer that can be believed; the file stays where it is and is tried again."""


@dataclass(frozen=True)
class ScanResult:
    """`name` is what was found, or for a clean file who says so."""

    clean: bool
    name: str


class Scanner(Protocol):
    def scan(self, data: bytes) -> ScanResult: ...


class NoScanner:
    """Stands in where `PORTAL_CLAMD` is not set; the answer says so."""

    def scan(self, data: bytes) -> ScanResult:
        """Nothing was looked at."""
        return ScanResult(clean=True, name="not configured")


class ClamdScanner:
    """One clamd at "unix:/path" or "tcp://host:port"; `timeout` in seconds for connecting and each read or write."""

    def __init__(self, address: str, timeout: float = 30.0) -> None:
        self._family, self._target = _parsed(address)
        self._timeout = timeout

    def scan(self, data: bytes) -> ScanResult:
        """clamd has seen every byte and answered; ScanFailed on an error, silence, hang-up or an unknown answer."""
        try:
            with socket.socket(self._family, socket.SOCK_STREAM) as line:
                line.settimeout(self._timeout)
                line.connect(self._target)
                _send(line, data)
                return _verdict(_answer(line))
        except OSError as error:
            raise ScanFailed(f"clamd did not answer: {type(error).__name__}") from error


def _parsed(address: str) -> tuple[socket.AddressFamily, str | tuple[str, int]]:
    if address.startswith("unix:/"):
        path = address.removeprefix("unix:")
        return socket.AF_UNIX, "/" + path.lstrip("/")
    parts = urlsplit(address)
    if parts.scheme != "tcp" or not parts.hostname or not parts.port:
        raise ValueError("the scanner's address is unix:/path or tcp://host:port")
    return (socket.AF_INET6 if ":" in parts.hostname else socket.AF_INET), (parts.hostname, parts.port)


def _send(line: socket.socket, data: bytes) -> None:
    line.sendall(b"zINSTREAM\0")
    for at in range(0, len(data), CHUNK):
        chunk = data[at : at + CHUNK]
        line.sendall(len(chunk).to_bytes(4, "big") + chunk)
    line.sendall(bytes(4))


def _answer(line: socket.socket) -> bytes:
    """Up to the zero byte that ends clamd's answer; the count of reads keeps a dripping peer from holding us."""
    answer = b""
    for _ in range(MOST_READS):
        part = line.recv(LONGEST_ANSWER)
        answer += part
        if answer.endswith(b"\0"):
            return answer[:-1]
        if not part or len(answer) > LONGEST_ANSWER:
            break
    raise ScanFailed("clamd hung up or talked on without an answer")


def _verdict(answer: bytes) -> ScanResult:
    text = answer.decode("utf-8", "replace").strip()
    if text == "stream: OK":
        return ScanResult(clean=True, name="clamd")
    name = text.removeprefix("stream: ").removesuffix(" FOUND")
    if text == f"stream: {name} FOUND" and name.isprintable() and name.strip():
        return ScanResult(clean=False, name=name)
    raise ScanFailed(f"clamd answered {text[:200]!r}")
