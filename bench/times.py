"""Two ways to the same end, timed in turn, round after round, in time gone by and in processor time."""

import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from statistics import median

Work = Callable[[], Awaitable[object]]


def cpu_of(pid: int) -> float:
    """Tell the processor time that a process has used; the clock's number is made from the process id as Linux does."""
    return time.clock_gettime((~pid << 3) | 2)


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken:
    """What one round took, in seconds."""

    gone_by: float
    cpu: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Way:
    """One of the two ways; `pids` are the processes that do the work, `before` is done before each round and not timed."""

    work: Work
    pids: Sequence[int]
    before: Work | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Times:
    """A row of the report, with the most or the least its ratio is to be. It is ours to the floor's time, the other way for a rate."""

    work: str
    floor: tuple[Taken, ...]
    ours: tuple[Taken, ...]
    most: float | None = None
    least: float | None = None
    is_rate: bool = False

    def ratios(self) -> tuple[list[float], list[float]]:
        """Give the ratios of time gone by and of processor time, round by round."""
        pairs = list(zip(self.floor, self.ours, strict=True))
        gone_by, cpu = [o.gone_by / f.gone_by for f, o in pairs], [o.cpu / f.cpu for f, o in pairs]
        return (gone_by, cpu) if not self.is_rate else ([1 / ratio for ratio in gone_by], [1 / ratio for ratio in cpu])

    def report(self) -> str:
        """Write the row as it is printed."""
        target = f"<= {self.most:.2f}" if self.most is not None else f">= {self.least:.2f}" if self.least is not None else "none"
        gone_by, cpu = self.ratios()
        lines = [f"{self.work} (target {target})", _line("floor", self.floor), _line("ours", self.ours)]
        return "\n".join([*lines, _ratio("time", gone_by), _ratio("CPU", cpu)])


def _line(name: str, taken: Sequence[Taken]) -> str:
    gone_by, cpu = median(t.gone_by for t in taken), median(t.cpu for t in taken)
    return f"  {name:6} {gone_by * 1e3:10.1f} ms {cpu * 1e3:10.1f} ms of CPU"


def _ratio(name: str, ratios: Sequence[float]) -> str:
    return f"  ratio of {name:5} {median(ratios):.2f}  (rounds {min(ratios):.2f} to {max(ratios):.2f})"


async def in_turn(floor: Way, ours: Way, *, rounds: int) -> tuple[tuple[Taken, ...], tuple[Taken, ...]]:
    """Go both ways in turn, after a round of each that does not count."""
    taken: tuple[list[Taken], list[Taken]] = ([], [])
    for i in range(rounds + 1):
        for found, way in zip(taken, (floor, ours), strict=True):
            once = await _taken(way)
            if i:
                found.append(once)
    return tuple(taken[0]), tuple(taken[1])


async def _taken(way: Way) -> Taken:
    if way.before is not None:
        await way.before()
    cpu, began = sum(map(cpu_of, way.pids)), time.monotonic()
    await way.work()
    return Taken(gone_by=time.monotonic() - began, cpu=sum(map(cpu_of, way.pids)) - cpu)
