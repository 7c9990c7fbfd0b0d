"""The most that a leak may ever be. Settings beyond it are refused, not clamped."""

LEAK_MB_MAX = 320
"""Mebibytes held at once, whatever the container's limit is."""
RATE_MB_S_MAX = 64
SECONDS_MAX = 60
"""From the first byte on; then everything is given back."""
FREE_MB_MIN = 512
FREE_SHARE_MIN = 0.1
"""Of the machine's memory; with less than either of the two left the leak ends by itself."""
UNWATCHED_S = 5.0
"""Seconds without a question after which the leaker ends its leak: whoever looked on has gone."""
UNASKED_S = 15.0
"""Seconds without anybody reading the record after which the prober ends the experiment."""
