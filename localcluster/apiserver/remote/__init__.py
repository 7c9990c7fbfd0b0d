"""Connections that go on after the request: commands in containers and forwarded ports, over WebSockets."""
