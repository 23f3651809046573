"""Two servers driven in turn, round after round, so that whatever else the machine does falls on both alike."""

from collections.abc import Iterator
from dataclasses import dataclass
from statistics import median

from bench.load import drive
from bench.servers import Server


@dataclass(frozen=True, slots=True, kw_only=True)
class Aim:
    """What is asked of one server, again and again: requests without end, and the status of a right answer."""

    server: Server
    requests: Iterator[bytes]
    status: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Rate:
    """One round of one server: answers per second, and seconds of its processor time per answer."""

    per_second: float
    cpu_seconds: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """A row of the report: a piece of work, the ratio to be reached, and the rounds of the floor and of ours."""

    work: str
    target: float
    floor: tuple[Rate, ...]
    ours: tuple[Rate, ...]

    def ratios(self) -> tuple[list[float], list[float]]:
        """Give the ratios of throughput and of processor time, round by round; more is better in both."""
        pairs = list(zip(self.floor, self.ours, strict=True))
        return [o.per_second / f.per_second for f, o in pairs], [f.cpu_seconds / o.cpu_seconds for f, o in pairs]

    def report(self) -> str:
        """Write the row as it is printed."""
        throughput, cpu = self.ratios()
        lines = [f"{self.work} (target >= {self.target:.2f})"]
        lines += [_line("floor", self.floor), _line("ours", self.ours)]
        lines += [_ratio("throughput", throughput), _ratio("server CPU", cpu)]
        return "\n".join(lines)


def _line(name: str, rates: tuple[Rate, ...]) -> str:
    per_second, cpu = median(r.per_second for r in rates), median(r.cpu_seconds for r in rates)
    return f"  {name:6} {per_second:8.0f} requests/s {cpu * 1e6:8.0f} us of server CPU per request"


def _ratio(name: str, ratios: list[float]) -> str:
    return f"  ratio of {name:10} {median(ratios):.2f}  (rounds {min(ratios):.2f} to {max(ratios):.2f})"


async def measure(work: str, target: float, floor: Aim, ours: Aim, *, rounds: int, seconds: float, connections: int) -> Row:
    """Drive floor and ours in turn, after a round of each that does not count."""
    rates: dict[str, list[Rate]] = {"floor": [], "ours": []}
    for i in range(rounds + 1):
        for name, aim in (("floor", floor), ("ours", ours)):
            rate = await _rate(aim, seconds, connections)
            if i:
                rates[name].append(rate)
    return Row(work=work, target=target, floor=tuple(rates["floor"]), ours=tuple(rates["ours"]))


async def _rate(aim: Aim, seconds: float, connections: int) -> Rate:
    before = aim.server.cpu_seconds()
    answered, took = await drive(aim.server.port, aim.requests, aim.status, connections=connections, seconds=seconds)
    return Rate(per_second=answered / took, cpu_seconds=(aim.server.cpu_seconds() - before) / answered)
