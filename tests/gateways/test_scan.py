"""Is a file clean only when the scanner plainly said so?"""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from portal.gateways.scan import ClamdScanner, NoScanner, ScanFailed, ScanResult
from tests import hostile


class Clamd(threading.Thread):
    """Speaks INSTREAM once; `answer` None stays silent until the scanner goes; after `take` bytes it hangs up."""

    def __init__(self, listener: socket.socket, answer: bytes | None, take: int | None = None) -> None:
        super().__init__(daemon=True)
        self.listener, self.answer, self.take, self.received = listener, answer, take, b""

    def run(self) -> None:
        line, _ = self.listener.accept()
        with line, line.makefile("rb") as words:
            if self.take is not None:
                words.read(self.take)
                return
            assert words.read(10) == b"zINSTREAM\0"
            while size := int.from_bytes(words.read(4), "big"):
                self.received += words.read(size)
            if self.answer is None:
                words.read(1)
                return
            line.sendall(self.answer)


@contextmanager
def clamd(answer: bytes | None, take: int | None = None) -> Iterator[tuple[str, Clamd]]:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        server = Clamd(listener, answer, take)
        server.start()
        yield f"tcp://127.0.0.1:{listener.getsockname()[1]}", server
        server.join(10)
        assert not server.is_alive()


def test_a_clean_file_went_over_whole() -> None:
    data = bytes(range(256)) * 1000
    with clamd(b"stream: OK\0") as (address, server):
        assert ClamdScanner(address, 5).scan(data) == ScanResult(clean=True, name="clamd")
    assert server.received == data


def test_an_infected_file_is_named() -> None:
    with clamd(b"stream: Eicar-Test-Signature FOUND\0") as (address, server):
        assert ClamdScanner(address, 5).scan(hostile.eicar()) == ScanResult(False, "Eicar-Test-Signature")
    assert server.received == hostile.eicar()


@pytest.mark.parametrize(
    "answer",
    [
        b"INSTREAM size limit exceeded. ERROR\0",
        b"stream: Can't allocate memory ERROR\0",
        b"",
        b"stream: OK",
        b"\0",
        b"OK\0",
        b"stream: FOUND\0",
        b"stream:  FOUND\0",
        b"HTTP/1.1 200 OK\r\n\r\n\0",
        b"\xff\xfe\xfd\0",
        b"x" * 20_000,
        b"stream: OK\0stream: Eicar FOUND\0",
    ],
)
def test_errors_garbage_and_half_answers_are_never_clean(answer: bytes) -> None:
    with clamd(answer) as (address, _), pytest.raises(ScanFailed):
        ClamdScanner(address, 5).scan(b"data")


def test_silence_is_never_clean() -> None:
    with clamd(None) as (address, _), pytest.raises(ScanFailed):
        ClamdScanner(address, 0.2).scan(b"data")


@pytest.mark.parametrize("take", [0, 5, 40])
def test_a_hang_up_is_never_clean(take: int) -> None:
    with clamd(b"", take) as (address, _), pytest.raises(ScanFailed):
        ClamdScanner(address, 5).scan(bytes(10_000_000))


def test_nobody_there_is_never_clean(tmp_path: Path) -> None:
    with pytest.raises(ScanFailed):
        ClamdScanner(f"unix:{tmp_path}/none.sock", 1).scan(b"data")


def test_a_unix_socket_is_spoken_to(tmp_path: Path) -> None:
    path = tmp_path / "clamd.sock"
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(path))
        listener.listen()
        server = Clamd(listener, b"stream: OK\0")
        server.start()
        assert ClamdScanner(f"unix:{path}", 5).scan(b"data").clean
        server.join(10)


@pytest.mark.parametrize(
    "address", ["", "localhost:3310", "tcp://localhost", "tcp://:3310", "unix:relative", "http://a:1"]
)
def test_odd_addresses_are_refused_at_once(address: str) -> None:
    with pytest.raises(ValueError, match="scanner"):
        ClamdScanner(address)


def test_without_a_scanner_the_answer_says_so() -> None:
    assert NoScanner().scan(b"data") == ScanResult(clean=True, name="not configured")
