"""The executor: takes tasks of its queues, runs the nodes of this installation."""
