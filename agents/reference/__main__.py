"""``python -m agents.reference``: write the reference documentation into ``docs``."""

import tempfile
from pathlib import Path

from agents.clickhouse import connect
from agents.migrations import migrate
from agents.reference.clickhouse import clickhouse
from agents.reference.configuration import configuration
from agents.reference.messages import messages

DOCS = Path(__file__).resolve().parents[2] / "docs"


def main() -> None:
    """Needs the embedded engine, in which the migrations are tried."""
    (DOCS / "configuration.md").write_text(configuration(), encoding="utf-8")
    (DOCS / "messages.md").write_text(messages(), encoding="utf-8")
    with tempfile.TemporaryDirectory() as folder:
        client = connect(f"chdb://{folder}?database=reference")
        try:
            migrate(client)
            (DOCS / "clickhouse.md").write_text(clickhouse(client), encoding="utf-8")
        finally:
            client.close()


if __name__ == "__main__":
    main()
