"""The workloads, measured at Weir: each part gets a fresh house and fills a row."""
