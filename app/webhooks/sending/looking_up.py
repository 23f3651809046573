"""Asks the operating system what names stand for, in threads kept for that: a name server that hangs holds up nothing but look-ups."""

import asyncio
import socket
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial

Resolver = Callable[[str, int], Awaitable[Sequence[str]]]

MOST_AT_ONCE = 64
MOST_KNOWN = 10_000


class SystemResolver:
    """A Resolver for one event loop; whoever asks for a name that is being looked up waits for that answer, so a name takes one thread.

    Names that were answered the last time have threads of their own: whoever makes up any number of names that hang delays none of them.
    """

    def __init__(self, ask: Callable[..., Sequence[tuple[object, ...]]] = socket.getaddrinfo) -> None:
        self._ask = ask
        self._threads = ThreadPoolExecutor(MOST_AT_ONCE, thread_name_prefix="look-up")
        self._threads_of_known = ThreadPoolExecutor(MOST_AT_ONCE, thread_name_prefix="look-up-known")
        self._known: OrderedDict[tuple[str, int], None] = OrderedDict()
        self._under_way: dict[tuple[str, int], asyncio.Future[Sequence[tuple[object, ...]]]] = {}

    async def __call__(self, host: str, port: int) -> Sequence[str]:
        """Give every address, in the system's order; raises OSError when there is no answer."""
        found = self._under_way.get((host, port)) or self._begin(host, port)
        return [_address(answer) for answer in await asyncio.shield(found)]

    def _begin(self, host: str, port: int) -> "asyncio.Future[Sequence[tuple[object, ...]]]":
        ask = partial(self._ask, host, port, type=socket.SOCK_STREAM)
        is_known = (host, port) in self._known
        self._known.pop((host, port), None)
        begun = asyncio.get_running_loop().run_in_executor(self._threads_of_known if is_known else self._threads, ask)
        self._under_way[host, port] = begun
        begun.add_done_callback(partial(self._end, (host, port)))
        return begun

    def _end(self, asked: tuple[str, int], ended: "asyncio.Future[Sequence[tuple[object, ...]]]") -> None:
        """Forget it but for its being known; a fault that nobody waits for any more is looked at here, or asyncio would complain of it."""
        del self._under_way[asked]
        if not ended.cancelled() and ended.exception() is None:
            self._known[asked] = None
            if len(self._known) > MOST_KNOWN:
                self._known.popitem(last=False)


def _address(answer: tuple[object, ...]) -> str:
    place = answer[4]
    return str(place[0]) if isinstance(place, tuple) else ""
