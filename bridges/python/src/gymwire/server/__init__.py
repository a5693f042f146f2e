"""A gymwire server on grpc.aio; each session's environments live in a process of their own."""
