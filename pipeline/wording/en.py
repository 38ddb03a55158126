"""Pages in English."""

from pipeline.wording import Wording

WORDING = Wording(
    firing="[{severity}] {brand}: {level}, since {since}",
    unanswered_firing="[{severity}, NOT ACKNOWLEDGED] {brand}: {level}, since {since}",
    resolved="[RESOLVED] {brand}: {closing}",
    closings={
        "quiet": "back to baseline after {duration}",
        "idle": "closed after {duration}, nobody posts any more",
        "too_long": "closed after {duration}, the longest an incident may last; it was not calm",
        "resolved_by": "closed by {by} after {duration}",
        "": "closed after {duration} ({reason})",
    },
    level="{observed} {unit}, {expected} expected",
    level_ratio="{observed} {unit}, {expected} expected ({ratio}x)",
    chance="less than 1 in {n} by chance",
    no_chance="weak, it may be chance",
    what="What: {detectors}; {event}, severity {severity}",
    over="Closed: {closing}",
    how_much="How much: {level}",
    at_worst="At its strongest: {level}",
    how_sure="How sure: {chance}",
    since="Since: {since} ({ago} ago, seen at {at}); incident opened {started}",
    so_far=(
        "Since {counted_from}: posts {posts}, negative {negatives} ({share}), complaints {complaints}, "
        "critical {critical}, distinct authors {authors}"
    ),
    where="Where (share of complaints): {drivers}",
    parts="Parts of the brand over a threshold of their own: {facets}",
    flood="Caution: only {authors} distinct authors. This may be a flood by a few accounts.",
    missing="Caution: {count} sources missing (posts partitions {sources}). Real numbers may be higher.",
    unanswered="Nobody has acknowledged the last page. `tocsin ack {brand}` says that somebody has it.",
    silence_ended="It was silenced; the silence is over, and it goes on.",
    acknowledged="Acknowledged by {by}.",
    silenced="Silenced by {by} until {until}.",
    recovering="Calm since {since}.",
    quotes="Posts:",
    post="{number}. {platform}, {at}, {why}",
    followers=", followers {reach}",
    quote='"{text}"',
    reference="Incident {incident_id}, rules {rules}",
    separator=", ",
    durations=("{} d", "{} h", "{} min", "{} s"),
    names={
        "critical": "CRITICAL",
        "error": "ERROR",
        "warning": "WARNING",
        "info": "INFO",
        "first": "first post",
        "call_centre": "call centre",
        "appstore": "app store",
        "x": "X",
    },
)
