"""The API over HTTP: connections, requests taken apart, answers in the form asked for. Holds no rules of its own."""
