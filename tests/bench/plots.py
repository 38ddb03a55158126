"""The pictures of ``docs/performance.md``."""

from collections.abc import Mapping
from pathlib import Path

import matplotlib as mpl
from matplotlib import pyplot as plt
from matplotlib.figure import Figure

from tests.bench.report import Row

WIDTH, HEIGHT, DPI = 6.4, 2.8, 90
SPEED = "w_events_per_second_of_"
STAGES = ("listen", "endorse", "influence", "watch", "transport", "store")
SUBJECTS = ("tocsin", "plain_loop")


def draw(found: Mapping[str, Row], folder: Path) -> None:
    """Those pictures for which something was measured."""
    mpl.use("agg")
    for name, made in (("w", _workload(found)), ("latency", _latency(found)), ("full_path", _full_path(found))):
        made.tight_layout()
        made.savefig(folder / f"{name}.png", dpi=DPI, metadata={"Software": None})
        plt.close(made)


def _workload(found: Mapping[str, Row]) -> Figure:
    """Events a second of every subject, with the runs as dots."""
    rows = {name.removeprefix(SPEED): row for name, row in reversed(found.items()) if name.startswith(SPEED)}
    picture, axes = plt.subplots(figsize=(WIDTH, HEIGHT))
    axes.barh(
        list(rows),
        [row["value"] for row in rows.values()],
        color=["#b03a2e" if name == "tocsin" else "#aab7b8" for name in rows],
    )
    for place, row in enumerate(rows.values()):
        axes.plot(row["runs"], [place] * len(row["runs"]), "k.", markersize=3)
    axes.set_xscale("log")
    axes.set_xlabel("events/s of workload W, one process, logarithmic")
    return picture


def _latency(found: Mapping[str, Row]) -> Figure:
    """Percentiles by rate."""
    picture, axes = plt.subplots(figsize=(WIDTH, HEIGHT))
    for subject, style in zip(SUBJECTS, ("-", "--"), strict=True):
        for label, colour in (("p50", "#7f8c8d"), ("p99", "#b03a2e"), ("p999", "#2e4053")):
            points = sorted(
                (int(name.split("_at_")[1].split("_")[0]), row["value"])
                for name, row in found.items()
                if name.startswith(f"{label}_produce_to_alert_ms_at_") and name.endswith(f"_of_{subject}")
            )
            axes.plot(
                *zip(*points, strict=True), style, marker=".", color=colour, label=f"{subject} {label}"
            ) if points else None
    axes.set_xscale("log")
    axes.set_yscale("log")
    axes.set_xlabel("posts/s")
    axes.set_ylabel("ms")
    axes.legend(fontsize=7, ncol=2) if axes.lines else None
    return picture


def _full_path(found: Mapping[str, Row]) -> Figure:
    """One bar of CPU by part."""
    picture, axes = plt.subplots(figsize=(WIDTH, HEIGHT / 2))
    names, left = [f"full_path_{stage}_us_per_post" for stage in STAGES], 0.0
    for name in names:
        value = found[name]["value"] if name in found else 0.0
        axes.barh(
            ["a post"],
            [value],
            left=left,
            label=name.removeprefix("full_path_").removesuffix("_us_per_post").replace("_", " "),
        )
        left += value
    axes.set_xlabel("us of CPU")
    axes.legend(fontsize=7, ncol=6, loc="upper center", bbox_to_anchor=(0.5, 1.45))
    return picture
