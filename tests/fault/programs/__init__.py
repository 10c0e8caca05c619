"""Random programs on real processes that are killed, and a model that knows what must come of them.

After the verification runner of Restate. `making` draws programs, `writing` publishes them as
definitions, `model` walks them in plain Python, `driving` runs many at once and sends what they
wait for, `judging` compares. Effects are counted by a server outside, by idempotency key.
"""
