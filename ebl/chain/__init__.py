"""What is asked of a node and what it answers, whoever carries the question. Nothing here opens a socket."""
