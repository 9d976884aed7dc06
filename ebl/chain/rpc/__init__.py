"""A chain read through a node's JSON-RPC, over any transport: this package opens no socket."""
