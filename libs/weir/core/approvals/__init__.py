"""What people are asked in a run, and the rules by which they decide; no I/O."""
