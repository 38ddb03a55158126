"""What ``docs/performance.md`` says of the figures that were measured last."""

from collections.abc import Mapping

from tests.bench.asked import ASKED, Asked
from tests.bench.report import Row
from tests.bench.sizes import FULL

SPEED, SPENT, MEMORY = "w_events_per_second_of_", "w_cpu_of_", "w_memory_of_"


def fields(machine: Mapping[str, object], found: Mapping[str, Row]) -> dict[str, str]:
    """What the template names."""
    core = found.get("full_path_posts_per_second_one_core", {}).get("value", 0.0)
    return {
        "machine": "{cpus} cores, {machine}, Python {python}; load while measuring {load}".format_map(machine),
        "table": table(found), "shortfall": shortfall(found), "peers": peers(found),
        "core": figure(found, "full_path_posts_per_second_one_core"),
        "cores": f"{1_000_000 / 60 / core:.1f}" if core else "?",
        "two": figure(found, "two_workers_against_one") + "x",
        "partitions": figure(found, "cost_per_event_64_against_1_partitions") + "x",
        "watch": figure(found, "full_path_watch_us_per_post"), "disk": figure(found, "bytes_on_disk_per_post"),
        "backlog": f"{FULL.backlog:,}",
    }  # fmt: skip


def figure(found: Mapping[str, Row], name: str) -> str:
    """A value with three digits; a question mark where it was not measured."""
    return f"{float(format(found[name]['value'], '.3g')):,.15g}" if name in found else "?"


def table(found: Mapping[str, Row]) -> str:
    """What is asked for."""
    lines = ["| measure | median | least - most | floor | goal | what it is |", "|---|---|---|---|---|---|"]
    return "\n".join(lines + [_line(one, found.get(one.name)) for one in ASKED])


def _line(one: Asked, row: Row | None) -> str:
    limits = " | ".join("" if limit is None else f"{limit:,g}" for limit in (one.floor, one.goal))
    if row is None:
        return f"| `{one.name}` | not measured | | {limits} | {one.about} |"
    spread = f"{min(row['runs']):.3g} - {max(row['runs']):.3g}"
    return f"| `{one.name}` | {row['value']:.3g} {one.unit} | {spread} | {limits} | {one.about} |"


def shortfall(found: Mapping[str, Row]) -> str:
    """Which floors are not reached."""
    if not found:
        return "Nothing was measured yet: run `make bench`, then `make performance`."
    missed = [one.name for one in ASKED if one.floor is not None and one.name in found and not _reached(one, found)]
    return (
        f"Below their floor: {', '.join(f'`{name}`' for name in missed)}."
        if missed
        else "Every floor of what was measured is reached."
    )


def _reached(one: Asked, found: Mapping[str, Row]) -> bool:
    value, floor = found[one.name]["value"], one.floor or 0.0
    return value >= floor if one.better == "more" else value <= floor


def peers(found: Mapping[str, Row]) -> str:
    """Every subject of workload W."""
    lines = ["| subject | events/s | CPU of an event, in ours | memory, MB |", "|---|---|---|---|"]
    for name in [name.removeprefix(SPEED) for name in found if name.startswith(SPEED)]:
        spent = "1" if name == "tocsin" else figure(found, f"{SPENT}{name}_against_ours")
        lines.append(f"| {name} | {figure(found, SPEED + name)} | {spent} | {figure(found, f'{MEMORY}{name}_mb')} |")
    return "\n".join(lines)
