"""The key provider on AWS KMS; needs the extra `kms`."""
