"""A chain read through a node's JSON-RPC, whatever carries the requests: no code here opens a socket."""
