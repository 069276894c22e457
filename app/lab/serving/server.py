"""The lab's web server: one page and one kind of question, on this computer, for whoever knows the address.

A request passes the guards in this order: a head of HTTP (400, 431, 505), the host (421), the token and the path (404),
the method (405), the page that asks (403), the kind and length of the body (415, 400, 411, 413), its text (400).
"""

import asyncio
import contextlib
import secrets
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from types import TracebackType
from typing import Self

from app.lab.serving import guards, head, listening
from app.lab.serving.connections import Connection, Connections
from app.lab.serving.one_at_a_time import OneAtATime
from app.lab.serving.refusal_log import RefusalLog
from app.lab.serving.replies import CONTINUE, HTML, RefusedError, Reply, busy
from app.lab.serving.site import LabSite

UNASKED = ("/favicon.ico", "/.well-known/appspecific/com.chrome.devtools.json")
"""What browsers ask for by themselves; it is refused, and not worth a line."""
LATE = "The request did not come in time."


@dataclass(frozen=True)
class Limits:
    """What the server allows.

    Args:
        connections: open at the same time; a slow one is closed for a new one's sake.
        body_bytes: length of a question; 224×224×3 numbers take 3 MB.
        read_seconds: for a whole request, from the connection to the last byte.
        write_seconds: for a whole reply.
        wait_seconds: for the model, while it answers others.
        answer_seconds: for the model's answer.
        linger_seconds: for the client to see the reply and hang up.
        log_lines: in a minute.
    """

    connections: int = 64
    body_bytes: int = 8 << 20
    read_seconds: float = 5.0
    write_seconds: float = 60.0
    wait_seconds: float = 10.0
    answer_seconds: float = 60.0
    linger_seconds: float = 1.0
    log_lines: int = 20


