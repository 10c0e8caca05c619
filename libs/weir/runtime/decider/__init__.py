"""The shell around the pure core: owns shards, folds facts, appends decisions (log-protocol)."""
