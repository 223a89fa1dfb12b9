"""How spans come in: OTLP over HTTP and over gRPC, and who may use either."""
