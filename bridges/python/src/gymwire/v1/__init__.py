"""The wire contract: messages that protoc wrote from proto/gymwire/v1."""
