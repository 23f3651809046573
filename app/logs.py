"""The log: one line of JSON per event on stderr, with no member that is not on the list and no word of any request."""

import json
import logging
import re
import traceback
from collections.abc import Callable, Mapping, MutableMapping
from datetime import UTC, datetime
from pathlib import PurePath
from types import TracebackType
from typing import TextIO

import orjson
import structlog

Event = MutableMapping[str, object]

# A member that is not here is dropped, and its name alone is noted under "dropped".
ALLOWED = frozenset(
    {
        "at",
        "level",
        "event",
        "logger",
        "method",
        "route",
        "status",
        "duration_ms",
        "client",
        "request_id",
        "error",
        "school",
        "authority",
        "job",
        "delivery",
        "subscription",
        "bundle",
        "kind",
        "stage",
        "attempt",
        "count",
        "pages",
        "bytes",
        "port",
        "pid",
        "version",
        "migration",
        "reason",
        "dropped",
    }
)
LONGEST_VALUE = 300
NUMBERS = frozenset({int, float, bool, type(None)})
MOST_FRAMES = 12
MOST_CAUSES = 5
TRACEBACK_BEGINS = "Traceback (most recent call last):"
# The line after the last indented one of a written traceback names the type; what follows its colon may quote data.
TYPE_RAISED = re.compile(r'^  File ".*\n(?:  .*\n)*([A-Za-z_][\w.]*)(?::|$)', re.MULTILINE)
QUIET_LOGGERS = ("uvicorn.access", "httpx", "httpcore", "asyncio")
# What these say of a paper that is damaged may quote it.
SILENT_LOGGERS = ("pikepdf", "pypdfium2", "PIL", "python_multipart")


def set_up(now: Callable[[], datetime], stream: TextIO, level: str = "INFO") -> None:
    """Send every logger, ours and the libraries', to `stream` as JSON lines; `now` gives aware moments."""
    threshold = logging.getLevelNamesMapping()[level]
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            _stamp(now),
            tell_errors,
            keep_allowed,
            _write,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(threshold),
        logger_factory=structlog.WriteLoggerFactory(file=stream),
        cache_logger_on_first_use=True,
    )
    lines = logging.StreamHandler(stream)
    lines.setFormatter(ForeignLines(now))
    lines.addFilter(_says_something)
    root = logging.getLogger()
    root.handlers[:] = [lines]
    root.setLevel(max(threshold, logging.WARNING))
    _route_uvicorn(threshold)


def _route_uvicorn(threshold: int) -> None:
    """Let uvicorn's own lines through ours; its access log names raw paths, so only its errors pass."""
    for name in ("uvicorn", "uvicorn.error"):
        logger = logging.getLogger(name)
        logger.handlers.clear()
        logger.propagate = True
        logger.setLevel(threshold)
    for name in QUIET_LOGGERS:
        logger = logging.getLogger(name)
        logger.handlers.clear()
        logger.propagate = True
        logger.setLevel(logging.WARNING)
    for name in SILENT_LOGGERS:
        logging.getLogger(name).setLevel(logging.CRITICAL + 1)


class ForeignLines(logging.Formatter):
    """Writes the records of libraries: the first line of the message without arguments, unless they are bare numbers: words may be data."""

    def __init__(self, now: Callable[[], datetime]) -> None:
        super().__init__()
        self._now = now

    def format(self, record: logging.LogRecord) -> str:
        """Write one record as a line of JSON."""
        event: Event = {
            "at": _written(self._now()),
            "level": record.levelname.lower(),
            "logger": record.name,
            "event": _first_line(record),
        }
        if str(record.msg).startswith(TRACEBACK_BEGINS):
            event["event"] = "raised"
            event["error"] = [{"type": kind} for kind in TYPE_RAISED.findall(str(record.msg))[-1:]]
        if record.exc_info:
            event["exc_info"] = record.exc_info
        return _write(None, "", keep_allowed(None, "", tell_errors(None, "", event)))


def _says_something(record: logging.LogRecord) -> bool:
    """Drop what is no warning and would stand there with its holes, because its arguments are words."""
    return record.levelno >= logging.WARNING or not record.args or _counts_alone(record)


def _counts_alone(record: logging.LogRecord) -> bool:
    return isinstance(record.args, tuple) and bool(record.args) and all(type(value) is int for value in record.args)


def _first_line(record: logging.LogRecord) -> str:
    text = record.getMessage() if _counts_alone(record) else str(record.msg)
    return next(iter(text.splitlines()), "")


def tell_errors(_logger: object, _method: str, event: Event) -> Event:
    """Turn an exception into its type, its causes' types and the places in code; messages and locals may hold data and stay out."""
    error = _exception_in(event.pop("exc_info", None))
    if error is not None:
        event["error"] = describe(error)
    return event


def describe(error: BaseException) -> list[dict[str, object]]:
    """List an exception and what caused it, outermost first, each with its last twelve places in code."""
    described: list[dict[str, object]] = []
    seen: BaseException | None = error
    while seen is not None and len(described) < MOST_CAUSES:
        described.append({"type": f"{type(seen).__module__}.{type(seen).__qualname__}", "at": _places(seen.__traceback__)})
        seen = seen.__cause__ or seen.__context__
    return described


def keep_allowed(_logger: object, _method: str, event: Event) -> Event:
    """Keep the members on the list whose values are plain and short; note the names of the others."""
    if event.keys() <= ALLOWED and "error" not in event and all(map(_is_short, event.values())):
        return event
    kept: Event = {name: value for name, value in event.items() if name in ALLOWED and _is_plain(name, value)}
    if len(kept) != len(event):
        kept["dropped"] = sorted(set(event) - set(kept))
    return kept


def _is_short(value: object) -> bool:
    """Tell at a glance what needs no second look: every line but those of errors is made of such values."""
    kind = value.__class__
    return (kind is str and len(value) <= LONGEST_VALUE) or kind in NUMBERS  # type: ignore[arg-type]  # a str has a length


def _is_plain(name: str, value: object) -> bool:
    if name == "error":
        return isinstance(value, list)
    return value is None or isinstance(value, int | float) or (isinstance(value, str) and len(value) <= LONGEST_VALUE)


def _exception_in(value: object) -> BaseException | None:
    if isinstance(value, tuple):
        value = value[1]
    return value if isinstance(value, BaseException) else None


def _places(trace: TracebackType | None) -> list[str]:
    frames = traceback.extract_tb(trace)[-MOST_FRAMES:]
    return [f"{'/'.join(PurePath(frame.filename).parts[-2:])}:{frame.lineno} {frame.name}" for frame in frames]


def _stamp(now: Callable[[], datetime]) -> structlog.typing.Processor:
    def stamp(_logger: object, _method: str, event: Event) -> Event:
        event["at"] = _written(now())
        return event

    return stamp


def _written(moment: datetime) -> str:
    utc = moment if moment.tzinfo is UTC else moment.astimezone(UTC)
    return f"{utc.isoformat(timespec='milliseconds')[:-6]}Z"


def _write(_logger: object, _method: str, event: Mapping[str, object]) -> str:
    try:
        return orjson.dumps(event).decode()
    except TypeError:
        # A lone surrogate, or a number too large for the fast writer.
        return json.dumps(event, separators=(",", ":"))
