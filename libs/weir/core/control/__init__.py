"""Pure nodes: what they do when they are reached, one file each.

A behaviour gets its configuration evaluated and says what came of it. It runs
in the scheduler (small evaluations) or in an executor (heavy ones), with the
same outcome.
"""
