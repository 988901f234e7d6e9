module example.org/telemetry/config
