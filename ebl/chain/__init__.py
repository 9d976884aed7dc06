"""Requests to a node and its responses, independent of the transport. Nothing in this package opens a socket."""
