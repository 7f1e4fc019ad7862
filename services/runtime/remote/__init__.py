"""Ports between processes: a protocol of async methods, served by one and called by another, over HTTP and JSON."""
