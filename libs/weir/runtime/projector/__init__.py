"""From the log to the views: folding what was stored into rows, and keeping the place."""
