"""How many requests a second does a server answer, and how much CPU time does each of them cost it?"""

from __future__ import annotations

import os
import socket
import subprocess
import threading
import time
from dataclasses import dataclass
from pathlib import Path

TICKS = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True)
class Measured:
    """One run: requests a second, CPU milliseconds a request (servers only), and the bytes of one body."""

    per_second: float
    cpu_ms: float
    body_bytes: int


def measure(
    master: subprocess.Popen[bytes], port: int, path: str, cookie: str, *, seconds: float, clients: int
) -> Measured:
    """Many clients ask for one page over kept-alive connections; the servers' own accounting says what it cost."""
    head = f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nCookie: {cookie}\r\nAccept-Language: de\r\n\r\n".encode()
    counts, sizes = [0] * clients, [0] * clients
    began_cpu, began = cpu_seconds(master.pid), time.perf_counter()
    until = began + seconds
    threads = [
        threading.Thread(target=_client, args=(number, port, head, until, counts, sizes)) for number in range(clients)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    spent, cpu = time.perf_counter() - began, cpu_seconds(master.pid) - began_cpu
    done = sum(counts)
    if not done:
        raise RuntimeError(f"{path} was not answered once")
    return Measured(done / spent, cpu * 1000 / done, max(sizes))


def cpu_seconds(master: int) -> float:
    """User and system time of this process and of all below it, from /proc/<pid>/stat."""
    fields = Path(f"/proc/{master}/stat").read_text().rsplit(")", 1)[1].split()
    below = Path(f"/proc/{master}/task/{master}/children").read_text().split()
    return (int(fields[11]) + int(fields[12])) / TICKS + sum(cpu_seconds(int(child)) for child in below)


def _client(number: int, port: int, head: bytes, until: float, counts: list[int], sizes: list[int]) -> None:
    connection = _connect(port)
    while time.perf_counter() < until:
        connection.sendall(head)
        answer = _answer(connection)
        if answer is None:
            connection = _connect(port)
            continue
        status, size = answer
        if status != b"200":
            raise RuntimeError(f"the page was answered {status.decode()}")
        counts[number] += 1
        sizes[number] = size
    connection.close()


def _connect(port: int) -> socket.socket:
    connection = socket.create_connection(("127.0.0.1", port), timeout=30)
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return connection


def _answer(connection: socket.socket) -> tuple[bytes, int] | None:
    """The status and the body's length of one answer; None if the server had closed the connection."""
    data = b""
    while b"\r\n\r\n" not in data:
        part = connection.recv(65536)
        if not part:
            return None
        data += part
    head, body = data.split(b"\r\n\r\n", 1)
    lower = head.lower()
    length = int(lower.split(b"content-length:", 1)[1].split(b"\r\n", 1)[0])
    missing = length - len(body)
    while missing > 0:
        missing -= len(connection.recv(65536))
    if b"\r\nconnection: close" in lower:
        connection.close()
    return head.split(b" ", 2)[1], length
