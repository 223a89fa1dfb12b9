"""A server of another program, or one that ends."""

import socket
import threading
from collections.abc import Generator
from contextlib import contextmanager, suppress


@contextmanager
def saying(words: bytes) -> Generator[str]:
    """The address of a server that says the same to everybody, once they have asked, and hangs up."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        thread = threading.Thread(target=_say, args=(server, words))
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.getsockname()[1]}"
        finally:
            server.shutdown(socket.SHUT_RDWR)
            thread.join()


def _say(server: socket.socket, words: bytes) -> None:
    while True:
        try:
            connection, _ = server.accept()
        except OSError:
            return
        with connection, suppress(OSError):  # whoever has read enough resets it
            connection.recv(65_536)
            connection.sendall(words)
            connection.shutdown(socket.SHUT_WR)
            while connection.recv(65_536):
                pass
