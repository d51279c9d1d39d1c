"""Attachments kept by content hash and the checks made on them."""
