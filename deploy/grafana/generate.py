"""Writes the dashboards as Grafana reads them: ``python -m deploy.grafana.generate``."""

import json
from pathlib import Path

from grafana_foundation_sdk.cog.encoder import JSONEncoder

from deploy.grafana import brand, crisis, health, influence

FOLDER = Path(__file__).parent / "dashboards"
BOARDS = {"crisis": crisis, "brand": brand, "influence": influence, "health": health}


def documents() -> dict[str, str]:
    """File name -> text of each dashboard."""
    return {
        f"{name}.json": json.dumps(board.build().build(), cls=JSONEncoder, indent=1, ensure_ascii=False) + "\n"
        for name, board in BOARDS.items()
    }


if __name__ == "__main__":
    FOLDER.mkdir(exist_ok=True)
    for name, text in documents().items():
        (FOLDER / name).write_text(text, encoding="utf-8")
