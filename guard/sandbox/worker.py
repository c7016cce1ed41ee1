"""The child: reads one file, answers, ends."""

import socket

from guard.extract.budget import Budget
from guard.extract.read import read
from guard.sandbox import wire


def serve(connection: socket.socket) -> None:
    """
    Answer one request.

    Raises whatever comes through `read`, panics of native code included: the process is meant to
    die of it, which is an answer too.
    """
    head = _exactly(connection, wire.LENGTH.size)
    if not head:
        return  # the guard ended before it had a file
    request = wire.unpack_request(_exactly(connection, wire.LENGTH.unpack(head)[0]))
    octets = _exactly(connection, request.size_bytes)
    budget = Budget(
        entries=request.entries,
        expanded_bytes=request.expanded_bytes,
        text_chars=request.text_chars,
        ocr_pages=request.ocr_pages,
    )
    extract = read(
        request.name,
        octets,
        budget=budget,
        charset=request.charset,
        inline=request.inline,
        plain=request.plain,
        password=request.password,
    )
    answer = wire.Answer(
        extract=extract,
        entries=budget.entries,
        expanded_bytes=max(0, budget.expanded_bytes),
    )
    for piece in wire.pack_answer(answer):
        connection.sendall(piece)


def _exactly(connection: socket.socket, size: int) -> bytes:
    """Receive *size* octets, or none if the other side closes first."""
    octets = bytearray(size)
    view = memoryview(octets)
    at = 0
    while at < size:
        received = connection.recv_into(view[at:])
        if not received:
            return b""
        at += received
    return bytes(octets)
