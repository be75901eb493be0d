"""What the host outside listens on: the provider's address, and a mail server.

``outside.py ADDRESS FOLDER``. The Stripe sandbox itself listens on
its own host only. The mail server keeps each mail as a file in FOLDER.
"""

import asyncio
import contextlib
import sys
import uuid
from pathlib import Path

STRIPE, SMTP = 8001, 2525
CHUNK = 65536
LARGEST_LINE = 1 << 20


async def relay(
    reader: asyncio.StreamReader, writer: asyncio.StreamWriter, port: int
) -> None:
    """Carry one connection to the program that listens on this host's ``port``."""
    try:
        inner, outer = await asyncio.open_connection("127.0.0.1", port)
    except OSError:
        writer.transport.abort()  # as if nobody listened
        return
    ways = [carry(reader, outer), carry(inner, writer)]
    await asyncio.gather(*ways)


async def carry(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Forward one way until one of its ends is gone."""
    with contextlib.suppress(OSError):
        while data := await reader.read(CHUNK):
            writer.write(data)
            await writer.drain()
    writer.close()


async def receive(
    reader: asyncio.StreamReader, writer: asyncio.StreamWriter, folder: Path
) -> None:
    """Speak as much SMTP (RFC 5321) as a client needs to hand over mails."""
    with contextlib.suppress(OSError, asyncio.IncompleteReadError):
        writer.write(b"220 mail.example.com\r\n")
        while True:
            words = (await reader.readuntil(b"\r\n")).split()
            verb = words[0].upper() if words else b""
            if verb == b"DATA":
                writer.write(b"354 go on\r\n")
                keep(folder, await body(reader))
            writer.write(b"221 bye\r\n" if verb == b"QUIT" else b"250 ok\r\n")
            await writer.drain()
            if verb == b"QUIT":
                break
    writer.close()


async def body(reader: asyncio.StreamReader) -> bytes:
    lines = []
    while (line := await reader.readuntil(b"\r\n")) != b".\r\n":
        lines.append(line.removeprefix(b".") if line.startswith(b"..") else line)
    return b"".join(lines)


def keep(folder: Path, mail: bytes) -> None:
    """Write the mail; it appears as a whole."""
    file = folder / f"{uuid.uuid4().hex}.eml"
    draft = folder.parent / f"{file.name}.draft"
    draft.write_bytes(mail)
    draft.rename(file)


async def main(address: str, folder: Path) -> None:
    servers = [
        await asyncio.start_server(lambda r, w: relay(r, w, STRIPE), address, STRIPE),
        await asyncio.start_server(
            lambda r, w: receive(r, w, folder), address, SMTP, limit=LARGEST_LINE
        ),
    ]
    await asyncio.gather(*(server.serve_forever() for server in servers))


if __name__ == "__main__":
    mails = Path(sys.argv[2])
    mails.mkdir(parents=True, exist_ok=True)
    asyncio.run(main(sys.argv[1], mails))
