"""Who matters right now: decayed, distinct endorsements by accounts that are known.

``docs/influence.md`` says what it means.
"""
