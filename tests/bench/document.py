"""``docs/performance.md`` and its pictures."""

import json
from pathlib import Path
from string import Template

from tests.bench import plots
from tests.bench.page import fields
from tests.bench.report import DETAILS, LATEST, read

PAGE, PICTURES = Path("docs/performance.md"), Path("docs/performance")
TEMPLATE = Path(__file__).with_name("performance.md")


def write() -> None:
    """Write the page and the pictures.

    Raises:
        FileNotFoundError: nothing was measured.
    """
    machine = json.loads(LATEST.read_text())["machine"]
    found = {**read(LATEST), **read(DETAILS)}
    PICTURES.mkdir(exist_ok=True)
    plots.draw(found, PICTURES)
    PAGE.write_text(Template(TEMPLATE.read_text(encoding="utf-8")).substitute(fields(machine, found)), encoding="utf-8")
