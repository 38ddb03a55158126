"""The demo: a scripted day of posts about three invented brands."""