class LabServer:
    """Serves a site at an address that cannot be guessed. It listens from the start and answers while it serves.

    Args:
        host: where it listens; "0.0.0.0" for every address of this computer.
        port: 0 for any free one. If it is taken, one of the next.
        log: gets a line for a refused request; None: nobody.

    Raises:
        ValueError: there is no such port, or this computer has no such address.
        PermissionError: the system keeps this port for itself.

    >>> site = LabSite(b"<!doctype html>", "default-src 'none'", lambda question: {"class": 3})
    >>> with LabServer(site, port=0) as server:
    ...     threading.Thread(target=server.serve_until_stopped).start()
    ...     server.address.startswith("http://127.0.0.1:")
    True
    """

    def __init__(
        self,
        site: LabSite,
        *,
        host: str = "127.0.0.1",
        port: int = 8765,
        limits: Limits | None = None,
        log: Callable[[str], object] | None = None,
    ) -> None:
        self._site, self._limits = site, limits or Limits()
        self._log = RefusalLog(log, self._limits.log_lines)
        self._connections = Connections(self._limits.connections)
        self._token = secrets.token_urlsafe(16)
        self._socket = listening.listen(host, port)
        self.port: int = self._socket.getsockname()[1]
        """Where it listens."""
        self.moved_from = port if port not in (0, self.port) else None
        """The port that was asked for, where it was taken."""
        own = listening.host_in_address(listening.ANYWHERE.get(host, host))
        self.address = f"http://{own}:{self.port}/{self._token}/"
        """The page's address on this computer."""
        self._hosts = {"localhost", "127.0.0.1", "[::1]", listening.host_in_address(host).lower()}
        self._state, self._closed = threading.Lock(), False
        self._stop: Callable[[], object] | None = None
        self._ended = threading.Event()
        self._ended.set()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def serve_until_stopped(self) -> None:
        """Answer requests until `close` is called; then the port is free.

        Raises:
            KeyboardInterrupt: somebody pressed Ctrl-C; the port is free.
        """
        try:
            asyncio.run(self._serve())
        finally:
            self._socket.close()
            self._ended.set()

    def close(self) -> None:
        """Stop answering and free the port; from any thread, and as often as one likes."""
        with self._state:
            self._closed = True
            if self._stop is not None:
                with contextlib.suppress(RuntimeError):  # it has ended by itself meanwhile
                    self._stop()
        self._ended.wait()
        self._socket.close()

    async def _serve(self) -> None:
        loop, stop = asyncio.get_running_loop(), asyncio.Event()
        loop.set_exception_handler(lambda _, context: self._log.add(f"in the server: {context['message']}"))
        with self._state:
            if self._closed:
                return
            self._ended.clear()
            self._stop = lambda: loop.call_soon_threadsafe(stop.set)
        limits = self._limits
        model = OneAtATime[Reply](limits.connections // 2, limits.wait_seconds, limits.answer_seconds)
        try:
            server = await asyncio.start_server(
                lambda reader, writer: self._meet(reader, writer, model),
                sock=self._socket,
                limit=head.MOST_BYTES,
            )
            try:
                await stop.wait()
            finally:
                loop.set_exception_handler(lambda *_: None)  # what is cut off from now on is no news
                server.close()
        finally:
            model.stop()

    def _meet(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, model: OneAtATime[Reply]
    ) -> None:
        """Begin to serve a client, or say at once that there are too many."""
        writer.transport.set_write_buffer_limits(high=0)  # so that "drained" means "handed to the system"
        connection = Connection(reader, writer, time.monotonic())
        if not self._connections.has_room():
            refused = busy("Too many are here at the moment. Ask again in a moment.").reply
            writer.write(refused.as_bytes(self._site.content_security_policy))
            writer.close()
            self._log.add(f"refused: {refused.logged}")
            return
        self._connections.add(connection)
        connection.task = asyncio.get_running_loop().create_task(self._serve_one(connection, model))

    async def _serve_one(self, connection: Connection, model: OneAtATime[Reply]) -> None:
        """Read a request, answer it, and see that the answer arrives. A client that has gone is no news."""
        try:
            with contextlib.suppress(OSError, asyncio.IncompleteReadError):  # TimeoutError is an OSError
                reply = await self._reply(connection, model)
                if reply is not None:
                    self._note(connection, reply)
                    await self._send(connection, reply)
        finally:
            self._connections.remove(connection)

    def _note(self, connection: Connection, reply: Reply) -> None:
        """Write the line of a refused request; the address's token is nobody's business."""
        asked = connection.asked.replace(self._token, "…")
        if not reply.logged or asked.removeprefix("GET ") in UNASKED:
            return
        peer = (connection.writer.get_extra_info("peername") or ("",))[0]
        origin = "" if peer in ("127.0.0.1", "::1", "") else f" from {peer}"
        self._log.add(f"refused{origin}: {reply.logged}" + (f": {asked[:80]}" if asked else ""))

    async def _reply(self, connection: Connection, model: OneAtATime[Reply]) -> Reply | None:
        """Return the reply to a request, or the refusal of it; None where nobody waits for one."""
        try:
            async with asyncio.timeout(self._limits.read_seconds):
                route, body = await self._read(connection)
            if route is guards.Route.PAGE:
                return Reply(200, self._site.page, HTML)
            connection.must_stay()
            return await model.run(lambda: self._site.reply_to(body), lambda: not connection.has_gone())
        except TimeoutError:  # the model's time limits are refusals
            return RefusedError(408, LATE).reply if connection.has_begun else None
        except RefusedError as refused:
            return refused.reply

    async def _read(self, connection: Connection) -> tuple[guards.Route, bytes]:
        """Return what a request is for, and its body, once it has passed all guards but those of its text."""
        reader, writer = connection.reader, connection.writer
        begin = await reader.readexactly(1)
        connection.has_begun = True
        if not begin.isupper():  # https, or no web browser at all: do not wait for the end of it
            raise RefusedError(400, "The request's first line is not of HTTP.")
        try:
            request = head.parse_head(begin + await reader.readuntil(b"\r\n\r\n"))
        except asyncio.LimitOverrunError:
            raise RefusedError(431, f"The request's head has more than {head.MOST_BYTES:,} bytes.") from None
        connection.asked = f"{request.method} {request.target}"
        here = listening.host_in_address(writer.get_extra_info("sockname")[0])  # its number cannot be rebound
        guards.verify_host(request, {*self._hosts, here}, self.port)
        route = guards.find_route(request, self._token)
        if route is guards.Route.PAGE:
            return route, b""
        guards.verify_asker(request)
        length = guards.body_length(request, self._limits.body_bytes)
        if request.value("Expect"):
            writer.write(CONTINUE)
        try:
            return route, await reader.readexactly(length)
        except asyncio.IncompleteReadError as error:
            said = f"The body has {len(error.partial):,} bytes, not {length:,}."
            raise RefusedError(400, said) from None

    async def _send(self, connection: Connection, reply: Reply) -> None:
        """Send a reply, and read on for a moment: closing while bytes are unread would take the reply back."""
        reader, writer, limits = connection.reader, connection.writer, self._limits
        connection.may_be_closed(after=min(limits.read_seconds, limits.write_seconds))
        is_head = connection.asked.startswith("HEAD ")
        async with asyncio.timeout(limits.write_seconds):
            writer.write(reply.as_bytes(self._site.content_security_policy, is_head))
            await writer.drain()
        writer.write_eof()
        connection.may_be_closed()
        async with asyncio.timeout(limits.linger_seconds):
            while await reader.read(1 << 16):
                pass
