"""One session's environments, held to Gymnasium's order. Runs in the session's own process; knows nothing of gRPC."""
