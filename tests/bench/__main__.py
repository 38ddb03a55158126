"""``make bench``: every measurement in one run. No figure is asserted anywhere."""

from tests.bench import channels, checkpoints, dashboards, influence, influence_value, spine, text, urgent
from tests.bench.report import report

if __name__ == "__main__":
    report(
        [
            *spine.measures(),
            *text.measures(),
            *channels.measures(),
            *checkpoints.measures(),
            *urgent.measures(),
            *influence.measures(),
            *influence_value.measures(),
            *dashboards.measures(),
        ]
    )
