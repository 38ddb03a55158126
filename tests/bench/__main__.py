"""``make bench``: every measurement in one run. No figure is asserted anywhere."""

from tests.bench import cascades, channels, checkpoints, influence, influence_value, post_to_page, spine, text, urgent
from tests.bench.report import report

if __name__ == "__main__":
    report(
        [
            *spine.measures(),
            *text.measures(),
            *channels.measures(),
            *checkpoints.measures(),
            *urgent.measures(),
            *post_to_page.measures(),
            *influence.measures(),
            *influence_value.measures(),
            *cascades.measures(),
        ]
    )
